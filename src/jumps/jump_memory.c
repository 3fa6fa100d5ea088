/* jump_memory.c: the memory of workers, and how many states they keep for the way back.
 *
 * With S = 128 2^n bytes for the states of eight lanes, one worker takes
 *
 *   S                                     psi
 *   S / 2                                 lines of outputs
 *   S + C S + M S / 8                     the way back: lambda, C checkpoints, M states of single lanes
 *   rotations 504 + relaxations 360 + places 64 + values 64 + features 128
 *
 * and what a group of blocks leaves (jump_batch.c) an eighth of the limit, or what one block leaves if that is more.
 *
 * M is the number of events that a pass hardly ever exceeds (mean and ten standard deviations), and C = 0, where a
 * quarter of the limit has room for that: then nothing is run twice. Else C = sqrt(M / 8) and M as many as lie between
 * two checkpoints: everything is run twice at most. Else what there is room for; 8 states are the least.
 */
#include <math.h>
#include <unistd.h>

#include "base/memory.h"
#include "jumps/jump_engine.h"

#define LANES QSTI_JUMP_LANES

static double machine_bytes(void)
{
    double bytes = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGE_SIZE);
    return bytes > 0 ? bytes : 0x1p62;
}

double qsti_jump_memory_limit(const qsti_jump_engine *engine)
{
    return engine->limit > 0 ? engine->limit : machine_bytes() / 2;
}

static double state_bytes(const qsti_jump_engine *engine)
{
    return (double)engine->machine.dim * 2 * (double)LANES * sizeof(double);
}

static double fixed_bytes(const qsti_jump_engine *engine, bool back)
{
    const qsti_jump_plan *plan = &engine->machine.plan;
    return state_bytes(engine) * (back ? 2.5 : 1.5) + 504.0 * (double)plan->n_rotations +
           360.0 * (double)plan->n_relaxes + 64.0 * (double)plan->n_places + 64.0 * (double)engine->machine.n_inside +
           128.0 * (double)engine->machine.n_features;
}

double qsti_jump_memory_bytes(const qsti_jump_engine *engine, bool back)
{
    double state = state_bytes(engine);
    return fixed_bytes(engine, back) + (back ? state * (double)engine->machine.n_checkpoints +
                                                   state / (double)LANES * (double)engine->machine.n_slots
                                             : 0);
}

void qsti_jump_memory_plan(qsti_jump_engine *engine)
{
    qsti_jump_machine *machine = &engine->machine;
    double mean = (double)LANES * machine->plan.n_events, all = (double)(LANES * machine->plan.n_relaxes);
    double want = fmin(ceil(mean + 10 * sqrt(mean) + 64), all), slot = state_bytes(engine) / (double)LANES;
    double limit = qsti_jump_memory_limit(engine), fixed = fixed_bytes(engine, true), room = limit - limit / 8 - fixed;
    double checkpoints = floor(sqrt(want / (double)LANES)), between = ceil(want / (checkpoints + 1));
    between = fmax(between, (double)LANES);
    machine->n_checkpoints = 0;
    machine->n_slots = (size_t)want;
    if (machine->plan.n_relaxes == 0 || fixed + want * slot <= limit / 4)
        return;
    if (between * slot + checkpoints * slot * (double)LANES > room) {
        between = fmax(floor(room / 2 / slot), (double)LANES);
        checkpoints = fmax(floor((room - between * slot) / slot / (double)LANES), 0);
    }
    machine->n_slots = (size_t)between;
    machine->n_checkpoints = (size_t)checkpoints;
}

/* --- workers ------------------------------------------------------------------------------------------------------ */

static void scratch_clear(qst_ctx *ctx, qsti_jump_scratch *scratch)
{
    void *const lines[] = {scratch->psi,     scratch->lambda,        scratch->lines,     scratch->slots,
                           scratch->drawn,   scratch->checkpoints,   scratch->cosine,    scratch->sine,
                           scratch->x,       scratch->gradient,      scratch->out_x,     scratch->cotangents,
                           scratch->columns, scratch->event_numbers, scratch->operators, scratch->bases};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        qsti_free_lines(ctx, lines[i]);
    qsti_free(ctx, scratch->acts);
    qsti_free(ctx, scratch->gates);
    qsti_free(ctx, scratch->entries);
    qsti_free(ctx, scratch->segments);
    *scratch = (qsti_jump_scratch){0};
}

void qsti_jump_memory_clear(qsti_jump_engine *engine)
{
    for (size_t i = 0; i < engine->n_scratch; i++)
        scratch_clear(engine->ctx, &engine->scratch[i]);
    qsti_free(engine->ctx, engine->scratch);
    engine->scratch = NULL;
    engine->n_scratch = 0;
}

/* What is there stays: a call that ran out of memory on the way can be repeated. */
static qst_status scratch_fill(const qsti_jump_engine *engine, qsti_jump_scratch *scratch)
{
    qst_ctx *ctx = engine->ctx;
    qst_status status = QST_OK;
    const qsti_jump_machine *machine = &engine->machine;
    size_t line = LANES * sizeof(double), state = 2 * line, n_rotations = engine->room_rotations;
    size_t n_relaxes = engine->room_relaxes, column = QSTI_JUMP_COLUMN * sizeof(double);
#define FILL(member, count, item_bytes) \
    if (scratch->member == NULL)        \
        QSTI_TRY(qsti_alloc_lines(ctx, (count), (item_bytes), (void **)&scratch->member))
#define FILL_PAGES(member, count, item_bytes) \
    if (scratch->member == NULL)              \
        QSTI_TRY(qsti_alloc_pages(ctx, (count), (item_bytes), (void **)&scratch->member))
#define FILL_LIST(member, count) \
    if (scratch->member == NULL) \
        QSTI_TRY(QSTI_NEW(ctx, (count), &scratch->member))
    FILL_PAGES(psi, machine->dim, state);
    FILL_PAGES(lines, machine->dim, line);
    FILL(drawn, engine->room_places + 1, line);
    FILL(cosine, n_rotations, line);
    FILL(sine, n_rotations, line);
    FILL(x, machine->n_features, line);
    FILL(columns, n_rotations, column);
    FILL(operators, n_relaxes, column);
    FILL(event_numbers, n_relaxes, line);
    FILL(bases, QSTI_JUMP_BASES, sizeof(uint32_t));
    FILL_LIST(acts, n_rotations + n_relaxes);
    FILL_LIST(gates, n_rotations);
    FILL_LIST(entries, n_rotations);
    FILL_LIST(segments, n_relaxes + 2);
    if (!engine->room_back)
        goto done;
    FILL_PAGES(lambda, machine->dim, state);
    FILL_PAGES(slots, engine->room_slots, machine->dim * 2 * sizeof(double));
    FILL_PAGES(checkpoints, engine->room_checkpoints, machine->dim * state);
    FILL(gradient, n_rotations, line);
    FILL(out_x, machine->n_features, line);
    FILL(cotangents, machine->n_inside, line);
#undef FILL
#undef FILL_PAGES
#undef FILL_LIST
done:
    return status;
}

static bool has_room(const qsti_jump_engine *engine, bool back)
{
    const qsti_jump_machine *machine = &engine->machine;
    return engine->room_rotations >= machine->plan.n_rotations && engine->room_relaxes >= machine->plan.n_relaxes &&
           engine->room_places >= machine->plan.n_places && (!back || engine->room_slots >= machine->n_slots) &&
           (!back || engine->room_checkpoints >= machine->n_checkpoints);
}

static void make_room(qsti_jump_engine *engine, bool back)
{
    const qsti_jump_machine *machine = &engine->machine;
    if (has_room(engine, back)) {
        engine->room_back |= back;
        return;
    }
    qsti_jump_memory_clear(engine);
    engine->room_rotations = machine->plan.n_rotations;
    engine->room_relaxes = machine->plan.n_relaxes;
    engine->room_places = machine->plan.n_places;
    engine->room_slots = machine->n_slots;
    engine->room_checkpoints = machine->n_checkpoints;
    engine->room_back |= back;
}

qst_status qsti_jump_memory_reserve(qsti_jump_engine *engine, bool back, double parts, size_t *n_workers)
{
    qst_ctx *ctx = engine->ctx;
    qst_status status = QST_OK;
    double limit = qsti_jump_memory_limit(engine), one = qsti_jump_memory_bytes(engine, back);
    if (one + parts > limit)
        return qsti_fail(ctx, QST_ERR_LIMIT,
                         "trajectories of %zu qubits need %.0f bytes of memory%s: the limit is %.0f",
                         engine->machine.plan.n_qubits, one + parts, back ? " for the gradient" : "", limit);
    if ((limit - parts) / one < (double)*n_workers)
        *n_workers = (size_t)((limit - parts) / one);
    make_room(engine, back);
    if (engine->n_scratch < *n_workers) {
        QSTI_TRY(QSTI_GROW(ctx, *n_workers, &engine->scratch));
        for (; engine->n_scratch < *n_workers; engine->n_scratch++)
            engine->scratch[engine->n_scratch] = (qsti_jump_scratch){0};
    }
    for (size_t i = 0; i < *n_workers; i++)
        QSTI_TRY(scratch_fill(engine, &engine->scratch[i]));
done:
    return status;
}

qst_status qsti_jump_memory_part(qsti_jump_engine *engine, size_t n, size_t part, double **array)
{
    if (*array != NULL && engine->parts.capacity[part] >= n)
        return QST_OK;
    qsti_free_lines(engine->ctx, *array);
    *array = NULL;
    engine->parts.capacity[part] = n;
    return qsti_alloc_lines(engine->ctx, n, sizeof **array, (void **)array);
}
