/* encoding.c: features into angles.
 *
 *   angle_x|y|z   R(x_j) on qubit j                                                    PennyLane AngleEmbedding
 *   reupload      R(w_j x_j + b_j) on qubit j mod n, RY on the first n features, RZ on the next n, and so on, with new
 *                 weights w, then b, in every repetition                               [perezsalinas2020]
 *   iqp           H, RZ(x_i) on each qubit, RZZ(x_i x_j) for i < j                      [havlicek2019], PennyLane
 * IQPEmbedding zz            H, P(2 x_i) on each qubit, then CX P(2 (pi-x_i)(pi-x_j)) CX for i < j [havlicek2019],
 * Qiskit zz_feature_map
 *
 * With fewer features than qubits, angle, iqp and zz act on the first d qubits. All repetitions but reupload's are
 * equal. amplitude and basis are preparations of the state, not gates. */
#include "circuit/ansatz.h"
#include "circuit/names.h"

#define PI 3.14159265358979323846

static const struct {
    const char *name;
    size_t reps;
} encodings[] = {
#define QSTI_ENCODING(name, reps, about) {#name, reps},
#include "circuit/encodings.def"
#undef QSTI_ENCODING
};

qst_status qsti_encoding_plan(qst_ctx *ctx, const qst_encoding_opts *opts, qsti_encoding *out)
{
    const char *names[QSTI_ENCODING_COUNT];
    size_t index = 0;

    if (!opts->name)
        return qsti_fail(ctx, QST_ERR_USAGE, "encoding: a name is missing");
    for (size_t i = 0; i < QSTI_ENCODING_COUNT; i++)
        names[i] = encodings[i].name;
    qst_status status = qsti_name_find(ctx, "encoding", opts->name, names, QSTI_ENCODING_COUNT, &index);
    if (status == QST_OK)
        *out = (qsti_encoding){.kind = (qsti_encoding_kind)index,
                               .name = encodings[index].name,
                               .reps = opts->reps ? opts->reps : encodings[index].reps};
    return status;
}

qst_preparation qsti_encoding_preparation(qsti_encoding_kind kind)
{
    switch (kind) {
    case QSTI_ENCODING_amplitude:
        return QST_PREPARE_AMPLITUDE;
    case QSTI_ENCODING_basis:
        return QST_PREPARE_BASIS;
    default:
        return QST_PREPARE_ZERO;
    }
}

static qst_status check_features(const qst_circuit *circuit, const qsti_encoding *encoding)
{
    if (circuit->n_features == 0)
        return qsti_fail(circuit->ctx, QST_ERR_MISMATCH, "encoding %s: the circuit has no features", encoding->name);
    if (encoding->kind != QSTI_ENCODING_reupload && circuit->n_features > circuit->n_qubits)
        return qsti_fail(circuit->ctx, QST_ERR_MISMATCH, "encoding %s: %zu features do not fit on %zu qubit%s (1..%zu)",
                         encoding->name, circuit->n_features, circuit->n_qubits, circuit->n_qubits == 1 ? "" : "s",
                         circuit->n_qubits);
    return QST_OK;
}

/* --- one repetition of each --------------------------------------------------------------------------------------- */

static qst_status append_angles(qst_circuit_builder *builder, qst_gate gate, size_t n_features)
{
    qst_status status = QST_OK;

    for (size_t j = 0; j < n_features; j++) {
        qst_angle angle = QST_ANGLE({1.0, QST_FEATURE(j), QST_ONE});
        QSTI_TRY(qst_circuit_add(builder, gate, &j, &angle));
    }
done:
    return status;
}

static qst_status append_reupload(qst_circuit_builder *builder, size_t n_qubits, size_t n_features)
{
    size_t scale = 0, shift = 0;
    qst_status status;

    QSTI_TRY(qst_circuit_add_weights(builder, n_features, QST_WEIGHT_SCALE, &scale));
    QSTI_TRY(qst_circuit_add_weights(builder, n_features, QST_WEIGHT_SHIFT, &shift));
    for (size_t j = 0; j < n_features; j++) {
        size_t qubit = j % n_qubits;
        qst_gate gate = j / n_qubits % 2 == 0 ? QST_GATE_ry : QST_GATE_rz;
        qst_angle angle =
            QST_ANGLE({1.0, QST_WEIGHT(scale + j), QST_FEATURE(j)}, {1.0, QST_WEIGHT(shift + j), QST_ONE});
        QSTI_TRY(qst_circuit_add(builder, gate, &qubit, &angle));
    }
done:
    return status;
}

static qst_status append_iqp(qst_circuit_builder *builder, size_t n_features, size_t n_paired)
{
    qst_status status = QST_OK;

    for (size_t i = 0; i < n_features; i++) {
        qst_angle angle = QST_ANGLE({1.0, QST_FEATURE(i), QST_ONE});
        QSTI_TRY(qst_circuit_add(builder, QST_GATE_h, &i, NULL));
        QSTI_TRY(qst_circuit_add(builder, QST_GATE_rz, &i, &angle));
    }
    for (size_t i = 0; i < n_paired; i++) {
        for (size_t j = i + 1; j < n_paired; j++) {
            qst_angle angle = QST_ANGLE({1.0, QST_FEATURE(i), QST_FEATURE(j)});
            QSTI_TRY(qst_circuit_add(builder, QST_GATE_rzz, (size_t[]){i, j}, &angle));
        }
    }
done:
    return status;
}

static qst_status append_zz(qst_circuit_builder *builder, size_t n_features, size_t n_paired)
{
    qst_status status = QST_OK;

    for (size_t i = 0; i < n_features; i++) {
        qst_angle angle = QST_ANGLE({2.0, QST_FEATURE(i), QST_ONE});
        QSTI_TRY(qst_circuit_add(builder, QST_GATE_h, &i, NULL));
        QSTI_TRY(qst_circuit_add(builder, QST_GATE_p, &i, &angle));
    }
    for (size_t i = 0; i < n_paired; i++) {
        for (size_t j = i + 1; j < n_paired; j++) {
            qst_angle angle = QST_ANGLE({2.0, QST_FEATURE(i), QST_FEATURE(j)}, {-2.0 * PI, QST_FEATURE(i), QST_ONE},
                                        {-2.0 * PI, QST_FEATURE(j), QST_ONE}, {2.0 * PI * PI, QST_ONE, QST_ONE});
            QSTI_TRY(qst_circuit_add(builder, QST_GATE_cx, (size_t[]){i, j}, NULL));
            QSTI_TRY(qst_circuit_add(builder, QST_GATE_p, &j, &angle));
            QSTI_TRY(qst_circuit_add(builder, QST_GATE_cx, (size_t[]){i, j}, NULL));
        }
    }
done:
    return status;
}

/* --- all repetitions ---------------------------------------------------------------------------------------------- */

static qst_status append_rep(qst_circuit_builder *builder, const qsti_encoding *encoding)
{
    const qst_circuit *circuit = qsti_circuit_growing(builder);
    size_t n_features = circuit->n_features, n_paired = encoding->separable ? 0 : n_features;

    switch (encoding->kind) {
    case QSTI_ENCODING_angle_x:
        return append_angles(builder, QST_GATE_rx, n_features);
    case QSTI_ENCODING_angle_y:
        return append_angles(builder, QST_GATE_ry, n_features);
    case QSTI_ENCODING_angle_z:
        return append_angles(builder, QST_GATE_rz, n_features);
    case QSTI_ENCODING_reupload:
        return append_reupload(builder, circuit->n_qubits, n_features);
    case QSTI_ENCODING_iqp:
        return append_iqp(builder, n_features, n_paired);
    case QSTI_ENCODING_zz:
        return append_zz(builder, n_features, n_paired);
    default:
        return qsti_fail(circuit->ctx, QST_ERR_USAGE,
                         "encoding %s: it prepares the state, say so where the circuit begins; it is no gate",
                         encoding->name);
    }
}

qst_status qsti_encoding_append(qst_circuit_builder *builder, const qsti_encoding *encoding)
{
    qst_status status = QST_OK;

    if (qsti_encoding_preparation(encoding->kind) == QST_PREPARE_ZERO)
        QSTI_TRY(check_features(qsti_circuit_growing(builder), encoding));
    for (size_t rep = 0; rep < encoding->reps; rep++)
        QSTI_TRY(append_rep(builder, encoding));
done:
    return status;
}

qst_status qst_circuit_append_encoding(qst_circuit_builder *builder, const qst_encoding_opts *opts)
{
    qsti_encoding encoding;
    qst_status status;

    QSTI_TRY(qsti_encoding_plan(qsti_circuit_growing(builder)->ctx, opts, &encoding));
    QSTI_TRY(qsti_encoding_append(builder, &encoding));
done:
    return status;
}
