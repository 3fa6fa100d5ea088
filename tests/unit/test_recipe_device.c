/* test_recipe_device.c: the section `device` of recipes: what it becomes, what it refuses and where, and that the
 * resolved text says the same.
 */
#include <math.h>
#include <string.h>

#include "support/support.h"

#include "recipe/recipe.h"

#define MODELS "data: {source: moons}\nteacher: {qubits: 4}\nstudent: {qubits: 2}\n"

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

static qst_status load(const char *text, qst_recipe **out)
{
    const char *path = support_write("recipe.yaml", text, strlen(text));
    return qst_recipe_load(ctx, path, NULL, 0, out);
}

static qst_recipe *loaded(const char *text)
{
    qst_recipe *recipe = NULL;
    assert_ok(ctx, load(text, &recipe));
    return recipe;
}

/* Loading the resolved text gives the same text. */
static void assert_fixed_point(const char *text)
{
    qst_recipe *recipe = loaded(text), *again = loaded(qst_recipe_text(recipe));
    assert_string_equal(qst_recipe_text(recipe), qst_recipe_text(again));
    qst_recipe_free(again);
    qst_recipe_free(recipe);
}

static void none_by_default(void **state)
{
    (void)state;
    qst_recipe *recipe = loaded(MODELS);
    assert_false(recipe->settings[0].device.given);
    assert_null(strstr(qst_recipe_text(recipe), "device"));
    qst_recipe_free(recipe);
}

static void defaults(void **state)
{
    (void)state;
    qst_recipe *recipe = loaded(MODELS "device: {qubits: 5, error_2q: 0.01}\n");
    const qsti_recipe_device *d = &recipe->settings[0].device;
    assert_true(d->given);
    assert_int_equal(d->shots, 1024);
    assert_int_equal(d->train, QSTI_TRAIN_DEVICE);
    assert_int_equal(d->teacher, QSTI_DEVICE_TEACHER_IDEAL);
    assert_int_equal(d->n_strengths, 5);
    assert_int_equal(d->mitigation.n_scales, 3);
    assert_true(d->mitigation.readout);
    assert_int_equal(d->train_shots, 0);
    qst_device *device = NULL;
    qst_noise *noise = NULL;
    qst_device_info info;
    assert_ok(ctx, qsti_recipe_make_device(ctx, d, &device, &noise));
    assert_null(noise);
    qst_device_describe(device, &info);
    assert_int_equal(info.n_qubits, 5);
    assert_int_equal(info.n_edges, 4);
    qst_device_free(device);
    qst_recipe_free(recipe);
    recipe = loaded("data: {source: moons}\nteacher: {qubits: 4}\nstudent: {model: logistic}\ndevice: {qubits: 5}\n");
    assert_int_equal(recipe->settings[0].device.train, QSTI_TRAIN_IDEAL);
    qst_recipe_free(recipe);
}

static void assert_takes(const char *text, const char *gate, double relaxes, double depolarizes, double time_ns)
{
    qst_recipe *recipe = loaded(text);
    qst_device *device = NULL;
    qst_noise *none = NULL;
    qst_gate_noise noise;
    const size_t pair[] = {0, 1};
    assert_ok(ctx, qsti_recipe_make_device(ctx, &recipe->settings[0].device, &device, &none));
    assert_ok(ctx, qst_device_gate_noise(device, gate, pair, strcmp(gate, "cx") == 0 ? 2 : 1, 0, &noise));
    assert_close(noise.relaxation[0].a, time_ns > 0 ? 1 - exp(-time_ns / relaxes) : 0, 1e-15);
    assert_close(noise.relaxation[0].c, time_ns > 0 ? exp(-time_ns / depolarizes) : 1, 1e-15);
    qst_device_free(device);
    qst_recipe_free(recipe);
}

/* Relaxation has time to act, whether the recipe says how much or not. */
static void times_of_gates(void **state)
{
    (void)state;
    static const char line[] = MODELS "device: {qubits: 5, topology: line, error_1q: 1e-3, error_2q: 1e-2, t1_us: 100, "
                                      "readout: 2e-2}\n",
                      given[] = MODELS "device: {qubits: 5, t1_us: 100, t2_us: 50, time_2q_ns: 400}\n";
    assert_takes(line, "sx", 1e5, 2e5, 35);
    assert_takes(line, "cx", 1e5, 2e5, 300);
    assert_takes(given, "cx", 1e5, 5e4, 400);
    assert_takes(given, "sx", 1e5, 5e4, 0);
}

static void channels(void **state)
{
    (void)state;
    static const char text[] = MODELS "device:\n"
                                      "  readout: 0.02\n"
                                      "  noise:\n"
                                      "    - {channel: depolarizing, p: 0.01, gates: [cx, cz], qubits: 2, each: true}\n"
                                      "    - {channel: pauli, x: 0.1, z: 0.2}\n"
                                      "    - {channel: thermal_relaxation, t1: 50, t2: 70, time: 0.1}\n";
    qst_recipe *recipe = loaded(text);
    const qsti_recipe_device *d = &recipe->settings[0].device;
    assert_int_equal(d->n_noise, 3);
    assert_int_equal(d->noise[0].channel.kind, QST_CHANNEL_depolarizing);
    assert_close(d->noise[0].channel.numbers[0], 0.01, 0);
    assert_int_equal(d->noise[0].n_gates, 2);
    assert_int_equal(d->noise[0].gates[1], QST_GATE_cz);
    assert_int_equal(d->noise[0].gate_qubits, 2);
    assert_true(d->noise[0].each);
    assert_close(d->noise[1].channel.numbers[1], 0, 0);
    assert_close(d->noise[1].channel.numbers[2], 0.2, 0);
    assert_close(d->noise[2].channel.numbers[2], 0.1, 0);
    qst_device *device = NULL;
    qst_noise *noise = NULL;
    double readout[4];
    assert_ok(ctx, qsti_recipe_make_device(ctx, d, &device, &noise));
    assert_null(device);
    qst_noise_readout(noise, 3, readout);
    assert_close(readout[1], 0.02, 1e-15);
    qst_noise_free(noise);
    qst_recipe_free(recipe);
    assert_fixed_point(text);
}

static void settings_have_their_own(void **state)
{
    (void)state;
    static const char text[] = MODELS "device: {qubits: 5, error_2q: 0.01}\n"
                                      "settings:\n"
                                      "  - {name: aware}\n"
                                      "  - {name: unaware, set: {device.train: ideal}}\n"
                                      "  - {name: none, set: {device: null}}\n"
                                      "  - {name: channels, set: {device: null, device.noise: [{channel: bit_flip, p: "
                                      "0.1}]}}\n";
    qst_recipe *recipe = loaded(text);
    assert_int_equal(recipe->settings[1].device.train, QSTI_TRAIN_IDEAL);
    assert_false(recipe->settings[2].device.given);
    assert_int_equal(recipe->settings[3].device.n_noise, 1);
    assert_int_equal(recipe->settings[3].device.generic.n_qubits, 0);
    bool same = false;
    assert_ok(ctx, qsti_recipe_same_teacher(ctx, &recipe->settings[0], &recipe->settings[1], &same));
    assert_true(same);
    qst_recipe_free(recipe);
    assert_fixed_point(text);
    assert_fixed_point(MODELS "settings:\n  - {name: none}\n  - {name: exact, set: {device: {qubits: 3, shots: 0}}}\n");
}

/* A teacher on the device is another one. */
static void a_noisy_teacher_is_not_shared(void **state)
{
    (void)state;
    qst_recipe *recipe = loaded(MODELS "device: {qubits: 5, teacher: device}\nsettings:\n  - {name: a}\n"
                                       "  - {name: b, set: {device.error_2q: 0.1}}\n"
                                       "  - {name: c, set: {device.train: ideal}}\n");
    bool same = true;
    assert_ok(ctx, qsti_recipe_same_teacher(ctx, &recipe->settings[0], &recipe->settings[1], &same));
    assert_false(same);
    qst_recipe_free(recipe);
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *device, *message;
    } cases[] = {
        {"{shots: 10}", "recipe.yaml:4:1: device: missing, one of file, qubits, noise"},
        {"{qubits: 5, file: a.json}", "4:18: device.qubits contradicts device.file"},
        {"{qubits: 5, noise: [{channel: bit_flip, p: 0.1}]}", "device.noise contradicts device.qubits"},
        {"{file: a.json, noise: [{channel: bit_flip, p: 0.1}]}", "device.noise contradicts device.file"},
        {"{file: a.json, error_1q: 0.1}", "device.error_1q contradicts device.file"},
        {"{qubits: 5, t1_us: 10, t2_us: 30}", "device.t2_us contradicts device.t1_us: T2 is at most 2 T1"},
        {"{qubits: 0}", "qubits: 0 is not in 1..10000"},
        {"{qubits: 5, topologie: line}", "topologie: unknown key in device; did you mean topology?"},
        {"{qubits: 5, topology: lin}", "topology: \"lin\" is not one of line, ring, grid, full, heavy_hex; did you"},
        {"{qubits: 600, topology: full}", "4:18: device.qubits: 600 is not in 1..500"},
        {"{qubits: 5, basis: [ccx]}", "basis: \"ccx\" is no gate on one or two qubits"},
        {"{noise: [{channel: bitflip, p: 0.1}]}", "\"bitflip\" is not one of depolarizing, pauli, bit_flip"},
        {"{noise: [{p: 0.1}]}", "a map without `channel` is not a channel"},
        {"{noise: [{channel: bit_flip, q: 0.1}]}", "4:38: noise: bit_flip has no q"},
        {"{noise: [{channel: bit_flip, p: 1.5}]}", "recipe.yaml:4:17: device.noise: entry 1: "},
        {"{noise: [{channel: bit_flip, p: 0.1, gates: [cnot]}]}", "\"cnot\" is not one of"},
        {"{noise: [{channel: bit_flip, p: 0.1, each: true}]}", "only depolarizing has it"},
        {"{noise: [{channel: bit_flip, p: 0.1}], region: [0]}", "device.region contradicts device.noise"},
        {"{qubits: 5, layout: [0, 1, 2]}", "device.layout contradicts student.qubits"},
        {"{qubits: 5, strength: [2, 1]}", "device.strength: one number, or [low, high]"},
        {"{qubits: 5, train: ideal, strength: 2}", "device.strength contradicts device.train"},
        {"{qubits: 5, gradient: spsa}", "device.gradient contradicts device.train_shots"},
        {"{qubits: 5, train_shots: 10, shots_schedule: linear}", "device.shots_schedule contradicts device.shots_end"},
        {"{qubits: 5, train_shots: 10, spsa_step: 0.2}", "device.spsa_step contradicts device.gradient"},
        {"{qubits: 5, mitigation: {scales: 2}}", "device.mitigation.scales contradicts device.mitigation"},
        {"{qubits: 5, mitigation: {scales: [0.5, 1]}}", "scales: 0.5 is not in 1..100"},
        {"{qubits: 5, method: exact, twirl: true}", "device.twirl contradicts device.method"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        qst_recipe *recipe = NULL;
        snprintf(text, sizeof text, MODELS "device: %s\n", cases[i].device);
        assert_status(ctx, load(text, &recipe), QST_ERR_USAGE);
        assert_message(ctx, cases[i].message);
    }
}

static void refused_with_other_keys(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"teacher: {model: logistic}\nstudent: {qubits: 2}\ndevice: {qubits: 5, teacher: device}\n",
         "device.teacher contradicts teacher.model: only a circuit that is trained here is measured"},
        {"teacher: {file: a.onnx}\nstudent: {qubits: 2}\ndevice: {qubits: 5, teacher: mitigated}\n",
         "device.teacher contradicts teacher.file"},
        {"teacher: {qubits: 2, ensemble: 2}\nstudent: {qubits: 2}\ndevice: {qubits: 5, teacher: device}\n",
         "device.teacher contradicts teacher.ensemble"},
        {"teacher: {qubits: 2}\nstudent: {model: logistic}\ndevice: {qubits: 5, train: device}\n",
         "device.train contradicts student.model"},
        {"teacher: {qubits: 2}\nstudent: {qubits: 2, train: {optimizer: lbfgs}}\ndevice: {qubits: 5, train_shots: 9}\n",
         "device.train_shots contradicts student.train.optimizer"},
        {"teacher: {qubits: 2}\nstudent: {qubits: 2}\ncontrols: [noise_unaware]\n",
         "controls contradicts device: noise_unaware needs one"},
        {"teacher: {qubits: 2}\nstudent: {qubits: 2}\nverify: {require: {device.over_teacher.points: 1}}\n",
         "verify.require.device.over_teacher.points contradicts device: there is none"},
        {"teacher: {qubits: 2}\nstudent: {qubits: 2}\ndevice: {qubits: 3}\ncontrols: [no_teacher]\n"
         "verify: {require: {device.over_noise_unaware.points: 1}}\n",
         "contradicts controls: noise_unaware is not among them"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        qst_recipe *recipe = NULL;
        snprintf(text, sizeof text, "data: {source: moons}\n%s", cases[i].text);
        assert_status(ctx, load(text, &recipe), QST_ERR_USAGE);
        assert_message(ctx, cases[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_by_default),
        cmocka_unit_test(defaults),
        cmocka_unit_test(times_of_gates),
        cmocka_unit_test(channels),
        cmocka_unit_test(settings_have_their_own),
        cmocka_unit_test(a_noisy_teacher_is_not_shared),
        cmocka_unit_test(refused),
        cmocka_unit_test(refused_with_other_keys),
    };
    return cmocka_run_group_tests(tests, create_ctx, free_ctx);
}
