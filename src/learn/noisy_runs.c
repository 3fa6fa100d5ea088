/* noisy_runs.c: see noisy_runs.h.
 *
 * What is measured is Z. Paulis with X or Y are read behind a change of basis, in the groups that measuring has
 * (measure/pauli_groups.h); it stands behind the group's circuit before that is placed, so that it is noisy, too. All
 * groups lie on the qubits that the first was placed on. Without a device, and where nothing acts behind the gates of
 * such changes, one program gives all values.
 */
#include "learn/noisy_runs.h"

#include <string.h>

#include "base/memory.h"
#include "circuit/circuit.h"
#include "measure/basis_change.h"
#include "measure/pauli_groups.h"
#include "noise/noise.h"

/* A program and what it stands at. */
typedef struct condition {
    qst_program *program;
    double strength;
    bool known; /* strength is the program's */
} condition;

enum { TRAINING, JUDGING };

typedef struct run {
    qst_circuit *circuit; /* with a change of basis, before it is placed; NULL: the caller's as it is */
    qst_readout *readout; /* of that, then of what is placed; NULL: the caller's */
    qst_placed *placed;   /* NULL: without a device */
    condition sides[2];   /* TRAINING, JUDGING: one program where both are double */
    size_t *outputs;      /* (n_outputs): which of the readout's they are, ascending */
    size_t n_outputs;
} run;

struct qsti_noisy_runs {
    qst_ctx *ctx;
    run *runs;
    size_t n_runs, n_values, n_weights, n_features;
    qst_noise *noise;         /* without a device */
    const qst_circuit *plain; /* the caller's */
    double *values;           /* (capacity, n_values): values or cotangents of one run, where there are several */
    double *d_weights;        /* (n_weights) */
    double *d_x;              /* (capacity, n_features) */
    size_t capacity;
};

/* --- groups ------------------------------------------------------------------------------------------------------- */

/* Group g's terms with Z for every letter; its outputs are those that have a term there. */
static qst_status readout_of_group(const qst_readout *readout, const size_t *of_term, size_t g, run *out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = readout->ctx;
    qst_pauli *paulis = NULL;
    double *coefficients = NULL;
    size_t *outputs = NULL, n = 0;
    QSTI_TRY(QSTI_NEW(ctx, readout->n_terms, &paulis));
    QSTI_TRY(QSTI_NEW(ctx, readout->n_terms, &coefficients));
    QSTI_TRY(QSTI_NEW(ctx, readout->n_terms, &outputs));
    QSTI_TRY(QSTI_NEW(ctx, readout->n_outputs, &out->outputs));
    for (size_t i = 0; i < readout->n_terms; i++) {
        if (of_term[i] != g)
            continue;
        if (out->n_outputs == 0 || out->outputs[out->n_outputs - 1] != readout->outputs[i])
            out->outputs[out->n_outputs++] = readout->outputs[i];
        paulis[n] = (qst_pauli){0, readout->paulis[i].x | readout->paulis[i].z};
        coefficients[n] = readout->coefficients[i];
        outputs[n++] = out->n_outputs - 1;
    }
    QSTI_TRY(
        qst_readout_paulis(ctx, readout->n_qubits, paulis, coefficients, outputs, n, out->n_outputs, &out->readout));
done:
    qsti_free(ctx, paulis);
    qsti_free(ctx, coefficients);
    qsti_free(ctx, outputs);
    return status;
}

/* --- making them -------------------------------------------------------------------------------------------------- */

/* What all runs are made of; borrowed. */
typedef struct making {
    const qst_circuit *circuit;
    const qst_readout *readout;
    const qst_measure_opts *opts;
    qst_precision precision;
    uint64_t seed;
} making;

static qst_status compile(const qsti_noisy_runs *runs, const making *of, run *r, const qst_circuit *circuit,
                          const qst_readout *readout, const qst_noise *noise)
{
    qst_status status = QST_OK;
    qst_compile_opts how = {
        .precision = of->precision,
        .noise = noise,
        .noise_method = of->opts->noise_method,
        .twirl = of->opts->twirl,
        .trajectories = of->opts->trajectories,
        .noise_seed = of->seed,
        .memory_limit = of->opts->memory_limit,
    };
    QSTI_TRY(qst_program_compile(runs->ctx, circuit, readout, &how, &r->sides[TRAINING].program));
    r->sides[JUDGING].program = r->sides[TRAINING].program;
    if (how.precision == QST_SINGLE) {
        r->sides[JUDGING].program = NULL;
        how.precision = QST_DOUBLE;
        QSTI_TRY(qst_program_compile(runs->ctx, circuit, readout, &how, &r->sides[JUDGING].program));
    }
done:
    return status;
}

/* On the qubits of the first run where that has been placed. */
static qst_status place(qsti_noisy_runs *runs, const making *of, run *r, const qst_circuit *circuit,
                        const qst_readout *readout)
{
    qst_status status = QST_OK;
    qst_place_opts where = of->opts->place;
    qst_placed_info info;
    size_t *layout = NULL;
    qst_readout *there = NULL;
    if (runs->runs[0].placed != NULL) {
        qst_placed_describe(runs->runs[0].placed, &info);
        QSTI_TRY(QSTI_NEW(runs->ctx, info.n_circuit_qubits, &layout));
        for (size_t i = 0; i < info.n_circuit_qubits; i++)
            layout[i] = info.qubits[info.initial[i]];
        where.layout = layout;
        where.n_layout = info.n_circuit_qubits;
        where.region = info.qubits;
        where.n_region = info.n_qubits;
    }
    QSTI_TRY(qst_place(runs->ctx, circuit, of->opts->device, &where, &r->placed));
    QSTI_TRY(qst_placed_readout(r->placed, readout, &there));
    qst_readout_free(r->readout);
    r->readout = there;
done:
    qsti_free(runs->ctx, layout);
    return status;
}

/* Counts the channels that a change to this basis would bring, without a device. */
static qst_status count_event(void *user, const qsti_noise_event *event)
{
    (void)event;
    (*(size_t *)user)++;
    return QST_OK;
}

static qst_status count_noise(const qst_noise *noise, const qst_circuit *circuit, qst_pauli basis, size_t *n_channels)
{
    qst_status status = QST_OK;
    qst_circuit *changed = NULL;
    QSTI_TRY(qsti_circuit_in_basis(circuit->ctx, circuit, basis, &changed));
    for (size_t i = circuit->n_operations; i < changed->n_operations; i++)
        QSTI_TRY(qsti_noise_behind(noise, 1, changed, i, count_event, n_channels));
done:
    qst_circuit_free(changed);
    return status;
}

/* Whether programs must be those of groups. */
static qst_status needs_groups(const qsti_noisy_runs *runs, const making *of, const qsti_pauli_groups *groups,
                               bool *out)
{
    qst_status status = QST_OK;
    uint32_t x = 0;
    size_t n_channels = 0;
    for (size_t g = 0; g < groups->n_bases; g++) {
        x |= groups->bases[g].x;
        if (runs->noise != NULL && groups->bases[g].x != 0)
            QSTI_TRY(count_noise(runs->noise, of->circuit, groups->bases[g], &n_channels));
    }
    *out = of->readout->kind == QST_READOUT_EXPECTATIONS && x != 0 && (of->opts->device != NULL || n_channels > 0);
done:
    return status;
}

static qst_status make_run(qsti_noisy_runs *runs, const making *of, run *r)
{
    qst_status status = QST_OK;
    const qst_circuit *circuit = r->circuit != NULL ? r->circuit : of->circuit;
    const qst_readout *readout = r->readout != NULL ? r->readout : of->readout;
    if (of->opts->device == NULL)
        return compile(runs, of, r, circuit, readout, runs->noise);
    QSTI_TRY(place(runs, of, r, circuit, readout));
    QSTI_TRY(compile(runs, of, r, qst_placed_circuit(r->placed), r->readout, qst_placed_noise(r->placed)));
done:
    return status;
}

static qst_status make_runs(qsti_noisy_runs *runs, const making *of)
{
    qst_status status = QST_OK;
    qsti_pauli_groups groups = {0};
    bool grouped = false;
    QSTI_TRY(qsti_pauli_groups_find(of->readout, &groups));
    QSTI_TRY(needs_groups(runs, of, &groups, &grouped));
    size_t n = grouped ? groups.n_bases : 1;
    QSTI_TRY(QSTI_NEW(runs->ctx, n, &runs->runs));
    runs->n_runs = n;
    for (size_t g = 0; g < n; g++) {
        if (grouped)
            QSTI_TRY(readout_of_group(of->readout, groups.of_term, g, &runs->runs[g]));
        if (grouped && groups.bases[g].x != 0)
            QSTI_TRY(qsti_circuit_in_basis(runs->ctx, of->circuit, groups.bases[g], &runs->runs[g].circuit));
        QSTI_TRY(make_run(runs, of, &runs->runs[g]));
    }
done:
    qsti_pauli_groups_clear(runs->ctx, &groups);
    return status;
}

qst_status qsti_noisy_runs_create(qst_ctx *ctx, const qst_circuit *circuit, const qst_readout *readout,
                                  const qst_measure_opts *opts, qst_precision precision, uint64_t seed,
                                  qsti_noisy_runs **out)
{
    qst_status status = QST_OK;
    qsti_noisy_runs *runs = NULL;
    QSTI_TRY(QSTI_NEW(ctx, 1, &runs));
    *runs = (qsti_noisy_runs){
        .ctx = ctx,
        .n_values = readout->n_outputs,
        .n_weights = circuit->n_weights,
        .n_features = circuit->n_features,
        .plain = circuit,
    };
    if (opts->device == NULL && opts->noise != NULL)
        QSTI_TRY(qst_noise_copy(opts->noise, &runs->noise));
    QSTI_TRY(make_runs(runs, &(making){circuit, readout, opts, precision, seed}));
    if (runs->n_runs > 1)
        QSTI_TRY(QSTI_NEW(ctx, runs->n_weights, &runs->d_weights));
    *out = runs;
    runs = NULL;
done:
    qsti_noisy_runs_free(runs);
    return status;
}

void qsti_noisy_runs_free(qsti_noisy_runs *runs)
{
    if (runs == NULL)
        return;
    for (size_t i = 0; i < runs->n_runs; i++) {
        run *r = &runs->runs[i];
        if (r->sides[JUDGING].program != r->sides[TRAINING].program)
            qst_program_free(r->sides[JUDGING].program);
        qst_program_free(r->sides[TRAINING].program);
        qst_placed_free(r->placed);
        qst_readout_free(r->readout);
        qst_circuit_free(r->circuit);
        qsti_free(runs->ctx, r->outputs);
    }
    qsti_free(runs->ctx, runs->runs);
    qst_noise_free(runs->noise);
    qsti_free(runs->ctx, runs->values);
    qsti_free(runs->ctx, runs->d_weights);
    qsti_free(runs->ctx, runs->d_x);
    qsti_free(runs->ctx, runs);
}

/* --- running ------------------------------------------------------------------------------------------------------ */

qst_status qsti_noisy_runs_set(qsti_noisy_runs *runs, bool judging, uint64_t draw, double strength)
{
    qst_status status = QST_OK;
    for (size_t i = 0; i < runs->n_runs; i++) {
        condition *sides = runs->runs[i].sides;
        bool one = sides[TRAINING].program == sides[JUDGING].program;
        condition *side = &sides[judging && !one ? JUDGING : TRAINING];
        qst_program_set_draw(side->program, draw);
        if (side->known && side->strength == strength)
            continue;
        side->known = false;
        QSTI_TRY(qst_program_set_noise_strength(side->program, strength));
        side->known = true;
        side->strength = strength;
    }
done:
    return status;
}

static qst_status reserve(qsti_noisy_runs *runs, size_t n_rows)
{
    qst_status status = QST_OK;
    size_t n = 0, n_x = 0;
    if (n_rows <= runs->capacity)
        return QST_OK;
    if (!qsti_mul(n_rows, runs->n_values, &n) || !qsti_mul(n_rows, runs->n_features, &n_x))
        return qsti_fail(runs->ctx, QST_ERR_LIMIT, "%zu rows are too many", n_rows);
    runs->capacity = 0;
    QSTI_TRY(QSTI_GROW(runs->ctx, n, &runs->values));
    QSTI_TRY(QSTI_GROW(runs->ctx, n_x, &runs->d_x));
    runs->capacity = n_rows;
done:
    return status;
}

qst_status qsti_noisy_runs_values(qsti_noisy_runs *runs, bool judging, const double *weights, qst_const_matrix x,
                                  qst_matrix out)
{
    qst_status status = QST_OK;
    int side = judging ? JUDGING : TRAINING;
    if (runs->n_runs == 1)
        return qst_program_forward(runs->runs[0].sides[side].program, weights, x, out);
    QSTI_TRY(reserve(runs, x.n_rows));
    memset(out.data, 0, out.n_rows * out.n_cols * sizeof *out.data);
    for (size_t i = 0; i < runs->n_runs; i++) {
        const run *r = &runs->runs[i];
        qst_matrix values = {runs->values, x.n_rows, r->n_outputs};
        QSTI_TRY(qst_program_forward(r->sides[side].program, weights, x, values));
        for (size_t row = 0; row < x.n_rows; row++)
            for (size_t k = 0; k < r->n_outputs; k++)
                out.data[row * out.n_cols + r->outputs[k]] += values.data[row * r->n_outputs + k];
    }
done:
    return status;
}

qst_program *qsti_noisy_runs_program(const qsti_noisy_runs *runs)
{
    return runs->n_runs == 1 ? runs->runs[0].sides[TRAINING].program : NULL;
}

static void add_to(double *sum, const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += values[i];
}

qst_status qsti_noisy_runs_vjp(qsti_noisy_runs *runs, const double *weights, qst_const_matrix x,
                               qst_const_matrix cotangent, double *out_weights, qst_matrix out_x)
{
    qst_status status = QST_OK;
    if (runs->n_runs == 1)
        return qst_program_vjp(runs->runs[0].sides[TRAINING].program, weights, x, cotangent, out_weights, out_x,
                               (qst_matrix){0});
    QSTI_TRY(reserve(runs, x.n_rows));
    memset(out_weights, 0, runs->n_weights * sizeof *out_weights);
    if (out_x.data != NULL)
        memset(out_x.data, 0, out_x.n_rows * out_x.n_cols * sizeof *out_x.data);
    for (size_t i = 0; i < runs->n_runs; i++) {
        const run *r = &runs->runs[i];
        qst_const_matrix of_run = {runs->values, x.n_rows, r->n_outputs};
        qst_matrix d_x = {out_x.data != NULL ? runs->d_x : NULL, x.n_rows, runs->n_features};
        for (size_t row = 0; row < x.n_rows; row++)
            for (size_t k = 0; k < r->n_outputs; k++)
                runs->values[row * r->n_outputs + k] = cotangent.data[row * cotangent.n_cols + r->outputs[k]];
        QSTI_TRY(
            qst_program_vjp(r->sides[TRAINING].program, weights, x, of_run, runs->d_weights, d_x, (qst_matrix){0}));
        add_to(out_weights, runs->d_weights, runs->n_weights);
        if (out_x.data != NULL)
            add_to(out_x.data, runs->d_x, x.n_rows * runs->n_features);
    }
done:
    return status;
}

/* --- what they are ------------------------------------------------------------------------------------------------ */

bool qsti_noisy_runs_drawn(const qsti_noisy_runs *runs)
{
    qst_noise_info info;
    bool drawn = false;
    for (size_t i = 0; i < runs->n_runs; i++) {
        qst_program_describe_noise(runs->runs[i].sides[TRAINING].program, &info);
        drawn = drawn || info.method == QST_NOISE_TRAJECTORIES;
    }
    return drawn;
}

qst_status qsti_noisy_runs_hash(const qsti_noisy_runs *runs, qsti_hasher *hasher)
{
    qst_status status = QST_OK;
    for (size_t i = 0; i < runs->n_runs; i++) {
        const run *r = &runs->runs[i];
        bool placed = r->placed != NULL;
        QSTI_TRY(qsti_noise_hash(placed ? qst_placed_noise(r->placed) : runs->noise,
                                 placed               ? qst_placed_circuit(r->placed)
                                 : r->circuit != NULL ? r->circuit
                                                      : runs->plain,
                                 hasher));
    }
done:
    return status;
}

static qst_status hash_event(void *user, const qsti_noise_event *event)
{
    qsti_hasher *hasher = user;
    const size_t integers[] = {event->kind, event->n_qubits, event->x, event->z};
    const double numbers[] = {event->angle, event->relaxation.a, event->relaxation.c, event->relaxation.excited};
    qsti_hasher_add(hasher, integers, sizeof integers);
    qsti_hasher_add(hasher, event->qubits, event->n_qubits * sizeof *event->qubits);
    if (event->kind == QSTI_NOISE_PAULI)
        qsti_hasher_add(hasher, event->probability, ((size_t)1 << 2 * event->n_qubits) * sizeof *event->probability);
    else
        qsti_hasher_add(hasher, numbers, sizeof numbers);
    return QST_OK;
}

qst_status qsti_noise_hash(const qst_noise *noise, const qst_circuit *circuit, qsti_hasher *hasher)
{
    qst_status status = QST_OK;
    for (size_t i = 0; i < circuit->n_operations; i++) {
        const qsti_operation *operation = &circuit->operations[i];
        const uint64_t gate[] = {i, operation->gate};
        qsti_hasher_add(hasher, gate, sizeof gate);
        qsti_hasher_add(hasher, operation->qubits, sizeof operation->qubits);
        if (noise != NULL)
            QSTI_TRY(qsti_noise_behind(noise, 1, circuit, i, hash_event, hasher));
    }
    for (size_t q = 0; noise != NULL && q < circuit->n_qubits; q++) {
        double readout[4];
        qst_noise_readout(noise, q, readout);
        qsti_hasher_add(hasher, readout, sizeof readout);
    }
done:
    return status;
}
