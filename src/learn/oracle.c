/* oracle.c: asking a teacher, whatever it is; and models of our own as oracles.
 *
 * Rows are asked for in blocks of a fixed number, so that what runs a whole block at once (an imported network) gives
 * the same bits however many rows are wanted by whom.
 */
#include "learn/oracle.h"

#include <math.h>
#include <string.h>

#define BLOCK_ROWS 1024

/* Foreign runtimes answer in single precision: what sums to 1 within this is a distribution. */
#define SUM_TOLERANCE 1e-3
#define ROUNDING      1e-12 /* sums of doubles that are left as they are */

/* --- life --------------------------------------------------------------------------------------------------------- */

qst_status qsti_oracle_allocate(qst_ctx *ctx, const qsti_oracle_type *type, size_t n_inputs, size_t n_scores,
                                qst_score_kind kind, qsti_oracle **out)
{
    qsti_oracle *oracle = NULL;
    qst_status status = QSTI_NEW(ctx, 1, &oracle);
    if (status != QST_OK)
        return status;
    oracle->ctx = ctx;
    oracle->type = type;
    oracle->n_inputs = n_inputs;
    oracle->n_scores = n_scores;
    oracle->kind = kind;
    *out = oracle;
    return QST_OK;
}

void qsti_oracle_free(qsti_oracle *oracle)
{
    if (oracle == NULL)
        return;
    if (oracle->type->release != NULL && oracle->inside != NULL)
        oracle->type->release(oracle);
    qsti_free(oracle->ctx, oracle);
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

/* Finite; probabilities to the last digit. `first` is the number of the block's first row. */
static qst_status check_block(const qsti_oracle *oracle, size_t first, qst_matrix scores)
{
    for (size_t i = 0; i < scores.n_rows; i++) {
        double *row = scores.data + i * scores.n_cols, sum = 0, least = 0;
        for (size_t c = 0; c < scores.n_cols; c++) {
            if (!isfinite(row[c]))
                return qsti_fail(oracle->ctx, QST_ERR_INPUT,
                                 "the teacher's scores: row %zu, column %zu: %g is not finite", first + i, c, row[c]);
            sum += row[c];
            least = row[c] < least ? row[c] : least;
        }
        if (oracle->kind != QST_SCORE_probability)
            continue;
        if (least < 0 || fabs(sum - 1) > SUM_TOLERANCE) {
            return qsti_fail(
                oracle->ctx, QST_ERR_INPUT,
                "the teacher's scores: row %zu is no probability distribution (least %g, sum %g): of which "
                "kind are they?",
                first + i, least, sum);
        }
        for (size_t c = 0; c < scores.n_cols && fabs(sum - 1) > ROUNDING; c++)
            row[c] /= sum;
    }
    return QST_OK;
}

qst_status qsti_oracle_ask(qsti_oracle *oracle, qst_const_matrix raw, const size_t *rows, qst_matrix out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = oracle->ctx;
    double *block = NULL;
    size_t n_cols = raw.n_cols, n_block = out.n_rows < BLOCK_ROWS ? out.n_rows : BLOCK_ROWS;
    if (n_cols != oracle->n_inputs)
        QSTI_TRY(qsti_fail(ctx, QST_ERR_MISMATCH, "the rows have %zu columns, the teacher takes %zu", n_cols,
                           oracle->n_inputs));
    if (out.n_cols != oracle->n_scores)
        QSTI_TRY(qsti_fail(ctx, QST_ERR_MISMATCH, "room for %zu scores a row, the teacher gives %zu", out.n_cols,
                           oracle->n_scores));
    QSTI_TRY(qsti_alloc(ctx, n_block, n_cols * sizeof *block, (void **)&block));
    for (size_t first = 0; first < out.n_rows; first += n_block) {
        size_t n = out.n_rows - first < n_block ? out.n_rows - first : n_block;
        for (size_t i = 0; i < n; i++) {
            size_t row = rows != NULL ? rows[first + i] : first + i;
            memcpy(block + i * n_cols, raw.data + row * n_cols, n_cols * sizeof *block);
        }
        qst_matrix scores = {out.data + first * out.n_cols, n, out.n_cols};
        QSTI_TRY(oracle->type->scores(oracle, (qst_const_matrix){block, n, n_cols}, scores));
        QSTI_TRY(check_block(oracle, first, scores));
        QSTI_TRY(qsti_check_interrupt(ctx));
    }
done:
    qsti_free(ctx, block);
    return status;
}

/* --- our own models ----------------------------------------------------------------------------------------------- */

static qst_status model_scores(qsti_oracle *oracle, qst_const_matrix raw, qst_matrix out)
{
    return qst_model_predict(oracle->inside, raw, out);
}

static void model_release(qsti_oracle *oracle)
{
    qst_model_free(oracle->inside);
}

static const qsti_oracle_type model_type = {.name = "model", .scores = model_scores, .release = model_release};
static const qsti_oracle_type borrowed_type = {.name = "model", .scores = model_scores};

static qst_status make_of_model(const qsti_oracle_type *type, qst_model *model, qsti_oracle **out)
{
    qst_status status = QST_OK;
    qsti_oracle *oracle = NULL;
    size_t n_inputs = model->preprocess != NULL ? qsti_preprocess_inputs(model->preprocess) : model->n_features;
    QSTI_TRY(qsti_oracle_allocate(model->ctx, type, n_inputs, model->n_scores, model->score_kind, &oracle));
    QSTI_TRY(qst_model_hash(model, oracle->hash));
    qst_model_measure(model, &oracle->size);
    oracle->inside = model;
    *out = oracle;
    oracle = NULL;
done:
    qsti_oracle_free(oracle);
    return status;
}

qst_status qsti_oracle_from_model(qst_model *model, qsti_oracle **out)
{
    return make_of_model(&model_type, model, out);
}

qst_status qsti_oracle_borrow_model(qst_model *model, qsti_oracle **out)
{
    return make_of_model(&borrowed_type, model, out);
}

qst_model *qsti_oracle_model(const qsti_oracle *oracle)
{
    return oracle->type == &model_type || oracle->type == &borrowed_type ? oracle->inside : NULL;
}
