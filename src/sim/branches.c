/* branches.c: executes an assembly by branches of its state.
 *
 * The gates in front of the first measurement in the middle are a compiled program. Behind it one branch at a time goes
 * on by single gates; a measurement, or a reset, splits its shots by a binomial draw (without shots: its probability),
 * the part with the smaller outcome goes on, the other waits with a copy of the state. So every history that has shots
 * is simulated once, and what waits is as deep as histories are long. At the end of a branch its shots are drawn from
 * its state.
 *
 * Random numbers: one stream for all draws of splits, in the order of the branches; at the end of branch number b > 0
 * a stream of its own. One thread walks, so the order is fixed.
 */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include <qstill/execute.h>
#include <qstill/simulate.h>

#include "assembly/assembly.h"
#include "sim/evolve.h"
#include "sim/execution.h"

#define CERTAIN 1e-14 /* a probability as near to 0 or 1 is taken for it */

/* --- states ------------------------------------------------------------------------------------------------------- */

static qst_status new_state(qsti_execution *e, double complex **out)
{
    size_t dim = (size_t)1 << e->actions.n_active;
    double have = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGE_SIZE);
    double need = (double)(e->n_waiting + 1) * (double)dim * sizeof **out;
    if (have > 0 && need > 0.9 * have)
        return qsti_fail(e->ctx, QST_ERR_LIMIT,
                         "%zu states of %zu qubits need %.0f bytes of memory: this machine has %.0f", e->n_waiting + 1,
                         e->actions.n_active, need, have);
    return qsti_alloc_pages(e->ctx, dim, sizeof **out, (void **)out);
}

static void clear_branch(qst_ctx *ctx, qsti_branch *b)
{
    qsti_free_lines(ctx, b->state);
    qsti_free(ctx, b->bits);
    *b = (qsti_branch){.state = NULL};
}

static void apply(const qsti_execution *e, const qsti_action *action, double complex *state)
{
    size_t qubits[QST_MAX_GATE_QUBITS];
    for (int q = 0; q < QST_MAX_GATE_QUBITS; q++)
        qubits[q] = action->qubits[q];
    qsti_evolve(state, e->actions.n_active, (qst_gate)action->gate, qubits, e->actions.angles + action->first_angle);
}

static qst_status begin_first_branch(qsti_execution *e, qsti_branch *out)
{
    qst_circuit *circuit = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(new_state(e, &out->state));
    QSTI_TRY(QSTI_NEW(e->ctx, (e->actions.n_bits + 63) / 64, &out->bits));
    if (e->actions.n_active == 0) {
        out->state[0] = 1;
    } else {
        QSTI_TRY(qsti_actions_circuit(&e->actions, &circuit));
        QSTI_TRY(qsti_circuit_state(circuit, NULL, out->state));
        out->at = e->actions.n_prefix;
    }
done:
    qst_circuit_free(circuit);
    return status;
}

/* --- splitting ---------------------------------------------------------------------------------------------------- */

/* What the outcome does to a branch whose qubit had it with the probability `p`. */
static void take_outcome(const qsti_execution *e, const qsti_action *action, bool value, double p, qsti_branch *b)
{
    qsti_collapse(b->state, e->actions.n_active, action->qubits[0], value, 1 / sqrt(p));
    if (action->kind == QST_INSTRUCTION_RESET && value)
        qsti_evolve(b->state, e->actions.n_active, QST_GATE_x, (size_t[]){action->qubits[0]}, NULL);
    qsti_set_bit(b->bits, action->bit, value);
}

static qst_status copy_branch(qsti_execution *e, const qsti_branch *from, qsti_branch *out)
{
    qst_status status = QST_OK;
    size_t dim = (size_t)1 << e->actions.n_active, n_words = (e->actions.n_bits + 63) / 64;
    qsti_branch made = *from;
    made.state = NULL;
    made.bits = NULL;
    QSTI_TRY(new_state(e, &made.state));
    QSTI_TRY(QSTI_NEW(e->ctx, n_words, &made.bits));
    memcpy(made.state, from->state, dim * sizeof *made.state);
    memcpy(made.bits, from->bits, n_words * sizeof *made.bits);
    *out = made;
    made = (qsti_branch){.state = NULL};
done:
    clear_branch(e->ctx, &made);
    return status;
}

/* `from`, as it was before the outcome 1, waits with its share. */
static qst_status let_wait(qsti_execution *e, const qsti_action *action, const qsti_branch *from, uint64_t n_shots,
                           double p)
{
    qst_status status = QST_OK;
    if (e->n_waiting == e->n_reserved) {
        size_t n = e->n_reserved ? 2 * e->n_reserved : 16;
        QSTI_TRY(QSTI_GROW(e->ctx, n, &e->waiting));
        e->n_reserved = n;
    }
    qsti_branch *other = &e->waiting[e->n_waiting];
    QSTI_TRY(copy_branch(e, from, other));
    e->n_waiting++;
    other->n_shots = n_shots;
    other->probability = from->probability * p;
    other->at++;
    take_outcome(e, action, true, p, other);
done:
    return status;
}

static uint64_t draw_binomial(qsti_rng *rng, uint64_t n, double p)
{
    uint64_t ones = 0;
    for (uint64_t i = 0; i < n; i++)
        ones += qsti_rng_uniform(rng) < p;
    return ones;
}

static qst_status measure(qsti_execution *e, const qsti_action *action, qsti_branch *b)
{
    if (action->qubits[0] == QSTI_UNTOUCHED) {
        qsti_set_bit(b->bits, action->bit, false);
        return QST_OK;
    }
    double p = qsti_weight_of_one(b->state, e->actions.n_active, action->qubits[0]);
    bool is_certain = p < CERTAIN || p > 1 - CERTAIN, value = p > 0.5;
    bool is_exact = e->outcomes->n_shots == 0;
    uint64_t ones = is_certain ? (value ? b->n_shots : 0) : draw_binomial(&e->rng, b->n_shots, p);
    if (!is_certain && !is_exact) {
        is_certain = ones == 0 || ones == b->n_shots;
        value = ones > 0;
    }
    if (is_certain) {
        take_outcome(e, action, value, value ? p : 1 - p, b);
        return QST_OK;
    }
    qst_status status = let_wait(e, action, b, ones, p);
    if (status == QST_OK) {
        b->n_shots -= ones;
        b->probability *= 1 - p;
        take_outcome(e, action, false, 1 - p, b);
    }
    return status;
}

/* --- conditions --------------------------------------------------------------------------------------------------- */

static bool holds(const qsti_execution *e, const qsti_action *action, const uint64_t *bits)
{
    if (action->condition == QSTI_ALWAYS)
        return true;
    const qst_register *r = &e->actions.registers[action->condition];
    for (size_t i = 0; i < r->size; i++) {
        size_t bit = r->first + i;
        bool wanted = i < 64 && (action->value >> i & 1);
        if ((bits[bit / 64] >> bit % 64 & 1) != wanted)
            return false;
    }
    return r->size >= 64 || action->value >> r->size == 0;
}

/* --- the walk ----------------------------------------------------------------------------------------------------- */

static qst_status run_branch(qsti_execution *e, qsti_branch *b)
{
    qst_status status = QST_OK;
    while (b->at < e->actions.n_items && status == QST_OK) {
        const qsti_action *action = &e->actions.items[b->at];
        if (holds(e, action, b->bits)) {
            if (action->kind == QST_INSTRUCTION_GATE)
                apply(e, action, b->state);
            else
                status = measure(e, action, b);
        }
        b->at++;
        if (status == QST_OK)
            status = qsti_check_interrupt(e->ctx);
    }
    return status == QST_OK ? qsti_branch_end(e, b) : status;
}

static void clear_execution(qsti_execution *e)
{
    for (size_t i = 0; i < e->n_waiting; i++)
        clear_branch(e->ctx, &e->waiting[i]);
    qsti_free(e->ctx, e->waiting);
    qsti_free(e->ctx, e->marginal);
    qsti_free(e->ctx, e->key);
    qsti_free(e->ctx, e->states);
    qsti_actions_clear(&e->actions);
    qst_outcomes_free(e->outcomes);
}

qst_status qst_assembly_execute(const qst_assembly *assembly, const qst_execution_opts *opts, qst_outcomes **out)
{
    static const qst_execution_opts defaults = {.n_shots = 0};
    opts = opts ? opts : &defaults;
    if (opts->noise != NULL)
        return qsti_execute_noisy(assembly, opts, out);
    qst_ctx *ctx = assembly->ctx;
    qsti_execution e = {.ctx = ctx, .seed = opts->seed, .rng = qsti_rng_init(opts->seed, QSTI_PURPOSE_SHOTS, 1, 0)};
    qsti_branch now = {.n_shots = opts->n_shots, .probability = 1};
    qst_status status = QST_OK;
    QSTI_TRY(qsti_actions_collect(ctx, assembly, opts->parameters, &e.actions));
    QSTI_TRY(qsti_outcomes_create(ctx, assembly, !e.actions.measures, opts->n_shots, &e.outcomes));
    e.outcomes->branched = e.actions.n_prefix < e.actions.n_items;
    QSTI_TRY(qsti_execution_prepare_end(&e));
    QSTI_TRY(begin_first_branch(&e, &now));
    QSTI_TRY(run_branch(&e, &now));
    while (e.n_waiting > 0) {
        clear_branch(ctx, &now);
        now = e.waiting[--e.n_waiting];
        QSTI_TRY(run_branch(&e, &now));
    }
    QSTI_TRY(qsti_outcomes_finish(e.outcomes));
    *out = e.outcomes;
    e.outcomes = NULL;
done:
    clear_branch(ctx, &now);
    clear_execution(&e);
    return status;
}
