/* loss_lines.c: the losses, from their parts on single samples.
 *
 * Per sample, z the student's scores, t the teacher's, y the label:
 *   hard   CE = -ln softmax(z)_y                           dCE/dz = softmax(z) - onehot(y)
 *   soft   T^2 KL(softmax(t/T) || softmax(z/T))            d/dz = T (softmax(z/T) - softmax(t/T))       [hinton2015]
 *   error  sum_c (t_c - z_c)^2                             d/dz = 2 (z - t)
 * ce = hard; kd = (1 - alpha) hard + alpha soft; logit_mse and expectation_mse = error. The hard term is averaged over
 * the rows that have a label, the others over all rows.
 *
 * Not here: the sums over a sample's scores (kernels/loss_lanes.h), what scores mean (the callers convert), and
 * regularisation.
 */
#include "learn/loss_lines.h"

#include <math.h>
#include <string.h>

#include "learn/softmax.h"

/* --- the rule ----------------------------------------------------------------------------------------------------- */

static bool is_squared(qst_loss loss)
{
    return loss == QST_LOSS_logit_mse || loss == QST_LOSS_expectation_mse;
}

bool qsti_loss_has_lines(qst_loss loss)
{
    return loss == QST_LOSS_ce || loss == QST_LOSS_kd || is_squared(loss);
}

qsti_loss_rule qsti_loss_rule_make(qst_loss loss, double temperature, double alpha)
{
    return (qsti_loss_rule){.kernels = qsti_score_kernels_best(),
                            .loss = loss,
                            .temperature = temperature,
                            .alpha = loss == QST_LOSS_kd ? alpha : 0.0};
}

void qsti_loss_rule_count(qsti_loss_rule *rule, qst_reduction reduction, size_t n_rows, bool has_labels,
                          size_t n_labelled)
{
    bool mean = reduction == QST_REDUCE_MEAN;
    rule->per_row = mean ? 1.0 / (double)n_rows : 1.0;
    rule->per_label = mean && n_labelled > 0 ? 1.0 / (double)n_labelled : 1.0;
    rule->has_labels = has_labels && !is_squared(rule->loss);
}

/* --- the teacher -------------------------------------------------------------------------------------------------- */

size_t qsti_loss_teacher_lines(const qsti_loss_rule *rule, size_t n_cols)
{
    return rule->loss == QST_LOSS_kd ? 2 * n_cols + 2 : n_cols;
}

void qsti_loss_prepare(const qsti_loss_rule *rule, const double *t, size_t n_cols, size_t lanes, double *lines)
{
    size_t n = n_cols * lanes;
    memmove(lines, t, n * sizeof *lines);
    if (rule->loss == QST_LOSS_kd)
        rule->kernels->temper(t, n_cols, lanes, rule->temperature, lines + n, lines + 2 * n, lines + 2 * n + lanes);
}

/* --- one block ---------------------------------------------------------------------------------------------------- */

/* The weights of the block's lanes: `weight`, and 0 behind its rows. */
static void weigh_rows(const qsti_loss_block *block, double weight, double *out)
{
    for (size_t lane = 0; lane < block->lanes; lane++)
        out[lane] = lane < block->n_rows ? weight : 0;
}

static double sum_of_rows(const qsti_loss_block *block, const double *values)
{
    double sum = 0;
    for (size_t lane = 0; lane < block->n_rows; lane++)
        sum += values[lane];
    return sum;
}

static double hard_lines(const qsti_loss_rule *rule, const qsti_loss_block *block)
{
    int64_t labels[QSTI_MAX_LANES];
    double weight[QSTI_MAX_LANES], value[QSTI_MAX_LANES];
    weigh_rows(block, (1 - rule->alpha) * rule->per_label, weight);
    for (size_t lane = 0; lane < block->lanes; lane++) {
        labels[lane] = lane < block->n_rows ? block->labels[lane] : -1;
        weight[lane] = labels[lane] < 0 ? 0 : weight[lane];
    }
    rule->kernels->cross_entropy(block->student, block->n_cols, block->lanes, labels, weight, block->work, value,
                                 rule->alpha < 1 ? block->gradient : NULL);
    return sum_of_rows(block, value);
}

static void soft_lines(const qsti_loss_rule *rule, const qsti_loss_block *block, qsti_loss_sums *sums)
{
    double weight[QSTI_MAX_LANES], kl[QSTI_MAX_LANES], scaled[QSTI_MAX_LANES];
    size_t n = block->n_cols * block->lanes;
    const double *t = block->teacher;
    qsti_tempered teacher = {.t = t, .p = t + n, .top = t + 2 * n, .shift = t + 2 * n + block->lanes};
    weigh_rows(block, rule->alpha * rule->per_row, weight);
    rule->kernels->divergence(block->student, &teacher, block->n_cols, block->lanes, rule->temperature, weight,
                              block->work, kl, scaled, rule->alpha > 0 ? block->gradient : NULL);
    sums->soft += sum_of_rows(block, kl);
    sums->scaled += sum_of_rows(block, scaled);
}

static double error_lines(const qsti_loss_rule *rule, const qsti_loss_block *block)
{
    double weight[QSTI_MAX_LANES], value[QSTI_MAX_LANES];
    weigh_rows(block, rule->per_row, weight);
    rule->kernels->squared_error(block->student, block->teacher, block->n_cols, block->lanes, weight, value,
                                 block->gradient);
    return sum_of_rows(block, value);
}

void qsti_loss_lines(const qsti_loss_rule *rule, const qsti_loss_block *block, qsti_loss_sums *sums)
{
    if (block->gradient != NULL)
        memset(block->gradient, 0, block->n_cols * block->lanes * sizeof *block->gradient);
    if (is_squared(rule->loss))
        sums->soft += error_lines(rule, block);
    if (rule->loss == QST_LOSS_kd)
        soft_lines(rule, block, sums);
    if (rule->has_labels)
        sums->hard += hard_lines(rule, block);
}

qst_status qsti_loss_terms_of(qst_ctx *ctx, const qsti_loss_rule *rule, const qsti_loss_sums *sums, qst_loss_terms *out)
{
    double hard = sums->hard * rule->per_label, soft = sums->soft * rule->per_row, alpha = rule->alpha;
    double weighted_soft = alpha > 0 ? alpha * (sums->scaled * rule->per_row) : 0;
    double value = is_squared(rule->loss) ? soft : weighted_soft + (alpha < 1 ? (1 - alpha) * hard : 0);
    if (!isfinite(value))
        return qsti_fail(ctx, QST_ERR_INPUT, "the loss %s is %g: the scores are too large",
                         qst_loss_describe(rule->loss)->name, value);
    *out = (qst_loss_terms){
        .loss = value,
        .hard = rule->has_labels ? hard : NAN,
        .soft = rule->loss == QST_LOSS_ce ? NAN : soft,
    };
    return QST_OK;
}
