/* compile.c: circuit and readout -> program (program.h has the form).
 *
 * Every gate is a few steps (circuit/steps.h): moves go into the frame; a rotation about P becomes a rotation about P's
 * image in physical coordinates, its sign multiplied into the angle's terms. A run of diagonal rotations, however many
 * moves stand between them, is sorted into those with shared angles, which merge into one table, and the rest.
 */
#include "sim/frame.h"

#include <math.h>
#include <unistd.h>

#include "circuit/steps.h"

/* --- growing the program ------------------------------------------------------------------------------------------ */

typedef struct compiler {
    qst_program *program;
    size_t rotation_capacity, instruction_capacity, term_capacity;
    size_t run_first;     /* the first rotation of the diagonal run that is open */
    qsti_rotation *moved; /* its per-lane rotations, while it is sorted */
    size_t moved_capacity;
    qst_term *phase; /* terms of the global phase, appended to the program's at the end */
    size_t n_phase, phase_capacity;
} compiler;

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

/* Appends scale * (the step's angle in terms of the operation's) to a list of terms. */
static qst_status push_angle(qst_ctx *ctx, const qst_circuit *circuit, const qsti_operation *operation,
                             const qsti_step *step, double scale, qst_term **terms, size_t *n, size_t *capacity)
{
    qst_status status = push_term(ctx, terms, n, capacity, (qst_term){scale * step->constant, QST_ONE, QST_ONE});
    for (size_t i = 0; i < QST_MAX_GATE_ANGLES && status == QST_OK; i++) {
        if (step->coefficient[i] == 0)
            continue;
        qsti_span angle = operation->angle[i];
        for (size_t t = angle.first; t < angle.first + angle.count && status == QST_OK; t++) {
            qst_term term = circuit->terms[t];
            term.coefficient *= scale * step->coefficient[i];
            status = push_term(ctx, terms, n, capacity, term);
        }
    }
    return status;
}

static qst_status push_instruction(compiler *c, qsti_instruction_kind kind, size_t first, size_t count)
{
    qst_program *program = c->program;
    if (program->n_instructions == c->instruction_capacity) {
        size_t more = c->instruction_capacity ? 2 * c->instruction_capacity : 64;
        qst_status status = QSTI_GROW(program->ctx, more, &program->instructions);
        if (status != QST_OK)
            return status;
        c->instruction_capacity = more;
    }
    program->instructions[program->n_instructions++] = (qsti_instruction){
        .kind = (uint8_t)kind,
        .first = (uint32_t)first,
        .count = (uint32_t)count,
        .table = kind == QSTI_RUN_TABLE ? (uint32_t)program->n_tables++ : 0,
    };
    return QST_OK;
}

/* Sorts the open run stably, shared rotations first; *out_n_shared is how many there are. */
static qst_status sort_run(compiler *c, size_t *out_n_shared)
{
    qst_program *program = c->program;
    size_t n = program->n_rotations - c->run_first, n_shared = 0, n_moved = 0;
    qsti_rotation *run = program->rotations + c->run_first;
    if (c->moved_capacity < n) {
        qst_status status = QSTI_GROW(program->ctx, 2 * n, &c->moved);
        if (status != QST_OK)
            return status;
        c->moved_capacity = 2 * n;
    }
    for (size_t r = 0; r < n; r++) {
        if (run[r].per_lane)
            c->moved[n_moved++] = run[r];
        else
            run[n_shared++] = run[r];
    }
    for (size_t r = 0; r < n_moved; r++)
        run[n_shared + r] = c->moved[r];
    *out_n_shared = n_shared;
    return QST_OK;
}

/* Whether one more table stays below QSTI_TABLE_BYTES. */
static bool may_add_table(const qst_program *program)
{
    size_t table_bytes = 2 * sizeof(double) * program->dim;
    return program->n_qubits <= QSTI_TABLE_MAX_QUBITS && program->n_tables < QSTI_TABLE_BYTES / table_bytes;
}

/* Ends the open run of diagonal rotations. */
static qst_status close_run(compiler *c)
{
    qst_program *program = c->program;
    size_t n_shared = 0, next = c->run_first;
    qst_status status = QST_OK;
    if (next == program->n_rotations)
        return QST_OK;
    QSTI_TRY(sort_run(c, &n_shared));
    if (n_shared > 1 && may_add_table(program)) {
        QSTI_TRY(push_instruction(c, QSTI_RUN_TABLE, next, n_shared));
        next += n_shared;
    }
    for (; next < program->n_rotations; next++)
        QSTI_TRY(push_instruction(c, QSTI_RUN_PHASE, next, 1));
    c->run_first = program->n_rotations;
done:
    return status;
}

static qst_status push_rotation(compiler *c, const qst_circuit *circuit, const qsti_operation *operation,
                                const qsti_step *step)
{
    qst_program *program = c->program;
    qst_ctx *ctx = program->ctx;
    qst_status status = QST_OK;
    uint32_t x = 0, z = 0;
    for (size_t k = 0; k < QST_MAX_GATE_QUBITS; k++) {
        x |= (uint32_t)(step->x >> k & 1) << operation->qubits[k];
        z |= (uint32_t)(step->z >> k & 1) << operation->qubits[k];
    }
    double sign = 1;
    qsti_rotation rotation = {.pauli = qsti_frame_pauli(&program->frame, program->n_qubits, x, z, &sign)};
    rotation.terms.first = (uint32_t)program->n_terms;
    QSTI_TRY(push_angle(ctx, circuit, operation, step, sign, &program->terms, &program->n_terms, &c->term_capacity));
    rotation.terms.count = (uint32_t)program->n_terms - rotation.terms.first;
    for (size_t t = rotation.terms.first; t < program->n_terms; t++)
        rotation.per_lane |= program->terms[t].a < 0 || program->terms[t].b < 0;
    if (rotation.terms.count == 0)
        goto done; /* an angle that is 0 for good */
    bool diagonal = rotation.pauli.x == 0;
    if (!diagonal)
        QSTI_TRY(close_run(c));
    if (program->n_rotations == c->rotation_capacity) {
        size_t more = c->rotation_capacity ? 2 * c->rotation_capacity : 64;
        QSTI_TRY(QSTI_GROW(ctx, more, &program->rotations));
        c->rotation_capacity = more;
    }
    program->rotations[program->n_rotations++] = rotation;
    if (!diagonal) {
        QSTI_TRY(push_instruction(c, QSTI_RUN_ROTATE, program->n_rotations - 1, 1));
        c->run_first = program->n_rotations;
    }
done:
    return status;
}

static qst_status compile_step(compiler *c, const qst_circuit *circuit, const qsti_operation *operation,
                               const qsti_step *step)
{
    qsti_frame *frame = &c->program->frame;
    switch ((qsti_step_kind)step->kind) {
    case QSTI_STEP_ROTATION:
        return push_rotation(c, circuit, operation, step);
    case QSTI_STEP_CX:
        qsti_frame_cx(frame, operation->qubits[step->a], operation->qubits[step->b]);
        return QST_OK;
    case QSTI_STEP_SWAP:
        qsti_frame_swap(frame, operation->qubits[step->a], operation->qubits[step->b]);
        return QST_OK;
    case QSTI_STEP_X:
        qsti_frame_x(frame, operation->qubits[step->a]);
        return QST_OK;
    case QSTI_STEP_PHASE:
        return push_angle(c->program->ctx, circuit, operation, step, 1.0, &c->phase, &c->n_phase, &c->phase_capacity);
    }
    return qsti_fail(c->program->ctx, QST_ERR_INTERNAL, "step of unknown kind %d", step->kind);
}

static qst_status compile_operations(compiler *c, const qst_circuit *circuit)
{
    qst_program *program = c->program;
    qst_status status = QST_OK;
    for (size_t o = 0; o < circuit->n_operations; o++) {
        const qsti_operation *operation = &circuit->operations[o];
        size_t n_steps = 0;
        const qsti_step *steps = qsti_gate_steps((qst_gate)operation->gate, &n_steps);
        for (size_t s = 0; s < n_steps; s++)
            QSTI_TRY(compile_step(c, circuit, operation, &steps[s]));
        if (program->n_terms > UINT32_MAX / 2 || program->n_rotations > UINT32_MAX / 2)
            QSTI_TRY(qsti_fail(program->ctx, QST_ERR_LIMIT, "the circuit has too many rotations"));
    }
    QSTI_TRY(close_run(c));
    program->global_phase.first = (uint32_t)program->n_terms;
    for (size_t t = 0; t < c->n_phase; t++)
        QSTI_TRY(push_term(program->ctx, &program->terms, &program->n_terms, &c->term_capacity, c->phase[t]));
    program->global_phase.count = (uint32_t)program->n_terms - program->global_phase.first;
    program->angle_bound = 0;
    for (size_t t = 0; t < program->n_terms; t++) {
        program->angle_bound += fabs(program->terms[t].coefficient);
        program->features_in_angles |= program->terms[t].a < 0 || program->terms[t].b < 0;
    }
    for (size_t r = 0; r < program->n_rotations; r++) {
        qsti_rotation *rotation = &program->rotations[r];
        rotation->slot = (uint32_t)(rotation->per_lane ? program->n_per_lane++ : program->n_shared++);
    }
done:
    return status;
}

/* --- the readout -------------------------------------------------------------------------------------------------- */

static qst_status compile_readout(qst_program *program, const qst_readout *readout)
{
    qst_status status = QST_OK;
    program->n_outputs = readout->n_outputs;
    if (readout->kind != QST_READOUT_EXPECTATIONS) {
        QSTI_TRY(QSTI_NEW(program->ctx, program->dim, &program->output_of));
        for (size_t p = 0; p < program->dim; p++) {
            uint32_t index = qsti_frame_logical(&program->frame, program->n_qubits, (uint32_t)p);
            program->output_of[p] = (uint32_t)qsti_readout_group(readout, index);
        }
        goto done;
    }
    QSTI_TRY(QSTI_NEW(program->ctx, readout->n_terms, &program->observables));
    program->n_observables = readout->n_terms;
    for (size_t i = 0; i < readout->n_terms; i++) {
        double sign = 1;
        qsti_observable *observable = &program->observables[i];
        observable->pauli =
            qsti_frame_pauli(&program->frame, program->n_qubits, readout->paulis[i].x, readout->paulis[i].z, &sign);
        observable->coefficient = sign * readout->coefficients[i];
        observable->output = readout->outputs[i];
        program->any_diagonal |= observable->pauli.x == 0;
    }
done:
    return status;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

qst_status qsti_program_fits(const qst_program *program, size_t n_workers, bool lambda)
{
    const qsti_kernels *kernels = program->kernels;
    long pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGE_SIZE);
    double have = (double)pages * (double)page_bytes;
    double state = (double)kernels->amplitude_bytes * (lambda ? 2 : 1);
    double lines = (double)(kernels->lanes + 1) * sizeof(double);
    double need = (double)program->dim * (double)n_workers * (state + lines);
    if (program->readout != QST_READOUT_EXPECTATIONS)
        need += (double)program->dim * sizeof *program->output_of;
    if (pages > 0 && page_bytes > 0 && need > 0.9 * have) {
        return qsti_fail(
            program->ctx, QST_ERR_LIMIT,
            "%zu qubits need %.0f bytes of memory for a block of %zu samples on %zu thread%s: this machine "
            "has %.0f",
            program->n_qubits, need, kernels->lanes, n_workers, n_workers == 1 ? "" : "s", have);
    }
    return QST_OK;
}

qst_status qst_program_compile(qst_ctx *ctx, const qst_circuit *circuit, const qst_readout *readout,
                               qst_precision precision, qst_program **out)
{
    qst_status status = QST_OK;
    compiler c = {0};
    if (circuit->n_qubits != readout->n_qubits)
        return qsti_fail(ctx, QST_ERR_MISMATCH, "the readout is for %zu qubits, the circuit has %zu", readout->n_qubits,
                         circuit->n_qubits);
    QSTI_TRY(QSTI_NEW(ctx, 1, &c.program));
    qst_program *program = c.program;
    program->ctx = ctx;
    program->n_qubits = circuit->n_qubits;
    program->dim = (size_t)1 << circuit->n_qubits;
    program->n_features = circuit->n_features;
    program->n_weights = circuit->n_weights;
    program->precision = precision;
    program->preparation = circuit->preparation;
    program->kernels = precision == QST_SINGLE ? qsti_kernels_single() : qsti_kernels_double();
    if (qsti_isa_forced_wrongly() != NULL)
        qsti_warn(ctx, "QSTILL_ISA=%s is not an instruction set of this processor: %s is used",
                  qsti_isa_forced_wrongly(), qst_isa_name());
    program->readout = readout->kind;
    QSTI_TRY(qsti_program_fits(program, 1, false));
    qsti_frame_init(&program->frame, program->n_qubits);
    QSTI_TRY(compile_operations(&c, circuit));
    QSTI_TRY(compile_readout(program, readout));
    QSTI_TRY(QSTI_NEW(ctx, program->n_shared, &program->cosine));
    QSTI_TRY(QSTI_NEW(ctx, program->n_shared, &program->sine));
    size_t table_values = 0;
    if (!qsti_mul(program->n_tables, program->dim, &table_values))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_LIMIT, "the circuit has too many diagonal layers"));
    QSTI_TRY(QSTI_NEW(ctx, table_values, &program->table_cosine));
    QSTI_TRY(QSTI_NEW(ctx, table_values, &program->table_sine));
    QSTI_TRY(QSTI_NEW(ctx, program->n_tables ? program->dim : 0, &program->table_angles));
    QSTI_TRY(QSTI_NEW(ctx, program->n_tables ? program->dim : 0, &program->table_stretch));
    *out = program;
    c.program = NULL;
done:
    qsti_free(ctx, c.phase);
    qsti_free(ctx, c.moved);
    qst_program_free(c.program);
    return status;
}

static void scratch_clear(qst_ctx *ctx, qsti_scratch *scratch)
{
    qsti_free_lines(ctx, scratch->psi);
    qsti_free_lines(ctx, scratch->lambda);
    qsti_free_lines(ctx, scratch->lines);
    qsti_free_lines(ctx, scratch->sums);
    qsti_free_lines(ctx, scratch->x);
    qsti_free_lines(ctx, scratch->out_x);
    qsti_free_lines(ctx, scratch->norm);
    qsti_free_lines(ctx, scratch->cosine);
    qsti_free_lines(ctx, scratch->sine);
    qsti_free_lines(ctx, scratch->values);
    qsti_free_lines(ctx, scratch->cotangents);
}

void qst_program_free(qst_program *program)
{
    if (program == NULL)
        return;
    qst_ctx *ctx = program->ctx;
    for (size_t i = 0; i < program->n_scratch; i++)
        scratch_clear(ctx, &program->scratch[i]);
    qsti_free(ctx, program->scratch);
    qsti_free(ctx, program->rotations);
    qsti_free(ctx, program->instructions);
    qsti_free(ctx, program->terms);
    qsti_free(ctx, program->observables);
    qsti_free(ctx, program->output_of);
    qsti_free(ctx, program->cosine);
    qsti_free(ctx, program->sine);
    qsti_free(ctx, program->table_cosine);
    qsti_free(ctx, program->table_sine);
    qsti_free(ctx, program->table_angles);
    qsti_free(ctx, program->table_stretch);
    qsti_free(ctx, program->parts);
    qsti_free_lines(ctx, program->kept_states);
    qsti_free_lines(ctx, program->kept_coefficients);
    qsti_free(ctx, program);
}
