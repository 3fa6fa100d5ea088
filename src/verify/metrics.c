/* metrics.c: quality of one model against the labels, and its calibration. Fidelity to the teacher is in fidelity.c.
 *
 * All are sums over rows in row order. Per-class figures follow scikit-learn: recall is averaged over the classes that
 * occur among the labels, F1 over those that occur among labels or predictions. Formulas: docs/verify.md [guo2017]. */
#include "verify/metrics.h"

#include <math.h>

#include "verify/rows.h"

#define N_BINS 15

size_t qsti_row_argmax(const double *row, size_t n)
{
    size_t best = 0;
    for (size_t c = 1; c < n; c++) {
        if (row[c] > row[best]) {
            best = c;
        }
    }
    return best;
}

/* --- quality ------------------------------------------------------------------------------------------------------ */

typedef struct class_counts {
    size_t n_labels, n_predicted, n_right;
} class_counts;

static void average_classes(const class_counts *classes, size_t n_classes, qsti_quality *out)
{
    double recall = 0, f1 = 0;
    size_t n_recall = 0, n_f1 = 0;
    for (size_t c = 0; c < n_classes; c++) {
        double right = (double)classes[c].n_right, both = (double)(classes[c].n_labels + classes[c].n_predicted);
        if (classes[c].n_labels > 0) {
            recall += right / (double)classes[c].n_labels;
            n_recall++;
        }
        if (both > 0) {
            f1 += 2 * right / both;
            n_f1++;
        }
    }
    out->balanced_accuracy = recall / (double)n_recall;
    out->macro_f1 = f1 / (double)n_f1;
}

typedef struct confidence_bin {
    double n, right, confidence;
} confidence_bin;

/* Bin b of B holds the confidences in (b/B, (b+1)/B]. */
static void add_to_bin(confidence_bin *bins, double confidence, bool right)
{
    double place = ceil(confidence * N_BINS) - 1;
    confidence_bin *bin = bins + (size_t)fmin(fmax(place, 0), N_BINS - 1);
    bin->n += 1;
    bin->right += right;
    bin->confidence += confidence;
}

static double row_brier(const double *row, size_t n_classes, size_t label)
{
    double sum = 0;
    for (size_t c = 0; c < n_classes; c++) {
        double error = row[c] - (c == label);
        sum += error * error;
    }
    return sum;
}

qst_status qsti_quality_measure(qst_ctx *ctx, const double *probabilities, const int64_t *labels, size_t n,
                                size_t n_classes, qsti_quality *out)
{
    class_counts *classes = NULL;
    qst_status status = QSTI_NEW(ctx, n_classes, &classes);
    if (status != QST_OK) {
        return status;
    }
    qsti_quality result = {.n = n};
    confidence_bin bins[N_BINS] = {0};
    for (size_t i = 0; i < n; i++) {
        const double *row = probabilities + i * n_classes;
        size_t label = (size_t)labels[i], predicted = qsti_row_argmax(row, n_classes);
        bool right = predicted == label;
        classes[label].n_labels++;
        classes[predicted].n_predicted++;
        classes[label].n_right += right;
        result.n_correct += right;
        result.nll -= log(fmax(row[label], QSTI_PROBABILITY_FLOOR));
        result.brier += row_brier(row, n_classes, label);
        add_to_bin(bins, row[predicted], right);
    }
    for (size_t b = 0; b < N_BINS; b++) {
        result.ece += fabs(bins[b].right - bins[b].confidence) / (double)n;
    }
    result.accuracy = (double)result.n_correct / (double)n;
    result.nll /= (double)n;
    result.brier /= (double)n;
    average_classes(classes, n_classes, &result);
    qsti_free(ctx, classes);
    *out = result;
    return QST_OK;
}
