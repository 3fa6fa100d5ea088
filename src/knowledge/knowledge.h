/* knowledge.h: the knowledge struct, for the stages to the right. */
#ifndef QSTI_KNOWLEDGE_KNOWLEDGE_H
#define QSTI_KNOWLEDGE_KNOWLEDGE_H

#include <qstill/knowledge.h>

#include "circuit/circuit.h"
#include "data/dataset.h"
#include "knowledge/fourier_knowledge.h"
#include "knowledge/kinds.h"
#include "knowledge/queries.h"
#include "learn/model.h"

struct qst_knowledge {
    qst_ctx *ctx;
    qst_score_kind kind;
    size_t n_rows, n_scores;
    double *scores; /* (n_rows, n_scores) */
    int64_t *ids;   /* (n_rows), as the dataset's */
    char data_hash[QSTI_HASH_CHARS];
    char teacher_hash[QSTI_HASH_CHARS]; /* "" for a user's table */
    qst_model_size teacher_size;        /* all 0 for a user's table */
    double calibration;                 /* the temperature that its scores were divided by; 0: none */
    qsti_queries queries;               /* rows beyond the dataset */
    qsti_observables observables;
    qsti_states states;
    qsti_input_gradients input_gradients;

    qsti_fourier_knowledge fourier; /* `fourier_grid`; given false: none */

    /* `initial_weights`; circuit NULL: none */
    qst_circuit *circuit;
    qst_head head;
    size_t n_values; /* of the head */
    double *weights;
    size_t n_weights;
};

/* The same knowledge for work on another context (tasks.h): all is borrowed, so it is never freed. */
static inline qst_knowledge qsti_knowledge_view(const qst_knowledge *knowledge, qst_ctx *ctx)
{
    qst_knowledge view = *knowledge;
    view.ctx = ctx;
    return view;
}

/* An empty knowledge of a dataset: scores zero. */
qst_status qsti_knowledge_allocate(const qst_dataset *dataset, qst_score_kind kind, size_t n_scores,
                                   qst_knowledge **out);

#endif
