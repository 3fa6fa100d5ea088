/* import_teacher.c: a teacher that was made elsewhere, from its description: circuit and weights, what is measured, how
 * that becomes scores, and which data it belongs to.
 *
 * Where the source counts its first wire as the left-most bit (PennyLane), letters of Pauli strings are turned round;
 * and where the bits of a whole index count, in amplitudes and in probabilities, wire k becomes qubit n - 1 - k. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/model_binding.h"
#include "teacher/import_circuit.h"
#include "teacher/teacher.h"

/* --- what is measured --------------------------------------------------------------------------------------------- */

/* Every run of n letters I, X, Y, Z of a word, turned round. */
static void turn_strings(char *word, size_t n_qubits)
{
    for (char *c = word; *c;) {
        size_t length = strspn(c, "IXYZ");
        for (size_t i = 0; length == n_qubits && i < length / 2; i++) {
            char letter = c[i];
            c[i] = c[length - 1 - i];
            c[length - 1 - i] = letter;
        }
        c += length > 0 ? length : 1;
    }
}

static qst_status parse_readout(const qsti_description *description, size_t n_qubits, bool left_first, size_t n_classes,
                                qst_readout **out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = description->ctx;
    static const char *const all_z = "z";
    const char **words = NULL;
    char **own = NULL;
    size_t n = 0;
    QSTI_TRY(qsti_description_words(description, "outputs", &words, &n));
    QSTI_TRY(QSTI_NEW(ctx, n + 1, &own));
    for (size_t i = 0; i < n; i++) {
        QSTI_TRY(qsti_strdup(ctx, words[i], &own[i]));
        if (left_first)
            turn_strings(own[i], n_qubits);
    }
    const char *const *chosen = n > 0 ? (const char *const *)own : &all_z;
    status = qst_readout_parse(ctx, n_qubits, chosen, n > 0 ? n : 1, n_classes, out);
    if (status != QST_OK && n > 0)
        status =
            qsti_fail_at(ctx, status, qsti_description_get(description, "outputs")->place, "%s", qst_ctx_message(ctx));
done:
    for (size_t i = 0; own != NULL && i < n; i++)
        qsti_free(ctx, own[i]);
    qsti_free(ctx, own);
    qsti_free(ctx, words);
    return status;
}

static uint32_t turn_mask(uint32_t mask, size_t n_qubits)
{
    uint32_t turned = 0;
    for (size_t k = 0; k < n_qubits; k++)
        turned |= (mask >> k & 1) << (n_qubits - 1 - k);
    return turned;
}

/* Wire k becomes qubit n - 1 - k where an index of basis states is read or prepared. */
static qst_status order_qubits(const qsti_description *description, qsti_imported_circuit *imported,
                               qst_readout *readout)
{
    const qst_circuit *circuit = imported->circuit;
    bool reads_index = readout->kind == QST_READOUT_PROBABILITIES || readout->kind == QST_READOUT_GROUPED;
    if (!imported->left_first || !(reads_index || circuit->preparation == QST_PREPARE_AMPLITUDE))
        return QST_OK;
    if (circuit->preparation == QST_PREPARE_BASIS)
        return qsti_fail_at(description->ctx, QST_ERR_UNSUPPORTED, description->root->place,
                            "bit_order: basis states are prepared with feature k on qubit k, and their probabilities "
                            "are read in the other order");
    qst_circuit *turned = NULL;
    qst_status status = qsti_circuit_rebuild(circuit, circuit->n_features, circuit->preparation, true, &turned);
    if (status != QST_OK)
        return status;
    for (size_t t = 0; t < readout->n_terms; t++) {
        readout->paulis[t].x = turn_mask(readout->paulis[t].x, circuit->n_qubits);
        readout->paulis[t].z = turn_mask(readout->paulis[t].z, circuit->n_qubits);
    }
    qst_circuit_free(imported->circuit);
    imported->circuit = turned;
    return QST_OK;
}

/* --- classes and the head ----------------------------------------------------------------------------------------- */

/* `classes`: names, or how many. */
static qst_status read_classes(const qsti_description *description, const char ***out_names, size_t *out_n)
{
    const qsti_yaml *value = qsti_description_get(description, "classes");
    if (value == NULL || value->kind != QSTI_YAML_SCALAR)
        return qsti_description_words(description, "classes", out_names, out_n);
    return qsti_description_count(description, "classes", 2, out_n);
}

/* A head as it is described, and its weights as the model has them. */
typedef struct head {
    qst_head kind;
    double *weights; /* linear: W (n_scores, n_values), b; scale: s, b */
    size_t n_scores;
} head;

static qst_status read_part(const qsti_description *description, const char *name, size_t n_dims, const size_t *shape,
                            double *out)
{
    qst_status status = QST_OK;
    char what[32], given[128], right[128];
    qst_tensor tensor = {.data = NULL};
    const qsti_yaml *value = qsti_yaml_child(qsti_description_get(description, "head"), name);
    size_t n = n_dims == 2 ? shape[0] * shape[1] : shape[0];
    snprintf(what, sizeof what, "head.%s", name);
    if (value == NULL)
        return QST_OK;
    QSTI_TRY(qsti_description_tensor(description, what, value, &tensor));
    if (tensor.n_dims == 2 && n_dims == 1 && tensor.shape[1] == 1)
        tensor.n_dims = 1; /* a column of a CSV file */
    qsti_shape_text(tensor.n_dims, tensor.shape, given);
    qsti_shape_text(n_dims, shape, right);
    if (tensor.n_dims != n_dims || memcmp(tensor.shape, shape, n_dims * sizeof *shape) != 0)
        QSTI_TRY(qsti_fail_at(description->ctx, QST_ERR_MISMATCH, value->place, "%s: shape %s is not %s", what, given,
                              right));
    memcpy(out, tensor.data, n * sizeof *out);
done:
    qst_tensor_free(description->ctx, &tensor);
    return status;
}

static qst_status read_linear(const qsti_description *description, size_t n_values, size_t n_classes, head *out)
{
    qst_status status = QST_OK;
    const qsti_yaml *map = qsti_description_get(description, "head"), *w = qsti_yaml_child(map, "weights");
    qst_tensor tensor = {.data = NULL};
    if (w == NULL)
        QSTI_TRY(qsti_fail_at(description->ctx, QST_ERR_USAGE, map->place, "head: weights: missing, (scores, values)"));
    QSTI_TRY(qsti_description_tensor(description, "head.weights", w, &tensor));
    out->n_scores = n_classes > 0 ? n_classes : tensor.shape[0];
    QSTI_TRY(QSTI_NEW(description->ctx, out->n_scores * (n_values + 1), &out->weights));
    QSTI_TRY(read_part(description, "weights", 2, (const size_t[]){out->n_scores, n_values}, out->weights));
    QSTI_TRY(read_part(description, "bias", 1, &out->n_scores, out->weights + out->n_scores * n_values));
done:
    qst_tensor_free(description->ctx, &tensor);
    return status;
}

/* z_k = factor m_k + b_k, factor = exp(s) */
static qst_status read_scale(const qsti_description *description, size_t n_values, head *out)
{
    qst_status status = QST_OK;
    const qsti_yaml *factor = qsti_yaml_child(qsti_description_get(description, "head"), "factor");
    double value = 0;
    bool is_number = factor != NULL && factor->kind == QSTI_YAML_SCALAR &&
                     qsti_parse_double(factor->scalar, strlen(factor->scalar), &value);
    if (!is_number || !(value > 0))
        QSTI_TRY(qsti_fail_at(description->ctx, QST_ERR_USAGE, qsti_description_get(description, "head")->place,
                              "head: factor: a number > 0 is expected"));
    out->n_scores = n_values;
    QSTI_TRY(QSTI_NEW(description->ctx, n_values + 1, &out->weights));
    out->weights[0] = log(value);
    QSTI_TRY(read_part(description, "bias", 1, &n_values, out->weights + 1));
done:
    return status;
}

static qst_status check_head_keys(const qsti_description *description, const qsti_yaml *map, qst_head kind)
{
    for (size_t i = 0; i < map->n_children; i++) {
        const char *key = map->children[i].key, *own = kind == QST_HEAD_linear ? "weights" : "factor";
        if (strcmp(key, "kind") != 0 && strcmp(key, "bias") != 0 && strcmp(key, own) != 0)
            return qsti_fail_at(description->ctx, QST_ERR_USAGE, map->children[i].key_place,
                                "%.40s: unknown key of a %s head; there are: kind %s bias", key, qsti_head_name(kind),
                                own);
    }
    return QST_OK;
}

static qst_status read_head(const qsti_description *description, size_t n_values, size_t n_classes, head *out)
{
    qst_status status = QST_OK;
    const qsti_yaml *value = qsti_description_get(description, "head");
    const qsti_yaml *kind = value != NULL && value->kind == QSTI_YAML_MAP ? qsti_yaml_child(value, "kind") : value;
    *out = (head){QST_HEAD_none, NULL, n_values};
    if (value == NULL)
        return QST_OK;
    if (kind == NULL || kind->kind != QSTI_YAML_SCALAR || !qsti_head_find(kind->scalar, &out->kind))
        return qsti_fail_at(description->ctx, QST_ERR_USAGE, value->place, "head: kind: none, scale or linear");
    if (out->kind == QST_HEAD_none)
        return QST_OK;
    if (value->kind != QSTI_YAML_MAP)
        return qsti_fail_at(description->ctx, QST_ERR_USAGE, value->place, "head: %s: its numbers are missing",
                            kind->scalar);
    QSTI_TRY(check_head_keys(description, value, out->kind));
    if (out->kind == QST_HEAD_linear)
        QSTI_TRY(read_linear(description, n_values, n_classes, out));
    else
        QSTI_TRY(read_scale(description, n_values, out));
done:
    return status;
}

static qst_status check_scores(const qsti_description *description, const head *of, size_t n_classes)
{
    if (n_classes > 0 && of->n_scores != n_classes)
        return qsti_fail_at(description->ctx, QST_ERR_MISMATCH, description->root->place,
                            "%zu scores for %zu classes: a head of kind linear takes any number of outputs",
                            of->n_scores, n_classes);
    if (of->n_scores < 2)
        return qsti_fail_at(description->ctx, QST_ERR_MISMATCH, description->root->place,
                            "one output m is no score of two classes: say which by a head, such as {kind: linear, "
                            "weights: [[-1], [1]]} for m > 0 as the second class");
    return QST_OK;
}

/* --- the model ---------------------------------------------------------------------------------------------------- */

static qst_status read_order(const qsti_description *description, bool *left_first)
{
    const char *order = NULL;
    qst_status status = qsti_description_text(description, "bit_order", &order);
    if (status != QST_OK || order == NULL)
        return status;
    if (strcmp(order, "q0-right") != 0 && strcmp(order, "q0-left") != 0)
        return qsti_fail_at(description->ctx, QST_ERR_USAGE, qsti_description_get(description, "bit_order")->place,
                            "bit_order: q0-right or q0-left is expected");
    *left_first = strcmp(order, "q0-left") == 0;
    return QST_OK;
}

static qst_status import_circuit(const qsti_description *description, const char *path, qsti_imported_circuit *out)
{
    qst_status status = QST_OK;
    if (qsti_description_get(description, "template") != NULL) {
        QSTI_TRY(qsti_import_template(description, out));
    } else {
        QSTI_TRY(qsti_description_text(description, "circuit", &path));
        QSTI_TRY(qsti_import_circuit(description, path, out));
    }
    QSTI_TRY(read_order(description, &out->left_first));
done:
    return status;
}

/* Class names of its own, or all that a dataset gives. */
static qst_status bind_data(const qsti_description *description, const char *const *names, size_t n_names,
                            qst_model *model)
{
    qst_status status = QST_OK;
    const char *folder = NULL;
    qst_dataset *dataset = NULL;
    QSTI_TRY(qsti_description_text(description, "data", &folder));
    if (folder != NULL) {
        QSTI_TRY(qst_dataset_load(description->ctx, folder, &dataset));
        QSTI_TRY(qsti_dataset_bind_model(dataset, model));
    }
    if (names != NULL)
        QSTI_TRY(qsti_model_set_classes(model, names, n_names));
done:
    qst_dataset_free(dataset);
    return status;
}

static qst_status set_weights(qst_model *model, const double *circuit, size_t n_circuit, const head *of)
{
    double *weights = NULL;
    qst_status status = QSTI_NEW(model->ctx, model->n_weights, &weights);
    if (status != QST_OK)
        return status;
    memcpy(weights, circuit, n_circuit * sizeof *weights);
    if (of->weights != NULL)
        memcpy(weights + n_circuit, of->weights, (model->n_weights - n_circuit) * sizeof *weights);
    status = qst_model_set_weights(model, weights, model->n_weights);
    qsti_free(model->ctx, weights);
    return status;
}

/* Takes the circuit. */
static qst_status make_model(const qsti_description *description, qsti_imported_circuit *imported, qst_model **out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = description->ctx;
    const char **classes = NULL;
    size_t n_classes = 0, n_circuit = imported->circuit->n_weights;
    qst_readout *readout = NULL;
    qst_model *model = NULL;
    head of = {QST_HEAD_none, NULL, 0};
    QSTI_TRY(read_classes(description, &classes, &n_classes));
    QSTI_TRY(parse_readout(description, imported->circuit->n_qubits, imported->left_first, n_classes, &readout));
    QSTI_TRY(order_qubits(description, imported, readout));
    QSTI_TRY(read_head(description, readout->n_outputs, n_classes, &of));
    QSTI_TRY(check_scores(description, &of, n_classes));
    QSTI_TRY(qst_model_from_circuit(ctx, imported->circuit, readout, of.kind, of.n_scores, QST_DOUBLE, &model));
    imported->circuit = NULL;
    readout = NULL;
    QSTI_TRY(set_weights(model, imported->weights, n_circuit, &of));
    QSTI_TRY(bind_data(description, classes, n_classes, model));
    *out = model;
    model = NULL;
done:
    qst_model_free(model);
    qst_readout_free(readout);
    qsti_free(ctx, of.weights);
    qsti_free(ctx, classes);
    return status;
}

qst_status qst_teacher_import(qst_ctx *ctx, const char *description_path, const char *circuit_path, qst_model **out)
{
    qst_status status = QST_OK;
    qsti_description description = {ctx, NULL};
    qsti_imported_circuit imported = {NULL, NULL, false};
    QSTI_TRY(qsti_description_read(ctx, description_path, circuit_path != NULL, &description));
    QSTI_TRY(import_circuit(&description, circuit_path, &imported));
    QSTI_TRY(make_model(&description, &imported, out));
done:
    qsti_imported_circuit_clear(ctx, &imported);
    if (description.root != NULL)
        qsti_description_clear(&description);
    return status;
}

bool qsti_teacher_is_described(const char *path)
{
    size_t length = strlen(path);
    return length > strlen(".yaml") && strcmp(path + length - strlen(".yaml"), ".yaml") == 0;
}
