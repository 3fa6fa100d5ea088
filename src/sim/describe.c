/* describe.c: what became of a circuit: fates of its gates, passes, multiply-adds, bytes.
 *
 * Real multiply-adds an amplitude, as the kernels do them (real amplitudes: in brackets):
 *
 *                       forward      inner products   un-applied, each of lambda and psi
 *   a GENERAL gate      8            4, and 2 a tile  8
 *   a Y or X gate       4 (2)        2 (1)            4 (2)
 *   a table             4 (1)        2 (0)            4 (1)
 *   a phase             4            2                4
 *   a table by lane     4 + n + 30   2 + n            4         Walsh-Hadamard transforms, sines and cosines
 *
 * lambda is un-applied always, psi in front of the last n_kept passes only. A product start of g gates is 8 (2) for
 * each of its 2^g amplitudes, and 16 (4) on the way back. Bytes: a pass reads and writes each amplitude once, on the
 * way back psi (read; written where it is un-applied) and lambda; and reads its table, which a block of samples shares.
 *
 * Memory, in bytes, for one block on one thread, with S = 2^n components lanes sizeof(real) and L = 8 lanes:
 *
 *   S (2 + n_kept) + 2^(n_start + 1) S / 2^n         states, the product start's tree
 *   2^n (L + 8 + 2 L lane tables)                    lines of outputs, sums, tables by lane
 *   2^n 16 (tables + 1) + 2^n 4                      shared tables, the readout's groups
 *   L (2 features + 3 per-lane angles + 2 outputs + inner products) + 64 (coefficient lines)
 *   4 (sum of cosets' bases) + the program's lists
 *
 * Wide states: qsti_wide_bytes().
 */
#include <string.h>

#include "sim/cone.h"
#include "sim/wide.h"

/* --- costs -------------------------------------------------------------------------------------------------------- */

/* Multiply-adds an amplitude. */
typedef struct cost {
    double forward, inner, undo;
} cost;

static cost cost_of(const qst_program *program, const qsti_pass *pass)
{
    double n = (double)program->n_qubits, gates = (double)pass->count;
    switch ((qsti_pass_kind)pass->kind) {
    case QSTI_PASS_TILE:
        if (program->gates[pass->first].form == QSTI_FORM_GENERAL)
            return (cost){8 * gates, 4 * gates + 2, 8 * gates};
        return program->real ? (cost){2 * gates, gates, 2 * gates} : (cost){4 * gates, 2 * gates, 4 * gates};
    case QSTI_PASS_LANE_TABLE:
        return (cost){4 + n + 30, 2 + n, 4};
    case QSTI_PASS_TABLE:
        if (program->real)
            return (cost){1, 0, 1};
        break;
    case QSTI_PASS_PHASE:
        break;
    }
    return (cost){4, 2, 4};
}

/* Bytes an amplitude and sample that a pass reads besides states. */
static double table_bytes(const qst_program *program, const qsti_pass *pass)
{
    double both = 2 * sizeof(double);
    return pass->kind == QSTI_PASS_LANE_TABLE ? both
           : pass->kind == QSTI_PASS_TABLE    ? both / (double)program->kernels->lanes
                                              : 0;
}

static double amplitude_bytes(const qst_program *program)
{
    return (double)program->kernels->amplitude_bytes / (double)program->kernels->lanes;
}

static size_t pass_rotations(const qst_program *program, const qsti_pass *pass)
{
    size_t n = 0;
    for (size_t g = pass->first; g < pass->first + pass->count && pass->kind == QSTI_PASS_TILE; g++)
        n += program->gates[g].count;
    return pass->kind == QSTI_PASS_TILE ? n : pass->count;
}

static void account_start(qst_program *program, qst_pass_info *out)
{
    double dim = (double)program->dim, start = (double)((size_t)1 << program->n_start);
    double each = program->real ? 2 : 8, bytes = amplitude_bytes(program);
    qst_program_info *info = &program->info;
    *out = (qst_pass_info){.kind = "product start",
                           .n_gates = program->n_start,
                           .multiply_adds = each * start,
                           .bytes = bytes * (2 * start + dim)};
    for (size_t g = 0; g < program->n_start; g++)
        out->n_rotations += program->gates[g].count;
    info->multiply_adds_backward += 2 * each * start;
    info->bytes_backward += bytes * (2 * start + dim);
}

static void account_pass(qst_program *program, size_t i, qst_pass_info *out)
{
    static const char *const kinds[] = {[QSTI_PASS_TILE] = "gates",
                                        [QSTI_PASS_PHASE] = "one diagonal",
                                        [QSTI_PASS_TABLE] = "diagonal",
                                        [QSTI_PASS_LANE_TABLE] = "diagonal by sample"};
    const qsti_pass *pass = &program->passes[i];
    double dim = (double)program->dim, bytes = amplitude_bytes(program), table = table_bytes(program, pass);
    bool kept = i >= program->n_passes - program->n_kept;
    cost each = cost_of(program, pass);
    qst_program_info *info = &program->info;
    *out = (qst_pass_info){.kind = kinds[pass->kind],
                           .n_gates = pass->kind == QSTI_PASS_TILE ? pass->count : 0,
                           .n_rotations = pass_rotations(program, pass),
                           .multiply_adds = each.forward * dim,
                           .bytes = (2 * bytes + table) * dim};
    info->multiply_adds_backward += (each.inner + each.undo * (kept ? 1 : 2)) * dim;
    info->bytes_backward += (bytes * (kept ? 3 : 4) + table) * dim;
}

static double program_bytes(const qst_program *program)
{
    double dim = (double)program->dim, tables = (double)program->n_tables, bytes = 0;
    for (size_t i = 0; i < program->n_cosets; i++)
        bytes += dim / (double)((size_t)1 << program->cosets[i].n_gates) * sizeof(uint32_t);
    bytes += dim * 2 * sizeof(double) * (tables + (tables > 0 ? 1 : 0));
    bytes += program->output_of ? dim * sizeof(uint32_t) : 0;
    bytes += (double)program->n_terms * sizeof *program->terms;
    bytes += (double)program->n_rotations *
             (double)(sizeof *program->rotations + (program->n_per_lane ? 8 * sizeof(double) : 0));
    bytes += (double)program->n_gates * sizeof *program->gates + (double)program->n_items * sizeof *program->items;
    bytes += (double)program->n_passes * sizeof *program->passes + (double)program->n_cosets * sizeof *program->cosets;
    bytes += (double)program->n_shared * 2 * sizeof(double) + (double)program->n_shared_lines * QSTI_LINE_BYTES;
    return bytes;
}

double qsti_program_bytes(const qst_program *program, size_t n_workers, bool lambda)
{
    const qsti_kernels *kernels = program->kernels;
    double dim = (double)program->dim, line = (double)kernels->lanes * sizeof(double);
    double amplitude = (double)kernels->amplitude_bytes, state = dim * amplitude;
    if (program->wide != NULL)
        return qsti_wide_bytes(program, lambda);
    if (program->info.layout == QST_LAYOUT_WIDE) /* not planned yet */
        return dim * amplitude_bytes(program) * (lambda ? 2 : 1);
    double scratch = state + dim * line + 2.0 * (double)program->n_lane_tables * dim * line;
    scratch += program->n_start ? (double)((size_t)2 << program->n_start) * amplitude : 0;
    scratch += (double)program->n_lane_lines * QSTI_LINE_BYTES;
    scratch += line * (double)(2 * program->n_features + 3 * program->n_per_lane + 2 * program->n_outputs + 3);
    if (lambda)
        scratch += state * (1 + (double)program->n_kept) + dim * sizeof(double);
    double parts = lambda ? (double)program->n_sum_lines * line + (double)program->n_weights * sizeof(double) : 0;
    return (double)n_workers * scratch + 3 * parts + program_bytes(program);
}

/* --- fates -------------------------------------------------------------------------------------------------------- */

/* What an operation of which no rotation is left has come to. */
static qst_fate idle_fate(const qsti_operation *operation)
{
    size_t n = 0, n_phases = 0;
    bool turns = false, moves = false;
    const qsti_step *steps = qsti_gate_steps((qst_gate)operation->gate, &n);
    for (size_t s = 0; s < n; s++) {
        n_phases += steps[s].kind == QSTI_STEP_PHASE;
        moves |= steps[s].kind == QSTI_STEP_SWAP;
        turns |= steps[s].constant != 0;
        for (size_t i = 0; i < QST_MAX_GATE_ANGLES; i++)
            turns |= steps[s].coefficient[i] != 0;
    }
    return moves || (n_phases == n && turns) ? QST_FATE_FRAME : QST_FATE_DROPPED;
}

static bool is_move(const qst_circuit *circuit, const qsti_cone_step *kept)
{
    size_t n = 0;
    const qsti_step *steps = qsti_gate_steps((qst_gate)circuit->operations[kept->operation].gate, &n);
    uint8_t kind = steps[kept->step].kind;
    return kind == QSTI_STEP_CX || kind == QSTI_STEP_SWAP || kind == QSTI_STEP_X;
}

/* One rotation more of an operation: fused into a gate or not, in this pass. */
static void add_fate(qst_gate_fate *of, bool in_gate, size_t pass)
{
    qst_fate fate = in_gate ? QST_FATE_FUSED : QST_FATE_MERGED;
    bool first = of->first_pass == SIZE_MAX;
    of->fate = first || of->fate == fate ? fate : QST_FATE_SPREAD;
    of->first_pass = first || pass < of->first_pass ? pass : of->first_pass;
    of->last_pass = first || pass > of->last_pass ? pass : of->last_pass;
}

static void account_fates(const qst_program *program, const qst_circuit *circuit, const qsti_cone *cone,
                          const uint32_t *pass_of, qst_gate_fate *fates)
{
    for (size_t o = 0; o < circuit->n_operations; o++)
        fates[o] = (qst_gate_fate){o, idle_fate(&circuit->operations[o]), SIZE_MAX, SIZE_MAX};
    for (size_t s = 0; s < cone->n_steps; s++)
        if (is_move(circuit, &cone->steps[s]))
            fates[cone->steps[s].operation].fate = QST_FATE_FRAME;
    for (size_t i = 0; i < program->n_items; i++) {
        qsti_item item = program->items[i];
        size_t first = item.is_gate ? program->gates[item.index].first : item.index;
        size_t count = item.is_gate ? program->gates[item.index].count : 1;
        for (size_t r = first; r < first + count; r++)
            add_fate(&fates[program->rotations[r].operation], item.is_gate, pass_of[r]);
    }
}

/* pass_of[r]: the pass of rotation r, the product start being pass 0. */
static void find_passes(const qst_program *program, uint32_t *pass_of)
{
    uint32_t start = program->n_start > 0;
    for (size_t i = 0; i < program->n_passes; i++) {
        const qsti_pass *pass = &program->passes[i];
        size_t first = pass->kind == QSTI_PASS_TILE ? program->gates[pass->first].first : pass->first;
        for (size_t r = first; r < first + pass_rotations(program, pass); r++)
            pass_of[r] = (uint32_t)i + start;
    }
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

qst_status qsti_program_account(qst_program *program, const qst_circuit *circuit, const qsti_cone *cone)
{
    qst_ctx *ctx = program->ctx;
    qst_status status = QST_OK;
    qst_program_info *info = &program->info;
    qst_gate_fate *fates = NULL;
    qst_pass_info *passes = NULL;
    uint32_t *pass_of = NULL;
    size_t start = program->n_start > 0, n_passes = program->n_passes + start;
    if (program->wide != NULL)
        n_passes = qsti_wide_passes(program);
    QSTI_TRY(QSTI_NEW(ctx, circuit->n_operations, &fates));
    info->fates = fates;
    QSTI_TRY(QSTI_NEW(ctx, n_passes, &passes));
    info->passes = passes;
    QSTI_TRY(QSTI_NEW(ctx, program->n_rotations, &pass_of));
    if (program->wide != NULL) {
        qsti_wide_describe(program, passes, pass_of, &info->multiply_adds_backward, &info->bytes_backward);
    } else {
        find_passes(program, pass_of);
        if (start)
            account_start(program, &passes[0]);
        for (size_t i = 0; i < program->n_passes; i++)
            account_pass(program, i, &passes[start + i]);
    }
    for (size_t i = 0; i < n_passes; i++) {
        info->multiply_adds_forward += passes[i].multiply_adds;
        info->bytes_forward += passes[i].bytes;
    }
    account_fates(program, circuit, cone, pass_of, fates);
    info->n_qubits = circuit->n_qubits;
    info->n_qubits_simulated = program->n_qubits;
    info->real = program->real;
    info->n_operations = circuit->n_operations;
    info->n_rotations = program->n_rotations;
    info->n_gates = program->n_gates;
    info->n_passes = n_passes;
    info->state_bytes = (double)program->dim * amplitude_bytes(program);
    info->memory_bytes = qsti_program_bytes(program, 1, true);
done:
    qsti_free(ctx, pass_of);
    return status;
}

const qst_program_info *qst_program_describe(const qst_program *program)
{
    return &program->info;
}

const char *qst_fate_name(qst_fate fate)
{
    static const char *const names[] = {
        [QST_FATE_DROPPED] = "dropped", [QST_FATE_FRAME] = "frame",   [QST_FATE_FUSED] = "fused",
        [QST_FATE_MERGED] = "merged",   [QST_FATE_SPREAD] = "spread",
    };
    return (size_t)fate < sizeof names / sizeof *names ? names[fate] : "unknown";
}
