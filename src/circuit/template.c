/* template.c: a whole model circuit from names: encoding, then ansatz; or the encoding before every layer.
 *
 * With amplitude and basis the encoding is the preparation. Weights are numbered as they appear: for a re-uploading
 * model layer by layer: scales, shifts, then the ansatz' own; a final rotation layer last. A separable circuit has no
 * gates on pairs, and none of their weights. */
#include "circuit/ansatz.h"

static qst_status check_repeats(qst_ctx *ctx, const qst_circuit_opts *opts, const qsti_encoding *encoding)
{
    if (qsti_encoding_preparation(encoding->kind) == QST_PREPARE_ZERO)
        return QST_OK;
    if (opts->repeat_encoding || encoding->reps > 1)
        return qsti_fail(ctx, QST_ERR_USAGE, "encoding %s: it prepares the state and cannot be repeated",
                         encoding->name);
    return QST_OK;
}

static qst_status check_separable(qst_ctx *ctx, const qst_circuit_opts *opts, const qsti_encoding *encoding)
{
    if (!opts->separable || encoding->kind != QSTI_ENCODING_amplitude)
        return QST_OK;
    return qsti_fail(ctx, QST_ERR_USAGE,
                     "encoding amplitude: the state that it prepares is entangled: a separable "
                     "circuit needs another encoding");
}

static qst_status append_layers(qst_circuit_builder *builder, const qsti_encoding *encoding, const qsti_ansatz *ansatz,
                                bool repeat)
{
    bool is_gates = qsti_encoding_preparation(encoding->kind) == QST_PREPARE_ZERO;
    size_t reps = ansatz->kind == QSTI_ANSATZ_none && !repeat ? 1 : ansatz->reps;
    qst_status status = QST_OK;

    for (size_t rep = 0; rep < reps; rep++) {
        if (is_gates && (rep == 0 || repeat))
            QSTI_TRY(qsti_encoding_append(builder, encoding));
        QSTI_TRY(qsti_ansatz_append_rep(builder, ansatz, rep));
    }
    QSTI_TRY(qsti_ansatz_append_end(builder, ansatz));
done:
    return status;
}

qst_status qst_circuit_template(qst_ctx *ctx, const qst_circuit_opts *opts, qst_circuit **out)
{
    qst_encoding_opts encoding_opts = opts->encoding;
    qst_ansatz_opts ansatz_opts = opts->ansatz;
    qst_circuit_builder *builder = NULL;
    qsti_encoding encoding;
    qsti_ansatz ansatz;
    qst_status status;

    if (!encoding_opts.name)
        encoding_opts.name = "reupload";
    if (!ansatz_opts.name)
        ansatz_opts.name = "strongly_entangling";
    QSTI_TRY(qsti_encoding_plan(ctx, &encoding_opts, &encoding));
    QSTI_TRY(check_repeats(ctx, opts, &encoding));
    QSTI_TRY(check_separable(ctx, opts, &encoding));
    QSTI_TRY(qst_circuit_begin(ctx, opts->qubits, opts->features, qsti_encoding_preparation(encoding.kind), &builder));
    QSTI_TRY(qsti_ansatz_plan(ctx, opts->qubits, &ansatz_opts, &ansatz));
    encoding.separable = ansatz.separable = opts->separable;
    QSTI_TRY(
        append_layers(builder, &encoding, &ansatz, opts->repeat_encoding || encoding.kind == QSTI_ENCODING_reupload));
    status = qst_circuit_finish(builder, out);
    builder = NULL;
done:
    qst_circuit_abandon(builder);
    return status;
}
