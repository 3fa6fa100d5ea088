/* controls.h: which controls a student can have, and what each is made of. */
#ifndef QSTI_STUDENT_CONTROLS_H
#define QSTI_STUDENT_CONTROLS_H

#include <qstill/student.h>

static inline bool qsti_controls_have(qst_controls set, qst_control control)
{
    return set & QST_CONTROL_BIT(control);
}

/* Why a control makes no sense for a student ("the student has no circuit"); NULL: it does. */
const char *qsti_control_misfit(qst_control control, const qst_model_opts *student, const qst_train_opts *train,
                                const qst_distill_opts *distill);

/* Those of a set that make sense. */
qst_controls qsti_controls_fitting(qst_controls set, const qst_model_opts *student, const qst_train_opts *train,
                                   const qst_distill_opts *distill);

/* Whether training is through noise. */
bool qsti_training_is_noisy(const qst_train_opts *train);

/* Whether it learns from the teacher as the student does, but for what the control takes away. */
bool qsti_control_is_distilled(qst_control control);

/* Whether it needs to know what became of the student's training: its temperature and alpha, its steps. */
bool qsti_control_follows_student(qst_control control);

/* Whether its training may begin only when that of `earlier` has ended; QST_CONTROL_COUNT stands for the student's. */
bool qsti_control_waits_for(qst_control control, qst_control earlier);

/* The width of the hidden layer of a perceptron of one, with about n_parameters: h (d + 1) + (h + 1) C, h >= 1. */
size_t qsti_perceptron_width(size_t n_parameters, size_t n_features, size_t n_scores);

/* source[i] = the row whose teacher row i gets: one cycle through all n, so that none keeps its own (n >= 2). By seed
 * and stream. */
void qsti_permute_rows(uint64_t seed, uint32_t stream, size_t n, size_t *source);

#endif
