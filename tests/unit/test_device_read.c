/* test_device_read.c: the forms of calibrations, their oddities and what becomes of them; kinds known by keys; devices
 * by a few figures; the neutral form there and back. */
#include <qstill/device.h>

#include "support/support.h"

#define DEVICES QSTILL_SOURCE_DIR "/tests/golden/devices/"

static char warnings[8192];

static void keep_warning(void *user, qst_log_level level, const char *message)
{
    (void)user;
    size_t used = strlen(warnings);
    if (level == QST_LOG_WARNING) {
        snprintf(warnings + used, sizeof warnings - used, "%s\n", message);
    }
}

static qst_ctx *listening_ctx(void)
{
    qst_ctx *ctx = NULL;
    warnings[0] = '\0';
    assert_int_equal(qst_ctx_create(&(qst_ctx_opts){.n_threads = 1, .log = keep_warning}, &ctx), QST_OK);
    return ctx;
}

static void assert_warned(const char *part)
{
    if (strstr(warnings, part) == NULL) {
        fail_msg("no warning \"%s\" among:\n%s", part, warnings);
    }
}

static const char *write_text(const char *name, const char *text)
{
    return support_write(name, text, strlen(text));
}

static qst_device *read_text(qst_ctx *ctx, const char *text, const qst_device_read_opts *opts)
{
    const char *path = write_text("device.json", text);
    qst_device *device = NULL;
    assert_ok(ctx, qst_device_read(ctx, &path, 1, opts, &device));
    return device;
}

static void refuse_text(qst_ctx *ctx, const char *text, qst_status status, const char *message)
{
    const char *path = write_text("device.json", text);
    qst_device *device = NULL;
    assert_status(ctx, qst_device_read(ctx, &path, 1, NULL, &device), status);
    assert_message(ctx, message);
    assert_null(device);
}

static qst_device_info describe(const qst_device *device)
{
    qst_device_info info;
    qst_device_describe(device, &info);
    return info;
}

static void assert_text(const qst_device *device, const char *expected)
{
    char *text = NULL;
    size_t n = 0;
    assert_int_equal(qst_device_write(device, &text, &n), QST_OK);
    assert_string_equal(text, expected);
    qst_device_text_free(device, text);
}

/* --- IBM ---------------------------------------------------------------------------------------------------------- */

#define PROPS(qubits, gates)                                                                           \
    "{\"backend_name\": \"toy\", \"last_update_date\": \"2020-01-01T00:00:00Z\", \"qubits\": [" qubits \
    "], \"gates\": [" gates "], \"general\": []}"
#define VALUE(name, unit, value) "{\"name\": \"" name "\", \"unit\": \"" unit "\", \"value\": " value "}"
#define GATE(name, qubits, parameters) \
    "{\"gate\": \"" name "\", \"qubits\": " qubits ", \"parameters\": [" parameters "]}"
#define T1 VALUE("T1", "us", "100")

/* clang-format off */
#define FIRST_QUBIT                                                                                        \
    "[" VALUE("T1", "\xc2\xb5s", "1216") ", " VALUE("T2", "ms", "0.5") ", "                                \
        VALUE("frequency", "MHz", "5000") ", " VALUE("readout_error", "", "0.25") ", "                     \
        VALUE("prob_meas1_prep0", "", "0.5") ", " VALUE("new", "parsec", "1") "]"
#define SECOND_QUBIT \
    "[" VALUE("T1", "s", "1e-4") ", " VALUE("T2", "us", "300") ", " VALUE("operational", "", "0") "]"
#define GATES                                                                                              \
    GATE("x", "[0]", VALUE("gate_error", "", "0") ", " VALUE("gate_length", "us", "0.05")) ", "            \
    GATE("cx", "[1, 0]", VALUE("gate_error", "", "1") ", " VALUE("gate_length", "ns", "300")) ", "         \
    GATE("measure_2", "[0]", VALUE("gate_length", "ns", "700"))
/* clang-format on */

static void units_and_integers(void **state)
{
    (void)state;
    qst_ctx *ctx = listening_ctx();
    qst_device *device = read_text(ctx, PROPS(FIRST_QUBIT ", " SECOND_QUBIT ", []", GATES),
                                   &(qst_device_read_opts){.today_s = INT64_C(1577923200), .max_age_days = 1});
    const qst_device_qubit *qubits = qst_device_qubits(device);
    const qst_device_gate *gates = qst_device_gates(device);
    qst_device_info info = describe(device);
    double matrix[4];
    assert_true(info.n_qubits == 3 && info.n_gates == 3 && info.n_edges == 1 && info.n_basis == 2);
    assert_string_equal(info.kind, "ibm-props");
    assert_close(qubits[0].t1_ns, 1.216e6, 1e-6);
    assert_close(qubits[0].t2_ns, 5e5, 1e-6);
    assert_close(qubits[0].frequency_hz, 5e9, 1e-3);
    assert_close(qubits[1].t1_ns, 1e5, 1e-6);
    assert_close(gates[0].time_ns, 50, 1e-12);
    assert_true(isnan(qubits[2].t1_ns) && isnan(qubits[0].m0p1) && gates[0].error == 0 && isnan(gates[2].error));
    assert_true(!qubits[1].operational && qst_device_gate_dead(device, 1) && !qst_device_gate_dead(device, 0));
    assert_true(qst_device_edges(device)[0].dead && qst_device_edges(device)[0].backward);
    assert_ok(ctx, qst_device_readout(device, 0, QST_READOUT_MODEL_PROPERTIES, matrix));
    assert_close(matrix[1], 0.25, 0); /* prob_meas0_prep1 is missing: both are readout_error */
    assert_warned("T2 > 2 T1 on qubits 1: 2 T1 is taken");
    assert_warned("no T1 and T2 for qubits 2: taken as infinite");
    assert_warned("not calibrated, have cx 1-0: kept at the largest error");
    assert_warned("one of prob_meas1_prep0 and prob_meas0_prep1 is missing for qubits 0");
    assert_warned("switched off are qubits 1");
    assert_warned("falls into 2 pieces");
    assert_null(strstr(warnings, "days ago"));
    qst_device_free(device);
    qst_ctx_free(ctx);
}

static void what_ibm_files_may_not_hold(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    refuse_text(ctx, PROPS("[" VALUE("T1", "fortnights", "1") "]", ""), QST_ERR_INPUT,
                "qubits[0][0]: unit: \"fortnights\" is none of ns, us");
    refuse_text(ctx, PROPS("[" VALUE("T1", "us", "0") "]", ""), QST_ERR_INPUT, "qubits[0][0]: T1: 0 is not > 0");
    refuse_text(ctx, PROPS("[" VALUE("readout_error", "", "1.5") "]", ""), QST_ERR_INPUT,
                "readout_error: 1.5 is not in 0..1");
    refuse_text(ctx, PROPS("[" T1 "], [" T1 ", " VALUE("T1", "us", "3") "]", ""), QST_ERR_INPUT,
                "qubits[1][1]: T1 is there twice: 100000 and 3000");
    refuse_text(ctx, PROPS("[" VALUE("T1", "us", "\"1\"") "]", ""), QST_ERR_INPUT, "qubits[0][0]: value: expected");
    refuse_text(ctx, PROPS("[]", GATE("x", "[1]", "")), QST_ERR_INPUT, "gates[0]: qubit 1: the device has 1 qubits");
    refuse_text(ctx, PROPS("[], []", GATE("cx", "[1, 1]", "")), QST_ERR_INPUT, "gates[0]: qubit 1 stands there twice");
    refuse_text(ctx, PROPS("[]", GATE("../x", "[0]", "")), QST_ERR_INPUT, "gates[0]: \"../x\" is no name of a gate");
    refuse_text(ctx, PROPS("[]", GATE("x", "[0]", VALUE("gate_error", "", "-0.5"))), QST_ERR_INPUT,
                "gates[0].parameters[0]: gate_error: -0.5 is not >= 0");
    refuse_text(ctx, PROPS("[]", GATE("x", "[0]", VALUE("gate_error", "%", "1"))), QST_ERR_INPUT,
                "unit: \"%\": this is a number without a unit");
    refuse_text(ctx,
                PROPS("[]", GATE("x", "[0]", VALUE("gate_error", "", "0.1")) ", " GATE("x", "[0]",
                                                                                       VALUE("gate_error", "", "0.2"))),
                QST_ERR_INPUT, "gate x on qubits 0 is listed twice with different figures (errors 0.1 and 0.2)");
    refuse_text(ctx, PROPS("", ""), QST_ERR_INPUT, "the device has no qubits");
    refuse_text(ctx, "{\"n_qubits\": 1, \"basis_gates\": []}", QST_ERR_INPUT,
                "the properties (props) of the device are missing");
    refuse_text(ctx, "{\"what\": 1}", QST_ERR_INPUT, "no calibration is known by these keys");
    refuse_text(ctx, "[]", QST_ERR_INPUT, "no calibration is known by these keys");
    refuse_text(ctx, "{\"qubits\": [", QST_ERR_INPUT, "device.json:1:");
    qst_ctx_free(ctx);
}

/* The same entry twice with the same figures is one. */
static void twins_are_one(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_device *device =
        read_text(ctx, PROPS("[], []", GATE("x", "[1]", "") ", " GATE("x", "[0]", "") ", " GATE("x", "[1]", "")), NULL);
    size_t found = 9;
    assert_int_equal(describe(device).n_gates, 2);
    assert_ok(ctx, qst_device_find(device, "x", (const size_t[]){0}, 1, &found));
    assert_int_equal(found, 1);
    qst_device_free(device);
    qst_ctx_free(ctx);
}

/* --- files and folders -------------------------------------------------------------------------------------------- */

static void pairs_in_either_order_and_folders(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    const char *props = DEVICES "props_manila.json", *conf = DEVICES "conf_manila.json";
    const char *forward[] = {props, conf}, *backward[] = {conf, props},
               *others[] = {props, DEVICES "conf_sherbrooke.json"};
    const char *folder = DEVICES;
    char *first = NULL, *second = NULL;
    size_t n = 0;
    qst_device *device = NULL;
    assert_ok(ctx, qst_device_read(ctx, forward, 2, NULL, &device));
    assert_int_equal(qst_device_write(device, &first, &n), QST_OK);
    assert_true(describe(device).max_shots > 0 && describe(device).n_edges == 4);
    assert_memory_equal(describe(device).sha256, "5c1e0fe721a8e2fc", 16);
    qst_device *other = NULL;
    assert_ok(ctx, qst_device_read(ctx, backward, 2, NULL, &other));
    assert_int_equal(qst_device_write(other, &second, &n), QST_OK);
    assert_string_equal(first, second);
    qst_device_free(other);
    assert_ok(ctx, qst_device_read(ctx, &props, 1, &(qst_device_read_opts){.configuration = conf}, &other));
    assert_text(other, first);
    qst_device_free(other);
    other = NULL;
    assert_status(ctx, qst_device_read(ctx, &conf, 1, &(qst_device_read_opts){.configuration = props}, &other),
                  QST_ERR_INPUT);
    assert_message(ctx, "this is IBM properties (props), where an IBM configuration (conf) is wanted");
    assert_status(ctx, qst_device_read(ctx, others, 2, NULL, &other), QST_ERR_INPUT);
    assert_message(ctx, "files of two devices");
    assert_status(ctx, qst_device_read(ctx, (const char *[]){props, props}, 2, NULL, &other), QST_ERR_INPUT);
    assert_status(ctx, qst_device_read(ctx, &folder, 1, NULL, &other), QST_ERR_INPUT);
    assert_message(ctx, "files of two devices");
    assert_status(ctx, qst_device_read(ctx, NULL, 0, NULL, &other), QST_ERR_USAGE);
    folder = support_path("no-such-folder");
    assert_status(ctx, qst_device_read(ctx, &folder, 1, NULL, &other), QST_ERR_SYSTEM);
    assert_null(other);
    qst_device_text_free(device, first);
    qst_device_text_free(device, second);
    qst_device_free(device);
    qst_ctx_free(ctx);
}

/* n_qubits and places of the configuration. */
static void configurations_that_do_not_fit(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    static const struct {
        const char *conf, *message;
    } bad[] = {
        {"{\"backend_name\": \"toy\", \"n_qubits\": 3, \"basis_gates\": []}", "n_qubits: 3, but"},
        {"{\"backend_name\": \"tree\", \"n_qubits\": 2, \"basis_gates\": []}", "files of two devices"},
        {"{\"n_qubits\": 2, \"basis_gates\": [1]}", "basis_gates[0]: expected the name of a gate"},
        {"{\"n_qubits\": 2, \"basis_gates\": [], \"coupling_map\": [[0]]}", "coupling_map[0]: expected two qubits"},
        {"{\"n_qubits\": 2, \"basis_gates\": [], \"coupling_map\": [[0, 2]]}", "coupling_map[0]: qubit 2"},
        {"{\"n_qubits\": 2, \"basis_gates\": [], \"coords\": [[0, 1]]}", "coords: 1 places for 2 qubits"},
        {"{\"n_qubits\": 2, \"basis_gates\": [], \"dt\": -1}", "dt: -1 is not > 0"},
    };
    for (size_t b = 0; b < sizeof bad / sizeof *bad; b++) {
        const char *paths[] = {write_text("props.json", PROPS("[" T1 "], [" T1 "]", "")),
                               write_text("conf.json", bad[b].conf)};
        qst_device *device = NULL;
        assert_status(ctx, qst_device_read(ctx, paths, 2, NULL, &device), QST_ERR_INPUT);
        assert_message(ctx, bad[b].message);
    }
    qst_ctx_free(ctx);
}

static void edges_without_calibration_are_dead(void **state)
{
    (void)state;
    qst_ctx *ctx = listening_ctx();
    const char *paths[] = {
        write_text("props.json",
                   PROPS("[" T1 "], [" T1 "], [" T1 "]", GATE("cz", "[0, 1]", VALUE("gate_error", "", "0.01")))),
        write_text("conf.json",
                   "{\"n_qubits\": 3, \"basis_gates\": [\"x\", \"cz\"], \"coupling_map\": [[1, 0], [1, 2]]}")};
    qst_device *device = NULL;
    assert_ok(ctx, qst_device_read(ctx, paths, 2, NULL, &device));
    const qst_device_edge *edges = qst_device_edges(device);
    assert_int_equal(describe(device).n_edges, 2);
    assert_true(edges[0].gate == 0 && !edges[0].dead && edges[0].forward && edges[0].backward);
    assert_true(edges[1].gate == SIZE_MAX && edges[1].dead && edges[1].a == 1 && edges[1].b == 2);
    assert_warned("no gate is calibrated on edges 1-2");
    qst_device_free(device);
    qst_ctx_free(ctx);
}

/* --- Braket, Cirq, IonQ ------------------------------------------------------------------------------------------- */

static void braket_by_qubit(void **state)
{
    (void)state;
    qst_ctx *ctx = listening_ctx();
    qst_device *device = read_text(
        ctx,
        "{\"braketSchemaHeader\": {\"name\": \"braket.device_schema.standardized_gate_model_qpu_device_properties\", "
        "\"version\": \"1\"}, \"oneQubitProperties\": {"
        "\"7\": {\"T1\": {\"value\": 28.9, \"standardError\": null, \"unit\": \"us\"}, \"T2\": {\"value\": 44.5, "
        "\"unit\": "
        "\"us\"}, \"oneQubitFidelity\": [{\"fidelityType\": {\"name\": \"READOUT\"}, \"fidelity\": 0.9}, "
        "{\"fidelityType\": "
        "{\"name\": \"SIMULTANEOUS_RANDOMIZED_BENCHMARKING\"}, \"fidelity\": 0.98}, {\"fidelityType\": {\"name\": "
        "\"RANDOMIZED_BENCHMARKING\"}, \"fidelity\": 0.99}]}, "
        "\"0\": {\"oneQubitFidelity\": []}}, \"twoQubitProperties\": {\"0-7\": {\"twoQubitGateFidelity\": "
        "[{\"direction\": "
        "{\"control\": 7, \"target\": 0}, \"gateName\": \"CNOT\", \"fidelity\": 0.875, \"fidelityType\": {\"name\": "
        "\"X\"}}, "
        "{\"gateName\": \"CPhaseShift\", \"fidelity\": 0.75, \"fidelityType\": {\"name\": \"X\"}}]}}}",
        &(qst_device_read_opts){.time_1q_ns = 40});
    const qst_device_qubit *qubits = qst_device_qubits(device);
    size_t gate = 0;
    double matrix[4];
    assert_string_equal(qubits[1].id, "7");
    assert_close(qubits[1].t1_ns, 28900, 1e-9);
    assert_true(isnan(qubits[0].t1_ns));
    assert_ok(ctx, qst_device_readout(device, 1, QST_READOUT_MODEL_PROPERTIES, matrix));
    assert_close(matrix[1], 0.1, 1e-15);
    assert_close(matrix[2], 0.1, 1e-15);
    assert_ok(ctx, qst_device_find(device, "u", (const size_t[]){1}, 1, &gate));
    assert_close(qst_device_gates(device)[gate].error, 0.01, 1e-15);
    assert_close(qst_device_gates(device)[gate].time_ns, 40, 0);
    assert_ok(ctx, qst_device_find(device, "cx", (const size_t[]){1, 0}, 2, &gate));
    assert_close(qst_device_gates(device)[gate].error, 0.125, 1e-15);
    assert_status(ctx, qst_device_find(device, "cx", (const size_t[]){0, 1}, 2, &gate), QST_ERR_MISMATCH);
    assert_ok(ctx, qst_device_find(device, "cp", (const size_t[]){1, 0}, 2, &gate));
    assert_warned("has no times of gates");
    qst_device_free(device);
    /* Braket's own example has a pair with a qubit of which nothing else is said */
    device =
        read_text(ctx,
                  "{\"oneQubitProperties\": {\"0\": {}}, \"twoQubitProperties\": {\"0-7\": {\"twoQubitGateFidelity\": "
                  "[{\"gateName\": \"CZ\", \"fidelity\": 0.9}]}}}",
                  NULL);
    assert_int_equal(describe(device).n_qubits, 2);
    assert_string_equal(qst_device_qubits(device)[1].id, "7");
    assert_true(qst_device_edges(device)[0].forward && qst_device_edges(device)[0].backward);
    qst_device_free(device);
    refuse_text(ctx, "{\"oneQubitProperties\": {\"0\": {}, \"00\": {}}}", QST_ERR_INPUT,
                "\"00\": a number does not begin");
    refuse_text(ctx, "{\"oneQubitProperties\": {\"0\": {}}, \"twoQubitProperties\": {\"0+1\": {}}}", QST_ERR_INPUT,
                "twoQubitProperties: \"0+1\" is no pair of qubits like 0-1");
    refuse_text(ctx,
                "{\"oneQubitProperties\": {\"0\": {}}, \"twoQubitProperties\": {\"0-1\": {\"twoQubitGateFidelity\": "
                "[{\"gateName\": \"CZ\", \"fidelity\": 0.9, \"direction\": {\"control\": 0, \"target\": 2}}]}}}",
                QST_ERR_INPUT, "twoQubitGateFidelity[0].direction: there is no qubit 2");
    refuse_text(ctx, "{\"oneQubitProperties\": {\"0\": {\"oneQubitFidelity\": [{\"fidelity\": 2}]}}}", QST_ERR_INPUT,
                "oneQubitFidelity[0]: fidelity: 2 is not in 0..1");
    refuse_text(ctx, "{\"oneQubitProperties\": {\"a\": {}}}", QST_ERR_INPUT, "\"a\" is no number of a qubit");
    refuse_text(ctx, "{\"oneQubitProperties\": null, \"twoQubitGateFidelity\": []}", QST_ERR_INPUT, "no qubits");
    qst_ctx_free(ctx);
}

static void braket_by_device(void **state)
{
    (void)state;
    qst_ctx *ctx = listening_ctx();
    qst_device *device = read_text(
        ctx,
        "{\"paradigm\": {\"qubitCount\": 3, \"connectivity\": {\"fullyConnected\": false, \"connectivityGraph\": "
        "{\"0\": "
        "[\"2\"], \"2\": [\"0\", \"1\"]}}}, \"standardized\": {\"oneQubitProperties\": null, \"T1\": {\"value\": 5e-5, "
        "\"unit\": \"s\"}, \"readoutFidelity\": [{\"fidelity\": 0.995, \"unit\": \"fraction\"}], "
        "\"singleQubitGateDuration\": {\"value\": 20, \"unit\": \"ns\"}, \"twoQubitGateDuration\": {\"value\": 0.2, "
        "\"unit\": \"us\"}, \"singleQubitFidelity\": [{\"fidelity\": 0.999}], \"twoQubitGateFidelity\": "
        "[{\"fidelity\": "
        "0.98}], \"updatedAt\": \"2025-02-22T12:29:03Z\"}}",
        NULL);
    qst_device_info info = describe(device);
    assert_true(info.n_qubits == 3 && info.n_edges == 2 && info.n_gates == 6);
    assert_string_equal(info.calibrated, "2025-02-22T12:29:03Z");
    assert_close(qst_device_qubits(device)[2].t1_ns, 5e4, 1e-9);
    assert_close(qst_device_qubits(device)[2].readout_error, 0.005, 1e-15);
    assert_close(qst_device_gates(device)[3].time_ns, 200, 1e-12);
    assert_close(qst_device_gates(device)[3].error, 0.02, 1e-15);
    assert_null(strstr(warnings, "has no times"));
    qst_device_free(device);
    qst_ctx_free(ctx);
}

static void cirq(void **state)
{
    (void)state;
    qst_ctx *ctx = listening_ctx();
    static const char text[] =
        "{\"cirq_type\": \"Calibration\", \"metrics\": {\"metrics\": ["
        "{\"name\": \"single_qubit_idle_t1_micros\", \"targets\": [\"3_10\"], \"values\": [{\"doubleVal\": 20}]},"
        "{\"name\": \"single_qubit_idle_t1_micros\", \"targets\": [\"3_9\"], \"values\": [{\"doubleVal\": 10}]},"
        "{\"name\": \"single_qubit_rb_incoherent_error_per_gate\", \"targets\": [\"3_9\"], \"values\": "
        "[{\"doubleVal\": "
        "0.002}]},"
        "{\"name\": \"single_qubit_rb_incoherent_error_per_gate\", \"targets\": [\"3_10\"], \"values\": "
        "[{\"doubleVal\": "
        "0.0001}]},"
        "{\"name\": \"single_qubit_rb_pauli_error_per_gate\", \"targets\": [\"3_9\"], \"values\": [{\"doubleVal\": "
        "0.003}]},"
        "{\"name\": \"single_qubit_p00_error\", \"targets\": [\"3_9\"], \"values\": [{\"doubleVal\": 0.01}]},"
        "{\"name\": \"single_qubit_p11_error\", \"targets\": [\"3_9\"], \"values\": [{\"doubleVal\": 0.04}]},"
        "{\"name\": \"two_qubit_cz_gate_xeb_pauli_error_per_cycle\", \"targets\": [\"3_9\", \"3_10\"], \"values\": "
        "[{\"doubleVal\": 0.5}]},"
        "{\"name\": \"two_qubit_parallel_cz_gate_xeb_pauli_error_per_cycle\", \"targets\": [\"3_10\", \"3_9\"], "
        "\"values\": [{\"doubleVal\": 0.01}]}]}}";
    qst_device *device = read_text(ctx, text, NULL);
    qst_gate_noise noise;
    double matrix[4];
    assert_string_equal(qst_device_qubits(device)[0].id, "3_9");
    assert_true(isnan(qst_device_qubits(device)[0].t2_ns));
    assert_ok(ctx, qst_device_gate_noise(device, "u", (const size_t[]){0}, 1, 0, &noise));
    assert_close(noise.depolarizing, 0.003 * 4 / 3, 1e-15); /* r 4^n/(4^n - 1) */
    assert_ok(ctx, qst_device_gate_noise(device, "cz", (const size_t[]){0, 1}, 2, 0, &noise));
    assert_close(noise.depolarizing, 0.01 * 16 / 15, 1e-15);
    assert_ok(ctx, qst_device_readout(device, 0, QST_READOUT_MODEL_PROPERTIES, matrix));
    assert_true(matrix[1] == 0.01 && matrix[2] == 0.04);
    assert_warned("has no times of gates");
    qst_device_free(device);
    device = read_text(ctx, text, &(qst_device_read_opts){.time_1q_ns = 25, .time_2q_ns = 32});
    double phi = 25 / (3 * (0.002 - 25.0 / 3e4));
    assert_close(qst_device_qubits(device)[0].t2_ns, 1 / (1 / 2e4 + 1 / phi), 1e-9);
    assert_close(qst_device_qubits(device)[1].t2_ns, 1 / (1 / 4e4 + 1e-10), 1e-6); /* nothing left: 1e10 */
    qst_device_free(device);
    refuse_text(ctx, "{\"metrics\": [{\"name\": \"x\", \"targets\": [\"3-9\"]}]}", QST_ERR_INPUT,
                "metrics[0]: targets[0]: expected a qubit as \"row_col\"");
    refuse_text(ctx, "{\"metrics\": [{\"name\": \"single_qubit_p00_error\", \"targets\": [\"3_9\"], \"values\": []}]}",
                QST_ERR_INPUT, "metrics[0]: single_qubit_p00_error: nan is not in 0..1");
    refuse_text(ctx, "{\"metrics\": []}", QST_ERR_INPUT, "no qubits");
    qst_ctx_free(ctx);
}

static void ionq(void **state)
{
    (void)state;
    qst_ctx *ctx = listening_ctx();
    qst_device *device = read_text(
        ctx,
        "{\"id\": \"a\", \"date\": 1706745600, \"backend\": \"qpu.aria-1\", \"qubits\": 3, \"connectivity\": [[0, 1], "
        "[1, "
        "2]], \"fidelity\": {\"1q\": {\"mean\": 0.9998, \"stderr\": null}, \"2q\": {\"median\": 0.97}, \"spam\": "
        "{\"mean\": 0.995}}, \"timing\": {\"1q\": 1.35e-4, \"2q\": 6e-4, \"readout\": 3e-4, \"t1\": 10, \"t2\": 1}}",
        NULL);
    qst_device_info info = describe(device);
    assert_string_equal(info.calibrated, "2024-02-01T00:00:00Z");
    assert_string_equal(info.name, "qpu.aria-1");
    assert_true(info.n_edges == 2 && info.n_gates == 5);
    assert_close(qst_device_gates(device)[4].error, 0.03, 1e-15);
    assert_close(qst_device_gates(device)[4].time_ns, 6e5, 1e-6);
    assert_close(qst_device_qubits(device)[0].t2_ns, 1e9, 1e-3);
    assert_close(qst_device_qubits(device)[0].readout_error, 0.005, 1e-15);
    qst_device_free(device);
    device =
        read_text(ctx,
                  "{\"paradigm\": {\"qubitCount\": 4, \"connectivity\": {\"fullyConnected\": true}}, \"provider\": "
                  "{\"fidelity\": {\"1Q\": {\"mean\": 0.99}, \"2Q\": {\"mean\": 0.9}}, \"timing\": {\"T1\": 1}}}",
                  NULL);
    assert_int_equal(describe(device).n_edges, 6);
    assert_close(qst_device_qubits(device)[3].t1_ns, 1e9, 1e-3);
    qst_device_free(device);
    refuse_text(ctx, "{\"fidelity\": {}, \"timing\": {}}", QST_ERR_INPUT, "does not say how many qubits there are");
    refuse_text(ctx, "{\"qubits\": 1, \"fidelity\": {\"1q\": {\"mean\": 99}}}", QST_ERR_INPUT,
                "fidelity.1q: mean: 99 is not in 0..1");
    qst_ctx_free(ctx);
}

/* --- the neutral form --------------------------------------------------------------------------------------------- */

static void neutral_there_and_back(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    const char *paths[] = {DEVICES "props_sherbrooke.json", DEVICES "conf_sherbrooke.json"};
    qst_device *device = NULL;
    char *text = NULL;
    size_t n = 0;
    assert_ok(ctx, qst_device_read(ctx, paths, 2, NULL, &device));
    assert_int_equal(qst_device_write(device, &text, &n), QST_OK);
    qst_device *again = read_text(ctx, text, NULL);
    assert_text(again, text);
    assert_int_equal(describe(again).n_gates, describe(device).n_gates);
    for (size_t g = 0; g < describe(device).n_gates; g++) {
        qst_gate_noise one, other;
        assert_ok(ctx, qst_device_entry_noise(device, g, 20, &one));
        assert_ok(ctx, qst_device_entry_noise(again, g, 20, &other));
        assert_true(one.depolarizing == other.depolarizing && one.relaxes == other.relaxes);
        for (size_t k = 0; k < one.n_qubits; k++) {
            assert_memory_equal(&one.relaxation[k], &other.relaxation[k], sizeof one.relaxation[k]);
        }
    }
    qst_device_free(again);
    qst_device_text_free(device, text);
    qst_device_free(device);
    qst_ctx_free(ctx);
}

static void neutral_refusals(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    refuse_text(ctx, "{\"format\": \"qstill-device/2\"}", QST_ERR_INPUT,
                "\"qstill-device/2\" is not \"qstill-device/1\"");
    refuse_text(ctx, "{\"format\": \"qstill-device/1\", \"n_qubits\": 2, \"qubits\": [{}], \"gates\": []}",
                QST_ERR_INPUT, "n_qubits: 2, but qubits has 1 entries");
    refuse_text(ctx, "{\"format\": \"qstill-device/1\", \"n_qubits\": 1, \"qubits\": [{\"t1_ns\": -1}], \"gates\": []}",
                QST_ERR_INPUT, "qubits[0]: t1_ns: -1 is not > 0");
    refuse_text(ctx,
                "{\"format\": \"qstill-device/1\", \"n_qubits\": 1, \"qubits\": [{\"operational\": 2}], \"gates\": []}",
                QST_ERR_INPUT, "operational: expected true, false, 0 or 1");
    refuse_text(ctx,
                "{\"format\": \"qstill-device/1\", \"n_qubits\": 1, \"qubits\": [{}], \"gates\": [{\"name\": \"x\", "
                "\"qubits\": []}]}",
                QST_ERR_UNSUPPORTED, "gates[0]: a gate on 0 qubits");
    refuse_text(ctx, "{\"format\": \"qstill-device/1\", \"n_qubits\": 1000000, \"qubits\": [], \"gates\": []}",
                QST_ERR_INPUT, "n_qubits");
    qst_ctx_free(ctx);
}

static void age_is_counted_in_days(void **state)
{
    (void)state;
    qst_ctx *ctx = listening_ctx();
    /* 2020-01-01 to 2024-03-01: 1521 days */
    qst_device *device = read_text(ctx, PROPS("[" T1 "]", ""),
                                   &(qst_device_read_opts){.today_s = INT64_C(1709251200), .max_age_days = 1520});
    assert_warned("calibrated on 2020-01-01, 1521 days ago");
    qst_device_free(device);
    qst_ctx_free(ctx);
}

/* --- generic ------------------------------------------------------------------------------------------------------ */

static size_t count_edges(qst_ctx *ctx, size_t n, const char *topology)
{
    qst_topology kind = QST_TOPOLOGY_line;
    qst_device *device = NULL;
    assert_ok(ctx, qst_topology_find(ctx, topology, &kind));
    assert_ok(ctx, qst_device_generic(ctx, &(qst_device_generic_opts){.n_qubits = n, .topology = kind}, &device));
    size_t n_edges = describe(device).n_edges;
    qst_device_free(device);
    return n_edges;
}

static void generic_devices(void **state)
{
    (void)state;
    qst_ctx *ctx = listening_ctx();
    qst_device *device = NULL;
    assert_int_equal(count_edges(ctx, 1, "line"), 0);
    assert_int_equal(count_edges(ctx, 5, "line"), 4);
    assert_int_equal(count_edges(ctx, 2, "ring"), 1);
    assert_int_equal(count_edges(ctx, 5, "ring"), 5);
    assert_int_equal(count_edges(ctx, 9, "grid"), 12);
    assert_int_equal(count_edges(ctx, 7, "grid"), 8);
    assert_int_equal(count_edges(ctx, 6, "full"), 15);
    assert_int_equal(count_edges(ctx, 3, "full"), 3);
    assert_int_equal(count_edges(ctx, 7, "heavy_hex"), 6);
    assert_int_equal(count_edges(ctx, 25, "heavy_hex"), 26); /* three rows of 6 edges, four links of 2 */
    assert_null(strstr(warnings, "pieces"));
    assert_ok(ctx, qst_device_generic(ctx, &(qst_device_generic_opts){.n_qubits = 2, .t1_us = 100}, &device));
    assert_null(strstr(warnings, "T2 > 2 T1")); /* nobody gave T2 */
    qst_device_free(device);
    device = NULL;
    assert_status(ctx, qst_device_generic(ctx, &(qst_device_generic_opts){.n_qubits = 0}, &device), QST_ERR_USAGE);
    assert_message(ctx, "device.qubits: 0 is not in 1..10000");
    assert_status(ctx, qst_device_generic(ctx, &(qst_device_generic_opts){.n_qubits = 2, .error_2q = 2}, &device),
                  QST_ERR_USAGE);
    assert_message(ctx, "device.error_2q: 2 is not in 0..1");
    assert_status(ctx,
                  qst_device_generic(
                      ctx,
                      &(qst_device_generic_opts){.n_qubits = 2, .basis = (const char *const[]){"ccx"}, .n_basis = 1},
                      &device),
                  QST_ERR_USAGE);
    assert_message(ctx, "basis: \"ccx\" is no gate on one or two qubits");
    qst_ctx_free(ctx);
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

static qst_status read_manila(qst_ctx *ctx, void *arg)
{
    (void)arg;
    const char *paths[] = {DEVICES "props_manila.json", DEVICES "conf_manila.json"};
    qst_device *device = NULL;
    char *text = NULL;
    size_t n = 0;
    qst_status status = qst_device_read(ctx, paths, 2, NULL, &device);
    if (status == QST_OK) {
        status = qst_device_draw_svg(device, &text, &n);
        qst_device_text_free(device, text);
    }
    qst_device_free(device);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    support_fail_each_allocation(read_manila, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_and_integers),
        cmocka_unit_test(what_ibm_files_may_not_hold),
        cmocka_unit_test(twins_are_one),
        cmocka_unit_test(pairs_in_either_order_and_folders),
        cmocka_unit_test(configurations_that_do_not_fit),
        cmocka_unit_test(edges_without_calibration_are_dead),
        cmocka_unit_test(braket_by_qubit),
        cmocka_unit_test(braket_by_device),
        cmocka_unit_test(cirq),
        cmocka_unit_test(ionq),
        cmocka_unit_test(neutral_there_and_back),
        cmocka_unit_test(neutral_refusals),
        cmocka_unit_test(age_is_counted_in_days),
        cmocka_unit_test(generic_devices),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
