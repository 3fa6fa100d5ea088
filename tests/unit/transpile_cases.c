/* transpile_cases.c: see transpile_cases.h. */
#include "transpile_cases.h"

qst_assembly *cases_random(qst_ctx *ctx, uint64_t seed, size_t n_qubits, size_t n_gates, bool plain)
{
    static const qst_gate few[] = {QST_GATE_h,  QST_GATE_rz, QST_GATE_rx,  QST_GATE_cx,
                                   QST_GATE_cp, QST_GATE_t,  QST_GATE_rzz, QST_GATE_swap};
    ref_rng rng = {seed};
    qst_assembly_builder *builder = NULL;
    qst_assembly *made = NULL;
    assert_ok(ctx, qst_assembly_begin(ctx, &builder));
    assert_ok(ctx, qst_assembly_add_qubits(builder, "q", n_qubits));
    for (size_t i = 0; i < n_gates;) {
        qst_gate gate =
            plain ? few[ref_below(&rng, sizeof few / sizeof *few)] : (qst_gate)ref_below(&rng, QST_GATE_COUNT);
        const qst_gate_info *info = qst_gate_describe(gate);
        uint32_t order[16];
        qst_token numbers[QST_MAX_GATE_ANGLES];
        qst_expression angles[QST_MAX_GATE_ANGLES];
        if ((size_t)info->n_qubits > n_qubits)
            continue;
        for (uint32_t q = 0; q < n_qubits; q++)
            order[q] = q;
        for (size_t q = 0; q < (size_t)info->n_qubits; q++) {
            size_t with = q + ref_below(&rng, n_qubits - q);
            uint32_t held = order[q];
            order[q] = order[with];
            order[with] = held;
        }
        for (int k = 0; k < info->n_angles; k++) {
            double angle = ref_below(&rng, 3) == 0 ? (double)ref_below(&rng, 9) * 0.78539816339744830962 - 3
                                                   : ref_uniform(&rng, -7, 7);
            numbers[k] = (qst_token){.kind = QST_OPERATOR_NUMBER, .number = angle};
            angles[k] = (qst_expression){&numbers[k], 1};
        }
        const qst_instruction instruction = {.kind = QST_INSTRUCTION_GATE,
                                             .gate = gate,
                                             .qubits = order,
                                             .n_qubits = (size_t)info->n_qubits,
                                             .angles = angles,
                                             .n_angles = (size_t)info->n_angles,
                                             .bit = QST_NO_BIT,
                                             .condition = QST_NO_CONDITION};
        assert_ok(ctx, qst_assembly_add(builder, &instruction));
        i++;
    }
    assert_ok(ctx, qst_assembly_finish(builder, &made));
    return made;
}

/* Something that does not commute with gates, for a measurement into `bit` or a reset. */
static void mark(const qst_instruction *instruction, size_t n_qubits, ref_complex *state)
{
    double b = instruction->bit == QST_NO_BIT ? 7 : (double)instruction->bit;
    b = instruction->kind == QST_INSTRUCTION_RESET ? -1 : b;
    const ref_complex matrix[4] = {1, __builtin_complex(0.3, 0.1 * b), __builtin_complex(-0.2, 0.05),
                                   __builtin_complex(0.7, 0.04 * b)};
    const size_t qubit = instruction->qubits[0];
    ref_apply(state, n_qubits, matrix, 1, &qubit);
}

void cases_apply(const qst_assembly *assembly, const double *parameters, uint64_t conditioned, size_t n_qubits,
                 ref_complex *state)
{
    static ref_complex matrix[REF_MAX_GATE_STATES * REF_MAX_GATE_STATES];
    for (size_t i = 0; i < qst_assembly_instructions(assembly); i++) {
        qst_instruction instruction;
        double angles[QST_MAX_GATE_ANGLES];
        size_t qubits[QST_MAX_GATE_QUBITS];
        qst_assembly_instruction(assembly, i, &instruction);
        if (instruction.condition != QST_NO_CONDITION && instruction.condition_value != conditioned)
            continue;
        if (instruction.kind == QST_INSTRUCTION_MEASURE || instruction.kind == QST_INSTRUCTION_RESET)
            mark(&instruction, n_qubits, state);
        if (instruction.kind != QST_INSTRUCTION_GATE)
            continue;
        for (size_t k = 0; k < instruction.n_angles; k++)
            angles[k] = qst_expression_value(&instruction.angles[k], parameters);
        for (size_t k = 0; k < instruction.n_qubits; k++)
            qubits[k] = instruction.qubits[k];
        int k = ref_gate_matrix(qst_gate_describe(instruction.gate)->name, angles, matrix);
        assert_int_equal(k, (int)instruction.n_qubits);
        ref_apply(state, n_qubits, matrix, (size_t)k, qubits);
    }
}

/* out[y] = in[x], bit place[k] of y being bit k of x. */
static void permute(const ref_complex *in, size_t n, const uint32_t *place, ref_complex *out)
{
    for (size_t x = 0; x < (size_t)1 << n; x++) {
        size_t y = 0;
        for (size_t k = 0; k < n; k++)
            y |= (x >> k & 1) << place[k];
        out[y] = in[x];
    }
}

double cases_distance(const qst_assembly *in, const qst_assembly *out, const qst_placement *layout,
                      const double *parameters, uint64_t conditioned)
{
    const size_t n = layout->n_device_qubits, n_states = (size_t)1 << n;
    ref_complex *state = malloc(n_states * sizeof *state), *there = malloc(n_states * sizeof *there);
    ref_complex *expected = malloc(n_states * sizeof *expected);
    double worst = 0;
    ref_rng rng = {77};
    assert_non_null(state);
    assert_non_null(there);
    assert_non_null(expected);
    for (int round = 0; round < 3; round++) {
        double norm = 0;
        for (size_t x = 0; x < n_states; x++) {
            state[x] = __builtin_complex(ref_uniform(&rng, -1, 1), ref_uniform(&rng, -1, 1));
            norm += creal(state[x]) * creal(state[x]) + cimag(state[x]) * cimag(state[x]);
        }
        for (size_t x = 0; x < n_states; x++)
            state[x] /= sqrt(norm);
        permute(state, n, layout->initial, there);
        cases_apply(out, parameters, conditioned, n, there);
        cases_apply(in, parameters, conditioned, n, state);
        permute(state, n, layout->final, expected);
        for (size_t x = 0; x < n_states; x++)
            worst = fmax(worst, cabs(there[x] - expected[x]));
    }
    free(state);
    free(there);
    free(expected);
    return worst;
}

static bool in_list(const char *list, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = list; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    }
    return false;
}

void cases_assert_fits(const qst_assembly *out, const char *basis, const uint32_t (*pairs)[2], size_t n_pairs,
                       bool directed)
{
    for (size_t i = 0; i < qst_assembly_instructions(out); i++) {
        qst_instruction instruction;
        qst_assembly_instruction(out, i, &instruction);
        if (instruction.kind != QST_INSTRUCTION_GATE || instruction.gate == QST_GATE_gphase)
            continue;
        if (!in_list(basis, qst_gate_describe(instruction.gate)->name))
            fail_msg("%s is not in %s", qst_gate_describe(instruction.gate)->name, basis);
        bool found = pairs == NULL || instruction.n_qubits != 2;
        for (size_t j = 0; j < n_pairs && !found; j++) {
            found = (instruction.qubits[0] == pairs[j][0] && instruction.qubits[1] == pairs[j][1]) ||
                    (!directed && instruction.qubits[0] == pairs[j][1] && instruction.qubits[1] == pairs[j][0]);
        }
        if (!found)
            fail_msg("a gate on %u, %u", instruction.qubits[0], instruction.qubits[1]);
    }
}

size_t cases_two_qubit_gates(const qst_assembly *assembly)
{
    size_t n = 0;
    for (size_t i = 0; i < qst_assembly_instructions(assembly); i++) {
        qst_instruction instruction;
        qst_assembly_instruction(assembly, i, &instruction);
        n += instruction.kind == QST_INSTRUCTION_GATE && instruction.n_qubits == 2;
    }
    return n;
}
