/* c_circuit.c: the circuit as calls of small functions, one or a few a gate, weights bound.
 *
 * Gates that have a function of their own become one call; all others the steps of circuit/steps.h: rotations about
 * Paulis and moves, exact but for the global phase, which no output sees. An angle becomes one expression in the
 * features: its numbers are multiplied out here. The calls stand in functions of CALLS_A_FUNCTION each, which
 * compilers take quickly. */
#include <math.h>
#include <stdio.h>

#include "circuit/circuit.h"
#include "circuit/steps.h"
#include "deploy/c_source.h"

#define MAX_CALLS        200000
#define CALLS_A_FUNCTION 400

/* A gate with its weights bound. */
typedef struct translation {
    qsti_c_source *source;
    const double *weights;
    const qst_operation *operation;
} translation;

/* --- angles ------------------------------------------------------------------------------------------------------- */

/* Of a term: its number, and the features that it is multiplied by (at most two, negative: none). */
typedef struct product {
    double number;
    long features[2];
} product;

static product product_of(const translation *of, qst_term term)
{
    product made = {term.coefficient, {-1, -1}};
    const qst_variable variables[2] = {term.a, term.b};
    int n = 0;
    for (int i = 0; i < 2; i++) {
        if (variables[i] > 0) {
            made.number *= of->weights[variables[i] - 1];
        } else if (variables[i] < 0) {
            made.features[n++] = -(long)variables[i] - 1;
        }
    }
    return made;
}

static void add_product(qsti_text *text, product term, bool is_first)
{
    char number[40];
    double size = is_first ? term.number : fabs(term.number);
    bool is_one = size == 1 && term.features[0] >= 0;
    qsti_c_number(size, number);
    qsti_text_add(text, "%s%s", is_first ? "" : signbit(term.number) ? " - " : " + ", is_one ? "" : number);
    for (int i = 0; i < 2 && term.features[i] >= 0; i++) {
        qsti_text_add(text, "%sx[%ld]", i == 0 && is_one ? "" : " * ", term.features[i]);
    }
}

/* constant + sum_i coefficient[i] * angle i of the gate. */
static void add_angle(const translation *of, double constant, const double *coefficients)
{
    qsti_text *text = &of->source->gates;
    int n_angles = qst_gate_describe(of->operation->gate)->n_angles;
    bool is_first = true;
    for (int a = 0; a < n_angles; a++) {
        const qst_angle *angle = &of->operation->angles[a];
        for (size_t t = 0; t < angle->n_terms && coefficients[a] != 0; t++) {
            product term = product_of(of, angle->terms[t]);
            term.number *= coefficients[a];
            if (term.features[0] < 0) {
                constant += term.number;
            } else {
                add_product(text, term, is_first);
                is_first = false;
            }
        }
    }
    if (constant != 0 || is_first) {
        add_product(text, (product){constant, {-1, -1}}, is_first);
    }
}

/* --- calls -------------------------------------------------------------------------------------------------------- */

static void begin_call(const translation *of, qsti_c_kernel kernel)
{
    qsti_c_source *source = of->source;
    if (source->n_calls++ % CALLS_A_FUNCTION == 0) {
        qsti_text_add(&source->gates, "%sstatic void gates_%zu(amplitude *psi, const double *x)\n{\n",
                      source->n_gate_functions > 0 ? "}\n\n" : "", source->n_gate_functions);
        qsti_text_add(&source->gates, "    (void)x;\n");
        source->n_gate_functions++;
    }
    qsti_text_add(&source->gates, "    %s(psi", qsti_c_use(source, kernel));
}

static void end_call(const translation *of, double constant, const double *coefficients)
{
    if (coefficients != NULL) {
        qsti_text_add(&of->source->gates, ", ");
        add_angle(of, constant, coefficients);
    }
    qsti_text_add(&of->source->gates, ");\n");
}

/* Qubits of the circuit from those of the gate. */
static size_t mask_of(const translation *of, unsigned own)
{
    size_t mask = 0;
    for (unsigned k = 0; own >> k; k++) {
        mask |= (size_t)(own >> k & 1) << of->operation->qubits[k];
    }
    return mask;
}

static void put_rotation(const translation *of, const qsti_step *step)
{
    size_t x = mask_of(of, step->x), z = mask_of(of, step->z), both = x | z;
    bool is_single = (both & (both - 1)) == 0;
    if (is_single) {
        begin_call(of, x == 0 ? QSTI_C_rz : z == 0 ? QSTI_C_rx : QSTI_C_ry);
        qsti_text_add(&of->source->gates, ", %d", __builtin_ctzll(both));
    } else if (x == 0) {
        begin_call(of, QSTI_C_rotate_z);
        qsti_text_add(&of->source->gates, ", %zu", z);
    } else {
        begin_call(of, QSTI_C_rotate);
        qsti_text_add(&of->source->gates, ", %zu, %zu, %d", x, z, __builtin_popcountll(x & z));
    }
    end_call(of, step->constant, step->coefficient);
}

/* X on the last of n qubits, the others its controls. */
static void put_flip(const translation *of, unsigned controls, size_t target)
{
    begin_call(of, QSTI_C_flip);
    qsti_text_add(&of->source->gates, ", %zu, %zu", mask_of(of, controls), of->operation->qubits[target]);
    end_call(of, 0, NULL);
}

static void put_swap(const translation *of, size_t a, size_t b)
{
    begin_call(of, QSTI_C_swap);
    qsti_text_add(&of->source->gates, ", %zu, %zu", of->operation->qubits[a], of->operation->qubits[b]);
    end_call(of, 0, NULL);
}

/* exp(i (constant + angle)) where all of the gate's qubits are 1. */
static void put_phase(const translation *of, double constant)
{
    static const double angle[QST_MAX_GATE_ANGLES] = {1};
    unsigned own = (1U << qst_gate_describe(of->operation->gate)->n_qubits) - 1;
    begin_call(of, QSTI_C_phase);
    qsti_text_add(&of->source->gates, ", %zu", mask_of(of, own));
    end_call(of, constant, angle);
}

static void put_steps(const translation *of)
{
    size_t n = 0;
    const qsti_step *steps = qsti_gate_steps(of->operation->gate, &n);
    for (size_t i = 0; i < n; i++) {
        const qsti_step *step = &steps[i];
        switch ((qsti_step_kind)step->kind) {
        case QSTI_STEP_ROTATION:
            put_rotation(of, step);
            break;
        case QSTI_STEP_CX:
            put_flip(of, 1U << step->a, step->b);
            break;
        case QSTI_STEP_SWAP:
            put_swap(of, step->a, step->b);
            break;
        case QSTI_STEP_X:
            put_flip(of, 0, step->a);
            break;
        case QSTI_STEP_PHASE:
            break;
        }
    }
}

static void put_gate(const translation *of)
{
    switch (of->operation->gate) {
    case QST_GATE_h:
        begin_call(of, QSTI_C_hadamard);
        qsti_text_add(&of->source->gates, ", %zu", of->operation->qubits[0]);
        end_call(of, 0, NULL);
        break;
    case QST_GATE_ccx:
    case QST_GATE_c3x:
    case QST_GATE_c4x: {
        size_t target = (size_t)qst_gate_describe(of->operation->gate)->n_qubits - 1;
        put_flip(of, (1U << target) - 1, target);
        break;
    }
    case QST_GATE_z:
    case QST_GATE_cz:
        put_phase(of, M_PI);
        break;
    case QST_GATE_s:
        put_phase(of, M_PI / 2);
        break;
    case QST_GATE_sdg:
        put_phase(of, -M_PI / 2);
        break;
    case QST_GATE_t:
        put_phase(of, M_PI / 4);
        break;
    case QST_GATE_tdg:
        put_phase(of, -M_PI / 4);
        break;
    case QST_GATE_p:
    case QST_GATE_u1:
    case QST_GATE_cp:
    case QST_GATE_cu1:
        put_phase(of, 0);
        break;
    default:
        put_steps(of);
        break;
    }
}

/* --- the state before the gates ----------------------------------------------------------------------------------- */

static void put_preparation(qsti_c_source *source, const qst_circuit *circuit)
{
    qsti_text *body = &source->body;
    qsti_text_add(body, "    %samplitude psi[N_STATES];\n    memset(psi, 0, sizeof psi);\n",
                  circuit->n_qubits > 12 ? "static " : "");
    switch (circuit->preparation) {
    case QST_PREPARE_ZERO:
        qsti_text_add(body, "    psi[0].re = 1;\n");
        break;
    case QST_PREPARE_AMPLITUDE:
        qsti_text_add(body,
                      "    double norm = 0;\n"
                      "    for (size_t i = 0; i < %zu; i++)\n"
                      "        norm = hypot(norm, features[i]);\n"
                      "    if (!(norm > 0) || !isfinite(norm))\n"
                      "        return -1;\n"
                      "    for (size_t i = 0; i < %zu; i++)\n"
                      "        psi[i].re = features[i] / norm;\n",
                      circuit->n_features, circuit->n_features);
        break;
    case QST_PREPARE_BASIS:
        qsti_text_add(body,
                      "    size_t start = 0;\n"
                      "    for (size_t i = 0; i < %zu; i++) {\n"
                      "        if (features[i] != 0 && features[i] != 1)\n"
                      "            return -1;\n"
                      "        start |= (size_t)features[i] << i;\n"
                      "    }\n"
                      "    psi[start].re = 1;\n",
                      circuit->n_features);
        break;
    }
}

qst_status qsti_c_circuit(qsti_c_source *source, const qst_circuit *circuit, const double *weights)
{
    put_preparation(source, circuit);
    for (size_t i = 0; i < circuit->n_operations; i++) {
        qst_operation operation;
        qst_circuit_operation(circuit, i, &operation);
        put_gate(&(translation){source, weights, &operation});
        if (source->n_calls > MAX_CALLS) {
            return qsti_fail(source->ctx, QST_ERR_LIMIT, "a C file of more than %d gates is too long for compilers",
                             MAX_CALLS);
        }
    }
    if (source->n_gate_functions > 0) {
        qsti_text_add(&source->gates, "}\n\n");
    }
    for (size_t f = 0; f < source->n_gate_functions; f++) {
        qsti_text_add(&source->body, "    gates_%zu(psi, features);\n", f);
    }
    return source->gates.status;
}
