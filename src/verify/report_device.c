/* report_device.c: the object "device" of a report: what is measured on, each model under four conditions, where its
 * circuit stands, its accuracy against the strength of the noise, and where the student overtakes the teacher.
 *
 * Noise of strength s is that of a circuit s times as deep: the depth of the crossover is its strength times the
 * teacher's depth on the device.
 */
#include <math.h>

#include "verify/report_parts.h"

const char *qsti_column_name(qsti_column column)
{
    static const char *const names[QSTI_COLUMN_COUNT] = {"ideal", "shots", "device", "mitigated"};
    return names[column];
}

typedef struct job {
    qst_ctx *ctx;
    const qsti_setting_result *setting;
    double *values; /* (n_seeds) */
} job;

static const qsti_device_result *measured(const job *j, qsti_role role, size_t seed)
{
    const qsti_role_result *result = &j->setting->seeds[seed].roles[role];
    return result->present ? result->device : NULL;
}

static bool is_measured(const job *j, qsti_role role)
{
    for (size_t s = 0; s < j->setting->n_seeds; s++)
        if (measured(j, role, s) == NULL)
            return false;
    return j->setting->n_seeds > 0;
}

/* --- numbers over the seeds --------------------------------------------------------------------------------------- */

typedef double number_of(const qsti_device_result *result, size_t index);

static double accuracy_of(const qsti_device_result *result, size_t column)
{
    return (double)result->columns[column].n_correct / (double)result->n;
}

static double agreement_of(const qsti_device_result *result, size_t column)
{
    return result->columns[column].agreement;
}

static double corrected_accuracy_of(const qsti_device_result *result, size_t column)
{
    return result->columns[column].corrected_accuracy;
}

static double corrected_agreement_of(const qsti_device_result *result, size_t column)
{
    return result->columns[column].corrected_agreement;
}

static double distance_of(const qsti_device_result *result, size_t column)
{
    return result->columns[column].distance;
}

static double distance_corrected_of(const qsti_device_result *result, size_t column)
{
    return result->columns[column].distance_corrected;
}

static double curve_of(const qsti_device_result *result, size_t strength)
{
    return result->curve[strength];
}

/* Into j->values: a number of each seed. */
static qsti_mean gather(const job *j, qsti_role role, number_of *number, size_t index)
{
    for (size_t s = 0; s < j->setting->n_seeds; s++)
        j->values[s] = number(measured(j, role, s), index);
    return qsti_mean_interval(j->values, j->setting->n_seeds, QSTI_INTERVAL_LEVEL);
}

/* KEY, KEY_ci and KEY_seeds. */
static bool put_number(const job *j, qsti_role role, number_of *number, size_t index, const char *const keys[3],
                       json_t *object)
{
    qsti_mean mean = gather(j, role, number, index);
    return qsti_json_put(object, keys[0], qsti_json_real(mean.mean)) &&
           qsti_json_put(object, keys[1], qsti_json_interval(mean.interval)) &&
           qsti_json_put(object, keys[2], qsti_json_reals(j->values, j->setting->n_seeds));
}

/* --- one model ---------------------------------------------------------------------------------------------------- */

static bool put_column(const job *j, qsti_role role, qsti_column column, json_t *object)
{
    static const char *const accuracy[] = {"accuracy", "accuracy_ci", "seeds"},
                             *const agreement[] = {"agreement", "agreement_ci", "agreement_seeds"},
                             *const corrected[] = {"corrected_accuracy", "corrected_accuracy_ci", "corrected_seeds"},
                             *const again[] = {"corrected_agreement", "corrected_agreement_ci",
                                               "corrected_agreement_seeds"},
                             *const distance[] = {"distance", "distance_ci", "distance_seeds"},
                             *const unbiased[] = {"distance_corrected", "distance_corrected_ci",
                                                  "distance_corrected_seeds"};
    json_t *entry = json_object();
    bool noisy = column == QSTI_DEVICE || column == QSTI_MITIGATED;
    return qsti_json_put(object, qsti_column_name(column), entry) &&
           put_number(j, role, accuracy_of, column, accuracy, entry) &&
           put_number(j, role, agreement_of, column, agreement, entry) &&
           (role == QSTI_TEACHER || (put_number(j, role, distance_of, column, distance, entry) &&
                                     put_number(j, role, distance_corrected_of, column, unbiased, entry))) &&
           (!noisy || (put_number(j, role, corrected_accuracy_of, column, corrected, entry) &&
                       put_number(j, role, corrected_agreement_of, column, again, entry)));
}

static json_t *counts_json(const size_t *values, size_t n)
{
    json_t *list = json_array();
    bool ok = list != NULL;
    for (size_t i = 0; ok && i < n; i++)
        ok = json_array_append_new(list, qsti_json_count(values[i])) == 0;
    if (!ok) {
        json_decref(list);
        return NULL;
    }
    return list;
}

static json_t *edges_json(const qsti_placement *placement)
{
    json_t *list = json_array();
    bool ok = list != NULL;
    for (size_t i = 0; ok && i < placement->n_edges; i++)
        ok = json_array_append_new(list, counts_json(placement->edges[i], 2)) == 0;
    if (!ok) {
        json_decref(list);
        return NULL;
    }
    return list;
}

/* That of the first seed: circuits of a role are alike in all. */
static bool put_placement(const qsti_device_result *result, json_t *object)
{
    const qsti_placement *p = &result->placement;
    if (!result->placed)
        return qsti_json_put(object, "placement", json_null());
    json_t *entry = json_object();
    return qsti_json_put(object, "placement", entry) &&
           qsti_json_put(entry, "qubits", counts_json(p->qubits, p->n_qubits)) &&
           qsti_json_put(entry, "edges", edges_json(p)) && qsti_json_put(entry, "gates", qsti_json_count(p->gates)) &&
           qsti_json_put(entry, "two_qubit_gates", qsti_json_count(p->two_qubit_gates)) &&
           qsti_json_put(entry, "depth", qsti_json_count(p->depth)) &&
           qsti_json_put(entry, "exchanges", qsti_json_count(p->exchanges)) &&
           qsti_json_put(entry, "duration_ns", qsti_json_real(p->duration_ns)) &&
           qsti_json_put(entry, "fidelity", qsti_json_real(p->fidelity)) &&
           qsti_json_put(entry, "compared", qsti_json_count(p->n_scored)) &&
           qsti_json_put(entry, "complete", json_boolean(p->complete));
}

static bool has_curve(const job *j, qsti_role role)
{
    return is_measured(j, role) && measured(j, role, 0)->curve != NULL;
}

static bool put_curve(const job *j, qsti_role role, json_t *object)
{
    static const char *const keys[] = {"accuracy", "accuracy_ci", "seeds"};
    const qsti_device_facts *facts = j->setting->device;
    if (!has_curve(j, role))
        return true;
    json_t *list = json_array();
    bool ok = qsti_json_put(object, "curve", list);
    for (size_t i = 0; ok && i < facts->n_strengths; i++) {
        json_t *point = json_object();
        ok = json_array_append_new(list, point) == 0 &&
             qsti_json_put(point, "strength", qsti_json_real(facts->strengths[i])) &&
             put_number(j, role, curve_of, i, keys, point);
    }
    return ok;
}

/* Of all seeds together. */
static bool put_training_shots(const job *j, qsti_role role, json_t *object)
{
    uint64_t shots = 0;
    for (size_t s = 0; s < j->setting->n_seeds; s++)
        shots += j->setting->seeds[s].roles[role].training_shots;
    return qsti_json_put(object, "training_shots", json_integer((json_int_t)shots));
}

static bool put_role(const job *j, qsti_role role, json_t *object)
{
    const char *name = qsti_role_name(role);
    if (!is_measured(j, role))
        return qsti_json_put(object, name, json_null());
    json_t *entry = json_object();
    const qsti_device_result *first = measured(j, role, 0);
    bool ok = qsti_json_put(object, name, entry);
    for (int c = 0; ok && c < QSTI_COLUMN_COUNT; c++)
        ok = put_column(j, role, (qsti_column)c, entry);
    return ok && put_placement(first, entry) && put_curve(j, role, entry) &&
           qsti_json_put(entry, "shots_per_row", json_integer((json_int_t)first->shots)) &&
           put_training_shots(j, role, entry);
}

/* --- the crossover ------------------------------------------------------------------------------------------------ */

/* How far the student's mean accuracy is above the teacher's at a strength. */
static double lead(const job *j, size_t strength)
{
    double student = gather(j, QSTI_STUDENT, curve_of, strength).mean;
    return student - gather(j, QSTI_TEACHER, curve_of, strength).mean;
}

/* The index of the smallest strength above `than`; n_strengths: there is none. */
static size_t next_strength(const qsti_device_facts *facts, double than)
{
    size_t next = facts->n_strengths;
    for (size_t i = 0; i < facts->n_strengths; i++)
        if (facts->strengths[i] > than && (next == facts->n_strengths || facts->strengths[i] < facts->strengths[next]))
            next = i;
    return next;
}

/* From which strength on the student is ahead at every one that was measured, by a line between the two on both sides;
 * the smallest one where it is ahead at all; NaN where it is not ahead at the largest. */
static double crossover(const job *j, bool *out_ahead)
{
    const qsti_device_facts *facts = j->setting->device;
    double strength = -1, before = -1, lead_before = 0, found = NAN;
    *out_ahead = true;
    for (size_t i = next_strength(facts, strength); i < facts->n_strengths; i = next_strength(facts, strength)) {
        double now = lead(j, i);
        strength = facts->strengths[i];
        if (now <= 0) {
            found = NAN;
            *out_ahead = false;
        } else if (isnan(found)) {
            found = before < 0 ? strength : before + (strength - before) * lead_before / (lead_before - now);
        }
        before = strength;
        lead_before = now;
    }
    *out_ahead = *out_ahead && !isnan(found);
    return found;
}

static bool put_crossover(const job *j, json_t *object)
{
    bool both = has_curve(j, QSTI_TEACHER) && has_curve(j, QSTI_STUDENT), ahead = false;
    double strength = both ? crossover(j, &ahead) : NAN, depth = NAN;
    const qsti_device_result *teacher = both ? measured(j, QSTI_TEACHER, 0) : NULL;
    const char *found = !both || isnan(strength) ? "none" : ahead ? "ahead throughout" : "crosses";
    if (teacher != NULL && teacher->placed)
        depth = strength * (double)teacher->placement.depth;
    json_t *entry = json_object();
    return qsti_json_put(object, "crossover", entry) && qsti_json_put(entry, "found", json_string(found)) &&
           qsti_json_put(entry, "strength", qsti_json_real(strength)) &&
           qsti_json_put(entry, "depth", qsti_json_real(depth));
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static bool put_facts(qst_ctx *ctx, const qsti_device_facts *facts, json_t *object)
{
    bool has_device = facts->n_qubits > 0, extrapolates = facts->n_scales > 0;
    return qsti_json_put(object, "name", qsti_json_foreign(ctx, facts->name)) &&
           qsti_json_put(object, "source", qsti_json_foreign(ctx, facts->source)) &&
           qsti_json_put(object, "qubits", has_device ? qsti_json_count(facts->n_qubits) : json_null()) &&
           qsti_json_put(object, "circuit_shots", qsti_json_count(facts->shots)) &&
           qsti_json_put(object, "mitigation.readout", json_boolean(facts->readout)) &&
           qsti_json_put(object, "mitigation.scales", qsti_json_reals(facts->scales, facts->n_scales)) &&
           qsti_json_put(object, "mitigation.choose_scales", json_boolean(facts->choose_scales)) &&
           qsti_json_put(object, "mitigation.extrapolation",
                         extrapolates ? json_string(facts->extrapolation) : json_null()) &&
           qsti_json_put(object, "knowledge", json_string(facts->knowledge)) &&
           qsti_json_put(object, "training.train", json_string(facts->train)) &&
           qsti_json_put(
               object, "training.strength",
               json_pack("[o, o]", qsti_json_real(facts->strength_low), qsti_json_real(facts->strength_high))) &&
           qsti_json_put(object, "training.shots", qsti_json_count(facts->train_shots)) &&
           qsti_json_put(object, "training.gradient",
                         facts->train_shots > 0 ? json_string(facts->gradient) : json_null()) &&
           qsti_json_put(object, "method", json_string(facts->method)) &&
           qsti_json_put(object, "strengths", qsti_json_reals(facts->strengths, facts->n_strengths));
}

qst_status qsti_device_put(qst_ctx *ctx, const qsti_setting_result *setting, json_t *object)
{
    static const qsti_role roles[] = {QSTI_TEACHER, QSTI_STUDENT, QSTI_CONTROL,
                                      (qsti_role)(QSTI_FIRST_CONTROL + QST_CONTROL_noise_unaware)};
    job j = {.ctx = ctx, .setting = setting};
    if (setting->device == NULL)
        return qsti_json_done(ctx, qsti_json_put(object, "device", json_null()));
    qst_status status = QSTI_NEW(ctx, setting->n_seeds, &j.values);
    if (status != QST_OK)
        return status;
    json_t *device = json_object();
    bool ok = qsti_json_put(object, "device", device) && put_facts(ctx, setting->device, device);
    for (size_t i = 0; ok && i < sizeof roles / sizeof *roles; i++)
        ok = put_role(&j, roles[i], device);
    ok = ok && put_crossover(&j, device);
    qsti_free(ctx, j.values);
    return qsti_json_done(ctx, ok);
}
