/* fourier_knowledge.h: knowledge of the kind `fourier_grid`: a circuit teacher's scores where its Fourier coefficients
 * can be read off.
 *
 * The spectrum is that of the teacher's circuit; its heads are affine, so the scores have the spectrum of the
 * expectation values. Scales that are multiples of a unit: the points are the grid of the lattice, and determine the
 * scores everywhere. Others (trained scales): random points in the box of the training rows, for least squares. The
 * probes are further points, to measure on.
 */
#ifndef QSTI_KNOWLEDGE_FOURIER_KNOWLEDGE_H
#define QSTI_KNOWLEDGE_FOURIER_KNOWLEDGE_H

#include "base/artefact.h"
#include "learn/fourier_set.h"

#define QSTI_FOURIER_MAX_POINTS ((size_t)1000000)
#define QSTI_FOURIER_MAX_SUMS   ((size_t)2500)
#define QSTI_FOURIER_TENSORS    8

typedef struct qsti_fourier_knowledge {
    bool given;
    bool is_grid;
    size_t n_features, n_scores, n_vectors;
    double *vectors; /* (n_vectors, n_features): see circuit/spectrum.h */
    double *units;   /* grid: (n_features) */
    int64_t *counts; /* grid: (n_features) */
    size_t n_points; /* 0: the spectrum alone */
    double *points;  /* (n_points, n_features); NULL for a grid */
    double *scores;  /* (n_points, n_scores) */
    size_t n_probes;
    double *probes, *probe_scores; /* (n_probes, n_features), (n_probes, n_scores) */
} qsti_fourier_knowledge;

void qsti_fourier_knowledge_clear(qst_ctx *ctx, qsti_fourier_knowledge *fourier);

/* The frequencies that may occur. */
static inline qsti_signed_sums qsti_fourier_sums(const qsti_fourier_knowledge *fourier)
{
    return (qsti_signed_sums){fourier->vectors, fourier->n_vectors, fourier->n_features};
}

/* As part of the artefact: fills tensors, gives their number (0 when there is nothing); and back. */
qst_status qsti_fourier_knowledge_put(qst_ctx *ctx, const qsti_fourier_knowledge *fourier, json_t *json,
                                      qsti_tensor tensors[QSTI_FOURIER_TENSORS], size_t *out_n);
qst_status qsti_fourier_knowledge_get(qst_ctx *ctx, const char *where, const json_t *json, const qsti_tensors *tensors,
                                      qsti_fourier_knowledge *out);

#endif
