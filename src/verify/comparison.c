/* comparison.c: student against its controls and the teacher over paired seeds, exactly and on the device, and what may
 * be said about it.
 *
 * Differences are of test accuracy, in percentage points, one per seed. Holm's correction runs over the settings whose
 * control is the same: the one that got the same rows right in every seed. The further controls of a setting are a
 * family too; a comparison with one of them has the larger of its two corrected p. A sentence names control, metric,
 * data and number of seeds; one that says "beats" about no_teacher says how the student stands against the floor too.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "verify/report_parts.h"

/* A model, and how it was run; QSTI_COLUMN_COUNT: exactly, as all of them are. */
typedef struct contestant {
    qsti_role role;
    qsti_column column;
} contestant;

typedef struct contest_info {
    const char *key;
    contestant first, second;
    bool judged; /* with Holm's correction and a verdict */
} contest_info;

static contestant exactly(qsti_role role)
{
    return (contestant){role, QSTI_COLUMN_COUNT};
}

static contestant on_device(qsti_role role)
{
    return (contestant){role, QSTI_DEVICE};
}

static contest_info loss_of(const char *key, qsti_role role)
{
    return (contest_info){key, {role, QSTI_IDEAL}, on_device(role), false};
}

static contest_info info_of(qsti_contest contest)
{
    const contestant student = exactly(QSTI_STUDENT), noisy_student = on_device(QSTI_STUDENT);
    switch (contest) {
    case QSTI_GAIN:
        return (contest_info){"gain", student, exactly(QSTI_CONTROL), true};
    case QSTI_OVER_FLOOR:
        return (contest_info){"over_floor", student, exactly(QSTI_FLOOR), true};
    case QSTI_DROP:
        return (contest_info){"drop", exactly(QSTI_TEACHER), student, false};
    case QSTI_DEVICE_TEACHER:
        return (contest_info){"over_teacher", noisy_student, on_device(QSTI_TEACHER), true};
    case QSTI_DEVICE_UNAWARE:
        return (contest_info){"over_noise_unaware", noisy_student, on_device(qsti_role_of(QST_CONTROL_noise_unaware)),
                              true};
    case QSTI_DEVICE_CONTROL:
        return (contest_info){"over_control", noisy_student, on_device(QSTI_CONTROL), true};
    case QSTI_TEACHER_LOSS:
        return loss_of("teacher_loss", QSTI_TEACHER);
    case QSTI_STUDENT_LOSS:
        return loss_of("student_loss", QSTI_STUDENT);
    default: {
        qsti_role further = (qsti_role)(QSTI_FIRST_FURTHER + (contest - QSTI_OVER_FURTHER));
        return (contest_info){qsti_role_name(further), student, exactly(further), true};
    }
    }
}

static bool is_on_device(qsti_contest contest)
{
    return contest >= QSTI_FIRST_ON_DEVICE && contest < QSTI_OVER_FURTHER;
}

/* What a contestant did on a seed's test rows; right NULL: it is not there. */
typedef struct outcome {
    size_t n, n_correct;
    const uint8_t *right;
} outcome;

static outcome outcome_of(const qsti_seed_result *seed, contestant who)
{
    const qsti_role_result *role = seed->roles + who.role;
    if (!role->present || (who.column != QSTI_COLUMN_COUNT && role->device == NULL)) {
        return (outcome){0};
    }
    if (who.column == QSTI_COLUMN_COUNT) {
        return (outcome){role->test.n, role->test.n_correct, role->right};
    }
    const qsti_column_result *measured = role->device->columns + who.column;
    return (outcome){role->device->n, measured->n_correct, measured->right};
}

static bool both_present(const qsti_seed_result *seed, const contest_info *contest)
{
    return outcome_of(seed, contest->first).right != NULL && outcome_of(seed, contest->second).right != NULL;
}

/* --- measuring ---------------------------------------------------------------------------------------------------- */

typedef struct pairs {
    double *differences;
    const uint8_t **first, **second;
    size_t *n_rows, n;
} pairs;

static void pairs_clear(qst_ctx *ctx, pairs *p)
{
    qsti_free(ctx, p->differences);
    qsti_free(ctx, p->first);
    qsti_free(ctx, p->second);
    qsti_free(ctx, p->n_rows);
}

/* From the counts, so that equal differences are equal to the last bit; both models saw the same rows. */
static double points_between(const outcome *first, const outcome *second)
{
    return 100 * ((double)first->n_correct - (double)second->n_correct) / (double)first->n;
}

static qst_status pairs_collect(qst_ctx *ctx, const qsti_setting_result *setting, const contest_info *contest, pairs *p)
{
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(ctx, setting->n_seeds, &p->differences));
    QSTI_TRY(QSTI_NEW(ctx, setting->n_seeds, &p->first));
    QSTI_TRY(QSTI_NEW(ctx, setting->n_seeds, &p->second));
    QSTI_TRY(QSTI_NEW(ctx, setting->n_seeds, &p->n_rows));
    for (size_t s = 0; s < setting->n_seeds; s++) {
        const qsti_seed_result *seed = setting->seeds + s;
        if (!both_present(seed, contest)) {
            continue;
        }
        const outcome first = outcome_of(seed, contest->first), second = outcome_of(seed, contest->second);
        p->differences[p->n] = points_between(&first, &second);
        p->first[p->n] = first.right;
        p->second[p->n] = second.right;
        p->n_rows[p->n] = first.n;
        p->n++;
    }
done:
    return status;
}

static uint64_t random_seed(const qsti_setting_result *setting)
{
    return setting->n_seeds > 0 ? setting->seeds[0].seed : 0;
}

static qst_status measure(qst_ctx *ctx, const qsti_setting_result *setting, const contest_info *contest,
                          qsti_comparison *out)
{
    qst_status status = QST_OK;
    pairs p = {0};
    qsti_interval shares = {NAN, NAN};
    QSTI_TRY(QSTI_NEW(ctx, setting->n_seeds, &out->points));
    QSTI_TRY(pairs_collect(ctx, setting, contest, &p));
    if (p.n > 0) {
        QSTI_TRY(qsti_bootstrap_difference(ctx, p.first, p.second, p.n_rows, p.n, random_seed(setting), &shares));
    }
    out->paired = qsti_paired_test(p.differences, p.n, random_seed(setting));
    out->bootstrap = (qsti_interval){100 * shares.lo, 100 * shares.hi};
    out->p_holm = out->paired.p_t;
    for (size_t s = 0, pair = 0; s < setting->n_seeds; s++) {
        out->points[s] = both_present(setting->seeds + s, contest) ? p.differences[pair++] : NAN;
    }
done:
    pairs_clear(ctx, &p);
    return status;
}

static bool same_model(const qsti_setting_result *a, const qsti_setting_result *b, contestant who)
{
    if (a->n_seeds != b->n_seeds) {
        return false;
    }
    for (size_t s = 0; s < a->n_seeds; s++) {
        const outcome in_a = outcome_of(a->seeds + s, who), in_b = outcome_of(b->seeds + s, who);
        bool same_rows = a->seeds[s].seed == b->seeds[s].seed && in_a.n == in_b.n;
        if (in_a.right == NULL || in_b.right == NULL || !same_rows || memcmp(in_a.right, in_b.right, in_a.n) != 0) {
            return false;
        }
    }
    return true;
}

static size_t count_tested(const double *p_values, size_t n)
{
    size_t n_tested = 0;
    for (size_t i = 0; i < n; i++) {
        n_tested += isnan(p_values[i]) ? 0 : 1;
    }
    return n_tested;
}

/* Corrects the comparisons of one contest; p_values and members have room for n_settings each. */
static void correct(const qsti_setting_result *settings, size_t n_settings, qsti_contest contest,
                    qsti_comparison (*comparisons)[QSTI_CONTEST_COUNT], double *p_values, size_t *members)
{
    const contestant control = info_of(contest).second;
    for (size_t first = 0; first < n_settings; first++) {
        size_t n = 0;
        bool is_first = true;
        for (size_t i = 0; i < n_settings; i++) {
            if (i == first || same_model(settings + first, settings + i, control)) {
                is_first = is_first && i >= first;
                members[n] = i;
                p_values[n++] = comparisons[i][contest].paired.p_t;
            }
        }
        if (!is_first) {
            continue;
        }
        qsti_holm(p_values, n);
        for (size_t i = 0; i < n; i++) {
            comparisons[members[i]][contest].p_holm = p_values[i];
            comparisons[members[i]][contest].n_holm = count_tested(p_values, n);
        }
    }
}

/* Corrects those of one setting with its further controls; what is corrected already keeps the larger p. */
static void correct_within(qsti_comparison *comparisons)
{
    enum { N = QSTI_CONTEST_COUNT - QSTI_OVER_FURTHER };
    double p_values[N];
    for (size_t i = 0; i < N; i++) {
        p_values[i] = comparisons[QSTI_OVER_FURTHER + i].paired.p_t;
    }
    qsti_holm(p_values, N);
    for (size_t i = 0; i < N; i++) {
        qsti_comparison *comparison = comparisons + QSTI_OVER_FURTHER + i;
        if (p_values[i] >= comparison->p_holm) {
            comparison->p_holm = p_values[i];
            comparison->n_holm = count_tested(p_values, N);
        }
    }
}

qst_status qsti_comparisons_measure(qst_ctx *ctx, const qsti_setting_result *settings, size_t n_settings,
                                    qsti_comparison (*comparisons)[QSTI_CONTEST_COUNT])
{
    qst_status status = QST_OK;
    double *p_values = NULL;
    size_t *members = NULL;
    QSTI_TRY(QSTI_NEW(ctx, n_settings, &p_values));
    QSTI_TRY(QSTI_NEW(ctx, n_settings, &members));
    for (size_t i = 0; i < n_settings; i++) {
        for (int c = 0; c < QSTI_CONTEST_COUNT; c++) {
            const contest_info contest = info_of((qsti_contest)c);
            QSTI_TRY(measure(ctx, settings + i, &contest, &comparisons[i][c]));
        }
    }
    for (int c = 0; c < QSTI_CONTEST_COUNT; c++) {
        if (info_of((qsti_contest)c).judged) {
            correct(settings, n_settings, (qsti_contest)c, comparisons, p_values, members);
        }
    }
    for (size_t i = 0; i < n_settings; i++) {
        correct_within(comparisons[i]);
    }
done:
    qsti_free(ctx, members);
    qsti_free(ctx, p_values);
    return status;
}

void qsti_comparisons_clear(qst_ctx *ctx, size_t n_settings, qsti_comparison (*comparisons)[QSTI_CONTEST_COUNT])
{
    for (size_t i = 0; i < n_settings; i++) {
        for (int c = 0; c < QSTI_CONTEST_COUNT; c++) {
            qsti_free(ctx, comparisons[i][c].points);
        }
    }
}

/* --- sentences ---------------------------------------------------------------------------------------------------- */

/* "floor (logistic regression)" */
static const char *opponent(contestant who)
{
    static const char *const opponents[QST_CONTROL_COUNT] = {
#define QST_CONTROL(name, label, about, excludes) label " (" about ")",
#include <qstill/controls.def>
#undef QST_CONTROL
    };
    return who.role == QSTI_TEACHER ? "teacher" : opponents[who.role - QSTI_FIRST_CONTROL];
}

/* "+0.4", "−0.4" with a true minus, never "−0.0". */
static void add_signed(qsti_text *text, double points)
{
    double rounded = round(points * 10) / 10;
    qsti_text_add(text, "%s%.1f", rounded < 0 ? "\u2212" : "+", fabs(rounded));
}

/* "−0.4 to +0.9" */
static void add_range(qsti_text *text, const qsti_comparison *comparison)
{
    add_signed(text, comparison->paired.difference.interval.lo);
    qsti_text_add(text, " to ");
    add_signed(text, comparison->paired.difference.interval.hi);
}

/* "+7.9 points (+6.1 to +9.7)" */
static void add_difference(qsti_text *text, const qsti_comparison *comparison)
{
    add_signed(text, comparison->paired.difference.mean);
    qsti_text_add(text, " points (");
    add_range(text, comparison);
    qsti_text_add(text, ")");
}

static void add_scope(qsti_text *text, const qsti_run_facts *facts, const qsti_setting_result *setting, size_t n)
{
    qsti_text_add(text, ": test accuracy on %s", facts->data_name);
    if (setting->label_fraction < 1) {
        qsti_text_add(text, " with %g %% of the labels", 100 * setting->label_fraction);
    }
    if (setting->label_noise > 0) {
        qsti_text_add(text, "%s %g %% of them wrong", setting->label_fraction < 1 ? "," : " with labels,",
                      100 * setting->label_noise);
    }
    qsti_text_add(text, ", %zu paired seed%s", n, n == 1 ? "" : "s");
}

/* ", on fake_manila with 1,024 shots a circuit" */
static void add_device(qsti_text *text, const qsti_device_facts *device)
{
    qsti_text_add(text, ", on %s with ", device->name);
    if (device->shots > 0) {
        qsti_text_add(text, "%zu shots a circuit", device->shots);
    } else {
        qsti_text_add(text, "exact values");
    }
}

static void add_floor(qsti_text *text, const qsti_comparison *over_floor)
{
    if (over_floor->paired.difference.n == 0) {
        qsti_text_add(text, "; no classical floor was fitted");
        return;
    }
    qsti_text_add(text, "; against the floor (logistic regression) ");
    add_difference(text, over_floor);
}

static void add_sentence(qsti_text *text, const qsti_run_facts *facts, const qsti_setting_result *setting,
                         qsti_contest contest, const qsti_comparison *comparisons, qsti_verdict verdict)
{
    const qsti_comparison *comparison = comparisons + contest;
    const char *other = opponent(info_of(contest).second);
    const char *student = is_on_device(contest) ? "on the device, student" : "student";
    size_t n = comparison->paired.difference.n;
    switch (verdict) {
    case QSTI_VERDICT_TOO_FEW_RUNS:
        qsti_text_add(text, "too few runs (%zu of %d) for a verdict between %s and %s", n, QSTI_VERDICT_MIN_SEEDS,
                      student, other);
        break;
    case QSTI_VERDICT_NO_DIFFERENCE:
        qsti_text_add(text, "no difference shown (");
        add_range(text, comparison);
        qsti_text_add(text, " points) between %s and %s", student, other);
        break;
    default:
        qsti_text_add(text, "%s %s %s by ", student, verdict == QSTI_VERDICT_BEATS ? "beats" : "is worse than", other);
        add_difference(text, comparison);
        break;
    }
    add_scope(text, facts, setting, n);
    if (is_on_device(contest)) {
        add_device(text, setting->device);
    }
    qsti_interval interval = comparison->paired.difference.interval;
    if (verdict == QSTI_VERDICT_NO_DIFFERENCE && (interval.lo > 0 || interval.hi < 0)) {
        qsti_text_add(text, "; the interval is without 0, but p = %.2f after correction for %zu comparisons",
                      comparison->p_holm, comparison->n_holm);
    }
    if (verdict == QSTI_VERDICT_BEATS && contest == QSTI_GAIN) {
        add_floor(text, comparisons + QSTI_OVER_FLOOR);
    }
}

/* --- JSON --------------------------------------------------------------------------------------------------------- */

static json_t *mcnemar_json(outcome first, outcome second)
{
    size_t only_first = 0, only_second = 0;
    for (size_t row = 0; row < first.n; row++) {
        only_first += first.right[row] > second.right[row];
        only_second += first.right[row] < second.right[row];
    }
    return json_pack("{s:o, s:o, s:o}", "first_only", qsti_json_count(only_first), "second_only",
                     qsti_json_count(only_second), "p", qsti_json_real(qsti_mcnemar(only_first, only_second)));
}

static json_t *mcnemar_list(const qsti_setting_result *setting, const contest_info *contest)
{
    json_t *list = json_array();
    for (size_t s = 0; s < setting->n_seeds; s++) {
        const qsti_seed_result *seed = setting->seeds + s;
        const outcome first = outcome_of(seed, contest->first), second = outcome_of(seed, contest->second);
        bool paired = first.right != NULL && second.right != NULL;
        json_t *entry = paired ? mcnemar_json(first, second) : json_null();
        if (json_array_append_new(list, entry) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static bool put_numbers(const qsti_setting_result *setting, const contest_info *contest,
                        const qsti_comparison *comparison, json_t *object)
{
    const qsti_paired *paired = &comparison->paired;
    bool has_interval = paired->difference.n > 1;
    return qsti_json_put(object, "points", qsti_json_real(paired->difference.mean)) &&
           qsti_json_put(object, "ci", qsti_json_interval(paired->difference.interval)) &&
           qsti_json_put(object, "ci_method", has_interval ? json_string("paired t over seeds") : json_null()) &&
           qsti_json_put(object, "sd", qsti_json_real(paired->difference.sd)) &&
           qsti_json_put(object, "seeds", qsti_json_reals(comparison->points, setting->n_seeds)) &&
           qsti_json_put(object, "pairs", qsti_json_count(paired->difference.n)) &&
           qsti_json_put(object, "effect_size", qsti_json_real(paired->effect_size)) &&
           qsti_json_put(object, "bootstrap_ci", qsti_json_interval(comparison->bootstrap)) &&
           qsti_json_put(object, "p_t", qsti_json_real(paired->p_t)) &&
           qsti_json_put(object, "p_wilcoxon", qsti_json_real(paired->p_wilcoxon)) &&
           qsti_json_put(object, "p_sign_flip", qsti_json_real(paired->p_sign_flip)) &&
           qsti_json_put(object, "mcnemar", mcnemar_list(setting, contest));
}

static qst_status put_verdict(qst_ctx *ctx, const qsti_run_facts *facts, const qsti_setting_result *setting,
                              qsti_contest contest, const qsti_comparison *comparisons, json_t *object)
{
    const qsti_comparison *comparison = comparisons + contest;
    qsti_verdict verdict = qsti_verdict_of(&comparison->paired.difference, comparison->p_holm);
    qsti_text text;
    qsti_text_init(&text, ctx);
    add_sentence(&text, facts, setting, contest, comparisons, verdict);
    qst_status status = text.status;
    if (status == QST_OK) {
        bool ok = qsti_json_put(object, "p_holm", qsti_json_real(comparison->p_holm)) &&
                  qsti_json_put(object, "n_holm", qsti_json_count(comparison->n_holm)) &&
                  qsti_json_put(object, "verdict", json_string(qsti_verdict_word(verdict))) &&
                  qsti_json_put(object, "verdict_text", qsti_json_foreign(ctx, text.bytes));
        status = qsti_json_done(ctx, ok);
    }
    qsti_text_clear(&text);
    return status;
}

/* The object that a comparison's members go into: a new one, that of a further control, or one of the device; NULL
 * where that is not there.
 */
static qst_status place_of(qst_ctx *ctx, json_t *object, qsti_contest contest, const qsti_comparison *comparison,
                           json_t **out)
{
    const char *key = info_of(contest).key;
    if (contest >= QSTI_OVER_FURTHER) {
        json_t *control = json_object_get(json_object_get(object, "controls"), key);
        *out = json_is_object(control) ? control : NULL;
        return QST_OK;
    }
    bool measured = comparison->paired.difference.n > 0;
    if (is_on_device(contest)) {
        object = json_object_get(object, "device");
        if (!json_is_object(object) || !measured) {
            *out = NULL;
            return qsti_json_done(ctx, !json_is_object(object) || qsti_json_put(object, key, json_null()));
        }
    }
    *out = json_object();
    return qsti_json_done(ctx, qsti_json_put(object, key, *out));
}

static qst_status put_comparison(qst_ctx *ctx, const qsti_run_facts *facts, const qsti_setting_result *setting,
                                 qsti_contest contest, const qsti_comparison *comparisons, json_t *object)
{
    const contest_info info = info_of(contest);
    qst_status status = qsti_json_done(ctx, put_numbers(setting, &info, comparisons + contest, object));
    if (status == QST_OK && info.judged) {
        status = put_verdict(ctx, facts, setting, contest, comparisons, object);
    }
    if (status == QST_OK && contest == QSTI_DROP) {
        double within = comparisons[contest].paired.difference.interval.hi;
        status = qsti_json_done(ctx, qsti_json_put(object, "within_points", qsti_json_real(within)));
    }
    return status;
}

qst_status qsti_comparisons_put(qst_ctx *ctx, const qsti_run_facts *facts, const qsti_setting_result *setting,
                                const qsti_comparison *comparisons, json_t *object)
{
    qst_status status = QST_OK;
    for (int c = 0; c < QSTI_CONTEST_COUNT; c++) {
        json_t *inner = NULL;
        QSTI_TRY(place_of(ctx, object, (qsti_contest)c, comparisons + c, &inner));
        if (inner != NULL) {
            QSTI_TRY(put_comparison(ctx, facts, setting, (qsti_contest)c, comparisons, inner));
        }
    }
done:
    return status;
}
