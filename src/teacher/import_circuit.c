/* import_circuit.c: a circuit in OpenQASM whose inputs are features, in the order of the description, and weights with
 * their values. */
#include "teacher/import_circuit.h"

#include <stdlib.h>
#include <string.h>

#include <qstill/qasm.h>

#define UNSET SIZE_MAX

/* The parameters of an OpenQASM file, and what each is. */
typedef struct parameters {
    const qsti_description *description;
    const qst_assembly *assembly;
    size_t n;
    qst_parameter_role *roles; /* (n); index UNSET: not said yet */
    size_t n_features, n_weights;
    double *weights; /* (n) */
} parameters;

/* --- names -------------------------------------------------------------------------------------------------------- */

static size_t find_parameter(const parameters *p, const char *name)
{
    size_t i = 0;
    while (i < p->n && strcmp(qst_assembly_parameter(p->assembly, i), name) != 0)
        i++;
    return i;
}

static qst_status set_role(parameters *p, size_t parameter, bool is_feature)
{
    p->roles[parameter] = (qst_parameter_role){is_feature, is_feature ? p->n_features++ : p->n_weights++};
    return QST_OK;
}

static qst_status name_role(parameters *p, const char *key, const char *name, bool is_feature)
{
    const qsti_yaml *value = qsti_description_get(p->description, key);
    size_t parameter = find_parameter(p, name);
    if (parameter == p->n)
        return qsti_fail_at(p->description->ctx, QST_ERR_USAGE, value->place, "%s: %.80s is no input of the circuit",
                            key, name);
    if (p->roles[parameter].index != UNSET)
        return qsti_fail_at(p->description->ctx, QST_ERR_USAGE, value->place, "%s: %.80s is named twice", key, name);
    return set_role(p, parameter, is_feature);
}

/* The number in the place of the star of a pattern such as "x_*"; false when the name is another. */
static bool match(const char *pattern, const char *name, uint64_t *out)
{
    const char *star = strchr(pattern, '*');
    size_t before = (size_t)(star - pattern), after = strlen(star + 1), length = strlen(name);
    return length > before + after && strncmp(name, pattern, before) == 0 &&
           strcmp(name + length - after, star + 1) == 0 && qsti_parse_u64(name + before, length - before - after, out);
}

typedef struct numbered {
    uint64_t number;
    size_t parameter;
} numbered;

static int by_number(const void *a, const void *b)
{
    uint64_t first = ((const numbered *)a)->number, second = ((const numbered *)b)->number;
    return (first > second) - (first < second);
}

/* All parameters of a pattern, in the order of their numbers. */
static qst_status name_pattern(parameters *p, const char *key, const char *pattern, bool is_feature)
{
    qst_status status = QST_OK;
    numbered *found = NULL;
    size_t n = 0;
    QSTI_TRY(QSTI_NEW(p->description->ctx, p->n, &found));
    for (size_t i = 0; i < p->n; i++) {
        if (match(pattern, qst_assembly_parameter(p->assembly, i), &found[n].number))
            found[n++].parameter = i;
    }
    if (n == 0)
        QSTI_TRY(qsti_fail_at(p->description->ctx, QST_ERR_USAGE, qsti_description_get(p->description, key)->place,
                              "%s: no input of the circuit is called %.80s", key, pattern));
    qsort(found, n, sizeof *found, by_number);
    for (size_t i = 0; i < n; i++)
        QSTI_TRY(name_role(p, key, qst_assembly_parameter(p->assembly, found[i].parameter), is_feature));
done:
    qsti_free(p->description->ctx, found);
    return status;
}

static qst_status name_all(parameters *p, const char *key, bool is_feature)
{
    qst_status status = QST_OK;
    const char **words = NULL;
    size_t n = 0;
    QSTI_TRY(qsti_description_words(p->description, key, &words, &n));
    for (size_t i = 0; i < n; i++) {
        if (strchr(words[i], '*') != NULL)
            QSTI_TRY(name_pattern(p, key, words[i], is_feature));
        else
            QSTI_TRY(name_role(p, key, words[i], is_feature));
    }
done:
    qsti_free(p->description->ctx, words);
    return status;
}

/* --- weights ------------------------------------------------------------------------------------------------------ */

/* {name: value, ...} */
static qst_status read_named_weights(parameters *p, const qsti_yaml *map)
{
    qst_ctx *ctx = p->description->ctx;
    for (size_t i = 0; i < map->n_children; i++) {
        const qsti_yaml *entry = &map->children[i];
        double value = 0;
        if (entry->kind != QSTI_YAML_SCALAR || !qsti_parse_double(entry->scalar, strlen(entry->scalar), &value))
            return qsti_fail_at(ctx, QST_ERR_USAGE, entry->place, "weights: %.80s: a number is expected", entry->key);
        size_t weight = p->n_weights;
        qst_status status = name_role(p, "weights", entry->key, false);
        if (status != QST_OK)
            return status;
        p->weights[weight] = value;
    }
    return QST_OK;
}

/* An array, for the parameters of weight_names, or for all that are no features in the order of their declaration. */
static qst_status read_weight_array(parameters *p, const qsti_yaml *value)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = p->description->ctx;
    qst_tensor tensor = {.data = NULL};
    size_t n = 1;
    if (qsti_description_get(p->description, "weight_names") != NULL) {
        QSTI_TRY(name_all(p, "weight_names", false));
    } else {
        for (size_t i = 0; i < p->n; i++) {
            if (p->roles[i].index == UNSET)
                QSTI_TRY(set_role(p, i, false));
        }
    }
    QSTI_TRY(qsti_description_tensor(p->description, "weights", value, &tensor));
    for (size_t d = 0; d < tensor.n_dims; d++)
        n *= tensor.shape[d];
    if (n != p->n_weights) {
        QSTI_TRY(qsti_fail_at(ctx, QST_ERR_MISMATCH, value->place,
                              "weights: %zu numbers for %zu inputs that are no features", n, p->n_weights));
    }
    memcpy(p->weights, tensor.data, n * sizeof *p->weights);
done:
    qst_tensor_free(ctx, &tensor);
    return status;
}

static qst_status read_weights(parameters *p)
{
    qst_status status = QST_OK;
    const qsti_yaml *value = qsti_description_get(p->description, "weights");
    const qsti_yaml *names = qsti_description_get(p->description, "weight_names");
    if (names != NULL && (value == NULL || value->kind == QSTI_YAML_MAP))
        return qsti_fail_at(p->description->ctx, QST_ERR_USAGE, names->place,
                            "weight_names: says the order of an array of weights");
    if (value != NULL && value->kind == QSTI_YAML_MAP)
        status = read_named_weights(p, value);
    else if (value != NULL)
        status = read_weight_array(p, value);
    for (size_t i = 0; i < p->n && status == QST_OK; i++) {
        if (p->roles[i].index == UNSET)
            status = qsti_fail_at(p->description->ctx, QST_ERR_USAGE, p->description->root->place,
                                  "the input %.80s of the circuit is neither a feature nor a weight with a value",
                                  qst_assembly_parameter(p->assembly, i));
    }
    return status;
}

/* --- the circuit -------------------------------------------------------------------------------------------------- */

qst_status qsti_circuit_rebuild(const qst_circuit *circuit, size_t n_features, qst_preparation preparation, bool turned,
                                qst_circuit **out)
{
    qst_status status = QST_OK;
    qst_circuit_builder *builder = NULL;
    size_t first = 0;
    QSTI_TRY(qst_circuit_begin(circuit->ctx, circuit->n_qubits, n_features, preparation, &builder));
    QSTI_TRY(qst_circuit_add_weights(builder, circuit->n_weights, QST_WEIGHT_ANGLE, &first));
    for (size_t i = 0; i < circuit->n_operations; i++) {
        qst_operation operation;
        qst_circuit_operation(circuit, i, &operation);
        for (int q = 0; turned && q < qst_gate_describe(operation.gate)->n_qubits; q++)
            operation.qubits[q] = circuit->n_qubits - 1 - operation.qubits[q];
        QSTI_TRY(qst_circuit_add(builder, operation.gate, operation.qubits, operation.angles));
    }
    status = qst_circuit_finish(builder, out);
    builder = NULL;
done:
    qst_circuit_abandon(builder);
    return status;
}

/* `encoding` of a circuit: features that are the state before the gates. *out_preparation stays ZERO without it. */
static qst_status read_preparation(const parameters *p, qst_preparation *out)
{
    const char *encoding = NULL;
    qst_status status = qsti_source_encoding(p->description, &encoding);
    if (status != QST_OK || encoding == NULL)
        return status;
    if (strcmp(encoding, "amplitude") == 0)
        *out = QST_PREPARE_AMPLITUDE;
    else if (strcmp(encoding, "basis") == 0)
        *out = QST_PREPARE_BASIS;
    else
        return qsti_fail_at(p->description->ctx, QST_ERR_USAGE, qsti_description_get(p->description, "encoding")->place,
                            "encoding: %s: of a circuit it is amplitude or basis; angles are inputs", encoding);
    return QST_OK;
}

/* `features` is then how many. */
static qst_status prepare(const parameters *p, qst_preparation preparation, qst_circuit **circuit)
{
    qst_status status = QST_OK;
    qst_circuit *prepared = NULL;
    size_t n_features = 0;
    QSTI_TRY(qsti_description_count(p->description, "features", 1, &n_features));
    QSTI_TRY(qsti_circuit_rebuild(*circuit, n_features, preparation, false, &prepared));
    qst_circuit_free(*circuit);
    *circuit = prepared;
done:
    return status;
}

static qst_status make_circuit(parameters *p, qst_circuit **out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = p->description->ctx;
    qst_preparation preparation = QST_PREPARE_ZERO;
    qst_circuit *circuit = NULL;
    QSTI_TRY(QSTI_NEW(ctx, p->n, &p->roles));
    QSTI_TRY(QSTI_NEW(ctx, p->n, &p->weights));
    for (size_t i = 0; i < p->n; i++)
        p->roles[i].index = UNSET;
    QSTI_TRY(read_preparation(p, &preparation));
    if (qsti_description_get(p->description, "features") == NULL)
        QSTI_TRY(qsti_fail_at(ctx, QST_ERR_USAGE, p->description->root->place,
                              "features: missing: which inputs of the circuit are features, in their order"));
    if (preparation == QST_PREPARE_ZERO)
        QSTI_TRY(name_all(p, "features", true));
    QSTI_TRY(read_weights(p));
    QSTI_TRY(qst_assembly_circuit(p->assembly, p->roles, &circuit));
    if (preparation != QST_PREPARE_ZERO)
        QSTI_TRY(prepare(p, preparation, &circuit));
    *out = circuit;
    circuit = NULL;
done:
    qst_circuit_free(circuit);
    return status;
}

qst_status qsti_import_circuit(const qsti_description *description, const char *path, qsti_imported_circuit *out)
{
    qst_status status = QST_OK;
    qst_assembly *assembly = NULL;
    parameters p = {.description = description};
    qsti_imported_circuit imported = {NULL, NULL, false};
    QSTI_TRY(qst_qasm_read(description->ctx, path, &(qst_qasm_opts){.n_include_dirs = 0}, NULL, &assembly));
    p.assembly = assembly;
    p.n = qst_assembly_parameters(assembly);
    QSTI_TRY(make_circuit(&p, &imported.circuit));
    imported.weights = p.weights;
    p.weights = NULL;
    *out = imported;
done:
    qsti_free(description->ctx, p.roles);
    qsti_free(description->ctx, p.weights);
    qst_assembly_free(assembly);
    return status;
}

void qsti_imported_circuit_clear(qst_ctx *ctx, qsti_imported_circuit *circuit)
{
    qst_circuit_free(circuit->circuit);
    qsti_free(ctx, circuit->weights);
}
