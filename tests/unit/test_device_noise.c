/* test_device_noise.c: noise of gates against an oracle that shares no formula with it: relaxation is the exponential
 * of the Lindblad generator with rates p0/T1 down, p1/T1 up and 1/T2 - 1/(2 T1) of dephasing, depolarizing is a sum
 * over Pauli matrices, and fidelities are traces of the matrices that come out. */
#include <qstill/device.h>

#include "support/support.h"

#define TOLERANCE 1e-12
#define MOST      64 /* 4^3 */

typedef double _Complex matrix[MOST * MOST];

/* --- matrices ----------------------------------------------------------------------------------------------------- */

static void multiply(size_t n, const double _Complex *a, const double _Complex *b, double _Complex *out)
{
    static matrix product;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            double _Complex sum = 0;
            for (size_t k = 0; k < n; k++) {
                sum += a[i * n + k] * b[k * n + j];
            }
            product[i * n + j] = sum;
        }
    }
    memcpy(out, product, n * n * sizeof *out);
}

/* out += conj(K) (x) K: rho -> K rho K^dagger with columns stacked, dim = 2^n. */
static void add_kraus(size_t dim, const double _Complex *k, double factor, double _Complex *out)
{
    for (size_t row = 0; row < dim * dim; row++) {
        for (size_t column = 0; column < dim * dim; column++) {
            out[row * dim * dim + column] +=
                factor * k[row % dim * dim + column % dim] * conj(k[row / dim * dim + column / dim]);
        }
    }
}

/* The Kronecker product over qubits of 2 x 2 matrices, the first qubit least significant. */
static void tensor(size_t n, const double _Complex (*factors)[4], double _Complex *out)
{
    size_t dim = (size_t)1 << n;
    for (size_t i = 0; i < dim; i++) {
        for (size_t j = 0; j < dim; j++) {
            double _Complex value = 1;
            for (size_t k = 0; k < n; k++) {
                value *= factors[k][2 * (i >> k & 1) + (j >> k & 1)];
            }
            out[i * dim + j] = value;
        }
    }
}

static const double _Complex paulis[4][4] = {{1, 0, 0, 1}, {0, 1, 1, 0}, {0, -I, I, 0}, {1, 0, 0, -1}};

static void pauli(size_t n, size_t index, double _Complex *out)
{
    double _Complex factors[3][4];
    for (size_t k = 0; k < n; k++) {
        memcpy(factors[k], paulis[index >> (2 * k) & 3], sizeof factors[k]);
    }
    tensor(n, (const double _Complex(*)[4])factors, out);
}

/* --- the oracle --------------------------------------------------------------------------------------------------- */

typedef struct qubit {
    double t1, t2, excited; /* t1 and t2 may be infinite */
} qubit;

static void add_jump(const double _Complex k[4], double rate, double _Complex out[16])
{
    double _Complex square[4];
    for (size_t i = 0; i < 4; i++) { /* K^dagger K */
        square[i] = conj(k[i / 2]) * k[i % 2] + conj(k[2 + i / 2]) * k[2 + i % 2];
    }
    add_kraus(2, k, rate, out);
    for (size_t row = 0; row < 4; row++) {
        for (size_t column = 0; column < 4; column++) {
            size_t i = row % 2, j = row / 2, r = column % 2, s = column / 2;
            out[4 * row + column] -= rate / 2 * ((j == s ? square[2 * i + r] : 0) + (i == r ? square[2 * s + j] : 0));
        }
    }
}

/* exp(t L) of one qubit by scaling and squaring a Taylor series. */
static void relax_one(const qubit *q, double time, double _Complex out[16])
{
    static const double _Complex down[4] = {0, 1, 0, 0}, up[4] = {0, 0, 1, 0}, z[4] = {1, 0, 0, -1};
    double _Complex generator[16] = {0}, power[16] = {0};
    const double scale = 1.0 / (1 << 20);
    double t2 = q->t2 < 2 * q->t1 ? q->t2 : 2 * q->t1;
    add_jump(down, (1 - q->excited) * time / q->t1 * scale, generator);
    add_jump(up, q->excited * time / q->t1 * scale, generator);
    add_jump(z, (time / t2 - time / (2 * q->t1)) / 2 * scale, generator);
    /* exp(G) - 1, squared without the 1 so that nothing is lost: (1 + x)^2 - 1 = 2 x + x x */
    memcpy(power, generator, sizeof power);
    memcpy(out, generator, sizeof generator);
    for (int term = 2; term < 8; term++) {
        multiply(4, power, generator, power);
        for (size_t i = 0; i < 16; i++) {
            power[i] /= term;
            out[i] += power[i];
        }
    }
    for (int s = 0; s < 20; s++) {
        double _Complex square[16];
        multiply(4, out, out, square);
        for (size_t i = 0; i < 16; i++) {
            out[i] = 2 * out[i] + square[i];
        }
    }
    for (size_t i = 0; i < 4; i++) {
        out[5 * i] += 1;
    }
}

/* The superoperator of several qubits from those of each: rows and columns are split by bits. */
static void join(size_t n, double _Complex (*each)[16], double _Complex *out)
{
    size_t dim = (size_t)1 << n, side = dim * dim;
    for (size_t row = 0; row < side; row++) {
        for (size_t column = 0; column < side; column++) {
            double _Complex value = 1;
            for (size_t k = 0; k < n; k++) {
                size_t r = (row % dim >> k & 1) + 2 * (row / dim >> k & 1);
                size_t c = (column % dim >> k & 1) + 2 * (column / dim >> k & 1);
                value *= each[k][4 * r + c];
            }
            out[row * side + column] = value;
        }
    }
}

static double infidelity(size_t n, const double _Complex *superoperator)
{
    double dim = (double)(1 << n), trace = 0;
    size_t side = (size_t)1 << (2 * n);
    for (size_t i = 0; i < side; i++) {
        trace += creal(superoperator[i * side + i]);
    }
    return 1 - (trace / dim + 1) / (dim + 1);
}

static void make_depolarizing(size_t n, double share, double _Complex *out)
{
    size_t n_paulis = (size_t)1 << (2 * n);
    double _Complex operator[64];
    memset(out, 0, n_paulis * n_paulis * sizeof *out);
    for (size_t p = 0; p < n_paulis; p++) {
        double weight = share / (double)n_paulis + (p == 0 ? 1 - share : 0);
        pauli(n, p, operator);
        add_kraus((size_t)1 << n, operator, weight, out);
    }
}

/* The share that gives the whole an infidelity of `error`: found by regula falsi, since infidelity is linear in it. */
static void oracle(size_t n, const qubit *qubits, double time, double error, double _Complex *out)
{
    static matrix relaxation, full;
    double _Complex each[3][16];
    double dim = (double)(1 << n), most = dim * dim / (dim * dim - 1);
    for (size_t k = 0; k < n; k++) {
        relax_one(&qubits[k], time, each[k]);
    }
    join(n, each, relaxation);
    size_t side = (size_t)1 << (2 * n);
    double least = infidelity(n, relaxation), share = 0;
    if (error > least) {
        double wanted = error < dim / (dim + 1) ? error : dim / (dim + 1);
        make_depolarizing(n, 1, full);
        multiply(side, relaxation, full, full);
        share = (wanted - least) / (infidelity(n, full) - least);
        share = share < most ? share : most;
    }
    make_depolarizing(n, share, out);
    multiply(side, relaxation, out, out);
}

/* --- devices of one entry ----------------------------------------------------------------------------------------- */

static double random_number(void)
{
    static uint64_t state = 88172645463325252U;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (double)(state >> 11) * 0x1p-53;
}

/* Writes and reads the neutral form of a device with one gate on the first n of its qubits, turned. */
static qst_device *make_device(qst_ctx *ctx, size_t n, const qubit *qubits, const double *frequencies, double time,
                               double error)
{
    static const char *const orders[] = {"", "[0]", "[1, 0]", "[2, 0, 1]"};
    char text[2048];
    int used = snprintf(text, sizeof text, "{\"format\": \"qstill-device/1\", \"n_qubits\": %zu, \"qubits\": [", n);
    for (size_t q = 0; q < n; q++) {
        used += snprintf(text + used, sizeof text - (size_t)used,
                         "%s{\"t1_ns\": %.17g, \"t2_ns\": %.17g, \"frequency_hz\": %.17g}", q ? "," : "", qubits[q].t1,
                         qubits[q].t2, frequencies[q]);
    }
    snprintf(text + used, sizeof text - (size_t)used,
             "], \"gates\": [{\"name\": \"g\", \"qubits\": %s, \"error\": %.17g, \"time_ns\": %.17g}]}", orders[n],
             error, time);
    const char *path = support_write("one.json", text, strlen(text));
    qst_device *device = NULL;
    assert_ok(ctx, qst_device_read(ctx, &path, 1, NULL, &device));
    return device;
}

/* --- what is checked of a noise ----------------------------------------------------------------------------------- */

static void check_kraus(qst_ctx *ctx, const qst_gate_noise *noise, const double _Complex *superoperator)
{
    static matrix sum;
    size_t dim = (size_t)1 << noise->n_qubits, n_operators = 0;
    double _Complex *operators = NULL;
    memset(sum, 0, sizeof sum);
    assert_ok(ctx, qst_noise_kraus(ctx, noise, &operators, &n_operators));
    assert_true(n_operators >= 1 && n_operators <= (size_t)1 << (4 * noise->n_qubits));
    for (size_t k = 0; k < n_operators; k++) {
        add_kraus(dim, operators + k * dim * dim, 1, sum);
    }
    for (size_t i = 0; i < dim * dim * dim * dim; i++) {
        assert_close(cabs(sum[i] - superoperator[i]), 0, TOLERANCE);
    }
    qst_kraus_free(ctx, operators);
}

/* The diagonal in the Pauli basis, tr(P S(P))/2^n, is that of the twirl: sum over Q of +-p_Q. */
static void check_twirl(const qst_gate_noise *noise, const double _Complex *superoperator)
{
    size_t n = noise->n_qubits, dim = (size_t)1 << n, side = dim * dim;
    double shares[64], sum = 0;
    qst_noise_pauli_twirl(noise, shares);
    for (size_t p = 0; p < side; p++) {
        double _Complex operator[64], value = 0;
        double eigenvalue = 0;
        pauli(n, p, operator);
        for (size_t row = 0; row < side; row++) {
            for (size_t column = 0; column < side; column++) {
                value += conj(operator[row % dim * dim + row / dim]) *
                         superoperator[row * side + column] * operator[column % dim * dim + column / dim];
            }
        }
        for (size_t q = 0; q < side; q++) {
            int sign = 1;
            for (size_t k = 0; k < n; k++) {
                size_t a = p >> (2 * k) & 3, b = q >> (2 * k) & 3;
                sign = a && b && a != b ? -sign : sign;
            }
            eigenvalue += sign * shares[q];
        }
        assert_close(creal(value) / (double)dim, eigenvalue, TOLERANCE);
        assert_true(shares[p] >= 0);
        sum += shares[p];
    }
    assert_close(sum, 1, TOLERANCE);
}

static void check_one(qst_ctx *ctx, size_t n, const qubit *qubits, double time, double error, double temperature)
{
    static matrix actual, expected;
    static const size_t orders[4][3] = {{0}, {0}, {1, 0}, {2, 0, 1}};
    double frequencies[3];
    qubit hot[3], listed[3];
    qst_gate_noise noise;
    for (size_t q = 0; q < n; q++) {
        hot[q] = qubits[q];
        frequencies[q] = 5e9 + 1e8 * (double)q;
        if (temperature != 0) { /* h f / k T with the exponent's digits of the model */
            double ratio = 47.99243e-9 * frequencies[q] / fabs(temperature), share = exp(-ratio) / (1 + exp(-ratio));
            hot[q].excited = temperature < 0 ? 1 - share : share;
        }
    }
    for (size_t k = 0; k < n; k++) {
        listed[k] = hot[orders[n][k]];
    }
    qst_device *device = make_device(ctx, n, hot, frequencies, time, error);
    assert_ok(ctx, qst_device_gate_noise(device, "g", orders[n], n, temperature, &noise));
    qst_noise_superoperator(&noise, actual);
    oracle(n, listed, time, error, expected);
    for (size_t i = 0; i < (size_t)1 << (4 * n); i++) {
        assert_close(cabs(actual[i] - expected[i]), 0, TOLERANCE);
    }
    if (n < 3) {
        check_kraus(ctx, &noise, actual);
        check_twirl(&noise, actual);
    }
    qst_device_free(device);
}

static void noise_is_that_of_the_oracle(void **state)
{
    (void)state;
    static const double errors[] = {0, 1e-4, 3e-3, 0.05, 0.6, 0.75, 1}, times[] = {0, 35.5, 533, 4e4};
    static const double temperatures[] = {0, 50, -20, 300};
    qst_ctx *ctx = support_ctx(1);
    for (size_t trial = 0; trial < 230; trial++) {
        qubit qubits[3];
        size_t n = trial < 224 ? 1 + trial % 2 : 3;
        for (size_t q = 0; q < 3; q++) { /* T2 from far below T1 to above 2 T1 */
            qubits[q].t1 = 1e4 + 3e5 * random_number();
            qubits[q].t2 = qubits[q].t1 * (0.05 + 2.3 * random_number());
            qubits[q].excited = 0;
        }
        check_one(ctx, n, qubits, times[trial / 2 % 4], errors[trial / 8 % 7], temperatures[trial / 56 % 4]);
    }
    qst_ctx_free(ctx);
}

/* --- single laws -------------------------------------------------------------------------------------------------- */

static qst_device *make_generic(qst_ctx *ctx, const qst_device_generic_opts *opts)
{
    qst_device *device = NULL;
    assert_ok(ctx, qst_device_generic(ctx, opts, &device));
    return device;
}

static void without_times_all_is_depolarizing(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_device *device = make_generic(
        ctx, &(qst_device_generic_opts){.n_qubits = 3, .error_1q = 0.01, .error_2q = 0.02, .readout = 0.03});
    const size_t pair[] = {1, 2};
    double readout[4];
    qst_gate_noise noise;
    assert_ok(ctx, qst_device_gate_noise(device, "cx", pair, 2, 0, &noise));
    assert_close(noise.depolarizing, 0.02 * 4 / 3, 1e-15);
    assert_false(noise.relaxes);
    assert_ok(ctx, qst_device_gate_noise(device, "sx", pair, 1, 0, &noise));
    assert_close(noise.depolarizing, 0.02, 1e-15);
    assert_ok(ctx, qst_device_gate_noise(device, "rz", pair, 1, 0, &noise));
    assert_true(noise.depolarizing == 0 && !noise.relaxes);
    assert_ok(ctx, qst_device_readout(device, 1, QST_READOUT_MODEL_PROPERTIES, readout));
    assert_close(readout[1], 0.03, 0);
    assert_close(readout[3], 0.97, 0);
    assert_status(ctx, qst_device_gate_noise(device, "cz", pair, 2, 0, &noise), QST_ERR_MISMATCH);
    assert_message(ctx, "has no gate cz, but id, rz, sx, x, cx");
    assert_status(ctx, qst_device_gate_noise(device, "cx", (const size_t[]){0, 2}, 2, 0, &noise), QST_ERR_MISMATCH);
    assert_message(ctx, "gate cx: has no entry for qubits 0, 2");
    assert_status(ctx, qst_device_gate_noise(device, "cx", pair, 2, NAN, &noise), QST_ERR_USAGE);
    assert_status(ctx, qst_device_readout(device, 3, QST_READOUT_MODEL_PROPERTIES, readout), QST_ERR_USAGE);
    qst_device_free(device);
    qst_ctx_free(ctx);
}

static void waiting_is_relaxation_alone(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_device *device =
        make_generic(ctx, &(qst_device_generic_opts){.n_qubits = 1, .t1_us = 100, .t2_us = 50, .error_1q = 0.1});
    qst_gate_noise noise;
    assert_ok(ctx, qst_device_idle_noise(device, 0, 1e4, 0, &noise));
    assert_close(noise.relaxation[0].a, 1 - exp(-0.1), 1e-15);
    assert_close(noise.relaxation[0].c, exp(-0.2), 1e-15);
    assert_true(noise.depolarizing == 0 && noise.relaxes);
    assert_status(ctx, qst_device_idle_noise(device, 0, -1, 0, &noise), QST_ERR_USAGE);
    assert_status(ctx, qst_device_idle_noise(device, 1, 1, 0, &noise), QST_ERR_USAGE);
    qst_device_free(device);
    qst_ctx_free(ctx);
}

/* A gate that does not care for the order has its relaxations turned with the qubits; other names of a gate are found.
 */
static void symmetric_gates_turn(void **state)
{
    (void)state;
    static const char text[] =
        "{\"format\": \"qstill-device/1\", \"n_qubits\": 2, \"qubits\": [{\"t1_ns\": 1000}, "
        "{\"t1_ns\": 5000}], \"gates\": [{\"name\": \"cz\", \"qubits\": [0, 1], \"time_ns\": 50}, "
        "{\"name\": \"cx\", \"qubits\": [0, 1], \"time_ns\": 50}, "
        "{\"name\": \"cp\", \"qubits\": [1, 0]}, {\"name\": \"u\", \"qubits\": [1]}]}";
    qst_ctx *ctx = support_ctx(1);
    const char *path = support_write("pair.json", text, strlen(text));
    qst_device *device = NULL;
    qst_gate_noise one, other;
    size_t found = SIZE_MAX;
    assert_ok(ctx, qst_device_read(ctx, &path, 1, NULL, &device));
    assert_ok(ctx, qst_device_gate_noise(device, "cz", (const size_t[]){0, 1}, 2, 0, &one));
    assert_ok(ctx, qst_device_gate_noise(device, "cz", (const size_t[]){1, 0}, 2, 0, &other));
    assert_true(one.relaxation[0].a == other.relaxation[1].a && one.relaxation[1].a == other.relaxation[0].a);
    assert_true(one.relaxation[0].a > one.relaxation[1].a);
    assert_status(ctx, qst_device_gate_noise(device, "cx", (const size_t[]){1, 0}, 2, 0, &other), QST_ERR_MISMATCH);
    assert_ok(ctx, qst_device_find(device, "cu1", (const size_t[]){0, 1}, 2, &found));
    assert_int_equal(found, 2);
    assert_ok(ctx, qst_device_find(device, "u3", (const size_t[]){1}, 1, &found));
    assert_int_equal(found, 3);
    assert_status(ctx, qst_device_find(device, "u2", (const size_t[]){1}, 1, &found), QST_ERR_MISMATCH);
    qst_device_free(device);
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_is_that_of_the_oracle),
        cmocka_unit_test(without_times_all_is_depolarizing),
        cmocka_unit_test(waiting_is_relaxation_alone),
        cmocka_unit_test(symmetric_gates_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
