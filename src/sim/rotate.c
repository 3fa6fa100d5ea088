/* rotate.c: the steps of a circuit -> rotations in physical coordinates, the frame, and the global phase.
 *
 * Moves (CX, SWAP, X) go into the frame; a rotation about P becomes one about P's image, its sign multiplied into the
 * angle's terms. With the frame off, moves are rotations too:
 *
 *   X    = e^{i pi/2} RX(pi)
 *   CX   = e^{i pi/4} RZ_c(pi/2) RX_t(pi/2) R_{Z_c X_t}(-pi/2)       as CX = exp(i pi (1 - Z_c)(1 - X_t) / 4)
 *   SWAP = e^{-i pi/4} RXX(-pi/2) RYY(-pi/2) RZZ(-pi/2)              as SWAP = (1 + XX + YY + ZZ) / 2
 *
 * On |0...0> a diagonal rotation that commutes with all before it is exp(-i t / 2): it goes into the global phase. Of
 * diagonals that follow one another in an operation all go or none: all of CZ's are +-1 up to a phase, each alone is
 * not.
 */
#include <math.h>

#include "sim/cone.h"
#include "sim/draws.h"
#include "sim/frame.h"

typedef struct rotator {
    qst_program *program;
    const qst_circuit *circuit;
    size_t rotation_capacity, term_capacity;
    qst_term *phase; /* the global phase, appended to the program's terms at the end */
    size_t n_phase, phase_capacity;
    qsti_subspace flipped; /* by the rotations so far */
    bool from_zero;        /* the start state is |0...0>, and that may be used */
    bool idle;             /* the diagonal rotation that comes commutes with all so far, and so do those with it */
} rotator;

/* An angle: step's in terms of the operation's, times scale. */
typedef struct angle {
    const qsti_operation *operation;
    const qsti_step *step;
    double scale;
    bool scaled; /* the angle is set anew when the noise's strength is */
} angle;

static qst_status push_term(qst_ctx *ctx, qst_term **terms, size_t *n, size_t *capacity, qst_term term)
{
    if (term.coefficient == 0)
        return QST_OK;
    if (*n == *capacity) {
        size_t more = *capacity ? 2 * *capacity : 64;
        qst_status status = QSTI_GROW(ctx, more, terms);
        if (status != QST_OK)
            return status;
        *capacity = more;
    }
    (*terms)[(*n)++] = term;
    return QST_OK;
}

static qst_status push_angle(const rotator *r, angle of, qst_term **terms, size_t *n, size_t *capacity)
{
    qst_ctx *ctx = r->program->ctx;
    qst_status status = push_term(ctx, terms, n, capacity, (qst_term){of.scale * of.step->constant, QST_ONE, QST_ONE});
    for (size_t i = 0; i < QST_MAX_GATE_ANGLES && status == QST_OK; i++) {
        if (of.step->coefficient[i] == 0)
            continue;
        qsti_span span = of.operation->angle[i];
        for (size_t t = span.first; t < span.first + span.count && status == QST_OK; t++) {
            qst_term term = r->circuit->terms[t];
            term.coefficient *= of.scale * of.step->coefficient[i];
            status = push_term(ctx, terms, n, capacity, term);
        }
    }
    return status;
}

static qst_status push_phase(rotator *r, angle of)
{
    return push_angle(r, of, &r->phase, &r->n_phase, &r->phase_capacity);
}

/* One rotation about the Pauli (x, z) of the simulated qubits. */
static qst_status push_rotation(rotator *r, uint32_t x, uint32_t z, angle of)
{
    qst_program *program = r->program;
    qst_ctx *ctx = program->ctx;
    qst_status status = QST_OK;
    double sign = 1, scale = of.scale;
    qsti_rotation rotation = {.pauli = qsti_frame_pauli(&program->frame, program->n_qubits, x, z, &sign),
                              .operation = (uint32_t)(of.operation - r->circuit->operations)};
    of.scale = sign * scale;
    if (rotation.pauli.x == 0 && r->idle) {
        of.scale *= -0.5;
        return push_phase(r, of);
    }
    rotation.terms.first = (uint32_t)program->n_terms;
    QSTI_TRY(push_angle(r, of, &program->terms, &program->n_terms, &r->term_capacity));
    rotation.terms.count = (uint32_t)program->n_terms - rotation.terms.first;
    for (size_t t = rotation.terms.first; t < program->n_terms; t++)
        rotation.featured |= program->terms[t].a < 0 || program->terms[t].b < 0;
    if (rotation.terms.count == 0)
        goto done; /* an angle that is 0 for good */
    if (program->draws != NULL)
        qsti_draws_meet(program, &rotation, of.scaled);
    rotation.per_lane = rotation.featured || (rotation.drawn && program->info.layout != QST_LAYOUT_WIDE);
    rotation.order = (uint32_t)program->n_rotations;
    if (__builtin_popcount(x) == 1)
        rotation.partner = program->frame.row[__builtin_ctz(x)];
    if (program->n_rotations == r->rotation_capacity) {
        size_t more = r->rotation_capacity ? 2 * r->rotation_capacity : 64;
        QSTI_TRY(QSTI_GROW(ctx, more, &program->rotations));
        r->rotation_capacity = more;
    }
    program->rotations[program->n_rotations++] = rotation;
    (void)qsti_subspace_add(&r->flipped, rotation.pauli.x);
done:
    return status;
}

/* A move as rotations. */
static qst_status push_move(rotator *r, const qsti_operation *operation, const qsti_step *step, const uint8_t *qubits)
{
    qst_status status = QST_OK;
    const qsti_step quarter = {.constant = M_PI_2};
    uint32_t a = (uint32_t)1 << qubits[step->a], b = (uint32_t)1 << qubits[step->b];
    angle plus = {operation, &quarter, 1, false}, minus = {operation, &quarter, -1, false};
    if (step->kind == QSTI_STEP_X) {
        QSTI_TRY(push_rotation(r, a, 0, (angle){operation, &quarter, 2, false}));
        QSTI_TRY(push_phase(r, plus));
    } else if (step->kind == QSTI_STEP_CX) {
        r->idle = r->from_zero && qsti_subspace_even(&r->flipped, a);
        QSTI_TRY(push_rotation(r, 0, a, plus));
        QSTI_TRY(push_rotation(r, b, 0, plus));
        QSTI_TRY(push_rotation(r, b, a, minus));
        QSTI_TRY(push_phase(r, (angle){operation, &quarter, 0.5, false}));
    } else {
        r->idle = false;
        QSTI_TRY(push_rotation(r, a | b, 0, minus));
        QSTI_TRY(push_rotation(r, a | b, a | b, minus));
        QSTI_TRY(push_rotation(r, 0, a | b, minus));
        QSTI_TRY(push_phase(r, (angle){operation, &quarter, -0.5, false}));
    }
done:
    return status;
}

static bool is_diagonal(const qsti_step *step)
{
    return step->kind == QSTI_STEP_ROTATION && step->x == 0;
}

/* The number of diagonal rotations of one operation that stand together from kept step s on, and, in r->idle, whether
 * they commute with all so far. */
static size_t begin_diagonals(rotator *r, const qsti_cone *cone, size_t s)
{
    size_t end = s, n_steps = 0;
    uint32_t operation = cone->steps[s].operation;
    const qsti_step *steps = qsti_gate_steps((qst_gate)r->circuit->operations[operation].gate, &n_steps);
    r->idle = r->from_zero;
    for (; end < cone->n_steps && cone->steps[end].operation == operation; end++) {
        const qsti_step *step = &steps[cone->steps[end].step];
        if (cone->steps[end].site != QSTI_NO_SITE || !is_diagonal(step))
            break;
        uint32_t z = 0;
        for (size_t k = 0; k < QST_MAX_GATE_QUBITS; k++)
            z ^= step->z >> k & 1 ? r->program->frame.row[cone->steps[end].qubits[k]] : 0;
        r->idle = r->idle && qsti_subspace_even(&r->flipped, z);
    }
    return end - s;
}

/* A site of noise. A rotation's term is remembered: its coefficient follows the noise's strength. */
static qst_status rotate_site(rotator *r, const qsti_cone_step *kept)
{
    qst_program *program = r->program;
    qsti_draws *draws = program->draws;
    qst_status status = QST_OK;
    const qsti_site *site = &draws->sites->all[kept->site];
    const qsti_step step = {.constant = site->angle};
    uint32_t x = 0, z = 0, z_mask = 0;
    size_t n_rotations = program->n_rotations;
    if (!site->rotates)
        return qsti_draws_add_place(program, kept->site, kept->qubits);
    for (size_t k = 0; k < site->n_qubits; k++) {
        x |= (uint32_t)(site->x >> k & 1) << kept->qubits[k];
        z |= (uint32_t)(site->z >> k & 1) << kept->qubits[k];
        z_mask ^= site->z >> k & 1 ? program->frame.row[kept->qubits[k]] : 0;
    }
    r->idle = r->from_zero && x == 0 && qsti_subspace_even(&r->flipped, z_mask);
    QSTI_TRY(push_rotation(r, x, z, (angle){&r->circuit->operations[kept->operation], &step, 1, true}));
    if (program->n_rotations == n_rotations)
        goto done;
    if (draws->n_terms == draws->term_capacity) {
        size_t more = draws->term_capacity ? 2 * draws->term_capacity : 64;
        QSTI_TRY(QSTI_GROW(program->ctx, more, &draws->terms));
        draws->term_capacity = more;
    }
    uint32_t term = program->rotations[n_rotations].terms.first;
    draws->terms[draws->n_terms++] = (qsti_site_term){kept->site, term, program->terms[term].coefficient};
done:
    return status;
}

static qst_status rotate_step(rotator *r, const qsti_operation *operation, const qsti_step *step, const uint8_t *qubits)
{
    qsti_frame *frame = &r->program->frame;
    uint32_t x = 0, z = 0;
    if (step->kind == QSTI_STEP_PHASE)
        return push_phase(r, (angle){operation, step, 1, false});
    if (step->kind != QSTI_STEP_ROTATION && r->program->opts.optimize_off & QST_OPTIMIZE_FRAME)
        return push_move(r, operation, step, qubits);
    switch ((qsti_step_kind)step->kind) {
    case QSTI_STEP_CX:
        qsti_frame_cx(frame, qubits[step->a], qubits[step->b]);
        return QST_OK;
    case QSTI_STEP_SWAP:
        qsti_frame_swap(frame, qubits[step->a], qubits[step->b]);
        return QST_OK;
    case QSTI_STEP_X:
        qsti_frame_x(frame, qubits[step->a]);
        return QST_OK;
    case QSTI_STEP_PHASE:
    case QSTI_STEP_ROTATION:
        break;
    }
    for (size_t k = 0; k < QST_MAX_GATE_QUBITS; k++) {
        x |= (uint32_t)(step->x >> k & 1) << qubits[k];
        z |= (uint32_t)(step->z >> k & 1) << qubits[k];
    }
    return push_rotation(r, x, z, (angle){operation, step, 1, false});
}

qst_status qsti_program_rotate(qst_program *program, const qst_circuit *circuit, const qsti_cone *cone)
{
    qst_status status = QST_OK;
    rotator r = {.program = program, .circuit = circuit};
    r.from_zero = program->preparation == QST_PREPARE_ZERO && !(program->opts.optimize_off & QST_OPTIMIZE_START);
    qsti_frame_init(&program->frame, program->n_qubits);
    for (size_t s = 0, n_together = 0; s < cone->n_steps; s++) {
        const qsti_cone_step *kept = &cone->steps[s];
        const qsti_operation *operation = &circuit->operations[kept->operation];
        size_t n_steps = 0;
        const qsti_step *steps = qsti_gate_steps((qst_gate)operation->gate, &n_steps);
        if (kept->site != QSTI_NO_SITE) {
            QSTI_TRY(rotate_site(&r, kept));
            continue;
        }
        if (n_together == 0 && is_diagonal(&steps[kept->step]))
            n_together = begin_diagonals(&r, cone, s);
        QSTI_TRY(rotate_step(&r, operation, &steps[kept->step], kept->qubits));
        n_together -= n_together > 0;
        if (program->n_terms > UINT32_MAX / 2 || program->n_rotations > UINT32_MAX / 2)
            QSTI_TRY(qsti_fail(program->ctx, QST_ERR_LIMIT, "the circuit has too many rotations"));
    }
    program->global_phase.first = (uint32_t)program->n_terms;
    for (size_t t = 0; t < r.n_phase; t++)
        QSTI_TRY(push_term(program->ctx, &program->terms, &program->n_terms, &r.term_capacity, r.phase[t]));
    program->global_phase.count = (uint32_t)program->n_terms - program->global_phase.first;
    for (size_t t = 0; t < program->n_terms; t++) {
        program->angle_bound += fabs(program->terms[t].coefficient);
        program->features_in_angles |= program->terms[t].a < 0 || program->terms[t].b < 0;
    }
done:
    qsti_free(program->ctx, r.phase);
    return status;
}
