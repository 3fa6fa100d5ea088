/* dense_noise.c: see dense_noise.h. */
#include "dense_noise.h"

void dense_random(ref_rng *rng, size_t n, dense *out)
{
    *out = (dense){.n = n};
    for (size_t i = 0; i < (size_t)1 << (2 * n); i++)
        out->rho[i] = ref_uniform(rng, -1, 1) + I * ref_uniform(rng, -1, 1);
}

/* As a state of 2n bits: K on those of the rows, its complex conjugate on those of the columns. */
void dense_kraus(dense *at, const ref_complex *operators, size_t n_operators, size_t k, const size_t *qubits)
{
    size_t side = (size_t)1 << k, columns[DENSE_MAX_QUBITS];
    dense sum = {.n = at->n};
    for (size_t q = 0; q < k; q++)
        columns[q] = qubits[q] + at->n;
    for (size_t o = 0; o < n_operators; o++) {
        ref_complex conjugate[64];
        dense part = *at;
        for (size_t i = 0; i < side * side; i++)
            conjugate[i] = conj(operators[o * side * side + i]);
        ref_apply(part.rho, 2 * at->n, operators + o * side * side, k, qubits);
        ref_apply(part.rho, 2 * at->n, conjugate, k, columns);
        for (size_t i = 0; i < (size_t)1 << (2 * at->n); i++)
            sum.rho[i] += part.rho[i];
    }
    *at = sum;
}

void dense_gate(dense *at, const char *gate, const double *angles, const size_t *qubits)
{
    ref_complex matrix[REF_MAX_GATE_STATES * REF_MAX_GATE_STATES];
    int k = ref_gate_matrix(gate, angles, matrix);
    assert_true(k >= 1 && k <= DENSE_MAX_QUBITS);
    dense_kraus(at, matrix, 1, (size_t)k, qubits);
}

static const ref_complex letters[4][4] = {{1, 0, 0, 1}, {0, 1, 1, 0}, {0, -I, I, 0}, {1, 0, 0, -1}};

/* The Kronecker product of letters, `index` in base 4 from the first qubit on. */
static void pauli_matrix(size_t n, size_t index, ref_complex factor, ref_complex *out)
{
    size_t side = (size_t)1 << n;
    for (size_t row = 0; row < side; row++) {
        for (size_t column = 0; column < side; column++) {
            out[row * side + column] = factor;
            for (size_t q = 0; q < n; q++)
                out[row * side + column] *= letters[index >> (2 * q) & 3][2 * (row >> q & 1) + (column >> q & 1)];
        }
    }
}

static void apply_pauli_channel(dense *at, const qsti_noise_event *event)
{
    static ref_complex operators[64 * 64];
    size_t n_paulis = (size_t)1 << (2 * event->n_qubits);
    double total = 0;
    for (size_t p = 0; p < n_paulis; p++) {
        assert_true(event->probability[p] >= 0);
        total += event->probability[p];
        pauli_matrix(event->n_qubits, p, sqrt(event->probability[p]), operators + p * n_paulis);
    }
    assert_close(total, 1, 1e-14);
    dense_kraus(at, operators, n_paulis, event->n_qubits, event->qubits);
}

static void apply_relaxation(dense *at, const qsti_noise_event *event)
{
    const qst_relaxation *r = &event->relaxation;
    size_t row_bit = (size_t)1 << event->qubits[0], column_bit = row_bit << at->n;
    dense out = *at;
    for (size_t i = 0; i < (size_t)1 << (2 * at->n); i++) {
        size_t zero = i & ~(row_bit | column_bit), one = i | row_bit | column_bit;
        bool row = (i & row_bit) != 0, column = (i & column_bit) != 0;
        if (row != column)
            out.rho[i] = r->c * at->rho[i];
        else if (!row)
            out.rho[i] = (1 - r->excited * r->a) * at->rho[zero] + (1 - r->excited) * r->a * at->rho[one];
        else
            out.rho[i] = r->excited * r->a * at->rho[zero] + (1 - (1 - r->excited) * r->a) * at->rho[one];
    }
    *at = out;
}

static void apply_rotation(dense *at, const qsti_noise_event *event)
{
    ref_complex matrix[64];
    size_t index = 0, side = (size_t)1 << event->n_qubits;
    for (size_t q = 0; q < event->n_qubits; q++) {
        size_t x = event->x >> q & 1U, z = event->z >> q & 1U;
        index |= (x != 0 ? (z != 0 ? 2U : 1U) : 3 * z) << (2 * q);
    }
    pauli_matrix(event->n_qubits, index, -I * sin(event->angle / 2), matrix);
    for (size_t i = 0; i < side; i++)
        matrix[i * side + i] += cos(event->angle / 2);
    dense_kraus(at, matrix, 1, event->n_qubits, event->qubits);
}

void dense_event(dense *at, const qsti_noise_event *event)
{
    switch (event->kind) {
    case QSTI_NOISE_PAULI:
        apply_pauli_channel(at, event);
        return;
    case QSTI_NOISE_RELAXATION:
        apply_relaxation(at, event);
        return;
    case QSTI_NOISE_ROTATION:
        apply_rotation(at, event);
        return;
    }
}

double dense_distance(const dense *a, const dense *b)
{
    double worst = 0;
    for (size_t i = 0; i < (size_t)1 << (2 * a->n); i++)
        worst = fmax(worst, cabs(a->rho[i] - b->rho[i]));
    return worst;
}

/* --- events ------------------------------------------------------------------------------------------------------- */

static qst_status collect(void *user, const qsti_noise_event *event)
{
    event_list *list = user;
    assert_true(list->n < MOST_EVENTS);
    list->events[list->n++] = *event;
    return QST_OK;
}

qst_status events_behind(qst_ctx *ctx, const qst_noise *noise, double strength, size_t n, qst_gate gate,
                         const size_t *qubits, event_list *out)
{
    static const qst_angle angles[QST_MAX_GATE_ANGLES];
    qst_circuit_builder *builder = NULL;
    qst_circuit *circuit = NULL;
    assert_ok(ctx, qst_circuit_begin(ctx, n, 0, QST_PREPARE_ZERO, &builder));
    assert_ok(ctx, qst_circuit_add(builder, gate, qubits, angles));
    assert_ok(ctx, qst_circuit_finish(builder, &circuit));
    out->n = 0;
    qst_status status = qsti_noise_behind(noise, strength, circuit, 0, collect, out);
    qst_circuit_free(circuit);
    return status;
}

void dense_events(dense *at, const event_list *list)
{
    for (size_t e = 0; e < list->n; e++)
        dense_event(at, &list->events[e]);
}

qst_noise *noise_of(qst_ctx *ctx, const qst_noise_rule *rule)
{
    qst_noise *noise = NULL;
    assert_ok(ctx, qst_noise_create(ctx, &noise));
    assert_ok(ctx, qst_noise_add(noise, rule));
    return noise;
}
