/* placed_circuit.c: a native assembly as a circuit with the weights and features of another.
 *
 * Parameters of the assembly are first the weights, then the features (qst_circuit_assembly()). A turn about Z waits on
 * its qubit until another gate comes; what comes meanwhile is added. In front of the first other gate a turn about Z
 * does nothing to |0> but a phase, and is left out, as global phases are. */
#include <math.h>
#include <string.h>

#include "circuit/circuit_copy.h"
#include "place/placed.h"

typedef struct turn {
    qst_gate gate;
    qst_term *terms;
    size_t n_terms, capacity;
} turn;

typedef struct conversion {
    qst_ctx *ctx;
    const qst_circuit *circuit;
    const uint32_t *wires;
    size_t n_qubits;
    qst_circuit_builder *builder;
    turn *turns;   /* (n_qubits) */
    bool *started; /* (n_qubits) something else than a turn about Z has been there */
    qst_term *terms;
    size_t capacity;
} conversion;

static bool is_turn(qst_gate gate)
{
    return gate == QST_GATE_rz || gate == QST_GATE_p || gate == QST_GATE_u1;
}

static qst_variable variable_of(const conversion *to, qst_variable parameter)
{
    if (parameter == QST_ONE)
        return QST_ONE;
    const size_t index = (size_t)(parameter - 1), n_weights = qst_circuit_weights(to->circuit);
    return index < n_weights ? QST_WEIGHT((qst_variable)index) : QST_FEATURE((qst_variable)(index - n_weights));
}

static bool same_product(const qst_term *left, const qst_term *right)
{
    return (left->a == right->a && left->b == right->b) || (left->a == right->b && left->b == right->a);
}

static qst_status add_to_turn(conversion *to, turn *held, const qst_angle *angle)
{
    if (held->n_terms + angle->n_terms > held->capacity) {
        size_t capacity = 2 * (held->n_terms + angle->n_terms);
        qst_status status = QSTI_GROW(to->ctx, capacity, &held->terms);
        if (status != QST_OK)
            return status;
        held->capacity = capacity;
    }
    for (size_t i = 0; i < angle->n_terms; i++) {
        const qst_term term = {angle->terms[i].coefficient, variable_of(to, angle->terms[i].a),
                               variable_of(to, angle->terms[i].b)};
        size_t at = 0;
        while (at < held->n_terms && !same_product(&held->terms[at], &term))
            at++;
        if (at == held->n_terms)
            held->terms[held->n_terms++] = term;
        else
            held->terms[at].coefficient += term.coefficient;
    }
    return QST_OK;
}

/* Writes the turn that waits on a qubit, its constant part in -pi..pi. */
static qst_status write_turn(conversion *to, size_t qubit)
{
    static const double pi = 3.14159265358979323846;
    turn *held = &to->turns[qubit];
    size_t n = 0;
    for (size_t i = 0; i < held->n_terms; i++) {
        qst_term term = held->terms[i];
        if (term.a == QST_ONE && term.b == QST_ONE) {
            term.coefficient = remainder(term.coefficient, 2 * pi);
            if (fabs(term.coefficient) < 1e-14)
                term.coefficient = 0;
        }
        if (term.coefficient != 0)
            held->terms[n++] = term;
    }
    held->n_terms = 0;
    if (n == 0 || !to->started[qubit])
        return QST_OK;
    return qst_circuit_add(to->builder, held->gate, &qubit, &(qst_angle){held->terms, n});
}

static qst_status write_gate(conversion *to, const qst_operation *operation)
{
    const qst_gate_info *gate = qst_gate_describe(operation->gate);
    qst_angle angles[QST_MAX_GATE_ANGLES];
    size_t qubits[QST_MAX_GATE_QUBITS], n_terms = 0;
    for (int k = 0; k < gate->n_qubits; k++) {
        qubits[k] = to->wires[operation->qubits[k]];
        qst_status status = write_turn(to, qubits[k]);
        if (status != QST_OK)
            return status;
        to->started[qubits[k]] = true;
    }
    for (int i = 0; i < gate->n_angles; i++)
        n_terms += operation->angles[i].n_terms;
    if (n_terms > to->capacity) {
        qst_status status = QSTI_GROW(to->ctx, 2 * n_terms, &to->terms);
        if (status != QST_OK)
            return status;
        to->capacity = 2 * n_terms;
    }
    qst_term *term = to->terms;
    for (int i = 0; i < gate->n_angles; i++) {
        angles[i] = (qst_angle){term, operation->angles[i].n_terms};
        for (size_t j = 0; j < operation->angles[i].n_terms; j++) {
            const qst_term *from = &operation->angles[i].terms[j];
            *term++ = (qst_term){from->coefficient, variable_of(to, from->a), variable_of(to, from->b)};
        }
    }
    return qst_circuit_add(to->builder, operation->gate, qubits, angles);
}

static qst_status add_step(void *user, const qst_step *step)
{
    conversion *to = user;
    if (step->kind != QST_INSTRUCTION_GATE || step->operation.gate == QST_GATE_gphase)
        return QST_OK;
    if (!is_turn(step->operation.gate))
        return write_gate(to, &step->operation);
    const size_t qubit = to->wires[step->operation.qubits[0]];
    to->turns[qubit].gate = step->operation.gate;
    return add_to_turn(to, &to->turns[qubit], &step->operation.angles[0]);
}

qst_status qsti_placed_circuit(const qst_circuit *circuit, const qst_assembly *native, const uint32_t *wires,
                               size_t n_qubits, qst_circuit **out)
{
    conversion to = {.ctx = circuit->ctx, .circuit = circuit, .wires = wires, .n_qubits = n_qubits};
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(to.ctx, n_qubits, &to.turns));
    QSTI_TRY(QSTI_NEW(to.ctx, n_qubits, &to.started));
    QSTI_TRY(qst_circuit_begin(to.ctx, n_qubits, qst_circuit_features(circuit), QST_PREPARE_ZERO, &to.builder));
    QSTI_TRY(qsti_circuit_add_weights_of(to.builder, circuit));
    QSTI_TRY(qst_assembly_walk(native, NULL, 0, add_step, &to));
    for (size_t q = 0; q < n_qubits; q++)
        QSTI_TRY(write_turn(&to, q));
    status = qst_circuit_finish(to.builder, out);
    to.builder = NULL;
done:
    if (to.builder)
        qst_circuit_abandon(to.builder);
    for (size_t q = 0; to.turns && q < n_qubits; q++)
        qsti_free(to.ctx, to.turns[q].terms);
    qsti_free(to.ctx, to.turns);
    qsti_free(to.ctx, to.started);
    qsti_free(to.ctx, to.terms);
    return status;
}
