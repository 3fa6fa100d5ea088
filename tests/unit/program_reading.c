/* program_reading.c: see program_reading.h. */
#include "program_reading.h"

/* --- numbers ------------------------------------------------------------------------------------------------------ */

static double value_of(qst_variable v, const double *weights, const double *x)
{
    return v == QST_ONE ? 1 : v > 0 ? weights[v - 1] : x[-v - 1];
}

static double angle_of(const qst_program *program, qsti_span terms, const double *weights, const double *x)
{
    double sum = 0;
    for (size_t i = terms.first; i < terms.first + terms.count; i++) {
        qst_term term = program->terms[i];
        sum += term.coefficient * value_of(term.a, weights, x) * value_of(term.b, weights, x);
    }
    return sum;
}

static double sign_of(uint32_t bits)
{
    return __builtin_popcount(bits) % 2 ? -1 : 1;
}

/* exp(-i t P / 2) with P |p> = i^k (-1)^(p.z) |p ^ x>. */
static void rotate(const qst_program *program, const qsti_rotation *rotation, double t, double complex *state)
{
    qsti_mask P = rotation->pauli;
    double complex *image = sim_allocate(program->dim, sizeof *image);
    for (uint32_t p = 0; p < program->dim; p++)
        image[p ^ P.x] = (P.imaginary ? I : 1) * sign_of(p & P.z) * state[p];
    for (size_t p = 0; p < program->dim; p++)
        state[p] = cos(t / 2) * state[p] - I * sin(t / 2) * image[p];
    free(image);
}

static void prepare(const qst_program *program, const double *x, double complex *state)
{
    double norm = 0;
    uint32_t index = 0;
    memset(state, 0, program->dim * sizeof *state);
    for (size_t j = 0; j < program->n_features; j++)
        norm += x[j] * x[j];
    for (size_t j = 0; j < program->n_features && program->preparation == QST_PREPARE_BASIS; j++)
        index |= (uint32_t)(x[j] != 0) << j;
    state[index] = 1;
    for (size_t j = 0; j < program->n_features && program->preparation == QST_PREPARE_AMPLITUDE; j++)
        state[j] = x[j] / sqrt(norm);
}

/* Logical order: bit q of where p goes is the parity of p & row[q], flipped. */
static uint32_t place_of(const qst_program *program, uint32_t p)
{
    uint32_t place = 0;
    for (size_t q = 0; q < program->n_qubits; q++)
        place |= (uint32_t)(__builtin_popcount(p & program->frame.row[q]) & 1) << q;
    return place ^ program->frame.flip;
}

static void finish(const qst_program *program, const double *weights, const double *x, const double complex *state,
                   double complex *out)
{
    double complex phase = cexp(I * angle_of(program, program->global_phase, weights, x));
    for (uint32_t p = 0; p < program->dim; p++)
        out[place_of(program, p)] = phase * state[p];
}

void reading_physical(const qst_program *program, const double complex *logical, double complex *out)
{
    for (uint32_t p = 0; p < program->dim; p++)
        out[p] = logical[place_of(program, p)];
}

void reading_values(const qst_program *program, const double complex *state, double *out)
{
    memset(out, 0, program->n_outputs * sizeof *out);
    for (uint32_t p = 0; p < program->dim && program->output_of != NULL; p++)
        out[program->output_of[p]] += creal(state[p] * conj(state[p]));
    for (size_t i = 0; i < program->n_observables; i++) {
        const qsti_observable *observable = &program->observables[i];
        qsti_mask P = observable->pauli;
        double complex sum = 0;
        for (uint32_t p = 0; p < program->dim; p++)
            sum += conj(state[p ^ P.x]) * (P.imaginary ? I : 1) * sign_of(p & P.z) * state[p];
        out[observable->output] += observable->coefficient * creal(sum);
    }
}

/* --- items -------------------------------------------------------------------------------------------------------- */

void reading_of_items(const qst_program *program, const double *weights, const double *x, double complex *out)
{
    double complex *state = sim_allocate(program->dim, sizeof *state);
    prepare(program, x, state);
    for (size_t i = 0; i < program->n_items; i++) {
        qsti_item item = program->items[i];
        size_t first = item.is_gate ? program->gates[item.index].first : item.index;
        size_t count = item.is_gate ? program->gates[item.index].count : 1;
        for (size_t r = first; r < first + count; r++) {
            const qsti_rotation *rotation = &program->rotations[r];
            rotate(program, rotation, angle_of(program, rotation->terms, weights, x), state);
        }
    }
    finish(program, weights, x, state, out);
    free(state);
}

/* --- passes ------------------------------------------------------------------------------------------------------- */

/* The matrix of a gate where the parity of p & control is `set`, and that it has the form that it says. */
static void matrix_of(const qst_program *program, const qsti_gate *gate, bool set, const double *weights,
                      const double *x, double complex out[2][2])
{
    double complex u[2][2] = {{1, 0}, {0, 1}};
    for (size_t r = gate->first; r < gate->first + gate->count; r++) {
        const qsti_rotation *rotation = &program->rotations[r];
        double t = angle_of(program, rotation->terms, weights, x);
        uint32_t z = rotation->pauli.z;
        bool y = rotation->pauli.x != 0 && rotation->pauli.imaginary, about_x = rotation->pauli.x != 0 && !y;
        if (set && z != (about_x ? 0 : gate->z))
            t = -t;
        double c = cos(t / 2), s = sin(t / 2);
        double complex v[2][2] = {{c, y ? -s : -I * s}, {y ? s : -I * s, c}};
        if (rotation->pauli.x == 0) {
            v[0][0] = c - I * s;
            v[1][1] = c + I * s;
            v[0][1] = v[1][0] = 0;
        }
        double complex w[2][2];
        for (size_t i = 0; i < 2; i++)
            for (size_t j = 0; j < 2; j++)
                w[i][j] = v[i][0] * u[0][j] + v[i][1] * u[1][j];
        memcpy(u, w, sizeof u);
    }
    double most = 1e-14 * (double)(gate->count + 1);
    if (gate->form == QSTI_FORM_Y)
        assert_true(fabs(cimag(u[0][0])) + fabs(cimag(u[1][0])) <= most);
    if (gate->form == QSTI_FORM_X)
        assert_true(fabs(cimag(u[0][0])) + fabs(creal(u[1][0])) <= most);
    assert_true(cabs(u[1][1] - conj(u[0][0])) + cabs(u[0][1] + conj(u[1][0])) <= most);
    memcpy(out, u, sizeof u);
}

static void run_tile(const qst_program *program, const qsti_pass *pass, const double *weights, const double *x,
                     double complex *state)
{
    const qsti_cosets *cosets = &program->cosets[pass->cosets];
    assert_int_equal(cosets->n_gates, pass->count);
    for (size_t s = 0; s < cosets->n_segments; s++) {
        for (size_t g = 0; g < pass->count; g++) {
            double complex u[2][2];
            matrix_of(program, &program->gates[pass->first + g], cosets->segment[s] >> g & 1, weights, x, u);
            for (size_t c = cosets->first[s]; c < cosets->first[s + 1]; c++) {
                for (size_t j = 0; j < (size_t)1 << pass->count; j++) {
                    if (j >> g & 1)
                        continue;
                    double complex *a = &state[cosets->bases[c] ^ cosets->offset[j]];
                    double complex *b = &state[cosets->bases[c] ^ cosets->offset[j | (size_t)1 << g]];
                    double complex p0 = u[0][0] * *a + u[0][1] * *b, p1 = u[1][0] * *a + u[1][1] * *b;
                    *a = p0;
                    *b = p1;
                }
            }
        }
    }
}

static void run_diagonals(const qst_program *program, const qsti_pass *pass, const double *weights, const double *x,
                          double complex *state)
{
    double first = 0;
    for (uint32_t p = 0; p < program->dim; p++) {
        double phi = 0;
        for (size_t r = pass->first; r < pass->first + pass->count; r++) {
            const qsti_rotation *rotation = &program->rotations[r];
            phi += angle_of(program, rotation->terms, weights, x) / 2 * sign_of(p & rotation->pauli.z);
        }
        if (p == 0)
            first = phi;
        if (program->real)
            assert_true(fabs(sin(phi - first)) < 1e-12);
        state[p] *= cexp(-I * phi);
    }
}

static void run_start(const qst_program *program, const double *weights, const double *x, double complex *state)
{
    if (program->n_start == 0) {
        prepare(program, x, state);
        return;
    }
    assert_int_equal(program->preparation, QST_PREPARE_ZERO);
    memset(state, 0, program->dim * sizeof *state);
    for (size_t j = 0; j < (size_t)1 << program->n_start; j++) {
        double complex product = 1, u[2][2];
        for (size_t g = 0; g < program->n_start; g++) {
            matrix_of(program, &program->gates[g], false, weights, x, u);
            product *= u[j >> g & 1][0];
        }
        state[program->start_to[j]] = product;
    }
}

void reading_of_passes(const qst_program *program, const double *weights, const double *x, double complex *out)
{
    double complex *state = sim_allocate(program->dim, sizeof *state);
    run_start(program, weights, x, state);
    for (size_t i = 0; i < program->n_passes; i++) {
        const qsti_pass *pass = &program->passes[i];
        if (pass->kind == QSTI_PASS_TILE)
            run_tile(program, pass, weights, x, state);
        else
            run_diagonals(program, pass, weights, x, state);
    }
    if (program->real) {
        /* up to one phase: that of each table's first entry */
        double complex phase = 1;
        for (size_t p = 0; p < program->dim; p++)
            if (cabs(state[p]) > 1e-3)
                phase = state[p] / cabs(state[p]);
        for (size_t p = 0; p < program->dim; p++)
            assert_true(fabs(cimag(state[p] / phase)) < 1e-12);
    }
    finish(program, weights, x, state, out);
    free(state);
}

size_t reading_passes(const qst_program *program, qsti_pass_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < program->n_passes; i++)
        n += program->passes[i].kind == kind;
    return n;
}

/* --- rules -------------------------------------------------------------------------------------------------------- */

static void check_gate(const qst_program *program, const qsti_gate *gate)
{
    bool per_lane = false;
    assert_int_equal(qsti_parity(gate->x, gate->z), 1);
    assert_int_equal(qsti_parity(gate->x, gate->control), 0);
    assert_true(gate->count > 0);
    for (size_t r = gate->first; r < gate->first + gate->count; r++) {
        qsti_mask pauli = program->rotations[r].pauli;
        per_lane |= program->rotations[r].per_lane;
        uint32_t rest = pauli.z ^ (pauli.x != 0 && !pauli.imaginary ? 0 : gate->z);
        assert_true(pauli.x == 0 || pauli.x == gate->x);
        assert_true(rest == 0 || rest == gate->control);
        assert_int_equal(pauli.imaginary, pauli.x != 0 && qsti_parity(pauli.x, pauli.z));
    }
    assert_int_equal(gate->per_lane, per_lane);
}

static bool same_terms(const qst_program *program, qsti_span a, qsti_span b)
{
    bool same = a.count == b.count;
    for (size_t i = 0; i < a.count && same; i++) {
        const qst_term *s = &program->terms[a.first + i], *t = &program->terms[b.first + i];
        same = s->coefficient == t->coefficient && s->a == t->a && s->b == t->b;
    }
    return same;
}

/* Slots: each shared rotation has its own; per-lane ones share one where their angles are the same and only there. */
static void check_slots(const qst_program *program)
{
    bool *seen = sim_allocate(program->n_shared, sizeof *seen), *lane = sim_allocate(program->n_per_lane, sizeof *lane);
    for (size_t r = 0; r < program->n_rotations; r++) {
        const qsti_rotation *a = &program->rotations[r];
        assert_true(a->slot < (a->per_lane ? program->n_per_lane : program->n_shared));
        if (a->per_lane) {
            lane[a->slot] = true;
        } else {
            assert_false(seen[a->slot]);
            seen[a->slot] = true;
        }
        for (size_t s = 0; s < r && a->per_lane; s++) {
            const qsti_rotation *b = &program->rotations[s];
            if (b->per_lane)
                assert_int_equal(a->slot == b->slot, same_terms(program, a->terms, b->terms));
        }
    }
    for (size_t i = 0; i < program->n_shared; i++)
        assert_true(seen[i]);
    for (size_t i = 0; i < program->n_per_lane; i++)
        assert_true(lane[i]);
    free(seen);
    free(lane);
}

void reading_check_items(const qst_program *program)
{
    bool *seen = sim_allocate(program->n_rotations, sizeof *seen);
    size_t n_gates = 0, n_shared = 0, n_lane = 0;
    for (size_t i = 0; i < program->n_items; i++) {
        qsti_item item = program->items[i];
        size_t first = item.is_gate ? program->gates[item.index].first : item.index;
        size_t count = item.is_gate ? program->gates[item.index].count : 1;
        n_gates += item.is_gate;
        if (!item.is_gate)
            assert_int_equal(program->rotations[item.index].pauli.x, 0);
        for (size_t r = first; r < first + count; r++) {
            assert_true(r < program->n_rotations);
            assert_false(seen[r]);
            seen[r] = true;
        }
    }
    assert_int_equal(n_gates, program->n_gates);
    for (size_t r = 0; r < program->n_rotations; r++)
        assert_true(seen[r]);
    for (size_t g = 0; g < program->n_gates; g++) {
        const qsti_gate *gate = &program->gates[g];
        size_t *n = gate->per_lane ? &n_lane : &n_shared;
        check_gate(program, gate);
        assert_int_equal(gate->line, *n);
        *n += (gate->control ? 2U : 1U) * (gate->form == QSTI_FORM_GENERAL ? 4U : 2U);
        if (program->real)
            assert_int_equal(gate->form, QSTI_FORM_Y);
    }
    assert_int_equal(program->n_shared_lines, n_shared);
    assert_int_equal(program->n_lane_lines, n_lane);
    check_slots(program);
    free(seen);
}

/* Gates of a tile, or of the product start, are independent virtual qubits. */
static void check_independent(const qst_program *program, size_t first, size_t count)
{
    for (size_t i = first; i < first + count; i++) {
        for (size_t j = first; j < first + count; j++) {
            const qsti_gate *a = &program->gates[i], *b = &program->gates[j];
            assert_int_equal(qsti_parity(a->z, b->x), i == j);
            assert_int_equal(qsti_parity(a->control, b->x), 0);
        }
    }
}

static void check_cosets(const qst_program *program, const qsti_pass *pass)
{
    const qsti_cosets *cosets = &program->cosets[pass->cosets];
    bool *seen = sim_allocate(program->dim, sizeof *seen);
    assert_int_equal(cosets->first[0], 0);
    assert_int_equal(cosets->first[cosets->n_segments], program->dim >> pass->count);
    for (size_t s = 0; s < cosets->n_segments; s++) {
        assert_true(cosets->first[s] < cosets->first[s + 1]);
        for (size_t c = cosets->first[s]; c < cosets->first[s + 1]; c++) {
            assert_true(c == cosets->first[s] || cosets->bases[c - 1] < cosets->bases[c]);
            for (size_t j = 0; j < (size_t)1 << pass->count; j++) {
                uint32_t p = cosets->bases[c] ^ cosets->offset[j];
                assert_true(p < program->dim);
                assert_false(seen[p]);
                seen[p] = true;
                for (size_t g = 0; g < pass->count; g++) {
                    const qsti_gate *gate = &program->gates[pass->first + g];
                    assert_int_equal(qsti_parity(p, gate->z), j >> g & 1);
                    assert_int_equal(qsti_parity(p, gate->control), cosets->segment[s] >> g & 1);
                }
            }
        }
    }
    for (size_t p = 0; p < program->dim; p++)
        assert_true(seen[p]);
    free(seen);
}

void reading_check_passes(const qst_program *program)
{
    size_t n_gates = program->n_start, n_rotations = 0, n_tables = 0, n_lane_tables = 0;
    check_independent(program, 0, program->n_start);
    for (size_t g = 0; g < program->n_start; g++)
        n_rotations += program->gates[g].count;
    for (size_t i = 0; i < program->n_passes; i++) {
        const qsti_pass *pass = &program->passes[i];
        bool per_lane = pass->kind == QSTI_PASS_LANE_TABLE;
        if (pass->kind == QSTI_PASS_TILE) {
            assert_int_equal(pass->first, n_gates);
            assert_in_range(pass->count, 1, QSTI_MAX_TILE);
            check_independent(program, pass->first, pass->count);
            check_cosets(program, pass);
            for (size_t g = pass->first; g < pass->first + pass->count; g++) {
                assert_int_equal(program->gates[g].form, program->gates[pass->first].form);
                assert_int_equal(program->gates[g].first, n_rotations);
                n_rotations += program->gates[g].count;
            }
            n_gates += pass->count;
            continue;
        }
        assert_int_equal(pass->first, n_rotations);
        n_rotations += pass->count;
        if (pass->kind == QSTI_PASS_PHASE)
            assert_int_equal(pass->count, 1);
        else
            assert_int_equal(pass->table, per_lane ? n_lane_tables++ : n_tables++);
        for (size_t r = pass->first; r < pass->first + pass->count && pass->kind != QSTI_PASS_PHASE; r++)
            assert_int_equal(program->rotations[r].per_lane, per_lane);
    }
    assert_int_equal(n_gates, program->n_gates);
    assert_int_equal(n_rotations, program->n_rotations);
    assert_int_equal(n_tables, program->n_tables);
    assert_int_equal(n_lane_tables, program->n_lane_tables);
    assert_true(program->n_kept <= program->n_passes);
    assert_true(program->n_kept * program->dim * program->kernels->amplitude_bytes <= QSTI_KEPT_BYTES);
    for (size_t i = 0; i < program->n_cosets; i++) {
        for (size_t j = 0; j < i; j++) {
            const qsti_cosets *a = &program->cosets[i], *b = &program->cosets[j];
            assert_false(memcmp(a->x, b->x, sizeof a->x) == 0 && memcmp(a->z, b->z, sizeof a->z) == 0 &&
                         memcmp(a->control, b->control, sizeof a->control) == 0);
        }
    }
}
