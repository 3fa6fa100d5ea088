/* import_template.c: a template of PennyLane or Qiskit by its name, with the weights in the shape that its source has
 * them: (L, n, 3), (L, n), or flat. In C order these are the order of our own weights (circuit/ansatz.c). */
#include <stdio.h>
#include <string.h>

#include "circuit/names.h"
#include "teacher/import_circuit.h"

/* How a source shapes its weights, n the qubits. */
typedef enum weight_shape { LAYERS_QUBITS_3, LAYERS_QUBITS, FLAT } weight_shape;

static const struct {
    const char *name, *ours;
    weight_shape shape;
    bool left_first;
} ansatze[] = {
#define QSTI_SOURCE_ANSATZ(name, ours, shape, left_first) {name, ours, shape, left_first},
#define QSTI_SOURCE_ENCODING(name, ours)
#include "teacher/source_templates.def"
#undef QSTI_SOURCE_ANSATZ
#undef QSTI_SOURCE_ENCODING
};
#define N_ANSATZE (sizeof ansatze / sizeof *ansatze)

static const struct {
    const char *name, *ours;
} encodings[] = {
#define QSTI_SOURCE_ANSATZ(name, ours, shape, left_first)
#define QSTI_SOURCE_ENCODING(name, ours) {name, ours},
#include "teacher/source_templates.def"
#undef QSTI_SOURCE_ANSATZ
#undef QSTI_SOURCE_ENCODING
};
#define N_ENCODINGS (sizeof encodings / sizeof *encodings)

/* --- names -------------------------------------------------------------------------------------------------------- */

static qst_status find_ansatz(const qsti_description *description, size_t *out)
{
    const char *names[N_ANSATZE], *name = "";
    for (size_t i = 0; i < N_ANSATZE; i++)
        names[i] = ansatze[i].name;
    qst_status status = qsti_description_text(description, "template", &name);
    return status == QST_OK ? qsti_name_find(description->ctx, "template", name, names, N_ANSATZE, out) : status;
}

qst_status qsti_source_encoding(const qsti_description *description, const char **in_out_name)
{
    const char *names[N_ENCODINGS], *name = NULL;
    size_t index = 0;
    for (size_t i = 0; i < N_ENCODINGS; i++)
        names[i] = encodings[i].name;
    qst_status status = qsti_description_text(description, "encoding", &name);
    if (status != QST_OK || name == NULL)
        return status;
    status = qsti_name_find(description->ctx, "encoding", name, names, N_ENCODINGS, &index);
    if (status == QST_OK)
        *in_out_name = encodings[index].ours;
    return status;
}

/* --- weights ------------------------------------------------------------------------------------------------------ */

static bool has_shape(const qst_tensor *tensor, size_t n_dims, const size_t *shape)
{
    return tensor->n_dims == n_dims && memcmp(tensor->shape, shape, n_dims * sizeof *shape) == 0;
}

/* Where the description leaves the number of layers to the weights. */
static size_t layers_of(weight_shape shape, const qst_tensor *weights)
{
    return shape == FLAT ? 0 : weights->shape[0];
}

static qst_status check_shape(const qsti_description *description, size_t ansatz, size_t n_qubits,
                              const qst_circuit *circuit, const qst_tensor *weights)
{
    size_t n = circuit->n_weights, shape[3] = {0, n_qubits, 3}, n_dims = 1;
    char given[128], right[128];
    switch (ansatze[ansatz].shape) {
    case LAYERS_QUBITS_3:
        shape[0] = n / (3 * n_qubits);
        n_dims = 3;
        break;
    case LAYERS_QUBITS:
        shape[0] = n / n_qubits;
        n_dims = 2;
        break;
    case FLAT:
        shape[0] = n;
        break;
    }
    if (has_shape(weights, n_dims, shape))
        return QST_OK;
    if (n_dims == 1 && has_shape(weights, 2, (const size_t[]){n, 1})) /* a column of a CSV file */
        return QST_OK;
    qsti_shape_text(weights->n_dims, weights->shape, given);
    qsti_shape_text(n_dims, shape, right);
    return qsti_fail_at(description->ctx, QST_ERR_MISMATCH, qsti_description_get(description, "weights")->place,
                        "weights: shape %s: %s of %zu qubits takes %s", given, ansatze[ansatz].name, n_qubits, right);
}

/* --- the circuit -------------------------------------------------------------------------------------------------- */

static qst_status require(const qsti_description *description, const char *key)
{
    if (qsti_description_get(description, key) != NULL)
        return QST_OK;
    return qsti_fail_at(description->ctx, QST_ERR_USAGE, description->root->place, "%s: missing, a template needs it",
                        key);
}

static qst_status read_opts(const qsti_description *description, qst_circuit_opts *opts)
{
    qst_status status = QST_OK;
    static const char *const required[] = {"qubits", "features", "encoding", "weights"};
    for (size_t i = 0; i < sizeof required / sizeof *required; i++)
        QSTI_TRY(require(description, required[i]));
    QSTI_TRY(qsti_description_count(description, "qubits", 1, &opts->qubits));
    QSTI_TRY(qsti_description_count(description, "features", 1, &opts->features));
    QSTI_TRY(qsti_source_encoding(description, &opts->encoding.name));
    QSTI_TRY(qsti_description_count(description, "encoding_reps", 1, &opts->encoding.reps));
    QSTI_TRY(qsti_description_flag(description, "repeat_encoding", &opts->repeat_encoding));
    QSTI_TRY(qsti_description_count(description, "layers", 1, &opts->ansatz.reps));
    QSTI_TRY(qsti_description_text(description, "entanglement", &opts->ansatz.entanglement));
    QSTI_TRY(qsti_description_text(description, "rotations", &opts->ansatz.rotations));
    QSTI_TRY(qsti_description_text(description, "entangler", &opts->ansatz.entangler));
    QSTI_TRY(qsti_description_flag(description, "skip_final_rotation_layer", &opts->ansatz.skip_final_rotation_layer));
done:
    return status;
}

qst_status qsti_import_template(const qsti_description *description, qsti_imported_circuit *out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = description->ctx;
    qst_circuit_opts opts = {.qubits = 0};
    qst_tensor weights = {.data = NULL};
    qst_circuit *circuit = NULL;
    size_t ansatz = 0;
    QSTI_TRY(find_ansatz(description, &ansatz));
    QSTI_TRY(read_opts(description, &opts));
    opts.ansatz.name = ansatze[ansatz].ours;
    QSTI_TRY(qsti_description_tensor(description, "weights", qsti_description_get(description, "weights"), &weights));
    if (opts.ansatz.reps == 0)
        opts.ansatz.reps = layers_of(ansatze[ansatz].shape, &weights);
    QSTI_TRY(qst_circuit_template(ctx, &opts, &circuit));
    QSTI_TRY(check_shape(description, ansatz, opts.qubits, circuit, &weights));
    *out = (qsti_imported_circuit){circuit, weights.data, ansatze[ansatz].left_first};
    circuit = NULL;
    weights.data = NULL;
done:
    qst_circuit_free(circuit);
    qst_tensor_free(ctx, &weights);
    return status;
}
