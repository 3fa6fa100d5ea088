/* test_density.c: circuits on devices: density matrices against Kraus operators on dense matrices of the reference
 * simulator, laws, gates that the file defines, what is refused, and readout by hand. */
#include <complex.h>

#include <qstill/density.h>
#include <qstill/qasm.h>

#include "ref/ref.h"
#include "support/assembly_text.h"
#include "support/execution_text.h"
#include "support/support.h"

#define DEVICES QSTILL_SOURCE_DIR "/tests/golden/devices/"

static int open_ctx(void **state)
{
    *state = support_ctx(1);
    return 0;
}

static int close_ctx(void **state)
{
    qst_ctx_free(*state);
    return 0;
}

static qst_device *read_device(qst_ctx *ctx, const char *text)
{
    qst_device *device = NULL;
    const char *path = support_write("device.json", text, strlen(text));
    assert_ok(ctx, qst_device_read(ctx, &path, 1, NULL, &device));
    return device;
}

static qst_device *read_ibm(qst_ctx *ctx, const char *name)
{
    char conf[1024], props[1024];
    const char *paths[] = {conf, props};
    qst_device *device = NULL;
    snprintf(conf, sizeof conf, DEVICES "conf_%s.json", name);
    snprintf(props, sizeof props, DEVICES "props_%s.json", name);
    assert_ok(ctx, qst_device_read(ctx, paths, 2, NULL, &device));
    return device;
}

/* All gates on one and two qubits, noisy or not. */
static qst_device *rich_device(qst_ctx *ctx, size_t n_qubits, bool is_noisy)
{
    const char *basis[QST_GATE_COUNT];
    size_t n_basis = 0;
    qst_device *device = NULL;
    for (int g = 0; g < QST_GATE_COUNT; g++) {
        const qst_gate_info *info = qst_gate_describe((qst_gate)g);
        if (info->n_qubits == 1 || info->n_qubits == 2) {
            basis[n_basis++] = info->name;
        }
    }
    qst_device_generic_opts opts = {
        .n_qubits = n_qubits, .topology = QST_TOPOLOGY_full, .basis = basis, .n_basis = n_basis};
    if (is_noisy) {
        opts.error_1q = 0.01;
        opts.error_2q = 0.05;
        opts.t1_us = 30;
        opts.t2_us = 40;
        opts.time_1q_ns = 100;
        opts.time_2q_ns = 700;
        opts.readout = 0.03;
    }
    assert_ok(ctx, qst_device_generic(ctx, &opts, &device));
    return device;
}

/* Every gate on one and two qubits on random qubits with random angles. */
static qst_assembly *random_assembly(qst_ctx *ctx, uint64_t seed, size_t n_qubits)
{
    ref_rng rng = {seed};
    qst_assembly_builder *builder = NULL;
    qst_assembly *assembly = NULL;
    assert_ok(ctx, qst_assembly_begin(ctx, &builder));
    assert_ok(ctx, qst_assembly_add_qubits(builder, "q", n_qubits));
    for (int i = 0; i < 3 * QST_GATE_COUNT; i++) {
        qst_gate gate = (qst_gate)ref_below(&rng, QST_GATE_COUNT);
        const qst_gate_info *info = qst_gate_describe(gate);
        uint32_t qubits[2] = {(uint32_t)ref_below(&rng, n_qubits), 0};
        qst_token tokens[QST_MAX_GATE_ANGLES];
        qst_expression angles[QST_MAX_GATE_ANGLES];
        if (info->n_qubits > 2) {
            continue;
        }
        qubits[1] = (uint32_t)((qubits[0] + 1 + ref_below(&rng, n_qubits - 1)) % n_qubits);
        for (int a = 0; a < info->n_angles; a++) {
            tokens[a] = (qst_token){.kind = QST_OPERATOR_NUMBER, .number = ref_uniform(&rng, -4, 4)};
            angles[a] = (qst_expression){&tokens[a], 1};
        }
        assert_ok(ctx, add(builder, (qst_instruction){.kind = QST_INSTRUCTION_GATE,
                                                      .gate = gate,
                                                      .qubits = qubits,
                                                      .n_qubits = (size_t)info->n_qubits,
                                                      .angles = angles,
                                                      .n_angles = (size_t)info->n_angles}));
    }
    assert_ok(ctx, qst_assembly_finish(builder, &assembly));
    return assembly;
}

/* --- the oracle --------------------------------------------------------------------------------------------------- */

/* rho' = M rho M^dagger, added to out; rho is a state of 2n bits whose high ones are the row. */
static void add_sandwich(const ref_complex *rho, size_t n, const ref_complex *matrix, size_t k, const size_t *qubits,
                         ref_complex *out)
{
    size_t length = (size_t)1 << (2 * n), rows[QST_MAX_GATE_QUBITS], elements = (size_t)1 << (2 * k);
    ref_complex *copy = malloc(length * sizeof *copy), conjugate[64 * 64];
    assert_non_null(copy);
    memcpy(copy, rho, length * sizeof *copy);
    for (size_t q = 0; q < k; q++) {
        rows[q] = n + qubits[q];
    }
    for (size_t e = 0; e < elements; e++) {
        conjugate[e] = conj(matrix[e]);
    }
    ref_apply(copy, 2 * n, matrix, k, rows);
    ref_apply(copy, 2 * n, conjugate, k, qubits);
    for (size_t i = 0; i < length; i++) {
        out[i] += copy[i];
    }
    free(copy);
}

/* The density matrix with qubit q of the assembly on layout[q]; all qubits of the device are the assembly's. */
static ref_complex *oracle(qst_ctx *ctx, const qst_assembly *assembly, const qst_device *device, const size_t *layout,
                           double temperature_mk)
{
    size_t n = qst_assembly_qubits(assembly), length = (size_t)1 << (2 * n);
    ref_complex *rho = calloc(length, sizeof *rho), *next = calloc(length, sizeof *next);
    assert_true(rho != NULL && next != NULL);
    rho[0] = 1;
    for (size_t i = 0; i < qst_assembly_instructions(assembly); i++) {
        qst_instruction instruction;
        qst_assembly_instruction(assembly, i, &instruction);
        const char *name = qst_gate_describe(instruction.gate)->name;
        ref_complex matrix[REF_MAX_GATE_STATES * REF_MAX_GATE_STATES], *kraus = NULL;
        double angles[QST_MAX_GATE_ANGLES] = {0};
        size_t qubits[QST_MAX_GATE_QUBITS] = {0}, n_kraus = 0, entry = 0, k = instruction.n_qubits;
        qst_gate_noise noise;
        for (size_t a = 0; a < instruction.n_angles; a++) {
            angles[a] = qst_expression_value(&instruction.angles[a], NULL);
        }
        for (size_t q = 0; q < k; q++) {
            qubits[q] = layout[instruction.qubits[q]];
        }
        assert_int_equal(ref_gate_matrix(name, angles, matrix), k);
        memset(next, 0, length * sizeof *next);
        add_sandwich(rho, n, matrix, k, qubits, next);
        memcpy(rho, next, length * sizeof *rho);
        if (k == 0) {
            continue;
        }
        assert_ok(ctx, qst_device_find(device, name, qubits, k, &entry));
        assert_ok(ctx, qst_device_entry_noise(device, entry, temperature_mk, &noise));
        memcpy(qubits, qst_device_gates(device)[entry].qubits, k * sizeof *qubits); /* cz: perhaps turned */
        assert_ok(ctx, qst_noise_kraus(ctx, &noise, &kraus, &n_kraus));
        memset(next, 0, length * sizeof *next);
        for (size_t o = 0; o < n_kraus; o++) {
            add_sandwich(rho, n, kraus + (o << (2 * k)), k, qubits, next);
        }
        memcpy(rho, next, length * sizeof *rho);
        qst_kraus_free(ctx, kraus);
    }
    free(next);
    return rho;
}

static qst_density *simulate(qst_ctx *ctx, const qst_assembly *assembly, const qst_density_opts *opts)
{
    qst_density *density = NULL;
    assert_ok(ctx, qst_density_simulate(assembly, opts, &density));
    return density;
}

static void check_laws(const qst_density *density)
{
    const size_t *qubits;
    size_t dim = (size_t)1 << qst_density_qubits(density, &qubits);
    const double complex *rho = qst_density_matrix(density);
    double complex trace = 0;
    for (size_t i = 0; i < dim; i++) {
        trace += rho[i * dim + i];
        assert_true(creal(rho[i * dim + i]) >= -1e-15);
        for (size_t j = 0; j <= i; j++) {
            assert_close(cabs(rho[i * dim + j] - conj(rho[j * dim + i])), 0, 1e-14);
        }
    }
    assert_close(creal(trace), 1, 1e-12);
    assert_close(cimag(trace), 0, 1e-14);
}

static void densities_are_those_of_kraus_operators(void **state)
{
    qst_ctx *ctx = *state;
    const size_t layouts[][4] = {{0, 1, 2, 3}, {2, 0, 3, 1}};
    for (uint64_t seed = 0; seed < 6; seed++) {
        size_t n = 2 + seed % 3;
        const size_t *layout = layouts[n == 4 && seed > 2];
        qst_assembly *assembly = random_assembly(ctx, seed, n);
        qst_device *device = rich_device(ctx, n, true);
        qst_density_opts opts = {
            .device = device, .layout = layout == layouts[0] ? NULL : layout, .n_layout = layout == layouts[0] ? 0 : n};
        qst_density *density = simulate(ctx, assembly, &opts);
        ref_complex *expected = oracle(ctx, assembly, device, layout, 0);
        double worst = 0;
        for (size_t i = 0; i < (size_t)1 << (2 * n); i++) {
            worst = fmax(worst, cabs(expected[i] - qst_density_matrix(density)[i]));
        }
        assert_close(worst, 0, 1e-12);
        check_laws(density);
        free(expected);
        qst_density_free(density);
        qst_device_free(device);
        qst_assembly_free(assembly);
    }
}

/* Different relaxation of every qubit, a warm device, a gate on three qubits, one entry for both orders of cz. */
static void qubits_of_an_entry_keep_their_order(void **state)
{
    qst_ctx *ctx = *state;
    qst_device *device = read_device(
        ctx,
        "{\"format\": \"qstill-device/1\", \"name\": \"uneven\", \"n_qubits\": 3, \"qubits\": [{\"t1_ns\": 1000, "
        "\"t2_ns\": "
        "900, \"frequency_hz\": 5e9}, {\"t1_ns\": 3000, \"t2_ns\": 5000, \"frequency_hz\": 3e9}, {\"t2_ns\": 700}],"
        "\"gates\": [{\"name\": \"h\", \"qubits\": [0], \"error\": 0.01}, {\"name\": \"h\", \"qubits\": [1]},"
        "{\"name\": \"h\", \"qubits\": [2], \"time_ns\": 50}, {\"name\": \"cz\", \"qubits\": [0, 1], \"error\": 0.3, "
        "\"time_ns\": 300}, {\"name\": \"ccx\", \"qubits\": [2, 0, 1], \"error\": 0.4, \"time_ns\": 500}]}");
    qst_assembly *assembly =
        parse(ctx, HEAD "qreg q[3]; h q[0]; h q[1]; h q[2]; cz q[1],q[0]; h q[1]; ccx q[2],q[0],q[1];"
                        "h q[0]; cz q[0],q[1];");
    const size_t layout[] = {0, 1, 2};
    qst_density *density = simulate(ctx, assembly, &(qst_density_opts){.device = device, .temperature_mk = 80});
    ref_complex *expected = oracle(ctx, assembly, device, layout, 80);
    for (size_t i = 0; i < 64; i++) {
        assert_close(cabs(expected[i] - qst_density_matrix(density)[i]), 0, 1e-13);
    }
    check_laws(density);
    free(expected);
    qst_density_free(density);
    qst_assembly_free(assembly);
    qst_device_free(device);
}

static void no_noise_is_the_state(void **state)
{
    qst_ctx *ctx = *state;
    qst_device *device = rich_device(ctx, 4, false);
    qst_assembly *assembly = random_assembly(ctx, 77, 4);
    qst_density *density = simulate(ctx, assembly, &(qst_density_opts){.device = device});
    double complex psi[16];
    assert_ok(ctx, qst_assembly_state(assembly, NULL, psi));
    for (size_t i = 0; i < 256; i++) {
        assert_close(cabs(qst_density_matrix(density)[i] - psi[i / 16] * conj(psi[i % 16])), 0, 1e-13);
    }
    qst_density_free(density);
    qst_assembly_free(assembly);
    qst_device_free(device);
}

/* --- which gates are the device's --------------------------------------------------------------------------------- */

static void check_same(qst_ctx *ctx, const qst_device *device, const char *one, const char *other)
{
    qst_assembly *a = parse(ctx, one), *b = parse(ctx, other);
    qst_density *p = simulate(ctx, a, &(qst_density_opts){.device = device});
    qst_density *q = simulate(ctx, b, &(qst_density_opts){.device = device});
    const size_t *qubits;
    size_t k = qst_density_qubits(p, &qubits);
    assert_int_equal(k, qst_density_qubits(q, &qubits));
    for (size_t i = 0; i < (size_t)1 << (2 * k); i++) {
        assert_close(cabs(qst_density_matrix(p)[i] - qst_density_matrix(q)[i]), 0, 1e-14);
    }
    qst_density_free(p);
    qst_density_free(q);
    qst_assembly_free(a);
    qst_assembly_free(b);
}

static void gates_of_the_file_are_the_devices(void **state)
{
    qst_ctx *ctx = *state;
    qst_device *manila = read_ibm(ctx, "manila"), *sherbrooke = read_ibm(ctx, "sherbrooke");
    check_same(ctx, manila,
               "OPENQASM 2.0; gate id a { } gate x a { U(pi,0,pi) a; } gate mine a,b { CX a,b; }"
               "qreg q[2]; x q[0]; id q[1]; mine q[0],q[1];",
               HEAD "qreg q[2]; x q[0]; barrier q; id q[1]; cx q[0],q[1];");
    check_same(ctx, manila,
               "OPENQASM 2.0; gate sx a { U(pi/2,-pi/2,pi/2) a; } gate rz(t) a { U(0,0,t) a; } gate cx a,b { CX a,b; }"
               "qreg q[2]; sx q[0]; rz(0.4) q[0]; sx q[0]; cx q[0],q[1];",
               HEAD "qreg q[2]; sx q[0]; rz(0.4) q[0]; sx q[0]; cx q[0],q[1];");
    check_same(ctx, sherbrooke, HEAD "gate ecr a,b { s a; sx b; cx a,b; x a; } qreg q[2]; sx q[1]; ecr q[1],q[0];",
               HEAD "gate rzx(t) a,b { h b; cx a,b; rz(t) b; cx a,b; h b; } gate ecr a,b { rzx(pi/4) a,b; x a; "
                    "rzx(-pi/4) a,b; } qreg q[2]; sx q[1]; ecr q[1],q[0];");
    qst_device_free(manila);
    qst_device_free(sherbrooke);
}

static void refuse(qst_ctx *ctx, const qst_density_opts *opts, const char *text, qst_status expected, const char *part)
{
    qst_assembly *assembly = parse(ctx, text);
    qst_density *density = NULL;
    assert_status(ctx, qst_density_simulate(assembly, opts, &density), expected);
    assert_message(ctx, part);
    assert_null(density);
    qst_assembly_free(assembly);
}

static void what_does_not_fit_is_refused(void **state)
{
    qst_ctx *ctx = *state;
    qst_device *manila = read_ibm(ctx, "manila"), *sherbrooke = read_ibm(ctx, "sherbrooke"), *wide = NULL;
    qst_density_opts on = {.device = manila}, ecr = {.device = sherbrooke};
    refuse(ctx, &on, HEAD "qreg q[2]; h q[0];", QST_ERR_MISMATCH, "no gate h");
    refuse(ctx, &on, HEAD "qreg q[3]; x q[0]; cx q[0],q[2];", QST_ERR_MISMATCH, "instruction 1");
    refuse(ctx, &on, HEAD "qreg q[6]; x q[0];", QST_ERR_MISMATCH, "the circuit has 6 qubits");
    refuse(ctx, &on, HEAD "gate sx a { x a; h a; } qreg q[1]; sx q[0];", QST_ERR_MISMATCH, "no gate h");
    refuse(ctx, &on, HEAD "gate inner a { sx a; } qreg q[1]; creg c[1]; measure q[0] -> c[0]; inner q[0];",
           QST_ERR_UNSUPPORTED, "a measurement in the middle");
    refuse(ctx, &on, HEAD "qreg q[1]; creg c[2]; measure q[0] -> c[0]; measure q[0] -> c[1];", QST_ERR_UNSUPPORTED,
           "a measurement in the middle");
    refuse(ctx, &on, HEAD "qreg q[1]; x q[0]; reset q[0];", QST_ERR_UNSUPPORTED, "instruction 1: a reset");
    refuse(ctx, &on, HEAD "qreg q[1]; creg c[1]; if(c==1) x q[0];", QST_ERR_UNSUPPORTED, "a condition");
    refuse(ctx, &ecr, HEAD "gate ecr a,b { s a; sx b; cx a,b; x a; } qreg q[2]; ecr q[0],q[1];", QST_ERR_MISMATCH,
           "instruction 0");
    on.layout = (size_t[]){0, 5};
    on.n_layout = 2;
    refuse(ctx, &on, HEAD "qreg q[2]; x q[0];", QST_ERR_USAGE, "5 is no qubit");
    refuse(ctx, &on, HEAD "qreg q[3]; x q[0];", QST_ERR_MISMATCH, "the layout has 2 qubits, and the circuit 3");
    on.layout = (size_t[]){3, 3};
    refuse(ctx, &on, HEAD "qreg q[2]; x q[0];", QST_ERR_USAGE, "qubit 3 is there twice");
    refuse(ctx, &(qst_density_opts){.device = manila, .temperature_mk = NAN}, HEAD "qreg q[1]; x q[0];", QST_ERR_USAGE,
           "temperature");
    assert_ok(ctx, qst_device_generic(ctx, &(qst_device_generic_opts){.n_qubits = 12}, &wide));
    refuse(ctx, &(qst_density_opts){.device = wide}, HEAD "qreg q[12]; x q;", QST_ERR_LIMIT, "more than 10 qubits");
    qst_device_free(wide);
    qst_device_free(manila);
    qst_device_free(sherbrooke);
}

/* --- readout ------------------------------------------------------------------------------------------------------ */

#define READER                                                                                                         \
    "{\"format\": \"qstill-device/1\", \"name\": \"reader\", \"n_qubits\": 3, \"qubits\": [{\"m1p0\": 0.1, \"m0p1\": " \
    "0.2, \"readout_error\": 0.3}, {\"m1p0\": 0.05, \"m0p1\": 0.15, \"t1_ns\": 100}, {\"m1p0\": 0.25, \"m0p1\": "      \
    "0.5}], "                                                                                                          \
    "\"gates\": [{\"name\": \"x\", \"qubits\": [0]}, {\"name\": \"x\", \"qubits\": [1]}%s]}"

static qst_device *reader(qst_ctx *ctx, const char *more)
{
    char text[1024];
    snprintf(text, sizeof text, READER, more);
    return read_device(ctx, text);
}

static qst_outcomes *outcomes_of(qst_ctx *ctx, const qst_density_opts *opts, const char *text, size_t n_shots)
{
    qst_assembly *assembly = parse(ctx, text);
    qst_density *density = simulate(ctx, assembly, opts);
    qst_outcomes *outcomes = NULL;
    assert_ok(ctx, qst_density_outcomes(density, n_shots, 5, &outcomes));
    qst_density_free(density);
    qst_assembly_free(assembly);
    return outcomes;
}

static void bits_are_read_with_errors(void **state)
{
    qst_ctx *ctx = *state;
    qst_device *device = reader(ctx, ""),
               *noisy = reader(ctx, ", {\"name\": \"measure\", \"qubits\": [1], \"time_ns\": 50}");
    const char *text =
        HEAD "qreg q[3]; creg a[1]; creg b[2]; x q[0]; x q[1]; measure q[1] -> a[0]; measure q[0] -> b[0];"
             "measure q[2] -> b[1];";
    qst_outcomes *outcomes = outcomes_of(ctx, &(qst_density_opts){.device = device}, text, 0);
    assert_int_equal(qst_outcomes_number(outcomes), 8);
    assert_close(probability(outcomes, "01 1"), 0.75 * 0.8 * 0.85, 1e-15);
    assert_close(probability(outcomes, "10 0"), 0.25 * 0.2 * 0.15, 1e-15);
    assert_close(qst_outcomes_expectations(outcomes)[0], -1, 0);
    assert_close(qst_outcomes_expectations(outcomes)[2], 1, 0);
    qst_outcomes_free(outcomes);
    outcomes = outcomes_of(ctx, &(qst_density_opts){.device = device, .readout = QST_READOUT_MODEL_SYMMETRIC}, text, 0);
    assert_close(probability(outcomes, "01 1"), 0.625 * 0.7 * 0.9, 1e-15);
    qst_outcomes_free(outcomes);
    outcomes = outcomes_of(ctx, &(qst_density_opts){.device = noisy}, text, 0);
    double stays = exp(-0.5);
    assert_close(probability(outcomes, "01 1"), 0.75 * 0.8 * (stays * 0.85 + (1 - stays) * 0.05), 1e-15);
    assert_close(qst_outcomes_expectations(outcomes)[1], -1, 0);
    qst_outcomes_free(outcomes);
    /* nothing measured: all qubits; or those that are named; one bit written twice: the last */
    outcomes = outcomes_of(ctx, &(qst_density_opts){.device = device}, HEAD "qreg q[3]; x q[0];", 0);
    assert_close(probability(outcomes, "001"), 0.75 * 0.95 * 0.8, 1e-15);
    qst_outcomes_free(outcomes);
    outcomes = outcomes_of(ctx, &(qst_density_opts){.device = device, .measured = (size_t[]){2, 0}, .n_measured = 2},
                           HEAD "qreg q[3]; x q[0];", 0);
    assert_close(probability(outcomes, "10"), 0.75 * 0.8, 1e-15);
    qst_outcomes_free(outcomes);
    outcomes = outcomes_of(ctx, &(qst_density_opts){.device = device},
                           HEAD "qreg q[2]; creg c[1]; x q[0]; measure q[1] -> c[0]; measure q[0] -> c[0];", 0);
    assert_close(probability(outcomes, "1"), 0.8, 1e-15);
    qst_outcomes_free(outcomes);
    qst_device_free(device);
    qst_device_free(noisy);
}

static void shots_are_those_of_the_probabilities(void **state)
{
    qst_ctx *ctx = *state;
    qst_device *device = reader(ctx, "");
    const char *text = HEAD "qreg q[3]; creg c[3]; x q[0]; x q[1]; measure q -> c;";
    const double n = 1e6;
    qst_outcomes *exact = outcomes_of(ctx, &(qst_density_opts){.device = device}, text, 0);
    qst_outcomes *drawn = outcomes_of(ctx, &(qst_density_opts){.device = device}, text, (size_t)n);
    qst_outcomes *again = outcomes_of(ctx, &(qst_density_opts){.device = device}, text, (size_t)n);
    uint64_t sum = 0;
    assert_int_equal(qst_outcomes_number(drawn), 8);
    for (size_t i = 0; i < 8; i++) {
        double p = qst_outcomes_probability(exact, i);
        assert_close(qst_outcomes_probability(drawn, i), p, 5 * sqrt(p * (1 - p) / n));
        assert_int_equal(qst_outcomes_count(drawn, i), qst_outcomes_count(again, i));
        sum += qst_outcomes_count(drawn, i);
    }
    assert_int_equal(sum, (size_t)n);
    qst_outcomes_free(exact);
    qst_outcomes_free(drawn);
    qst_outcomes_free(again);
    qst_device_free(device);
}

static qst_status simulate_and_draw(qst_ctx *ctx, void *arg)
{
    static const char text[] = "OPENQASM 2.0; gate x a { U(pi,0,pi) a; } gate cx a,b { CX a,b; } qreg q[3]; creg c[3];"
                               "x q[0]; cx q[0],q[1]; measure q -> c;";
    qst_device *device = NULL;
    qst_assembly *assembly = NULL;
    qst_density *density = NULL;
    qst_outcomes *outcomes = NULL;
    (void)arg;
    const qst_device_generic_opts opts = {.n_qubits = 3, .error_1q = 0.1, .error_2q = 0.1, .readout = 0.1};
    qst_status status = qst_device_generic(ctx, &opts, &device);
    if (status == QST_OK) {
        status = qst_qasm_parse(ctx, "test", text, sizeof text - 1, NULL, NULL, &assembly);
    }
    if (status == QST_OK) {
        status = qst_density_simulate(assembly, &(qst_density_opts){.device = device}, &density);
    }
    if (status == QST_OK) {
        status = qst_density_outcomes(density, 10, 0, &outcomes);
    }
    qst_outcomes_free(outcomes);
    qst_density_free(density);
    qst_assembly_free(assembly);
    qst_device_free(device);
    return status;
}

static void memory_that_runs_out_is_said(void **state)
{
    (void)state;
    support_fail_each_allocation(simulate_and_draw, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(densities_are_those_of_kraus_operators),
        cmocka_unit_test(qubits_of_an_entry_keep_their_order),
        cmocka_unit_test(no_noise_is_the_state),
        cmocka_unit_test(gates_of_the_file_are_the_devices),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(bits_are_read_with_errors),
        cmocka_unit_test(shots_are_those_of_the_probabilities),
        cmocka_unit_test(memory_that_runs_out_is_said),
    };
    return cmocka_run_group_tests(tests, open_ctx, close_ctx);
}
