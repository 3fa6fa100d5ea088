/* noise_oracle.c: see noise_oracle.h. Kraus operators are written down from the channels' definitions. */
#include "noise_oracle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#define KRAUS_MOST 64
#define DIM_MOST   8

typedef struct kraus {
    size_t n_qubits, n;
    ref_complex matrix[KRAUS_MOST][DIM_MOST * DIM_MOST];
} kraus;

static void *allocate(size_t n_bytes)
{
    void *memory = malloc(n_bytes);
    if (!memory)
        abort();
    return memory;
}

/* rho = sum_K K rho K^dagger */
static void apply_kraus(const kraus *channel, size_t n, const size_t *qubits, ref_complex *rho)
{
    size_t size = (size_t)1 << 2 * n, dim = (size_t)1 << channel->n_qubits, rows[5];
    ref_complex *sum = allocate(size * sizeof *sum), *part = allocate(size * sizeof *part);
    for (size_t q = 0; q < channel->n_qubits; q++)
        rows[q] = qubits[q] + n;
    memset(sum, 0, size * sizeof *sum);
    for (size_t k = 0; k < channel->n; k++) {
        ref_complex conjugate[DIM_MOST * DIM_MOST];
        for (size_t i = 0; i < dim * dim; i++)
            conjugate[i] = conj(channel->matrix[k][i]);
        memcpy(part, rho, size * sizeof *part);
        ref_apply(part, 2 * n, channel->matrix[k], channel->n_qubits, rows);
        ref_apply(part, 2 * n, conjugate, channel->n_qubits, qubits);
        for (size_t i = 0; i < size; i++)
            sum[i] += part[i];
    }
    memcpy(rho, sum, size * sizeof *rho);
    free(sum);
    free(part);
}

static void apply_gate(const char *name, const double *angles, size_t n, const size_t *qubits, ref_complex *rho)
{
    ref_complex matrix[REF_MAX_GATE_STATES * REF_MAX_GATE_STATES];
    size_t rows[5] = {0};
    int k = ref_gate_matrix(name, angles, matrix);
    if (k < 0)
        abort();
    for (int q = 0; q < k; q++)
        rows[q] = qubits[q] + n;
    ref_apply(rho, 2 * n, matrix, (size_t)k, rows);
    for (size_t i = 0; i < (size_t)1 << 2 * k; i++)
        matrix[i] = conj(matrix[i]);
    ref_apply(rho, 2 * n, matrix, (size_t)k, qubits);
}

/* --- channels ----------------------------------------------------------------------------------------------------- */

/* sqrt(probability) times the product of Paulis, code's digits I X Y Z. */
static void add_pauli(kraus *to, size_t code, double probability)
{
    static const ref_complex letters[4][4] = {{1, 0, 0, 1}, {0, 1, 1, 0}, {0, -I, I, 0}, {1, 0, 0, -1}};
    size_t dim = (size_t)1 << to->n_qubits;
    for (size_t row = 0; row < dim; row++) {
        for (size_t column = 0; column < dim; column++) {
            ref_complex value = sqrt(probability);
            for (size_t q = 0; q < to->n_qubits; q++)
                value *= letters[code >> 2 * q & 3][2 * (row >> q & 1) + (column >> q & 1)];
            to->matrix[to->n][row * dim + column] = value;
        }
    }
    to->n++;
}

static void add_matrix(kraus *to, double a, double b, double c, double d)
{
    const ref_complex matrix[4] = {a, b, c, d};
    memcpy(to->matrix[to->n++], matrix, sizeof matrix);
}

static void depolarize(double p, size_t k, kraus *out)
{
    double all = pow(4, (double)k);
    out->n_qubits = k;
    for (size_t code = 0; code < (size_t)all; code++)
        add_pauli(out, code, code == 0 ? fmax(0, 1 - p * (all - 1) / all) : p / all);
}

static void damp(double gamma, double excited, kraus *out)
{
    double down = sqrt(1 - excited), up = sqrt(excited), stay = sqrt(1 - gamma), go = sqrt(gamma);
    add_matrix(out, down, 0, 0, down * stay);
    add_matrix(out, 0, down * go, 0, 0);
    add_matrix(out, up * stay, 0, 0, up);
    add_matrix(out, 0, 0, up * go, 0);
}

static void dephase(double coherence, kraus *out)
{
    add_matrix(out, 1, 0, 0, coherence);
    add_matrix(out, 0, 0, 0, sqrt(fmax(0, 1 - coherence * coherence)));
}

static void flip(double x, double y, double z, kraus *out)
{
    add_pauli(out, 0, 1 - x - y - z);
    add_pauli(out, 1, x);
    add_pauli(out, 2, y);
    add_pauli(out, 3, z);
}

/* A channel on one qubit. */
static void act_on_one(const qst_channel *channel, size_t n, size_t qubit, ref_complex *rho)
{
    const double *v = channel->numbers;
    kraus *k = allocate(sizeof *k);
    *k = (kraus){.n_qubits = 1};
    double decay = 0;
    switch (channel->kind) {
    case QST_CHANNEL_depolarizing:
        depolarize(v[0], 1, k);
        break;
    case QST_CHANNEL_pauli:
        flip(v[0], v[1], v[2], k);
        break;
    case QST_CHANNEL_bit_flip:
        flip(v[0], 0, 0, k);
        break;
    case QST_CHANNEL_phase_flip:
        flip(0, 0, v[0], k);
        break;
    case QST_CHANNEL_bit_phase_flip:
        flip(0, v[0], 0, k);
        break;
    case QST_CHANNEL_amplitude_damping:
        damp(v[0], v[1], k);
        break;
    case QST_CHANNEL_phase_damping:
        dephase(sqrt(1 - v[0]), k);
        break;
    case QST_CHANNEL_thermal_relaxation:
        decay = 1 - exp(-v[2] / v[0]);
        damp(decay, v[3], k);
        apply_kraus(k, n, &qubit, rho);
        k->n = 0;
        dephase(exp(-v[2] / v[1]) / sqrt(1 - decay), k);
        break;
    case QST_CHANNEL_rotation_x:
    case QST_CHANNEL_rotation_y:
    case QST_CHANNEL_rotation_z:
        apply_gate(channel->kind == QST_CHANNEL_rotation_x   ? "rx"
                   : channel->kind == QST_CHANNEL_rotation_y ? "ry"
                                                             : "rz",
                   v, n, &qubit, rho);
        free(k);
        return;
    default:
        abort();
    }
    apply_kraus(k, n, &qubit, rho);
    free(k);
}

static bool is_meant(const qst_noise_rule *rule, const char *gate, size_t n_qubits)
{
    bool found = rule->gates == NULL;
    for (size_t g = 0; g < rule->n_gates; g++)
        found |= strcmp(qst_gate_describe(rule->gates[g])->name, gate) == 0;
    return found && (rule->gate_qubits == 0 || rule->gate_qubits == n_qubits);
}

static void act(const qst_noise_rule *rule, const ref_operation *operation, size_t n_gate, size_t n, ref_complex *rho)
{
    size_t qubits[5], k = 0;
    if (!is_meant(rule, operation->gate, n_gate))
        return;
    for (size_t q = 0; q < n_gate; q++) {
        bool found = rule->qubits == NULL;
        for (size_t i = 0; i < rule->n_qubits; i++)
            found |= rule->qubits[i] == operation->qubits[q];
        if (found)
            qubits[k++] = operation->qubits[q];
    }
    if (rule->channel.kind == QST_CHANNEL_over_rotation) {
        if (k == n_gate)
            apply_gate(operation->gate, rule->channel.numbers, n, operation->qubits, rho);
    } else if (rule->channel.kind == QST_CHANNEL_depolarizing && !rule->each && k > 1) {
        kraus *together = allocate(sizeof *together);
        *together = (kraus){0};
        depolarize(rule->channel.numbers[0], k, together);
        apply_kraus(together, n, qubits, rho);
        free(together);
    } else {
        for (size_t q = 0; q < k; q++)
            act_on_one(&rule->channel, n, qubits[q], rho);
    }
}

/* --- circuits and readouts ---------------------------------------------------------------------------------------- */

void oracle_density(const oracle_noise *noise, const qst_circuit *circuit, const double *weights, const double *x,
                    ref_complex *out)
{
    ref_circuit *description = ref_describe(circuit);
    size_t n = description->n_qubits, dim = (size_t)1 << n, n_operations = description->n_operations;
    ref_complex *start = allocate(dim * sizeof *start);
    description->n_operations = 0;
    ref_circuit_state(description, weights, x, start);
    for (size_t i = 0; i < dim; i++)
        for (size_t j = 0; j < dim; j++)
            out[i * dim + j] = start[i] * conj(start[j]);
    for (size_t o = 0; o < n_operations; o++) {
        const ref_operation *operation = &description->operations[o];
        double angles[4] = {0};
        qst_gate gate = QST_GATE_id;
        for (size_t a = 0; a < operation->n_angles; a++)
            angles[a] = ref_angle_value(&operation->angles[a], weights, x);
        apply_gate(operation->gate, angles, n, operation->qubits, out);
        if (!qst_gate_find(operation->gate, &gate))
            abort();
        for (size_t r = 0; r < noise->n_rules; r++)
            act(&noise->rules[r], operation, (size_t)qst_gate_describe(gate)->n_qubits, n, out);
    }
    free(start);
    ref_circuit_free(description);
}

/* tr(rho P), each letter on qubit q being read as (m0p1 - m1p0) + (1 - m0p1 - m1p0) of it. */
static double read_pauli(const oracle_noise *noise, const ref_complex *rho, size_t n, const char *letters)
{
    size_t dim = (size_t)1 << n;
    ref_complex *image = allocate(dim * dim * sizeof *image), *other = allocate(dim * dim * sizeof *other), trace = 0;
    memcpy(image, rho, dim * dim * sizeof *image);
    for (size_t q = 0; q < n; q++) {
        char letter = letters[n - 1 - q];
        const char *gate = letter == 'X' ? "x" : letter == 'Y' ? "y" : "z";
        ref_complex matrix[REF_MAX_GATE_STATES * REF_MAX_GATE_STATES];
        size_t row = q + n;
        if (letter == 'I')
            continue;
        memcpy(other, image, dim * dim * sizeof *other);
        ref_gate_matrix(gate, NULL, matrix);
        ref_apply(image, 2 * n, matrix, 1, &row);
        for (size_t i = 0; i < dim * dim; i++)
            image[i] = (noise->m0p1[q] - noise->m1p0[q]) * other[i] + (1 - noise->m0p1[q] - noise->m1p0[q]) * image[i];
    }
    for (size_t i = 0; i < dim; i++)
        trace += image[i * dim + i];
    free(image);
    free(other);
    return creal(trace);
}

static double read_as(const oracle_noise *noise, const ref_complex *rho, size_t n, size_t bits)
{
    size_t dim = (size_t)1 << n;
    double sum = 0;
    for (size_t i = 0; i < dim; i++) {
        double probability = creal(rho[i * dim + i]);
        for (size_t q = 0; q < n; q++) {
            double wrong = i >> q & 1 ? noise->m0p1[q] : noise->m1p0[q];
            probability *= (i >> q & 1) == (bits >> q & 1) ? 1 - wrong : wrong;
        }
        sum += probability;
    }
    return sum;
}

static size_t group_of(const ref_readout *readout, size_t bits)
{
    size_t ones = 0;
    for (size_t rest = bits; rest; rest >>= 1)
        ones += rest & 1;
    return (readout->kind == REF_PARITY ? ones : bits) % readout->n_outputs;
}

void oracle_read(const oracle_noise *noise, const qst_readout *readout, const ref_complex *rho, double *out)
{
    ref_readout *description = ref_describe_readout(readout);
    size_t n = description->n_qubits, dim = (size_t)1 << n;
    memset(out, 0, description->n_outputs * sizeof *out);
    for (size_t t = 0; t < description->n_terms && description->kind == REF_EXPECTATIONS; t++) {
        const ref_readout_term *term = &description->terms[t];
        out[term->output] += term->coefficient * read_pauli(noise, rho, n, term->letters);
    }
    for (size_t bits = 0; bits < dim && description->kind != REF_EXPECTATIONS; bits++)
        out[group_of(description, bits)] += read_as(noise, rho, n, bits);
    ref_readout_free(description);
}

void oracle_values(const oracle_noise *noise, const qst_circuit *circuit, const qst_readout *readout,
                   const double *weights, const double *x, double *out)
{
    ref_complex *rho = allocate(((size_t)1 << 2 * qst_circuit_qubits(circuit)) * sizeof *rho);
    oracle_density(noise, circuit, weights, x, rho);
    oracle_read(noise, readout, rho, out);
    free(rho);
}

/* --- models ------------------------------------------------------------------------------------------------------- */

static const qst_gate turning[] = {QST_GATE_rx, QST_GATE_ry, QST_GATE_rz, QST_GATE_rxx, QST_GATE_ryy, QST_GATE_rzx};
static const size_t some_qubits[] = {0, 2};

void oracle_random(ref_rng *rng, bool misread, oracle_noise *out)
{
    const qst_noise_rule all[] = {
        {.channel = {QST_CHANNEL_depolarizing, {ref_uniform(rng, 0, 0.1)}}, .gate_qubits = 1},
        {.channel = {QST_CHANNEL_depolarizing, {ref_uniform(rng, 0, 16.0 / 15)}}, .gate_qubits = 2},
        {.channel = {QST_CHANNEL_depolarizing, {ref_uniform(rng, 0, 0.2)}}, .gate_qubits = 3},
        {.channel = {QST_CHANNEL_depolarizing, {ref_uniform(rng, 0, 0.2)}}, .each = true},
        {.channel = {QST_CHANNEL_pauli, {0.03, 0.01, 0.05}}, .qubits = some_qubits, .n_qubits = 2},
        {.channel = {QST_CHANNEL_bit_flip, {ref_uniform(rng, 0, 0.1)}}},
        {.channel = {QST_CHANNEL_phase_flip, {ref_uniform(rng, 0, 0.1)}}},
        {.channel = {QST_CHANNEL_bit_phase_flip, {ref_uniform(rng, 0, 0.1)}}},
        {.channel = {QST_CHANNEL_amplitude_damping, {ref_uniform(rng, 0, 0.2), ref_uniform(rng, 0, 1)}}},
        {.channel = {QST_CHANNEL_phase_damping, {ref_uniform(rng, 0, 0.2)}}},
        {.channel = {QST_CHANNEL_thermal_relaxation, {50, 70, 4, 0.1}}, .gate_qubits = 2},
        {.channel = {QST_CHANNEL_over_rotation, {ref_uniform(rng, -0.2, 0.2)}}, .gates = turning, .n_gates = 6},
        {.channel = {QST_CHANNEL_rotation_x, {ref_uniform(rng, -0.2, 0.2)}}},
        {.channel = {QST_CHANNEL_rotation_y, {ref_uniform(rng, -0.2, 0.2)}}, .gate_qubits = 1},
        {.channel = {QST_CHANNEL_rotation_z, {ref_uniform(rng, -0.2, 0.2)}}},
    };
    *out = (oracle_noise){0};
    for (size_t r = 0; r < sizeof all / sizeof *all && out->n_rules < ORACLE_RULES; r++)
        if (ref_below(rng, 3) == 0)
            out->rules[out->n_rules++] = all[r];
    if (out->n_rules == 0)
        out->rules[out->n_rules++] = all[0];
    for (size_t q = 0; q < 32 && misread; q++) {
        out->m1p0[q] = ref_uniform(rng, 0, 0.1);
        out->m0p1[q] = ref_uniform(rng, 0, 0.2);
    }
}

void oracle_model(qst_ctx *ctx, const oracle_noise *noise, qst_noise **out)
{
    qst_noise *made = NULL;
    assert_ok(ctx, qst_noise_create(ctx, &made));
    for (size_t r = 0; r < noise->n_rules; r++)
        assert_ok(ctx, qst_noise_add(made, &noise->rules[r]));
    for (size_t q = 0; q < 32; q++)
        if (noise->m1p0[q] > 0 || noise->m0p1[q] > 0)
            assert_ok(ctx, qst_noise_add_readout(made, q, noise->m1p0[q], noise->m0p1[q]));
    *out = made;
}
