/* pauli_chain.c: the chain rule: from the sums of maps and rotations to gradients of weights and features.
 *
 * With G = sum lambda c^T, lambda behind a map and c before it, and E_m ... E_1 the map's elements: G_e = (E_m ...
 * E_{e+1})^T G has lambda behind element e, so sum lambda_e c_e^T = G_e (E_e ... E_1)^T, and an angle's derivative is
 * its (second, first) less its (first, second) entry. Nothing is inverted. */
#include "pauli/pauli_engine.h"

#include <string.h>

/* --- terms -------------------------------------------------------------------------------------------------------- */

static void chain_variable(const qsti_pauli_chain *chain, qst_variable v, qst_variable other, double coefficient,
                           size_t lanes, const double *gradient)
{
    const double *line = other < 0 ? chain->scratch->x + (size_t)(-other - 1) * chain->lanes : NULL;
    double scale = other > 0 ? coefficient * chain->weights[other - 1] : coefficient, sum = 0;
    if (v == QST_ONE || (v < 0 && !chain->want_x))
        return;
    double *out = v < 0 ? chain->scratch->out_x + (size_t)(-v - 1) * chain->lanes : NULL;
    for (size_t lane = 0; lane < lanes; lane++) {
        double product = line != NULL ? gradient[lane] * line[lane] : gradient[lane];
        if (v < 0)
            out[lane] += scale * product;
        sum += product;
    }
    if (v > 0)
        chain->out_weights[v - 1] += scale * sum;
}

/* dL/dt = gradient[lane] of a rotation; lanes 1: the sum over all. */
static void chain_angle(const qsti_pauli_chain *chain, const qsti_pauli_rotation *rotation, size_t lanes,
                        const double *gradient)
{
    for (size_t i = 0; i < rotation->terms.count; i++) {
        qst_term term = chain->engine->terms[rotation->terms.first + i];
        chain_variable(chain, term.a, term.b, term.coefficient, lanes, gradient);
        chain_variable(chain, term.b, term.a, term.coefficient, lanes, gradient);
    }
}

static double sum_of_line(const double *line)
{
    return ((line[0] + line[4]) + (line[2] + line[6])) + ((line[1] + line[5]) + (line[3] + line[7]));
}

/* --- maps --------------------------------------------------------------------------------------------------------- */

static void angle_gradient(const qsti_pauli_action *action, size_t lanes, const double *sums, const double *product,
                           double *gradient)
{
    const size_t row = 4 * QSTI_PAULI_LANES;
    for (size_t lane = 0; lane < lanes; lane++) {
        double sum = 0;
        for (size_t k = 0; k < 4; k++) {
            size_t first = action->first * row + k * QSTI_PAULI_LANES + lane;
            size_t second = action->second * row + k * QSTI_PAULI_LANES + lane;
            sum += sums[second] * product[first] - sums[first] * product[second];
        }
        gradient[lane] = sum;
    }
}

/* sums <- E^T sums */
static void step_back(const qsti_pauli_action *action, size_t lanes, double *sums)
{
    const size_t row = 4 * QSTI_PAULI_LANES;
    if (!action->turns) {
        for (size_t r = 0; r < 3; r++)
            for (size_t i = 0; i < row; i++)
                sums[r * row + i] *= action->scale[r];
        return;
    }
    double *first = sums + action->first * row, *second = sums + action->second * row;
    for (size_t j = 0; j < 4; j++) {
        for (size_t lane = 0; lane < lanes; lane++) {
            size_t at = j * QSTI_PAULI_LANES + lane;
            double a = first[at], b = second[at], c = action->cosine[lane * action->step];
            double s = action->sine[lane * action->step];
            first[at] = c * a + s * b;
            second[at] = c * b - s * a;
        }
    }
}

void qsti_pauli_chain_map(const qsti_pauli_chain *chain, const qsti_pauli_op *op, const double *sums)
{
    const qsti_pauli_engine *engine = chain->engine;
    bool together = !op->per_lane || chain->lanes == 1;
    size_t lanes = together ? 1 : chain->lanes;
    double at[QSTI_MAP_DOUBLES], gradient[QSTI_PAULI_LANES], *products = chain->scratch->prefix;
    if (!op->wanted)
        return;
    memcpy(at, sums, sizeof at);
    for (size_t k = 0; k < QSTI_MAP_LINES && together; k++)
        at[k * QSTI_PAULI_LANES] = sum_of_line(sums + k * QSTI_PAULI_LANES);
    qsti_pauli_products(engine, op, lanes, chain->scratch, products, QSTI_MAP_DOUBLES);
    for (size_t i = op->count; i-- > 0;) {
        const qsti_pauli_element *element = &engine->elements[op->first + i];
        qsti_pauli_action action;
        qsti_pauli_act(engine, op, element, lanes, chain->scratch, &action);
        if (element->kind == QSTI_PAULI_ROTATION && engine->rotations[element->index].terms.count > 0) {
            angle_gradient(&action, lanes, at, products + i * QSTI_MAP_DOUBLES, gradient);
            chain_angle(chain, &engine->rotations[element->index], lanes, gradient);
        }
        step_back(&action, lanes, at);
    }
}

void qsti_pauli_chain_rotation(const qsti_pauli_chain *chain, const qsti_pauli_op *op, const double *gradient)
{
    const qsti_pauli_engine *engine = chain->engine;
    double sum = 0;
    for (size_t lane = 0; lane < chain->lanes; lane++)
        sum += gradient[lane];
    for (size_t i = 0; i < op->count; i++) {
        const qsti_pauli_rotation *rotation = &engine->rotations[engine->elements[op->first + i].index];
        if (rotation->per_lane)
            chain_angle(chain, rotation, chain->lanes, gradient);
        else
            chain_angle(chain, rotation, 1, &sum);
    }
}
