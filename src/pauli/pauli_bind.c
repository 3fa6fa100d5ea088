/* pauli_bind.c: angles -> cosines and sines -> maps: once a call what all samples share, block by block the rest.
 *
 * A map is the product of its elements, rows X Z Y by columns I X Z Y; row I is (1 0 0 0). About Z, for one: X' = cos X
 * - sin Y, Y' = cos Y + sin X, and so about X (Y, Z) and Y (Z, X). */
#include "pauli/pauli_engine.h"

#include <string.h>

/* By digit X, Z, Y of the axis: rows first, second: first' = cos first - sin second, second' = cos second + sin first;
 * rows are counted X Z Y. */
static const uint8_t turned[4][2] = {{0, 0}, {2, 1}, {0, 2}, {1, 0}};
static const double quarter_cosine[4] = {1, 0, -1, 0}, quarter_sine[4] = {0, 1, 0, -1};

/* --- angles ------------------------------------------------------------------------------------------------------- */

static double shared_value(qst_variable v, const double *weights)
{
    return v == QST_ONE ? 1.0 : weights[v - 1];
}

void qsti_pauli_bind(qsti_pauli_engine *engine, const double *weights)
{
    for (size_t r = 0; r < engine->n_rotations; r++) {
        const qsti_pauli_rotation *rotation = &engine->rotations[r];
        double angle = rotation->constant;
        if (rotation->per_lane)
            continue;
        for (size_t i = 0; i < rotation->terms.count; i++) {
            qst_term term = engine->terms[rotation->terms.first + i];
            angle += term.coefficient * shared_value(term.a, weights) * shared_value(term.b, weights);
        }
        engine->shared_angles[rotation->slot] = angle;
    }
    engine->lines->sincos(engine->shared_angles, (engine->n_shared + 7) / 8 * 8, engine->shared_sine,
                          engine->shared_cosine);
    for (size_t i = 0; i < engine->n_ops; i++) {
        const qsti_pauli_op *op = &engine->ops[i];
        if (op->kind != QSTI_OP_MAP || op->per_lane)
            continue;
        double *map = engine->shared_maps + op->slot * QSTI_MAP_DOUBLES;
        qsti_pauli_products(engine, op, 1, NULL, map, 0);
        for (size_t k = 0; k < QSTI_MAP_LINES; k++)
            for (size_t lane = 1; lane < QSTI_PAULI_LANES; lane++)
                map[k * QSTI_PAULI_LANES + lane] = map[k * QSTI_PAULI_LANES];
    }
}

/* angle[lane] += coefficient a b */
static void add_term(const qst_term *term, const double *weights, const double *x, size_t lanes, double *angle)
{
    for (size_t lane = 0; lane < lanes; lane++) {
        double a = term->a < 0 ? x[(size_t)(-term->a - 1) * lanes + lane] : shared_value(term->a, weights);
        double b = term->b < 0 ? x[(size_t)(-term->b - 1) * lanes + lane] : shared_value(term->b, weights);
        angle[lane] += term->coefficient * a * b;
    }
}

void qsti_pauli_bind_lanes(const qsti_pauli_engine *engine, const double *weights, size_t lanes,
                           qsti_pauli_scratch *scratch)
{
    for (size_t r = 0; r < engine->n_rotations; r++) {
        const qsti_pauli_rotation *rotation = &engine->rotations[r];
        double *angle = scratch->angles + rotation->slot * lanes;
        if (!rotation->per_lane)
            continue;
        for (size_t lane = 0; lane < lanes; lane++)
            angle[lane] = rotation->constant;
        for (size_t i = 0; i < rotation->terms.count; i++)
            add_term(&engine->terms[rotation->terms.first + i], weights, scratch->x, lanes, angle);
    }
    engine->lines->sincos(scratch->angles, (engine->n_per_lane * lanes + 7) / 8 * 8, scratch->sine, scratch->cosine);
    for (size_t i = 0; i < engine->n_ops; i++) {
        const qsti_pauli_op *op = &engine->ops[i];
        if (op->kind != QSTI_OP_MAP || !op->per_lane)
            continue;
        double *map = scratch->maps + op->slot * QSTI_MAP_DOUBLES;
        qsti_pauli_products(engine, op, lanes, scratch, map, 0);
        for (size_t k = 0; k < QSTI_MAP_LINES && lanes == 1; k++)
            for (size_t lane = 1; lane < QSTI_PAULI_LANES; lane++)
                map[k * QSTI_PAULI_LANES + lane] = map[k * QSTI_PAULI_LANES];
    }
}

/* --- maps --------------------------------------------------------------------------------------------------------- */

static void turn_of(const qsti_pauli_engine *engine, const qsti_pauli_rotation *rotation, size_t lanes,
                    const qsti_pauli_scratch *scratch, qsti_pauli_action *out)
{
    out->step = rotation->per_lane;
    out->cosine =
        rotation->per_lane ? scratch->cosine + rotation->slot * lanes : engine->shared_cosine + rotation->slot;
    out->sine = rotation->per_lane ? scratch->sine + rotation->slot * lanes : engine->shared_sine + rotation->slot;
}

void qsti_pauli_act(const qsti_pauli_engine *engine, const qsti_pauli_op *op, const qsti_pauli_element *element,
                    size_t lanes, const qsti_pauli_scratch *scratch, qsti_pauli_action *out)
{
    const uint8_t *rows = turned[element->pauli >> 2 * op->qubit & 3];
    *out = (qsti_pauli_action){.turns = true, .first = rows[0], .second = rows[1]};
    if (element->kind == QSTI_PAULI_ROTATION) {
        turn_of(engine, &engine->rotations[element->index], lanes, scratch, out);
        return;
    }
    if (element->kind == QSTI_PAULI_QUARTER) {
        out->cosine = &quarter_cosine[element->a];
        out->sine = &quarter_sine[element->a];
        return;
    }
    const double *numbers = engine->numbers + engine->events[element->index].values;
    out->turns = false;
    if (element->kind == QSTI_PAULI_CHANNEL) {
        memcpy(out->scale, numbers + 1, sizeof out->scale);
        return;
    }
    out->scale[0] = numbers[QSTI_COHERENCE];
    out->scale[1] = numbers[QSTI_DECAY];
    out->scale[2] = numbers[QSTI_COHERENCE];
    out->pull = numbers[QSTI_PULL];
}

/* to = E from, lines (12, 8). */
static void multiply(const qsti_pauli_action *action, size_t lanes, const double *from, double *to)
{
    const size_t row = 4 * QSTI_PAULI_LANES;
    if (to != from)
        memcpy(to, from, QSTI_MAP_DOUBLES * sizeof *to);
    if (!action->turns) {
        for (size_t r = 0; r < 3; r++)
            for (size_t i = 0; i < row; i++)
                to[r * row + i] *= action->scale[r];
        for (size_t lane = 0; lane < lanes; lane++)
            to[row + lane] += action->pull;
        return;
    }
    double *first = to + action->first * row, *second = to + action->second * row;
    for (size_t j = 0; j < 4; j++) {
        for (size_t lane = 0; lane < lanes; lane++) {
            size_t at = j * QSTI_PAULI_LANES + lane;
            double a = first[at], b = second[at], c = action->cosine[lane * action->step];
            double s = action->sine[lane * action->step];
            first[at] = c * a - s * b;
            second[at] = c * b + s * a;
        }
    }
}

void qsti_pauli_products(const qsti_pauli_engine *engine, const qsti_pauli_op *op, size_t lanes,
                         const qsti_pauli_scratch *scratch, double *products, size_t step)
{
    double *was = products;
    memset(products, 0, QSTI_MAP_DOUBLES * sizeof *products);
    for (size_t r = 0; r < 3; r++)
        for (size_t lane = 0; lane < QSTI_PAULI_LANES; lane++)
            products[(4 * r + r + 1) * QSTI_PAULI_LANES + lane] = 1;
    for (size_t i = 0; i < op->count; i++) {
        qsti_pauli_action action;
        qsti_pauli_act(engine, op, &engine->elements[op->first + i], lanes, scratch, &action);
        multiply(&action, lanes, was, products + i * step);
        was = products + i * step;
    }
}

const double *qsti_pauli_map(const qsti_pauli_engine *engine, const qsti_pauli_op *op,
                             const qsti_pauli_scratch *scratch)
{
    return (op->per_lane ? scratch->maps : engine->shared_maps) + op->slot * QSTI_MAP_DOUBLES;
}

void qsti_pauli_turn(const qsti_pauli_engine *engine, const qsti_pauli_op *op, size_t lanes,
                     const qsti_pauli_scratch *scratch, double *cosine, double *sine)
{
    for (size_t lane = 0; lane < QSTI_PAULI_LANES; lane++) {
        double c = 1, s = 0;
        for (size_t i = 0; i < op->count; i++) {
            qsti_pauli_action turn = {.turns = true};
            turn_of(engine, &engine->rotations[engine->elements[op->first + i].index], lanes, scratch, &turn);
            size_t at = (lanes == 1 ? 0 : lane) * turn.step;
            double was = c;
            c = was * turn.cosine[at] - s * turn.sine[at];
            s = s * turn.cosine[at] + was * turn.sine[at];
        }
        cosine[lane] = c;
        sine[lane] = s;
    }
}
