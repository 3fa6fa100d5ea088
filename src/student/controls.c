/* controls.c: see controls.h. What each control is for: docs/verify.md, "Controls". */
#include "student/controls.h"

#include <string.h>

#include "base/rng.h"
#include "learn/model_fourier.h"
#include "student/matching.h"

const qst_control_info *qst_control_describe(qst_control control)
{
    static const qst_control_info infos[] = {
#define QST_CONTROL(name, label, about, excludes) {#name, about, excludes},
#include <qstill/controls.def>
#undef QST_CONTROL
    };
    return &infos[control];
}

/* --- which make sense --------------------------------------------------------------------------------------------- */

/* A circuit, also the one of a hybrid, and the one inside a probe. */
static bool has_circuit(const qst_model_opts *model)
{
    bool is_probe = model->kind != NULL && strcmp(model->kind, "linear_probe") == 0;
    const char *kind = is_probe ? model->inner : model->kind;
    return kind == NULL || strcmp(kind, "circuit") == 0;
}

static bool is_encoded_by(const qst_circuit_opts *circuit, const char *encoding)
{
    return circuit->encoding.name != NULL && strcmp(circuit->encoding.name, encoding) == 0;
}

/* Whether gates act on pairs of qubits. */
static bool has_entanglers(const qst_circuit_opts *circuit)
{
    bool has_ansatz = circuit->ansatz.name == NULL || strcmp(circuit->ansatz.name, "none") != 0;
    bool has_pairs = is_encoded_by(circuit, "iqp") || is_encoded_by(circuit, "zz");
    return circuit->qubits > 1 && (has_ansatz || has_pairs);
}

static const char *entanglement_misfit(const qst_model_opts *student)
{
    if (!has_circuit(student))
        return "the student has no circuit";
    if (is_encoded_by(&student->circuit, "amplitude"))
        return "the student's amplitude encoding entangles the qubits by itself";
    return has_entanglers(&student->circuit) ? NULL : "the student's circuit has no gates between qubits";
}

/* Whether something that the student minimises has the teacher in it. */
static bool has_teacher(const qst_distill_opts *distill)
{
    const qst_loss_plan *plan = distill->plan;
    bool has = qst_loss_describe(distill->loss)->needs_teacher || qsti_match_opts_any(&distill->match);
    for (size_t i = 0; plan != NULL && i < plan->n_terms; i++)
        has = has || qst_loss_describe(plan->terms[i].loss)->needs_teacher;
    return has;
}

/* Whether a term compares the states of circuits. */
static bool compares_states(const qst_distill_opts *distill)
{
    const qst_train_opts opts = {.plan = distill->plan};
    return qsti_loss_plan_needs_states(&opts);
}

bool qsti_training_is_noisy(const qst_train_opts *train)
{
    const qst_training_conditions *conditions = train->conditions;
    return conditions != NULL && (conditions->measure.device != NULL || conditions->measure.noise != NULL);
}

const char *qsti_control_misfit(qst_control control, const qst_model_opts *student, const qst_train_opts *train,
                                const qst_distill_opts *distill)
{
    switch (control) {
    case QST_CONTROL_permuted_scores:
        if (student->kind != NULL && strcmp(student->kind, "fourier") == 0)
            return "the student is made from the teacher's answers on a grid, not on rows";
        if (distill->match.states > 0 || distill->match.processes > 0 || compares_states(distill))
            return "the states of rows cannot be exchanged";
        return has_teacher(distill) ? NULL : "the student learns nothing from the teacher";
    case QST_CONTROL_gradient_scale:
        if (!has_teacher(distill))
            return "the student learns nothing from the teacher";
        if (qsti_model_kind_is_fitted(student->kind))
            return "the student is fitted without steps";
        return train->optimizer == QST_OPTIMIZER_lbfgs ? "lbfgs finds the length of its steps itself" : NULL;
    case QST_CONTROL_no_entanglement:
        return entanglement_misfit(student);
    case QST_CONTROL_label_smoothing:
        return distill->loss == QST_LOSS_label_smoothing ? "it is what the student does" : NULL;
    case QST_CONTROL_mlp:
        if (compares_states(distill))
            return "similarity_fidelity needs the states of a circuit";
        return has_circuit(student) ? NULL : "the student has no circuit";
    case QST_CONTROL_noise_unaware:
        return qsti_training_is_noisy(train) ? NULL : "the student is not trained through noise";
    case QST_CONTROL_no_teacher:
    case QST_CONTROL_floor:
    case QST_CONTROL_COUNT:
        break;
    }
    return NULL;
}

qst_controls qsti_controls_fitting(qst_controls set, const qst_model_opts *student, const qst_train_opts *train,
                                   const qst_distill_opts *distill)
{
    for (int c = 0; c < QST_CONTROL_COUNT; c++)
        if (qsti_control_misfit((qst_control)c, student, train, distill) != NULL)
            set &= ~QST_CONTROL_BIT(c);
    return set;
}

bool qsti_control_is_distilled(qst_control control)
{
    return control == QST_CONTROL_permuted_scores || control == QST_CONTROL_no_entanglement ||
           control == QST_CONTROL_mlp || control == QST_CONTROL_noise_unaware;
}

bool qsti_control_follows_student(qst_control control)
{
    return qsti_control_is_distilled(control) || control == QST_CONTROL_gradient_scale;
}

bool qsti_control_waits_for(qst_control control, qst_control earlier)
{
    if (earlier == QST_CONTROL_COUNT)
        return qsti_control_follows_student(control);
    return control == QST_CONTROL_gradient_scale && earlier == QST_CONTROL_no_teacher;
}

/* --- what they are made of ---------------------------------------------------------------------------------------- */

size_t qsti_perceptron_width(size_t n_parameters, size_t n_features, size_t n_scores)
{
    size_t per_unit = n_features + 1 + n_scores, for_units = n_parameters > n_scores ? n_parameters - n_scores : 0;
    size_t width = (for_units + per_unit / 2) / per_unit;
    return width > 0 ? width : 1;
}

/* Sattolo's algorithm: Fisher and Yates' shuffle, but that no item may stay where it is [sattolo1986]. */
void qsti_permute_rows(uint64_t seed, uint32_t stream, size_t n, size_t *source)
{
    qsti_rng rng = qsti_rng_init(seed, QSTI_PURPOSE_CONTROL, stream, 0);
    for (size_t i = 0; i < n; i++)
        source[i] = i;
    for (size_t last = n; last > 1; last--) {
        size_t other = (size_t)qsti_rng_below(&rng, last - 1), kept = source[last - 1];
        source[last - 1] = source[other];
        source[other] = kept;
    }
}
