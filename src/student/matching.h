/* matching.h: the terms beside the scores that an arm is trained with. */
#ifndef QSTI_STUDENT_MATCHING_H
#define QSTI_STUDENT_MATCHING_H

#include "learn/match.h"
#include "student/student.h"

typedef struct qsti_matching {
    qsti_match *match;               /* NULL: none */
    double *observables, *gradients; /* of the training rows */
} qsti_matching;

/* What an arm is made with. All is borrowed, also behind the matching. */
typedef struct qsti_matching_plan {
    const qst_match_opts *opts;
    const qst_knowledge *knowledge;
    const qsti_lesson *lesson;
    const qst_train_opts *train;
    qst_precision precision;
    bool permuted; /* each row gets what belongs to another one */
} qsti_matching_plan;

/* Whether there are such terms. */
bool qsti_match_opts_any(const qst_match_opts *opts);

/* For a model that begins its training. Errors: ERR_MISMATCH (the knowledge holds none of what is asked; those of
 * qsti_match_create()). */
qst_status qsti_matching_create(qst_model *model, const qsti_matching_plan *plan, qsti_matching *out);
void qsti_matching_clear(qst_ctx *ctx, qsti_matching *matching);

#endif
