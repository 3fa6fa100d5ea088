/* shift_rules.c: gradients by angles from values at shifted angles, gates and their noise as they are.
 *
 * A value is a trigonometric polynomial of each angle t; its frequencies are the differences of the eigenvalues of what
 * the angle generates:
 *
 *   1          one Pauli rotation, a phase, a controlled phase     f' = (f(t + pi/2) - f(t - pi/2)) / 2   [schuld2019]
 *   1/2, 1     a controlled rotation   f' = a (f(t + pi/2) - f(t - pi/2)) - b (f(t + 3pi/2) - f(t - 3pi/2))
 *   1, 2       the axis of r           the same at half the shifts, and twice
 *                                      a, b = (sqrt(2) +- 1) / (4 sqrt(2)) [anselmetti2021]
 *
 * (A controlled rotation as two rotations with two circuits each [crooks2019] would be another gate, with other noise.)
 * The angles of u are rotations one behind the other; of cu, whose gate is P(g) on the control and controlled P(f)
 * RY(t) P(l), t is the angle of a controlled rotation and the others are phases.
 */
#include "measure/shift_rules.h"

#include "circuit/circuit_copy.h"

#define PI     3.14159265358979323846
#define A_FOUR 0.42677669529663687 /* (sqrt(2) + 1) / (4 sqrt(2)) */
#define B_FOUR 0.07322330470336312 /* (sqrt(2) - 1) / (4 sqrt(2)) */

static const qsti_shift_rule none = {0};
static const qsti_shift_rule two = {2, {PI / 2, -PI / 2}, {0.5, -0.5}};
static const qsti_shift_rule four = {4, {PI / 2, -PI / 2, 3 * PI / 2, -3 * PI / 2}, {A_FOUR, -A_FOUR, -B_FOUR, B_FOUR}};
static const qsti_shift_rule axis = {
    4, {PI / 4, -PI / 4, 3 * PI / 4, -3 * PI / 4}, {2 * A_FOUR, -2 * A_FOUR, -2 * B_FOUR, 2 * B_FOUR}};

const qsti_shift_rule *qsti_shift_rule_of(qst_gate gate, size_t angle)
{
    switch (gate) {
    case QST_GATE_gphase:
    case QST_GATE_u0:
        return &none;
    case QST_GATE_crx:
    case QST_GATE_cry:
    case QST_GATE_crz:
        return &four;
    case QST_GATE_cu:
    case QST_GATE_cu3:
        return angle == 0 ? &four : &two;
    case QST_GATE_r:
        return angle == 0 ? &two : &axis;
    default:
        return &two;
    }
}

static bool has_weight(qst_angle angle)
{
    bool found = false;
    for (size_t i = 0; i < angle.n_terms; i++)
        found = found || angle.terms[i].a > 0 || angle.terms[i].b > 0;
    return found;
}

qst_status qsti_shifts_find(qst_ctx *ctx, const qst_circuit *circuit, qsti_shifts *out)
{
    qst_status status = QST_OK;
    qsti_shifts found = {0};
    size_t n_room = 0;
    for (size_t i = 0; i < circuit->n_operations; i++) {
        qst_operation operation;
        qst_circuit_operation(circuit, i, &operation);
        for (size_t a = 0; a < (size_t)qst_gate_describe(operation.gate)->n_angles; a++) {
            const qsti_shift_rule *rule = qsti_shift_rule_of(operation.gate, a);
            if (rule->n == 0 || !has_weight(operation.angles[a]))
                continue;
            if (found.n == n_room) {
                n_room = 2 * n_room + 16;
                QSTI_TRY(QSTI_GROW(ctx, n_room, &found.places));
            }
            found.places[found.n++] = (qsti_shift_place){i, a, rule};
            found.n_circuits += rule->n;
        }
    }
    *out = found;
    found.places = NULL;
done:
    qsti_shifts_clear(ctx, &found);
    return status;
}

void qsti_shifts_clear(qst_ctx *ctx, qsti_shifts *shifts)
{
    qsti_free(ctx, shifts->places);
    *shifts = (qsti_shifts){0};
}

/* out = angle + weight, its terms in `terms`. */
static void add_weight(qst_angle angle, size_t weight, qst_term *terms, qst_angle *out)
{
    for (size_t i = 0; i < angle.n_terms; i++)
        terms[i] = angle.terms[i];
    terms[angle.n_terms] = (qst_term){1, QST_WEIGHT((qst_variable)weight), QST_ONE};
    *out = (qst_angle){terms, angle.n_terms + 1};
}

qst_status qsti_circuit_with_shifts(qst_ctx *ctx, const qst_circuit *circuit, const qsti_shifts *shifts,
                                    qst_circuit **out)
{
    qst_status status = QST_OK;
    qst_circuit_builder *builder = NULL;
    qst_term *terms = NULL;
    size_t next = 0;
    QSTI_TRY(QSTI_NEW(ctx, circuit->n_terms + QST_MAX_GATE_ANGLES, &terms));
    QSTI_TRY(qsti_circuit_begin_like(ctx, circuit, shifts->n, &builder));
    for (size_t i = 0; i < circuit->n_operations; i++) {
        qst_operation operation;
        size_t n_terms = 0;
        qst_circuit_operation(circuit, i, &operation);
        for (; next < shifts->n && shifts->places[next].operation == i; next++) {
            qst_angle *angle = &operation.angles[shifts->places[next].angle];
            add_weight(*angle, circuit->n_weights + next, terms + n_terms, angle);
            n_terms += angle->n_terms;
        }
        QSTI_TRY(qst_circuit_add(builder, operation.gate, operation.qubits, operation.angles));
    }
    status = qst_circuit_finish(builder, out);
    builder = NULL;
done:
    qst_circuit_abandon(builder);
    qsti_free(ctx, terms);
    return status;
}

static double value_of(qst_variable variable, const double *weights, const double *x)
{
    if (variable == QST_ONE)
        return 1;
    return variable > 0 ? weights[variable - 1] : x[-variable - 1];
}

void qsti_shift_chain(const qst_circuit *circuit, const qsti_shift_place *place, const double *weights, const double *x,
                      double slope, double *out_weights)
{
    qst_operation operation;
    qst_circuit_operation(circuit, place->operation, &operation);
    const qst_angle *angle = &operation.angles[place->angle];
    for (size_t i = 0; i < angle->n_terms; i++) {
        const qst_term *term = &angle->terms[i];
        if (term->a > 0)
            out_weights[term->a - 1] += slope * term->coefficient * value_of(term->b, weights, x);
        if (term->b > 0)
            out_weights[term->b - 1] += slope * term->coefficient * value_of(term->a, weights, x);
    }
}
