/* dissolve.c: gates as interactions, rotations and local gates.
 *
 * What a gate is stands in the table of circuit/steps.h: Pauli rotations and moves. Constant gates on one and two
 * qubits are multiplied up to a matrix. A free angle t stays where it is, exp(-i t P / 2) as a SPIN; on two qubits
 *
 *   exp(-i t P x Q / 2) = K^-1 CX (1 x RZ(t)) CX K,  K taking P x Q to Z x Z.
 *
 * Diagonal rotations on three and more qubits are gathered: prod_S exp(-i t_S Z_S / 2) over the subsets S of k qubits;
 * for each qubit as target, from the last down, the subsets of those below it in the order of Gray's code, so that one
 * CX leads from each to the next. */
#include "transpile/dissolve.h"

#include <string.h>

#include "circuit/steps.h"

#define MAX_STATES (1U << QST_MAX_GATE_QUBITS)

typedef struct dissolver {
    qsti_fold *fold;
    qsti_store *store;
    const qst_assembly *assembly;
    bool elide;
    uint32_t *at;
    uint32_t condition;
} dissolver;

/* A rotation angle: a number, and terms with variables. */
typedef struct angle {
    double number;
    const qst_term *terms; /* (n_terms), those with variables; in the store, behind its end */
    size_t n_terms;
} angle;

/* --- nodes -------------------------------------------------------------------------------------------------------- */

static qst_status add_local(dissolver *d, uint32_t wire, qsti_su2 u)
{
    const qsti_node node = {
        .kind = QSTI_NODE_LOCAL, .wires = {wire, wire}, .condition = d->condition, .k = {u, qsti_su2_one()}};
    return qsti_fold_add(d->fold, &node);
}

static qst_status add_phase(dissolver *d, double phase)
{
    const qsti_node node = {.kind = QSTI_NODE_PHASE, .condition = d->condition, .c = {phase, 0, 0}};
    return phase == 0 ? QST_OK : qsti_fold_add(d->fold, &node);
}

/* exp(i pi/4 ZX) is CX but for rz(pi/2), rx(pi/2) and a phase of pi/4. */
static qst_status add_cx(dissolver *d, uint32_t control, uint32_t target)
{
    const qsti_su2 hadamard = qsti_su2_hadamard();
    const qsti_node pair = {.kind = QSTI_NODE_PAIR,
                            .wires = {control, target},
                            .condition = d->condition,
                            .k = {hadamard, qsti_su2_one()},
                            .c = {QSTI_PI / 4, 0, 0}};
    qst_status status = qsti_fold_add(d->fold, &pair);
    if (status == QST_OK)
        status = add_local(d, control, qsti_su2_rz(QSTI_PI / 2));
    if (status == QST_OK)
        status = add_local(d, target, qsti_su2_rx(QSTI_PI / 2));
    return status == QST_OK ? add_phase(d, QSTI_PI / 4) : status;
}

/* The turn that takes a Pauli, bits x and z, to Z. */
static qsti_su2 to_z(unsigned x, unsigned z)
{
    return !x ? qsti_su2_one() : z ? qsti_su2_rx(QSTI_PI / 2) : qsti_su2_ry(-QSTI_PI / 2);
}

/* k^-1 RZ(t) k */
static qst_status add_rotation(dissolver *d, uint32_t wire, qsti_su2 k, const angle *t)
{
    qst_status status = QST_OK;
    if (t->number != 0) {
        const qsti_su2 u = qsti_su2_product(qsti_su2_rz(t->number), k);
        status = add_local(d, wire, qsti_su2_product(qsti_su2_inverse(k), u));
    }
    if (status != QST_OK || t->n_terms == 0)
        return status;
    for (size_t first = 0; first < t->n_terms && status == QST_OK; first += QSTI_MOST_TERMS) {
        size_t left = t->n_terms - first, n = left < QSTI_MOST_TERMS ? left : QSTI_MOST_TERMS;
        qsti_node node = {
            .kind = QSTI_NODE_SPIN, .wires = {wire, wire}, .condition = d->condition, .k = {k, qsti_su2_one()}};
        status = qsti_store_polynomial(d->store, t->terms + first, n, &node.extra);
        if (status == QST_OK)
            status = qsti_fold_add(d->fold, &node);
    }
    return status;
}

/* --- angles ------------------------------------------------------------------------------------------------------- */

static bool is_number(const qst_operation *operation)
{
    int n_angles = qst_gate_describe(operation->gate)->n_angles;
    for (int i = 0; i < n_angles; i++) {
        for (size_t j = 0; j < operation->angles[i].n_terms; j++) {
            const qst_term *term = &operation->angles[i].terms[j];
            if (term->a != QST_ONE || term->b != QST_ONE)
                return false;
        }
    }
    return true;
}

/* The angle of a step. Its terms go to the pool behind the store's terms, where they hold until the next call. */
static qst_status angle_of(dissolver *d, const qst_operation *operation, const qsti_step *step, angle *out)
{
    size_t most = 0;
    int n_angles = qst_gate_describe(operation->gate)->n_angles;
    *out = (angle){.number = step->constant};
    for (int i = 0; i < n_angles; i++)
        most += step->coefficient[i] != 0 ? operation->angles[i].n_terms : 0;
    if (most == 0)
        return QST_OK;
    qst_term *terms = NULL;
    qst_status status = qsti_store_terms(d->store, 2 * most, &terms);
    if (status != QST_OK)
        return status;
    terms += most; /* where a polynomial made of them does not write over them */
    for (int i = 0; i < n_angles; i++) {
        for (size_t j = 0; step->coefficient[i] != 0 && j < operation->angles[i].n_terms; j++) {
            qst_term term = operation->angles[i].terms[j];
            term.coefficient *= step->coefficient[i];
            if (term.a == QST_ONE && term.b == QST_ONE)
                out->number += term.coefficient;
            else
                terms[out->n_terms++] = term;
        }
    }
    out->terms = terms;
    return QST_OK;
}

/* --- constant gates ----------------------------------------------------------------------------------------------- */

/* out = exp(-i t P / 2) in, on the basis states of two qubits, row by row. */
static void rotate_rows(qsti_matrix4 *matrix, unsigned x, unsigned z, double t)
{
    static const double re[4] = {1, 0, -1, 0}, im[4] = {0, 1, 0, -1};
    const int n_y = __builtin_popcount(x & z);
    const double complex factor = qsti_complex(re[n_y], im[n_y]); /* Y = i X Z */
    const qsti_matrix4 in = *matrix;
    for (unsigned row = 0; row < 4; row++) {
        unsigned from = row ^ x;
        double complex element = __builtin_popcount(z & from) % 2 ? -factor : factor;
        element = qsti_complex(cimag(element) * sin(t / 2), -creal(element) * sin(t / 2));
        for (int column = 0; column < 4; column++) {
            const double complex there = in.at[from][column];
            matrix->at[row][column] = in.at[row][column] * cos(t / 2) +
                                      qsti_complex(creal(element) * creal(there) - cimag(element) * cimag(there),
                                                   creal(element) * cimag(there) + cimag(element) * creal(there));
        }
    }
}

static void permute_rows(qsti_matrix4 *matrix, const qsti_step *step)
{
    const qsti_matrix4 in = *matrix;
    for (unsigned row = 0; row < 4; row++) {
        unsigned from = row, a = row >> step->a & 1, b = row >> step->b & 1;
        if (step->kind == QSTI_STEP_X)
            from = row ^ 1U << step->a;
        else if (step->kind == QSTI_STEP_CX)
            from = row ^ a << step->b;
        else if (a != b)
            from = row ^ 3U;
        memcpy(matrix->at[row], in.at[from], sizeof in.at[from]);
    }
}

static qst_status add_constant_pair(dissolver *d, const qst_operation *operation, const uint32_t wires[2])
{
    size_t n;
    const qsti_step *steps = qsti_gate_steps(operation->gate, &n);
    qsti_matrix4 matrix;
    double phase = 0;
    memset(&matrix, 0, sizeof matrix);
    for (int k = 0; k < 4; k++)
        matrix.at[k][k] = 1;
    for (size_t i = 0; i < n; i++) {
        angle t;
        qst_status status = angle_of(d, operation, &steps[i], &t);
        if (status != QST_OK)
            return status;
        if (steps[i].kind == QSTI_STEP_PHASE)
            phase += t.number;
        else if (steps[i].kind == QSTI_STEP_ROTATION)
            rotate_rows(&matrix, steps[i].x, steps[i].z, t.number);
        else
            permute_rows(&matrix, &steps[i]);
    }
    qst_status status = add_phase(d, phase);
    return status == QST_OK ? qsti_fold_unitary(d->fold, wires, &matrix, d->condition) : status;
}

/* --- step by step ------------------------------------------------------------------------------------------------- */

static qst_status add_two_wire_rotation(dissolver *d, const qsti_step *step, const uint32_t *wires, const angle *t)
{
    int first = __builtin_ctz(step->x | step->z), second = 31 - __builtin_clz((unsigned)(step->x | step->z));
    qst_status status = QST_OK;
    for (int side = 0; side < 2; side++) {
        int q = side == 0 ? first : second;
        const qsti_su2 k = to_z(step->x >> q & 1U, step->z >> q & 1U);
        QSTI_TRY(add_local(d, wires[q], k));
    }
    QSTI_TRY(add_cx(d, wires[first], wires[second]));
    QSTI_TRY(add_rotation(d, wires[second], qsti_su2_one(), t));
    QSTI_TRY(add_cx(d, wires[first], wires[second]));
    for (int side = 0; side < 2; side++) {
        int q = side == 0 ? first : second;
        const qsti_su2 k = to_z(step->x >> q & 1U, step->z >> q & 1U);
        QSTI_TRY(add_local(d, wires[q], qsti_su2_inverse(k)));
    }
done:
    return status;
}

/* prod_S exp(-i t_S Z_S / 2); t by the mask of S. */
static qst_status add_diagonal(dissolver *d, const uint32_t *wires, int n_wires, const double *t)
{
    qst_status status = QST_OK;
    for (int target = n_wires - 1; target >= 0; target--) {
        unsigned below = 1U << target, gray = 0;
        bool needed = false;
        for (unsigned set = 1; set < below; set++)
            needed = needed || t[below | set] != 0;
        for (unsigned i = 0; i < (needed ? below : 1); i++) {
            angle there = {.number = t[below | gray]};
            QSTI_TRY(add_rotation(d, wires[target], qsti_su2_one(), &there));
            if (!needed)
                break;
            int bit = i + 1 == below ? target - 1 : __builtin_ctz(i + 1);
            gray ^= 1U << bit;
            QSTI_TRY(add_cx(d, wires[bit], wires[target]));
        }
    }
done:
    return status;
}

static qst_status add_swap(dissolver *d, uint32_t a, uint32_t b)
{
    const qsti_node swap = qsti_node_swap(a, b);
    qsti_node node = swap;
    node.condition = d->condition;
    qst_status status = qsti_fold_add(d->fold, &node);
    return status == QST_OK ? add_phase(d, QSTI_SWAP_PHASE) : status;
}

static qst_status add_step(dissolver *d, const qsti_step *step, const uint32_t *wires, const angle *t)
{
    switch ((qsti_step_kind)step->kind) {
    case QSTI_STEP_ROTATION:
        if (__builtin_popcount(step->x | step->z) == 2)
            return add_two_wire_rotation(d, step, wires, t);
        {
            int q = __builtin_ctz(step->x | step->z);
            return add_rotation(d, wires[q], to_z(step->x >> q & 1U, step->z >> q & 1U), t);
        }
    case QSTI_STEP_CX:
        return add_cx(d, wires[step->a], wires[step->b]);
    case QSTI_STEP_SWAP:
        return add_swap(d, wires[step->a], wires[step->b]);
    case QSTI_STEP_X: {
        qst_status status = add_local(d, wires[step->a], qsti_su2_pauli(0));
        return status == QST_OK ? add_phase(d, QSTI_PI / 2) : status;
    }
    case QSTI_STEP_PHASE:
        break;
    }
    qst_status status = add_phase(d, t->number);
    if (status != QST_OK || t->n_terms == 0)
        return status;
    if (d->condition == 0)
        return qsti_store_phase(d->store, 1, t->terms, t->n_terms);
    for (size_t first = 0; first < t->n_terms && status == QST_OK; first += QSTI_MOST_TERMS) {
        size_t left = t->n_terms - first, n = left < QSTI_MOST_TERMS ? left : QSTI_MOST_TERMS;
        qsti_node node = {.kind = QSTI_NODE_PHASE, .condition = d->condition};
        status = qsti_store_polynomial(d->store, t->terms + first, n, &node.extra);
        node.extra++;
        if (status == QST_OK)
            status = qsti_fold_add(d->fold, &node);
    }
    return status;
}

static qst_status add_by_steps(dissolver *d, const qst_operation *operation, const uint32_t *wires)
{
    size_t n;
    const qsti_step *steps = qsti_gate_steps(operation->gate, &n);
    int n_wires = qst_gate_describe(operation->gate)->n_qubits;
    qst_status status = QST_OK;
    for (size_t i = 0; i < n;) {
        double diagonal[MAX_STATES] = {0};
        size_t run = 0;
        while (n_wires > 2 && i + run < n && steps[i + run].kind == QSTI_STEP_ROTATION && steps[i + run].x == 0) {
            diagonal[steps[i + run].z] += steps[i + run].constant;
            run++;
        }
        if (run > 1) {
            QSTI_TRY(add_diagonal(d, wires, n_wires, diagonal));
            i += run;
            continue;
        }
        angle t;
        QSTI_TRY(angle_of(d, operation, &steps[i], &t));
        QSTI_TRY(add_step(d, &steps[i], wires, &t));
        i++;
    }
done:
    return status;
}

/* --- the walk ----------------------------------------------------------------------------------------------------- */

static qst_status add_gate(dissolver *d, const qst_operation *operation)
{
    uint32_t wires[QST_MAX_GATE_QUBITS] = {0};
    const qst_gate_info *info = qst_gate_describe(operation->gate);
    for (int i = 0; i < info->n_qubits; i++)
        wires[i] = d->at[operation->qubits[i]];
    if (operation->gate == QST_GATE_swap && d->elide && d->condition == 0) {
        d->at[operation->qubits[0]] = wires[1];
        d->at[operation->qubits[1]] = wires[0];
        return QST_OK;
    }
    if (info->n_qubits == 2 && is_number(operation))
        return add_constant_pair(d, operation, wires);
    return add_by_steps(d, operation, wires);
}

static qst_status add_barrier(dissolver *d, const qst_step *step)
{
    qsti_node node = {.kind = QSTI_NODE_BARRIER, .wires = {0, (uint32_t)step->n_qubits}};
    qst_status status = qsti_store_wires(d->store, step->n_qubits, &node.wires[0]);
    if (status != QST_OK)
        return status;
    for (size_t i = 0; i < step->n_qubits; i++)
        d->store->wires[node.wires[0] + i] = d->at[step->qubits[i]];
    return qsti_fold_add(d->fold, &node);
}

static qst_status add(void *user, const qst_step *step)
{
    dissolver *d = user;
    qst_status status = QST_OK;
    d->condition = 0;
    if (step->condition != QST_NO_CONDITION)
        QSTI_TRY(qsti_store_condition(d->store, step->condition, step->condition_value, &d->condition));
    if (step->kind == QST_INSTRUCTION_GATE)
        return add_gate(d, &step->operation);
    if (step->kind == QST_INSTRUCTION_BARRIER)
        return add_barrier(d, step);
    uint32_t wire = d->at[step->qubits[0]];
    const qsti_node node = {.kind = step->kind == QST_INSTRUCTION_MEASURE ? QSTI_NODE_MEASURE : QSTI_NODE_RESET,
                            .wires = {wire, wire},
                            .extra = step->bit,
                            .condition = d->condition};
    return qsti_fold_add(d->fold, &node);
done:
    return status;
}

qst_status qsti_dissolve(const qst_assembly *assembly, bool elide, qsti_fold *fold, qsti_store *store, uint32_t *at)
{
    dissolver d = {.fold = fold, .store = store, .assembly = assembly, .elide = elide, .at = at};
    return qst_assembly_walk(assembly, NULL, 0, add, &d);
}
