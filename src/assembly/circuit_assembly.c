/* circuit_assembly.c: a circuit as an assembly, its variables bound or free, its preparation as gates.
 *
 * Amplitudes x (zero-padded, divided by their norm) by a tree of uniformly controlled RY: qubit n-1 first, then each
 * lower one under those above it [mottonen2005]. Under controls with value j the angle is 2 atan2(r_1, r_0), r the
 * norms of the halves that the qubit divides, at the last qubit the amplitudes themselves with their signs. In
 * Gray-code order part i has the angle 2^-k sum_j (-1)^|j & gray(i)| angle_j, a Walsh-Hadamard transform. */
#include <math.h>
#include <stdio.h>

#include "assembly/assembly.h"
#include "assembly/term_tokens.h"
#include "circuit/circuit.h"

typedef struct translation {
    const qst_circuit *circuit;
    qst_assembly_opts opts;
    qst_assembly_builder *builder;
    qsti_term_tokens tokens;
    qst_term *terms; /* of one gate */
    size_t capacity;
    size_t first_feature; /* its parameter */
} translation;

/* --- gates -------------------------------------------------------------------------------------------------------- */

static qst_status put(translation *to, qst_gate gate, const uint32_t *qubits, const qst_angle *angles)
{
    const qst_gate_info *info = qst_gate_describe(gate);
    qst_instruction instruction = {.kind = QST_INSTRUCTION_GATE,
                                   .gate = gate,
                                   .qubits = qubits,
                                   .n_qubits = (size_t)info->n_qubits,
                                   .n_angles = (size_t)info->n_angles,
                                   .condition = QST_NO_CONDITION};
    qst_status status = qsti_term_tokens_write(&to->tokens, angles, instruction.n_angles);

    instruction.angles = to->tokens.angles;
    if (status == QST_OK)
        status = qst_assembly_add(to->builder, &instruction);
    return status;
}

/* A variable with its value in *factor, or the parameter that stands for it. */
static qst_variable bind(const translation *to, qst_variable variable, double *factor)
{
    size_t index = variable > 0 ? (size_t)variable - 1 : (size_t)(-((int64_t)variable + 1));
    const double *values = variable > 0 ? to->opts.weights : to->opts.features;

    if (variable == QST_ONE)
        return QST_ONE;
    if (values) {
        *factor *= values[index];
        return QST_ONE;
    }
    return QST_WEIGHT((qst_variable)(variable > 0 ? index : to->first_feature + index));
}

/* Terms without bound variables; those that are numbers become one, in the place of the first. */
static size_t bind_terms(const translation *to, const qst_angle *angle, qst_term *out)
{
    qst_term *number = NULL;
    size_t n = 0;

    for (size_t i = 0; i < angle->n_terms; i++) {
        qst_term term = angle->terms[i];
        term.a = bind(to, term.a, &term.coefficient);
        term.b = bind(to, term.b, &term.coefficient);
        bool is_number = term.a == QST_ONE && term.b == QST_ONE;
        if (is_number && number) {
            number->coefficient += term.coefficient;
        } else {
            out[n] = term;
            number = is_number ? &out[n] : number;
            n++;
        }
    }
    return n;
}

static qst_status put_operation(translation *to, const qst_operation *operation)
{
    const qst_gate_info *gate = qst_gate_describe(operation->gate);
    uint32_t qubits[QST_MAX_GATE_QUBITS];
    qst_angle angles[QST_MAX_GATE_ANGLES];
    size_t n_terms = 0;

    for (int i = 0; i < gate->n_angles; i++)
        n_terms += operation->angles[i].n_terms;
    if (n_terms > to->capacity || !to->terms) {
        qst_status status = QSTI_GROW(to->circuit->ctx, 2 * n_terms, &to->terms);
        if (status != QST_OK)
            return status;
        to->capacity = 2 * n_terms;
    }
    qst_term *term = to->terms;
    for (int i = 0; i < gate->n_angles; i++) {
        angles[i] = (qst_angle){term, bind_terms(to, &operation->angles[i], term)};
        term += angles[i].n_terms;
    }
    for (int i = 0; i < gate->n_qubits; i++)
        qubits[i] = (uint32_t)operation->qubits[i];
    return put(to, operation->gate, qubits, angles);
}

/* --- preparation -------------------------------------------------------------------------------------------------- */

static qst_status prepare_basis(translation *to)
{
    const qst_circuit *circuit = to->circuit;
    qst_status status = QST_OK;

    for (uint32_t qubit = 0; status == QST_OK && qubit < circuit->n_features; qubit++) {
        double x = to->opts.features[qubit];
        if (x != 0 && x != 1)
            return qsti_fail(circuit->ctx, QST_ERR_INPUT, "basis preparation: feature %u is %g, neither 0 nor 1", qubit,
                             x);
        if (x == 1)
            status = put(to, QST_GATE_x, &qubit, NULL);
    }
    return status;
}

/* One level of the tree: RY of qubit k by angles[j], j the value of the qubits above. */
static qst_status put_level(translation *to, uint32_t qubit, size_t n_controls, double *angles)
{
    size_t n_parts = (size_t)1 << n_controls;
    qst_status status = QST_OK;

    for (size_t half = 1; half < n_parts; half *= 2) {
        for (size_t j = 0; j < n_parts; j++) {
            if (!(j & half)) {
                double a = angles[j], b = angles[j + half];
                angles[j] = a + b;
                angles[j + half] = a - b;
            }
        }
    }
    for (size_t i = 0; i < n_parts; i++) {
        qst_term term = {angles[i ^ (i >> 1)] / (double)n_parts, QST_ONE, QST_ONE};
        size_t flipped = i + 1 < n_parts ? (size_t)__builtin_ctzll(i + 1) : n_controls - 1;
        QSTI_TRY(put(to, QST_GATE_ry, &qubit, &(qst_angle){&term, 1}));
        if (n_controls > 0)
            QSTI_TRY(put(to, QST_GATE_cx, (const uint32_t[]){qubit + 1 + (uint32_t)flipped, qubit}, NULL));
    }
done:
    return status;
}

/* norms (2 * 2^n): level k of the tree at [2^(n-k), 2 * 2^(n-k)), norms of blocks of 2^k amplitudes. */
static qst_status prepare_amplitudes(translation *to)
{
    const qst_circuit *circuit = to->circuit;
    size_t n = circuit->n_qubits, n_states = (size_t)1 << n;
    double *norms = NULL, *angles = NULL;
    qst_status status;

    QSTI_TRY(QSTI_NEW(circuit->ctx, 2 * n_states, &norms));
    QSTI_TRY(QSTI_NEW(circuit->ctx, n_states, &angles));
    for (size_t i = 0; i < circuit->n_features; i++)
        norms[n_states + i] = to->opts.features[i];
    for (size_t i = n_states - 1; i > 0; i--)
        norms[i] = hypot(norms[2 * i], norms[2 * i + 1]);
    if (!isfinite(norms[1]) || norms[1] == 0) {
        status = qsti_fail(circuit->ctx, QST_ERR_INPUT, "amplitude preparation: the features' norm is %g, not > 0",
                           norms[1]);
        goto done;
    }
    for (size_t level = 0; level < n; level++) {
        size_t first = (size_t)1 << level;
        for (size_t j = 0; j < first; j++)
            angles[j] = 2 * atan2(norms[2 * (first + j) + 1], norms[2 * (first + j)]);
        QSTI_TRY(put_level(to, (uint32_t)(n - 1 - level), level, angles));
    }
done:
    qsti_free(circuit->ctx, norms);
    qsti_free(circuit->ctx, angles);
    return status;
}

static qst_status prepare(translation *to)
{
    const qst_circuit *circuit = to->circuit;

    if (circuit->preparation == QST_PREPARE_ZERO)
        return QST_OK;
    if (!to->opts.features)
        return qsti_fail(circuit->ctx, QST_ERR_UNSUPPORTED,
                         "%s preparation of free features: its gates depend on the features; give their values",
                         circuit->preparation == QST_PREPARE_BASIS ? "basis" : "amplitude");
    return circuit->preparation == QST_PREPARE_BASIS ? prepare_basis(to) : prepare_amplitudes(to);
}

/* --- the assembly ------------------------------------------------------------------------------------------------- */

static qst_status add_parameters(translation *to, const char *name, size_t n)
{
    char full[160];
    qst_status status = QST_OK;

    for (size_t i = 0; status == QST_OK && i < n; i++) {
        (void)snprintf(full, sizeof full, "%.120s_%zu", name, i);
        status = qst_assembly_add_parameter(to->builder, full);
    }
    return status;
}

static qst_status add_head(translation *to)
{
    const qst_circuit *circuit = to->circuit;
    const qst_assembly_opts *opts = &to->opts;
    qst_status status;

    QSTI_TRY(qst_assembly_add_qubits(to->builder, "q", circuit->n_qubits));
    for (size_t k = 0; opts->measured != NULL && k < opts->n_measured; k++) {
        if (opts->measured[k] >= circuit->n_qubits)
            QSTI_TRY(qsti_fail(circuit->ctx, QST_ERR_USAGE, "qubit %zu is to be measured: the circuit has %zu",
                               opts->measured[k], circuit->n_qubits));
    }
    if (opts->measure)
        QSTI_TRY(qst_assembly_add_bits(to->builder, "c", opts->measured ? opts->n_measured : circuit->n_qubits));
    if (!opts->weights) {
        QSTI_TRY(add_parameters(to, opts->weights_name ? opts->weights_name : "weights", circuit->n_weights));
        to->first_feature = circuit->n_weights;
    }
    if (!opts->features)
        QSTI_TRY(add_parameters(to, opts->features_name ? opts->features_name : "features", circuit->n_features));
done:
    return status;
}

static qst_status add_measurements(translation *to)
{
    const qst_assembly_opts *opts = &to->opts;
    size_t n = opts->measured ? opts->n_measured : to->circuit->n_qubits;
    qst_status status = QST_OK;

    for (size_t bit = 0; status == QST_OK && opts->measure && bit < n; bit++) {
        uint32_t qubit = (uint32_t)(opts->measured ? opts->measured[bit] : bit);
        qst_instruction measure = {.kind = QST_INSTRUCTION_MEASURE,
                                   .qubits = &qubit,
                                   .n_qubits = 1,
                                   .bit = (uint32_t)bit,
                                   .condition = QST_NO_CONDITION};
        status = qst_assembly_add(to->builder, &measure);
    }
    return status;
}

qst_status qst_circuit_assembly(const qst_circuit *circuit, const qst_assembly_opts *opts, qst_assembly **out)
{
    translation to = {.circuit = circuit, .tokens = {.ctx = circuit->ctx}};
    qst_status status;

    if (opts)
        to.opts = *opts;
    QSTI_TRY(qst_assembly_begin(circuit->ctx, &to.builder));
    QSTI_TRY(add_head(&to));
    QSTI_TRY(prepare(&to));
    for (size_t i = 0; i < circuit->n_operations; i++) {
        qst_operation operation;
        qst_circuit_operation(circuit, i, &operation);
        QSTI_TRY(put_operation(&to, &operation));
    }
    QSTI_TRY(add_measurements(&to));
    status = qst_assembly_finish(to.builder, out);
    to.builder = NULL;
done:
    qst_assembly_abandon(to.builder);
    qsti_term_tokens_clear(&to.tokens);
    qsti_free(circuit->ctx, to.terms);
    return status;
}
