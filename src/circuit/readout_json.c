/* readout_json.c: readouts as JSON, written and read back without loss.
 *
 *   {"kind": "expectations", "n_qubits": 3, "n_outputs": 2, "terms": [[0, 0.5, "ZZI"], [0, -1.0, "IIX"], [1, 1.0,
 * "IIZ"]]}
 *   {"kind": "parity", "n_qubits": 3, "n_outputs": 2}
 *
 * A term is [output, coefficient, Pauli string with qubit 0 right-most]. */
#include <string.h>

#include "circuit/readout.h"

/* --- writing ------------------------------------------------------------------------------------------------------ */

static json_t *terms_to_json(const qst_readout *readout)
{
    json_t *terms = json_array();

    for (size_t i = 0; i < readout->n_terms; i++) {
        char letters[QSTI_PAULI_CHARS];
        qsti_pauli_format(readout->paulis[i], readout->n_qubits, letters);
        json_t *term = json_pack("[I, f, s]", (json_int_t)readout->outputs[i], readout->coefficients[i], letters);
        if (json_array_append_new(terms, term) != 0) {
            json_decref(terms);
            return NULL;
        }
    }
    return terms;
}

qst_status qsti_readout_to_json(const qst_readout *readout, json_t **out)
{
    json_t *object = json_pack("{s:s, s:I, s:I}", "kind", qsti_readout_kind_name(readout->kind), "n_qubits",
                               (json_int_t)readout->n_qubits, "n_outputs", (json_int_t)readout->n_outputs);
    bool ok = object != NULL;

    if (readout->kind == QST_READOUT_EXPECTATIONS)
        ok = ok && json_object_set_new(object, "terms", terms_to_json(readout)) == 0;
    if (!ok) {
        json_decref(object);
        return qsti_fail(readout->ctx, QST_ERR_MEMORY, "out of memory while writing a readout as JSON");
    }
    *out = object;
    return QST_OK;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static qst_status read_kind(qst_ctx *ctx, const char *where, const json_t *json, qst_readout_kind *out)
{
    const char *name = NULL;
    qst_status status = qsti_json_get_string(ctx, where, json, "kind", &name);

    if (status != QST_OK)
        return status;
    for (qst_readout_kind kind = QST_READOUT_EXPECTATIONS; kind <= QST_READOUT_PARITY; kind++) {
        if (strcmp(name, qsti_readout_kind_name(kind)) == 0) {
            *out = kind;
            return QST_OK;
        }
    }
    return qsti_fail(ctx, QST_ERR_INPUT, "%s: kind: \"%.40s\" is not expectations, probabilities, grouped or parity",
                     where, name);
}

static qst_status check_keys(qst_ctx *ctx, const char *where, const json_t *json, qst_readout_kind kind)
{
    for (void *at = json_object_iter((json_t *)json); at; at = json_object_iter_next((json_t *)json, at)) {
        const char *key = json_object_iter_key(at);
        bool is_known = strcmp(key, "kind") == 0 || strcmp(key, "n_qubits") == 0 || strcmp(key, "n_outputs") == 0 ||
                        (kind == QST_READOUT_EXPECTATIONS && strcmp(key, "terms") == 0);
        if (!is_known)
            return qsti_fail(ctx, QST_ERR_INPUT, "%s: %.40s: there is no such key", where, key);
    }
    return QST_OK;
}

static qst_status read_term(qst_ctx *ctx, const char *where, const json_t *json, size_t i, size_t n_qubits,
                            qst_pauli *pauli, double *coefficient, size_t *output)
{
    const json_t *index = json_array_get(json, 0), *number = json_array_get(json, 1);
    const char *letters = json_string_value(json_array_get(json, 2));

    if (json_array_size(json) != 3 || !json_is_integer(index) || json_integer_value(index) < 0 ||
        !json_is_number(number) || !letters)
        return qsti_fail(ctx, QST_ERR_INPUT, "%s: terms[%zu]: must be [output, coefficient, Pauli string]", where, i);
    if (!qsti_pauli_parse(letters, strlen(letters), n_qubits, pauli))
        return qsti_fail(ctx, QST_ERR_INPUT, "%s: terms[%zu][2]: \"%.40s\" is not a string of %zu letters I X Y Z",
                         where, i, letters, n_qubits);
    *output = (size_t)json_integer_value(index);
    *coefficient = json_number_value(number);
    return QST_OK;
}

static qst_status read_expectations(qst_ctx *ctx, const char *where, const json_t *json, size_t n_qubits,
                                    size_t n_outputs, qst_readout **out)
{
    qst_pauli *paulis = NULL;
    double *coefficients = NULL;
    size_t *outputs = NULL;
    json_t *terms = NULL;
    qst_status status;

    QSTI_TRY(qsti_json_get_array(ctx, where, json, "terms", &terms));
    size_t n_terms = json_array_size(terms);
    QSTI_TRY(QSTI_NEW(ctx, n_terms, &paulis));
    QSTI_TRY(QSTI_NEW(ctx, n_terms, &coefficients));
    QSTI_TRY(QSTI_NEW(ctx, n_terms, &outputs));
    for (size_t i = 0; i < n_terms; i++)
        QSTI_TRY(
            read_term(ctx, where, json_array_get(terms, i), i, n_qubits, &paulis[i], &coefficients[i], &outputs[i]));
    status = qst_readout_paulis(ctx, n_qubits, paulis, coefficients, outputs, n_terms, n_outputs, out);
    if (status != QST_OK)
        status = qsti_fail_within(ctx, status, "%s: terms", where);
done:
    qsti_free(ctx, paulis);
    qsti_free(ctx, coefficients);
    qsti_free(ctx, outputs);
    return status;
}

qst_status qsti_readout_from_json(qst_ctx *ctx, const char *where, const json_t *json, qst_status bad,
                                  qst_readout **out)
{
    qst_readout_kind kind = QST_READOUT_EXPECTATIONS;
    int64_t n_qubits = 0, n_outputs = 0;
    qst_status status;

    if (!json_is_object(json))
        return qsti_fail(ctx, bad, "%s: a readout must be an object", where);
    QSTI_TRY(read_kind(ctx, where, json, &kind));
    QSTI_TRY(check_keys(ctx, where, json, kind));
    QSTI_TRY(qsti_json_get_i64(ctx, where, json, "n_qubits", 1, 30, &n_qubits));
    QSTI_TRY(qsti_json_get_i64(ctx, where, json, "n_outputs", 1, INT32_MAX, &n_outputs));
    if (kind == QST_READOUT_EXPECTATIONS) {
        QSTI_TRY(read_expectations(ctx, where, json, (size_t)n_qubits, (size_t)n_outputs, out));
    } else {
        status = qsti_readout_outcomes(ctx, kind, (size_t)n_qubits, (size_t)n_outputs, out);
        if (status != QST_OK)
            status = qsti_fail_within(ctx, status, "%s: n_outputs", where);
    }
done:
    return status == QST_ERR_INPUT || status == QST_ERR_USAGE || status == QST_ERR_LIMIT ? bad : status;
}
