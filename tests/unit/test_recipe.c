/* test_recipe.c: recipes from text to typed values: defaults, the demo, patches, settings, the resolved text. */
#include "support/support.h"

#include <glob.h>

#include "base/yaml.h"
#include "recipe/recipe.h"

static qst_ctx *ctx;

static int create_ctx(void **state)
{
    (void)state;
    ctx = support_ctx(1);
    return 0;
}

static int free_ctx(void **state)
{
    (void)state;
    qst_ctx_free(ctx);
    return 0;
}

#define MINIMAL "data: {source: iris}\nteacher: {qubits: 4}\nstudent: {qubits: 2}\n"

static const char *write_recipe(const char *text)
{
    return support_write("recipe.yaml", text, strlen(text));
}

static qst_recipe *load(const char *text)
{
    qst_recipe *recipe = NULL;
    assert_ok(ctx, qst_recipe_load(ctx, write_recipe(text), NULL, 0, &recipe));
    return recipe;
}

static qst_recipe *load_with(const char *path, const char *const *sets, size_t n_sets)
{
    qst_recipe *recipe = NULL;
    assert_ok(ctx, qst_recipe_load(ctx, path, sets, n_sets, &recipe));
    return recipe;
}

static void assert_refused(const char *text, const char *set, const char *part)
{
    qst_recipe *recipe = NULL;
    assert_status(ctx, qst_recipe_load(ctx, write_recipe(text), &set, set ? 1 : 0, &recipe), QST_ERR_USAGE);
    assert_message(ctx, part);
    assert_null(recipe);
}

/* The resolved text is a recipe of its own with the same resolved text. */
static void assert_fixed_point(const qst_recipe *recipe)
{
    qst_recipe *again = load(qst_recipe_text(recipe));
    assert_string_equal(qst_recipe_text(again), qst_recipe_text(recipe));
    assert_int_equal(again->n_settings, recipe->n_settings);
    qst_recipe_free(again);
}

/* --- values ------------------------------------------------------------------------------------------------------- */

static void assert_default_train(const qst_train_opts *train)
{
    assert_int_equal(train->optimizer, QST_OPTIMIZER_adam);
    assert_true(train->learning_rate == 0.01);
    assert_int_equal(train->schedule, QST_SCHEDULE_constant);
    assert_true(train->momentum == 0.9 && train->weight_decay == 0 && train->clip_norm == 0);
    assert_true(train->batch == 64 && train->epochs == 50 && train->patience == 0 && train->restarts == 0);
    assert_int_equal(train->select, QST_SELECT_BEST);
    assert_true(train->checkpoint_every_s == 30);
}

static void assert_default_model(const qst_model_opts *model, size_t qubits)
{
    assert_string_equal(model->kind, "circuit");
    assert_int_equal(model->circuit.qubits, qubits);
    assert_string_equal(model->circuit.encoding.name, "reupload");
    assert_int_equal(model->circuit.encoding.reps, 0);
    assert_false(model->circuit.repeat_encoding);
    assert_string_equal(model->circuit.ansatz.name, "strongly_entangling");
    assert_int_equal(model->circuit.ansatz.reps, 3);
    assert_null(model->circuit.ansatz.entanglement);
    assert_null(model->circuit.ansatz.pairs);
    assert_null(model->circuit.ansatz.rotations);
    assert_null(model->circuit.ansatz.entangler);
    assert_false(model->circuit.ansatz.skip_final_rotation_layer);
    assert_int_equal(model->n_outputs, 1);
    assert_string_equal(model->outputs[0], "z");
    assert_int_equal(model->head, QST_HEAD_linear);
    assert_int_equal(model->precision, QST_DOUBLE);
}

static void test_defaults(void **state)
{
    (void)state;
    qst_recipe *recipe = load(MINIMAL);
    const qsti_recipe_values *values = &recipe->settings[0];
    assert_int_equal(recipe->n_settings, 1);
    assert_string_equal(values->name, "recipe");
    assert_string_equal(values->setting, "default");
    assert_true(values->seed == 1 && values->seeds == 5 && values->precision == QST_DOUBLE);
    assert_int_equal(values->controls, QST_CONTROLS_ALL);
    assert_true(values->checkpoint_every_s == 30);
    assert_string_equal(values->table.source, "iris");
    assert_null(values->table.label);
    assert_true(values->table.samples == 0 && values->table.noise < 0 && !values->table.unlabelled);
    assert_true(!values->dataset.classes && values->dataset.n_classes == 0);
    assert_true(values->dataset.test == 0.25 && values->dataset.validation == 0.15);
    assert_int_equal(values->dataset.n_preprocess, 0);
    assert_false(values->teacher.is_table);
    assert_default_model(&values->teacher.model, 4);
    assert_default_model(&values->student.model, 2);
    assert_default_train(&values->teacher.train);
    assert_default_train(&values->student.train);
    assert_int_equal(values->teacher.train.loss, QST_LOSS_ce);
    assert_int_equal(values->student.train.loss, QST_LOSS_kd);
    assert_int_equal(values->distill.loss, QST_LOSS_kd);
    assert_true(values->distill.n_temperatures == 1 && values->distill.temperatures[0] == 1);
    assert_true(values->distill.n_alphas == 1 && values->distill.alphas[0] == 0.5);
    assert_true(values->distill.label_fraction == 1 && !values->distill.initial_weights);
    const qst_loss_plan defaults = qst_loss_plan_default(), *plan_of = values->distill.plan;
    assert_memory_equal(&plan_of->parameters, &defaults.parameters, sizeof defaults.parameters);
    assert_true(plan_of->first_epoch == 0 && plan_of->last_epoch == 0 && plan_of->n_terms == 0);
    assert_true(plan_of->temperature_schedule == defaults.temperature_schedule &&
                plan_of->temperature_end == defaults.temperature_end);
    assert_true(plan_of->alpha_schedule == defaults.alpha_schedule && plan_of->alpha_end == defaults.alpha_end);
    assert_int_equal(values->n_requirements, 0);
    assert_fixed_point(recipe);
    qst_recipe_free(recipe);
}

static void test_demo(void **state)
{
    (void)state;
    qst_recipe *recipe = load_with(NULL, NULL, 0);
    qst_recipe *file = load_with(QSTILL_SOURCE_DIR "/examples/recipes/digits.yaml", NULL, 0);
    assert_string_equal(qst_recipe_name(recipe), "digits-8q-to-4q");
    assert_string_equal(qst_recipe_text(recipe), qst_recipe_text(file));
    assert_int_equal(recipe->n_settings, 2);
    assert_string_equal(recipe->settings[0].setting, "all-labels");
    assert_string_equal(recipe->settings[1].setting, "few-labels");
    assert_true(recipe->settings[0].distill.label_fraction == 1);
    assert_true(recipe->settings[1].distill.label_fraction == 0.1);
    for (size_t i = 0; i < 2; i++) {
        const qsti_recipe_values *values = &recipe->settings[i];
        assert_true(values->teacher.model.circuit.qubits >= 8);
        assert_true(2 * values->student.model.circuit.qubits <= values->teacher.model.circuit.qubits);
        assert_true(values->seeds >= 5);
        assert_true(values->controls & QST_CONTROL_BIT(QST_CONTROL_no_teacher));
        assert_true(values->controls & QST_CONTROL_BIT(QST_CONTROL_floor));
        assert_true(values->controls & QST_CONTROL_BIT(QST_CONTROL_permuted_scores));
        assert_int_equal(values->dataset.preprocess[0].kind, QST_PREPROCESS_pca);
        assert_true(values->dataset.preprocess[0].arguments[0] == 8);
    }
    assert_fixed_point(recipe);
    qst_recipe_free(file);
    qst_recipe_free(recipe);
}

static const char everything[] = "name: all.of_it-1\nseed: 18446744073709551000\nseeds: 7\nprecision: single\n"
                                 "checkpoint: {every_s: 0.5}\ncontrols: none\n"
                                 "data:\n  source: 'my data.csv'\n  label: -1\n  classes: [3, 'default', a b]\n"
                                 "  test: official\n  validation: 0.2\n"
                                 "  preprocess: [{pca: 4}, standardize, {range: [-1.5, 1e-3]}, {scale: -0.3}]\n"
                                 "teacher: {scores: t.npz:scores, kind: log_probability, temperature: 2.5}\n"
                                 "student:\n  qubits: 3\n  encoding: zz\n  encoding_reps: 1\n  repeat_encoding: true\n"
                                 "  ansatz: two_local\n  layers: 2\n  entanglement: [[0, 1], [2, 0]]\n"
                                 "  skip_final_rotation_layer: true\n  rotations: [ry, rz]\n  entangler: crx\n"
                                 "  outputs: [ZZI - 0.5*IIX, z]\n  head: scale\n"
                                 "  train: {loss: kd, optimizer: sgd, learning_rate: 0.5, schedule: cosine,"
                                 " momentum: 0.8, weight_decay: 1e-4, clip_norm: 2, batch: 16, epochs: 9, patience: 3,"
                                 " select: last, restarts: 2}\n"
                                 "distill: {loss: kd, temperature: [1, 2.5], alpha: 0.9, label_fraction: 0.25}\n"
                                 "verify:\n  metrics: default\n"
                                 "  require: {student.accuracy: 0.9, student: {output_mse: {max: 0.1}},"
                                 " drop.points: {min: -2, max: 5}}\n";

static void assert_everything(const qsti_recipe_values *values)
{
    const qst_ansatz_opts *ansatz = &values->student.model.circuit.ansatz;
    assert_string_equal(values->name, "all.of_it-1");
    assert_true(values->seed == UINT64_C(18446744073709551000) && values->seeds == 7);
    assert_true(values->precision == QST_SINGLE && values->student.model.precision == QST_SINGLE);
    assert_true(values->checkpoint_every_s == 0.5 && !values->controls);
    assert_string_equal(values->table.source, "my data.csv");
    assert_string_equal(values->table.label, "-1");
    assert_int_equal(values->dataset.n_classes, 3);
    assert_string_equal(values->dataset.classes[0], "3");
    assert_string_equal(values->dataset.classes[1], "default");
    assert_string_equal(values->dataset.classes[2], "a b");
    assert_true(values->dataset.test == QST_TEST_OFFICIAL && values->dataset.validation == 0.2);
    assert_int_equal(values->dataset.n_preprocess, 4);
    assert_int_equal(values->dataset.preprocess[2].kind, QST_PREPROCESS_range);
    assert_true(values->dataset.preprocess[2].arguments[0] == -1.5 &&
                values->dataset.preprocess[2].arguments[1] == 1e-3);
    assert_true(values->teacher.is_table && values->teacher.scores_kind == QST_SCORE_log_probability &&
                values->teacher.scores_temperature == 2.5);
    assert_string_equal(values->teacher.scores, "t.npz:scores");
    assert_string_equal(values->student.model.circuit.encoding.name, "zz");
    assert_true(values->student.model.circuit.encoding.reps == 1 && values->student.model.circuit.repeat_encoding);
    assert_true(ansatz->n_pairs == 2 && ansatz->pairs[1][0] == 2 && ansatz->pairs[1][1] == 0 && !ansatz->entanglement);
    assert_true(ansatz->skip_final_rotation_layer && ansatz->reps == 2);
    assert_string_equal(ansatz->rotations, "ry rz");
    assert_string_equal(ansatz->entangler, "crx");
    assert_int_equal(values->student.model.n_outputs, 2);
    assert_string_equal(values->student.model.outputs[0], "ZZI - 0.5*IIX");
    assert_true(values->student.train.optimizer == QST_OPTIMIZER_sgd && values->student.train.restarts == 2);
    assert_true(values->distill.n_temperatures == 2 && values->distill.temperatures[1] == 2.5);
    assert_true(values->distill.label_fraction == 0.25);
    assert_int_equal(values->n_requirements, 3);
    assert_string_equal(values->requirements[1].path, "student.output_mse");
    assert_true(values->requirements[0].minimum == 0.9 && isnan(values->requirements[0].maximum));
    assert_true(isnan(values->requirements[1].minimum) && values->requirements[1].maximum == 0.1);
    assert_true(values->requirements[2].minimum == -2 && values->requirements[2].maximum == 5);
}

static void test_everything(void **state)
{
    (void)state;
    qst_recipe *recipe = load(everything);
    assert_everything(&recipe->settings[0]);
    qst_recipe *again = load(qst_recipe_text(recipe));
    assert_everything(&again->settings[0]);
    assert_fixed_point(recipe);
    qst_recipe_free(again);
    qst_recipe_free(recipe);
}

/* --- controls ----------------------------------------------------------------------------------------------------- */

static void test_controls(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        qst_controls set;
    } cases[] = {
        {"controls: none\n", 0},
        {"controls: default\n", QST_CONTROLS_ALL},
        {"controls: [permuted_scores, no_teacher]\n",
         QST_CONTROL_BIT(QST_CONTROL_no_teacher) | QST_CONTROL_BIT(QST_CONTROL_permuted_scores)},
        {"controls: [floor]\n", QST_CONTROL_BIT(QST_CONTROL_floor)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        (void)snprintf(text, sizeof text, "%s%s", MINIMAL, cases[i].text);
        qst_recipe *recipe = load(text);
        assert_int_equal(recipe->settings[0].controls, cases[i].set);
        assert_fixed_point(recipe);
        qst_recipe_free(recipe);
    }
    qst_recipe *recipe = load(MINIMAL "settings: [{name: a}, {name: b, set: {controls: [no_teacher, floor]}}]\n");
    assert_int_equal(recipe->settings[0].controls, QST_CONTROLS_ALL);
    assert_int_equal(recipe->settings[1].controls,
                     QST_CONTROL_BIT(QST_CONTROL_no_teacher) | QST_CONTROL_BIT(QST_CONTROL_floor));
    assert_fixed_point(recipe);
    qst_recipe_free(recipe);
}

static const char plan[] = MINIMAL
    "distill:\n  loss: dkd\n  temperature: [4, 8]\n  temperature_schedule: linear\n  alpha: 0.9\n"
    "  alpha_schedule: cosine\n  alpha_end: 0.25\n  epochs: [3, 40]\n  nontarget: 2\n"
    "  terms:\n    - {loss: rkd_distance, weight: 25, epochs: [1, 30]}\n    - {epochs: all, delta: 0.5, loss: huber}\n"
    "    - {loss: kd, temperature: 2}\n"
    "settings:\n  - {name: a}\n  - {name: b, set: {distill.terms: [{loss: ce}]}}\n"
    "  - {name: c, set: {distill: {terms: [], epochs: all}}}\n";

static void test_plan(void **state)
{
    (void)state;
    qst_recipe *recipe = load(plan);
    const qst_loss_plan *of = recipe->settings[0].distill.plan;
    assert_int_equal(recipe->settings[0].distill.loss, QST_LOSS_dkd);
    assert_true(of->temperature_schedule == QST_SCHEDULE_linear && of->temperature_end == 1);
    assert_true(of->alpha_schedule == QST_SCHEDULE_cosine && of->alpha_end == 0.25);
    assert_true(of->first_epoch == 3 && of->last_epoch == 40);
    assert_true(of->parameters.nontarget == 2 && of->parameters.target == 1 && of->parameters.confidence == 0.9);
    assert_int_equal(of->n_terms, 3);
    assert_true(of->terms[0].loss == QST_LOSS_rkd_distance && of->terms[0].weight == 25);
    assert_true(of->terms[0].first_epoch == 1 && of->terms[0].last_epoch == 30);
    assert_true(of->terms[1].loss == QST_LOSS_huber && of->terms[1].weight == 1);
    assert_true(of->terms[1].last_epoch == 0 && of->terms[1].parameters.delta == 0.5);
    assert_true(of->terms[2].loss == QST_LOSS_kd && of->terms[2].temperature == 2);
    assert_true(recipe->settings[1].distill.plan->n_terms == 1 && recipe->settings[1].distill.plan->last_epoch == 40);
    assert_true(recipe->settings[2].distill.plan->n_terms == 0 && recipe->settings[2].distill.plan->last_epoch == 0);
    assert_fixed_point(recipe);
    qst_recipe_free(recipe);
}

/* --- patches ------------------------------------------------------------------------------------------------------ */

static void test_set(void **state)
{
    (void)state;
    const char *const sets[] = {"teacher.qubits=6",         "distill.temperature=[1, 4]",
                                "student={layers: 2}",      "seed=7",
                                "teacher.train.epochs=3",   "verify.require={student.accuracy: 0.5}",
                                "student.train.batch=null", "settings=[{name: only}]"};
    const char *path = write_recipe(MINIMAL "distill: {alpha: 0.25}\n");
    qst_recipe *recipe = load_with(path, sets, sizeof sets / sizeof *sets);
    const qsti_recipe_values *values = &recipe->settings[0];
    assert_int_equal(values->teacher.model.circuit.qubits, 6);
    assert_true(values->distill.n_temperatures == 2 && values->distill.temperatures[1] == 4);
    assert_true(values->distill.alphas[0] == 0.25);
    assert_true(values->student.model.circuit.qubits == 2 && values->student.model.circuit.ansatz.reps == 2);
    assert_true(values->seed == 7 && values->teacher.train.epochs == 3 && values->student.train.batch == 64);
    assert_int_equal(values->n_requirements, 1);
    assert_string_equal(values->setting, "only");
    assert_fixed_point(recipe);
    qst_recipe_free(recipe);
}

static void test_set_refused(void **state)
{
    (void)state;
    assert_refused(MINIMAL, "teacher.qubits=0", "--set teacher.qubits: 0 is not in 1..30");
    assert_refused(MINIMAL, "teacher={qubits: 0}", "--set teacher: qubits: 0 is not in 1..30");
    assert_refused(MINIMAL, "teacher.qbits=3", "--set teacher.qbits: unknown key; did you mean teacher.qubits?");
    assert_refused(MINIMAL, "qubits=3", "--set qubits: unknown key; did you mean teacher.qubits or student.qubits?");
    assert_refused(MINIMAL, "seeds", "--set seeds: not KEY=VALUE");
    assert_refused(MINIMAL, "=3", "not KEY=VALUE");
    assert_refused(MINIMAL, "seed= ", "the key has no value");
    assert_refused(MINIMAL, "teacher=3", "--set teacher: takes a map of keys, or null");
    assert_refused(MINIMAL, "distill.temperature=[1, 2", "not YAML: did not find expected");
    assert_refused(MINIMAL, "student={qubits: 2, qubits: 3}", "--set student");
    assert_refused(MINIMAL, "data..source=x", "unknown key");
    assert_refused(MINIMAL, "distill.alpha=0,5",
                   "--set distill.alpha: \"0,5\" is not a finite number: decimals take a "
                   "point, 0.5");
    const char *const twice[] = {"seed=1", "seed=2"};
    qst_recipe *recipe = NULL;
    assert_status(ctx, qst_recipe_load(ctx, write_recipe(MINIMAL), twice, 2, &recipe), QST_ERR_USAGE);
    assert_message(ctx, "--set seed: given twice");
}

static void test_settings(void **state)
{
    (void)state;
    qst_recipe *recipe =
        load(MINIMAL "distill: {alpha: 0.25}\n"
                     "settings:\n"
                     "  - {name: a}\n"
                     "  - {name: b, set: {distill.alpha: [0.5, 1], student: {layers: 7}, seeds: 9}}\n"
                     "  - name: c\n    set: {student: null, student.model: logistic, seed: 3}\n"
                     "  - {name: d, set: {teacher: null, teacher.scores: t.npy, teacher.kind: logit}}\n"
                     "  - {name: e, set: {data.validation: 0, distill.alpha: null}}\n");
    const qsti_recipe_values *values = recipe->settings;
    assert_int_equal(recipe->n_settings, 5);
    assert_true(values[0].distill.alphas[0] == 0.25 && values[0].student.model.circuit.ansatz.reps == 3);
    assert_true(values[1].distill.n_alphas == 2 && values[1].student.model.circuit.ansatz.reps == 7);
    assert_true(values[1].student.model.circuit.qubits == 2 && values[1].seeds == 9);
    assert_string_equal(values[2].student.model.kind, "logistic");
    assert_true(values[2].seed == 3 && values[2].distill.alphas[0] == 0.25);
    assert_true(values[3].teacher.is_table && !values[0].teacher.is_table);
    assert_true(values[4].distill.alphas[0] == 0.5 && values[4].dataset.validation == 0);
    assert_int_equal(values[4].teacher.train.select, QST_SELECT_LAST);
    assert_fixed_point(recipe);
    qst_recipe_free(recipe);
}

/* --- names, stdin, files ------------------------------------------------------------------------------------------ */

static void test_name_from_file(void **state)
{
    (void)state;
    static const struct {
        const char *file, *name;
    } cases[] = {{"plain.yaml", "plain"}, {"two words.yml", "two-words"}, {"-x.y.yaml", "x.y"}, {"---", "recipe"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qst_recipe *recipe = load_with(support_write(cases[i].file, MINIMAL, strlen(MINIMAL)), NULL, 0);
        assert_string_equal(qst_recipe_name(recipe), cases[i].name);
        qst_recipe_free(recipe);
    }
}

#define CHAINED                                                                         \
    "data: {source: iris}\nteacher: {qubits: 6}\n"                                      \
    "student: {qubits: 2, layers: 5, outputs: [z, zz], train: {epochs: 7, batch: 9}}\n" \
    "distill:\n  generations: 3\n"                                                      \
    "  assistants: [{qubits: 4, train.epochs: 8}, {train: {batch: 3}, layers: 2}, {model: logistic}]\n"

/* Each assistant is the student with some keys changed; of another kind it takes over its train alone. */
static void test_assistants(void **state)
{
    (void)state;
    qst_recipe *recipe = load(CHAINED);
    const qsti_recipe_values *values = &recipe->settings[0];
    const qsti_recipe_model *models = values->assistant_models;
    assert_int_equal(values->n_assistants, 3);
    assert_int_equal(values->generations, 3);
    assert_true(qsti_recipe_has_chain(values));
    assert_int_equal(models[0].model.circuit.qubits, 4);
    assert_int_equal(models[0].model.circuit.ansatz.reps, 5);
    assert_int_equal(models[0].model.n_outputs, 2);
    assert_true(models[0].train.epochs == 8 && models[0].train.batch == 9);
    assert_int_equal(models[1].model.circuit.qubits, 2);
    assert_int_equal(models[1].model.circuit.ansatz.reps, 2);
    assert_true(models[1].train.epochs == 7 && models[1].train.batch == 3);
    assert_string_equal(models[2].model.kind, "logistic");
    assert_true(models[2].train.epochs == 7);
    assert_int_equal(values->student.model.circuit.qubits, 2);
    assert_true(values->student.train.epochs == 7 && values->student.train.batch == 9);
    assert_fixed_point(recipe);
    qst_recipe_free(recipe);
    assert_refused(CHAINED, "distill.assistants=[{layers: 0}]", "layers: 0 is not in 1..10000");
    assert_refused(CHAINED, "distill.assistants=[{qubits: 4, qubitz: 3}]", "student.qubitz: unknown key");
    assert_refused(CHAINED, "distill.assistants={qubits: 4}", "a map is not a list of maps such as [{qubits: 8}]");
    assert_refused(CHAINED, "distill.generations=0", "generations: 0 is not in 1..100");
}

/* One training of the teacher serves settings that differ in the student; not when a chain depends on it. */
static void test_who_shares_a_teacher(void **state)
{
    (void)state;
    static const struct {
        const char *set;
        bool same;
    } cases[] = {
        {"distill.queries.mixup: 2", true},  {"student.layers: 2", true},        {"distill.label_noise: 0.5", true},
        {"teacher.ensemble: 2", false},      {"teacher.calibrate: true", false}, {"distill.generations: 2", false},
        {"distill.assistants: [{}]", false}, {"data.validation: 0.3", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        bool same = !cases[i].same;
        (void)snprintf(text, sizeof text,
                       "data: {source: iris}\nteacher: {qubits: 3}\nstudent: {qubits: 2}\n"
                       "settings:\n  - {name: a}\n  - {name: b, set: {%s}}\n",
                       cases[i].set);
        qst_recipe *recipe = load(text);
        assert_ok(ctx, qsti_recipe_same_teacher(ctx, &recipe->settings[0], &recipe->settings[1], &same));
        assert_int_equal(same, cases[i].same);
        assert_fixed_point(recipe);
        qst_recipe_free(recipe);
    }
    qst_recipe *recipe = load("data: {source: iris}\nteacher: {qubits: 3}\nstudent: {qubits: 2}\n"
                              "distill: {generations: 2}\n"
                              "settings:\n  - {name: a}\n  - {name: b, set: {student.layers: 1}}\n"
                              "  - {name: c, set: {distill.queries.mixup: 1}}\n  - {name: d}\n");
    for (size_t s = 1; s < 4; s++) {
        bool same = s < 3;
        assert_ok(ctx, qsti_recipe_same_teacher(ctx, &recipe->settings[0], &recipe->settings[s], &same));
        assert_int_equal(same, s == 3);
    }
    qst_recipe_free(recipe);
}

static void test_missing_file(void **state)
{
    (void)state;
    qst_recipe *recipe = NULL;
    assert_status(ctx, qst_recipe_load(ctx, support_path("absent.yaml"), NULL, 0, &recipe), QST_ERR_SYSTEM);
    assert_status(ctx, qst_recipe_load(ctx, support_folder(), NULL, 0, &recipe), QST_ERR_SYSTEM);
    assert_null(recipe);
}

/* Every example is a recipe, and its text a fixed point. */
static void test_examples(void **state)
{
    (void)state;
    glob_t found;
    assert_int_equal(glob(QSTILL_SOURCE_DIR "/examples/recipes/*.yaml", 0, NULL, &found), 0);
    assert_true(found.gl_pathc >= 5);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        qst_recipe *recipe = load_with(found.gl_pathv[i], NULL, 0);
        assert_fixed_point(recipe);
        qst_recipe_free(recipe);
    }
    globfree(&found);
}

/* --- out of memory ------------------------------------------------------------------------------------------------ */

static qst_status load_and_free(qst_ctx *own_ctx, void *arg)
{
    const char *const sets[] = {"student={layers: 2}", "verify.require={student.accuracy: 0.5}"};
    qst_recipe *recipe = NULL;
    qst_status status = qst_recipe_load(own_ctx, arg, sets, 2, &recipe);
    qst_recipe_free(recipe);
    return status;
}

static void test_out_of_memory(void **state)
{
    (void)state;
    static const char text[] = "data: {source: iris, classes: [a, b], preprocess: [{pca: 2}]}\n"
                               "teacher: {qubits: 2, ansatz: two_local, rotations: [ry], entanglement: [[0, 1]]}\n"
                               "student: {qubits: 2}\n"
                               "distill: {assistants: [{layers: 2}]}\n"
                               "settings:\n  - {name: a}\n"
                               "  - {name: b, set: {student: null, student.model: logistic, distill.assistants: []}}\n";
    char path[256];
    snprintf(path, sizeof path, "%s", write_recipe(text));
    support_fail_each_allocation(load_and_free, path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),       cmocka_unit_test(test_demo),
        cmocka_unit_test(test_everything),     cmocka_unit_test(test_controls),
        cmocka_unit_test(test_plan),           cmocka_unit_test(test_set),
        cmocka_unit_test(test_set_refused),    cmocka_unit_test(test_settings),
        cmocka_unit_test(test_name_from_file), cmocka_unit_test(test_missing_file),
        cmocka_unit_test(test_examples),       cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_assistants),     cmocka_unit_test(test_who_shares_a_teacher),
    };
    return cmocka_run_group_tests(tests, create_ctx, free_ctx);
}
