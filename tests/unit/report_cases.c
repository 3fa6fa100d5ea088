/* report_cases.c: see report_cases.h. */
#include "unit/report_cases.h"

#include "base/rng.h"

/* --- invented results --------------------------------------------------------------------------------------------- */

/* A role with `n_right` of its rows right, and metrics that follow from it in some way. */
void report_fill_role(qsti_role_result *role, uint8_t *right, size_t n_right, uint64_t seed)
{
    size_t order[ROWS];
    for (size_t i = 0; i < ROWS; i++) {
        order[i] = i;
    }
    qsti_rng rng = qsti_rng_init(seed, QSTI_PURPOSE_TEST, 0, 0);
    qsti_rng_shuffle(&rng, order, ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        right[order[i]] = i < n_right;
    }
    double accuracy = (double)n_right / ROWS;
    *role = (qsti_role_result){
        .present = true,
        .test = {ROWS, n_right, accuracy, accuracy - 0.002, accuracy - 0.003, 1.1 - accuracy, 0.2, 0.05},
        .fidelity = {.agreement = accuracy + 0.02,
                     .kappa = accuracy,
                     .agreement_teacher_right = 0.97,
                     .agreement_teacher_wrong = 0.4,
                     .n_teacher_right = 428,
                     .n_teacher_wrong = 22,
                     .output_mse = 0.004,
                     .output_mae = 0.02,
                     .output_max = 0.7,
                     .kl = 0.1,
                     .js = 0.03,
                     .tvd = 0.1,
                     .pearson = 0.95,
                     .spearman = 0.9,
                     .n_floored = 0},
        .train_accuracy = accuracy + 0.01,
        .validation_accuracy = accuracy - 0.001,
        .ece_scaled = 0.02,
        .right = right,
        .epochs = 60,
        .selected_epoch = 40 + seed % 20,
        .last_epoch_accuracy = accuracy - 0.004,
        .knowledge_loss = 0.3,
    };
}

static void fill_grid(qsti_grid_cell *grid, size_t s)
{
    for (size_t i = 0; i < 4; i++) {
        grid[i] = (qsti_grid_cell){i < 2 ? 1 : 2, i % 2 ? 0.9 : 0.5, 0.9 + 0.001 * (double)(i + s), 0.3, i == s % 2};
    }
}

/* n_right[role] plus some spread by seed. Teacher and floor come out the same in every setting, as in a run. */
void report_fill_setting(report_sample *all, size_t which, const char *name, size_t n_seeds, const size_t *n_right)
{
    static const size_t spread[QSTI_FIRST_FURTHER][MAX_SEEDS] = {{0, 2, 4, 1, 3, 2, 0, 1, 2, 3},
                                                                 {1, 0, 3, 2, 4, 0, 2, 1, 0, 1},
                                                                 {3, 1, 0, 4, 2, 1, 1, 0, 3, 2},
                                                                 {2, 2, 1, 0, 3, 2, 1, 1, 0, 2}};
    qsti_setting_result *setting = all->settings + which;
    *setting = (qsti_setting_result){
        .name = name,
        .loss = "kd",
        .label_fraction = which == 1 ? 0.1 : 1,
        .seeds = all->seeds[which],
        .n_seeds = n_seeds,
        .sizes = {{true, 8, 36, 192, 48, 288, 370},
                  {true, 4, 22, 60, 16, 112, 170},
                  {true, 4, 22, 60, 16, 112, 170},
                  {.classical_parameters = 90}},
        .seconds_teacher = 5.5,
        .seconds_student = 3.25,
        .seconds_total = 12,
    };
    for (size_t s = 0; s < n_seeds; s++) {
        qsti_seed_result *seed = setting->seeds + s;
        *seed = (qsti_seed_result){.seed = s + 1,
                                   .n_train = 1145,
                                   .n_validation = 202,
                                   .n_test = ROWS,
                                   .n_labelled = which == 1 ? 115 : 1145,
                                   .grid = all->grids[which][s],
                                   .n_grid = 4};
        fill_grid(seed->grid, s);
        for (size_t role = 0; role < QSTI_FIRST_FURTHER; role++) {
            report_fill_role(seed->roles + role, all->right[which][s][role], n_right[role] + spread[role][s],
                             100 * s + role + 10 * n_right[role]);
        }
    }
}

void report_fill_control(report_sample *all, size_t which, qst_control control, size_t n_right)
{
    static const size_t spread[MAX_SEEDS] = {2, 0, 1, 3, 1, 0, 2, 1, 0, 3};
    qsti_setting_result *setting = all->settings + which;
    qsti_role role = qsti_role_of(control);
    setting->sizes[role] = setting->sizes[QSTI_STUDENT];
    for (size_t s = 0; s < setting->n_seeds; s++) {
        qsti_role_result *result = setting->seeds[s].roles + role;
        report_fill_role(result, all->right[which][s][role], n_right + spread[s], 1000 * s + (size_t)role + n_right);
        result->rate_factor = control == QST_CONTROL_gradient_scale ? 1.25 + (double)s : 1;
    }
}

/* --- on a device -------------------------------------------------------------------------------------------------- */

static const double strengths[STRENGTHS] = {0, 0.5, 1, 2, 4}, scales[] = {1, 2, 3};
static const size_t line[][2] = {{0, 1}, {1, 2}, {2, 3}}, places[] = {0, 1, 2, 3};

static qsti_placement placement_of(size_t who)
{
    return (qsti_placement){.qubits = places,
                            .n_qubits = 4,
                            .edges = line,
                            .n_edges = 3,
                            .gates = 300,
                            .two_qubit_gates = who == 0 ? 90 : 16,
                            .depth = who == 0 ? 200 : 40,
                            .exchanges = who == 0 ? 6 : 0,
                            .n_scored = 24,
                            .complete = true,
                            .duration_ns = who == 0 ? 30000 : 6400,
                            .fidelity = who == 0 ? 0.25 : 0.75};
}

static void fill_measured(report_sample *all, size_t s, size_t who, size_t n_right, qsti_role_result *role)
{
    static const size_t spread[4][MAX_SEEDS] = {{0, 4, 2, 6, 3}, {3, 0, 6, 2, 4}, {1, 5, 2, 0, 2}, {4, 1, 0, 3, 2}};
    report_measured *measured = &all->measured;
    qsti_device_result *result = &measured->results[s][who];
    const size_t right[] = {role->test.n_correct, role->test.n_correct - 3, n_right + spread[who][s],
                            n_right + 20 + spread[who][s]};
    *result = (qsti_device_result){.n = ROWS,
                                   .curve = who < 2 ? measured->curves[who] : NULL,
                                   .placed = true,
                                   .placement = placement_of(who),
                                   .shots = 2048};
    for (size_t c = 0; c < QSTI_COLUMN_COUNT; c++) {
        for (size_t row = 0; row < right[c]; row++) {
            measured->right[s][who][c][row] = 1;
        }
        result->columns[c] = (qsti_column_result){.n_correct = right[c],
                                                  .agreement = 0.5 + 0.125 * (double)who,
                                                  .corrected_accuracy = c < QSTI_DEVICE ? NAN : 0.75,
                                                  .corrected_agreement = c < QSTI_DEVICE ? NAN : 0.625,
                                                  .right = measured->right[s][who][c],
                                                  .distance = who == 0 ? NAN : 0.5 + (double)s,
                                                  .distance_corrected = who == 0 ? NAN : 0.25 + (double)s};
    }
    role->device = result;
    role->training_shots = 1000;
}

void report_fill_device(report_sample *all, size_t which, const size_t n_right[4])
{
    static const double curves[2][STRENGTHS] = {{0.95, 0.80, 0.66, 0.5, 0.3}, {0.93, 0.88, 0.80, 0.7, 0.6}};
    static const qsti_role roles[] = {QSTI_TEACHER, QSTI_STUDENT, QSTI_CONTROL,
                                      (qsti_role)(QSTI_FIRST_CONTROL + (int)QST_CONTROL_noise_unaware)};
    qsti_setting_result *setting = all->settings + which;
    memcpy(all->measured.curves, curves, sizeof curves);
    all->measured.facts = (qsti_device_facts){.name = "fake_manila",
                                              .source = "ibm-props",
                                              .n_qubits = 5,
                                              .shots = 1024,
                                              .readout = true,
                                              .scales = scales,
                                              .n_scales = 3,
                                              .extrapolation = "linear",
                                              .knowledge = "ideal",
                                              .train = "device",
                                              .strength_low = 0.5,
                                              .strength_high = 1.5,
                                              .gradient = "shift",
                                              .strengths = strengths,
                                              .n_strengths = STRENGTHS,
                                              .method = "exact"};
    setting->device = &all->measured.facts;
    report_fill_control(all, which, QST_CONTROL_noise_unaware, 417);
    for (size_t s = 0; s < setting->n_seeds; s++) {
        for (size_t who = 0; who < 4; who++) {
            fill_measured(all, s, who, n_right[who], setting->seeds[s].roles + roles[who]);
        }
    }
}

report_sample *report_sample_create(size_t n_seeds, size_t n_settings)
{
    report_sample *all = calloc(1, sizeof *all);
    assert_non_null(all);
    all->n_settings = n_settings;
    report_fill_setting(all, 0, "all-labels", n_seeds, (const size_t[]){426, 418, 417, 405});
    report_fill_setting(all, 1, "few-labels", n_seeds, (const size_t[]){426, 412, 376, 380});
    report_fill_setting(all, 2, "warm", n_seeds, (const size_t[]){426, 427, 417, 405});
    all->facts = (qsti_run_facts){
        .name = "digits-8q-to-4q",
        .data_name = "digits",
        .inputs = "1,797 rows, 64 features, 10 classes; pca 8, standardize, scale 0.3",
        .isa = "AVX-512",
        .version = "0.1.0",
        .n_threads = 2,
        .n_classes = CLASSES,
        .recipe_hash = "0011",
        .data_hash = "2233",
        .seconds = 14.2,
        .seconds_training = 9.87,
        .folder = "runs/digits-8q-to-4q-001",
    };
    return all;
}

json_t *report_of(qst_ctx *ctx, const report_sample *all)
{
    json_t *report = NULL;
    bool required = false;
    assert_ok(ctx, qsti_report_build(ctx, &all->facts, all->settings, all->n_settings, NULL, 0, &report, &required));
    assert_true(required);
    return report;
}

char *report_page_of(qst_ctx *ctx, const json_t *report)
{
    char *page = NULL;
    assert_ok(ctx, qsti_report_page(ctx, report, &page));
    return page;
}

void report_clean_up(qst_ctx *ctx, report_sample *all, json_t *report, char *page)
{
    qsti_free(ctx, page);
    json_decref(report);
    free(all);
    qst_ctx_free(ctx);
}

/* --- looking into a report ---------------------------------------------------------------------------------------- */

json_t *report_at(const json_t *report, const char *path)
{
    json_t *value = NULL;
    for (const json_t *outer = report; outer && *path; outer = value) {
        char part[64];
        size_t n = strcspn(path, ".");
        assert_true(n < sizeof part);
        memcpy(part, path, n);
        part[n] = '\0';
        value = json_is_array(outer) ? json_array_get(outer, strtoul(part, NULL, 10)) : json_object_get(outer, part);
        path += n + (path[n] == '.');
    }
    return value;
}

double report_number(const json_t *report, const char *path)
{
    const json_t *value = report_at(report, path);
    if (!json_is_number(value)) {
        print_error("%s is no number\n", path);
        fail();
    }
    return json_number_value(value);
}

const char *report_string(const json_t *report, const char *path)
{
    const char *text = json_string_value(report_at(report, path));
    assert_non_null(text);
    return text;
}

bool report_is_null(const json_t *report, const char *path)
{
    return json_is_null(report_at(report, path));
}

char *report_text_of(qst_ctx *ctx, const json_t *report)
{
    char *text = NULL;
    size_t length = 0;
    assert_ok(ctx, qsti_json_text(ctx, report, &text, &length));
    return text;
}

/* --- requirements ------------------------------------------------------------------------------------------------- */

qst_status report_require(qst_ctx *ctx, const report_sample *all, qsti_requirement requirement, json_t **report,
                          bool *holds)
{
    return qsti_report_build(ctx, &all->facts, all->settings, all->n_settings, &requirement, 1, report, holds);
}
