/* trajectories.c: the engine of drawn Pauli errors: from a model of noise to a program with sites, and what is drawn at
 * them. trajectories_run.c runs it.
 *
 * A channel's errors are drawn as "none" with probability p_0, else by p_i / (1 - p_0). At strength s its eigenvalues
 * are taken to the power s and the tables made anew; coherent rotations are rotations of the circuit, their angles
 * times s. Nothing is compiled again.
 */
#include "sim/trajectories.h"

#include <math.h>
#include <string.h>

#include "noise/noise_model.h"

/* --- sites -------------------------------------------------------------------------------------------------------- */

typedef struct collector {
    qsti_trajectories *self;
    uint32_t operation;
} collector;

/* The number of a channel with these probabilities: of a recent one, or of a new one. */
static qst_status channel_of(qsti_trajectories *self, const qsti_noise_event *event, uint32_t *out)
{
    size_t bytes = sizeof(double) << (2 * event->n_qubits), first = self->n_channels > 64 ? self->n_channels - 64 : 0;
    for (size_t i = self->n_channels; i-- > first;) {
        const qsti_noise_event *other = &self->channels[i];
        if (other->n_qubits == event->n_qubits && memcmp(other->probability, event->probability, bytes) == 0) {
            *out = (uint32_t)i;
            return QST_OK;
        }
    }
    if (self->n_channels == self->channel_capacity) {
        size_t more = self->channel_capacity ? 2 * self->channel_capacity : 8;
        qst_status status = QSTI_GROW(self->ctx, more, &self->channels);
        if (status != QST_OK)
            return status;
        self->channel_capacity = more;
    }
    *out = (uint32_t)self->n_channels;
    self->channels[self->n_channels++] = *event;
    return QST_OK;
}

/* On which qubits errors can have an X or Y, a Z or Y. */
static void find_parts(const qsti_noise_event *event, qsti_site *site)
{
    for (size_t code = 1; code < (size_t)1 << (2 * event->n_qubits); code++) {
        for (size_t k = 0; k < event->n_qubits && event->probability[code] > 0; k++) {
            unsigned letter = code >> (2 * k) & 3;
            site->x |= (uint8_t)((letter == 1 || letter == 2) << k);
            site->z |= (uint8_t)((letter >= 2) << k);
        }
    }
}

static qst_status add_site(void *user, const qsti_noise_event *event)
{
    const collector *at = user;
    qsti_trajectories *self = at->self;
    qst_status status = QST_OK;
    qsti_noise_event twirled;
    qsti_site site = {.operation = at->operation, .rotates = event->kind == QSTI_NOISE_ROTATION};
    if (event->kind == QSTI_NOISE_RELAXATION) {
        qsti_noise_twirl(event, &twirled);
        event = &twirled;
    }
    site.n_qubits = (uint8_t)event->n_qubits;
    for (size_t k = 0; k < event->n_qubits; k++)
        site.qubits[k] = (uint8_t)event->qubits[k];
    if (site.rotates) {
        site.x = event->x;
        site.z = event->z;
        site.angle = event->angle;
    } else {
        find_parts(event, &site);
        QSTI_TRY(channel_of(self, event, &site.channel));
    }
    if (self->sites.n == self->site_capacity) {
        size_t more = self->site_capacity ? 2 * self->site_capacity : 64;
        QSTI_TRY(QSTI_GROW(self->ctx, more, &self->sites.all));
        self->site_capacity = more;
    }
    self->sites.all[self->sites.n++] = site;
done:
    return status;
}

static qst_status collect(qsti_trajectories *self, const qsti_engine_source *source)
{
    qst_status status = QST_OK;
    collector at = {.self = self};
    qsti_noise_sorts sorts;
    QSTI_TRY(qsti_noise_count(source->noise, source->circuit, &sorts));
    self->info.n_channels = sorts.n_paulis + sorts.n_relaxations + sorts.n_rotations;
    self->info.n_relaxations = sorts.n_relaxations;
    self->info.twirled = sorts.n_relaxations > 0;
    for (; at.operation < source->circuit->n_operations && status == QST_OK; at.operation++)
        status = qsti_noise_behind(source->noise, 1, source->circuit, at.operation, add_site, &at);
done:
    return status;
}

/* --- strength ----------------------------------------------------------------------------------------------------- */

static qst_status fill_table(qst_ctx *ctx, qsti_noise_event event, double strength, qsti_error_table *out)
{
    double sum = 0;
    qst_status status = strength > 0 ? qsti_noise_power(ctx, strength, &event) : QST_OK;
    *out = (qsti_error_table){0};
    if (status != QST_OK || strength == 0)
        return status;
    for (size_t code = 1; code < (size_t)1 << (2 * event.n_qubits); code++) {
        if (!(event.probability[code] > 0))
            continue;
        sum += event.probability[code];
        out->code[out->n] = (uint8_t)code;
        out->share[out->n++] = sum;
    }
    for (size_t i = 0; i < out->n; i++)
        out->share[i] /= sum;
    out->hazard = sum >= 1 ? QSTI_CERTAIN : -log1p(-sum);
    if (out->hazard > QSTI_CERTAIN)
        out->hazard = QSTI_CERTAIN;
    return QST_OK;
}

/* Tables are made aside, so that a failure leaves all as it was. */
static qst_status set_strength(void *engine, double strength)
{
    qsti_trajectories *self = engine;
    qsti_draws *draws = self->program->draws;
    qsti_error_table table;
    for (size_t i = 0; i < self->n_channels; i++) {
        qst_status status = fill_table(self->ctx, self->channels[i], strength, &table);
        if (status != QST_OK)
            return status;
    }
    for (size_t i = 0; i < self->n_channels; i++)
        (void)fill_table(self->ctx, self->channels[i], strength, &self->tables[i]);
    for (size_t i = 0; i < draws->n_terms; i++)
        self->program->terms[draws->terms[i].term].coefficient = strength * draws->terms[i].coefficient;
    qsti_draws_set_tables(self->program, self->tables);
    return QST_OK;
}

/* --- the engine --------------------------------------------------------------------------------------------------- */

static void set_draw(void *engine, uint64_t draw)
{
    qsti_trajectories *self = engine;
    qsti_draws_set_seed(self->program, self->seed, draw);
}

static void describe(const void *engine, qst_noise_info *out)
{
    const qsti_trajectories *self = engine;
    *out = self->info;
}

static void release(void *engine)
{
    qsti_trajectories *self = engine;
    if (self == NULL)
        return;
    qst_ctx *ctx = self->ctx;
    qsti_trajectories_run_free(self);
    qst_program_free(self->program);
    qst_noise_free(self->noise);
    qsti_free(ctx, self->sites.all);
    qsti_free(ctx, self->channels);
    qsti_free(ctx, self->tables);
    qsti_free(ctx, self->output_of);
    qsti_free(ctx, self);
}

static const qsti_engine_type type = {
    "trajectories", qsti_trajectories_step, qsti_trajectories_forward, set_draw, set_strength, describe, release};

static bool reads_wrongly(const qst_noise *noise, size_t n_qubits)
{
    double matrix[4];
    for (size_t q = 0; q < n_qubits; q++) {
        qst_noise_readout(noise, q, matrix);
        if (matrix[1] != 0 || matrix[2] != 0)
            return true;
    }
    return false;
}

/* The readout of the program: sums of Paulis that take errors in, or all probabilities, which are misread later. */
static qst_status make_readout(qsti_trajectories *self, const qst_readout *readout, qst_readout **out)
{
    qst_status status = QST_OK;
    size_t dim = (size_t)1 << readout->n_qubits;
    const char *words = "probabilities";
    if (readout->kind == QST_READOUT_AMPLITUDES)
        return qsti_fail(self->ctx, QST_ERR_UNSUPPORTED, "amplitudes as outputs: a circuit with noise has none");
    if (!reads_wrongly(self->noise, readout->n_qubits))
        return QST_OK;
    if (readout->kind == QST_READOUT_EXPECTATIONS)
        return qsti_noise_readout_apply(self->noise, readout, out);
    self->misread = true;
    QSTI_TRY(QSTI_NEW(self->ctx, dim, &self->output_of));
    for (size_t index = 0; index < dim; index++)
        self->output_of[index] = (uint32_t)qsti_readout_group(readout, index);
    QSTI_TRY(qst_readout_parse(self->ctx, readout->n_qubits, &words, 1, 0, out));
done:
    return status;
}

static qst_status compile(qsti_trajectories *self, const qsti_engine_source *source)
{
    qst_status status = QST_OK;
    qst_readout *readout = NULL;
    qst_compile_opts opts = {.precision = source->opts->precision,
                             .layout = source->opts->layout,
                             .optimize_off = source->opts->optimize_off};
    for (size_t i = 0; i < self->sites.n; i++)
        if (self->sites.all[i].rotates)
            opts.optimize_off |= QST_OPTIMIZE_REAL; /* a diagonal of +-1 is so at one strength only */
    QSTI_TRY(make_readout(self, source->readout, &readout));
    QSTI_TRY(qsti_program_compile(self->ctx, source->circuit, readout ? readout : source->readout, &opts, &self->sites,
                                  &self->program));
    QSTI_TRY(QSTI_NEW(self->ctx, self->n_channels, &self->tables));
    QSTI_TRY(set_strength(self, 1));
    set_draw(self, 0);
    self->info.trajectories = self->n_trajectories;
    self->info.memory_bytes = self->program->info.memory_bytes;
done:
    qst_readout_free(readout);
    return status;
}

qst_status qsti_trajectories_create(const qsti_engine_source *source, qsti_engine *out)
{
    qst_status status = QST_OK;
    qsti_trajectories *self = NULL;
    QSTI_TRY(QSTI_NEW(source->ctx, 1, &self));
    *self = (qsti_trajectories){.ctx = source->ctx,
                                .n_qubits = source->circuit->n_qubits,
                                .n_features = source->circuit->n_features,
                                .n_weights = source->circuit->n_weights,
                                .n_outputs = source->readout->n_outputs,
                                .n_trajectories = source->opts->trajectories ? source->opts->trajectories : 1,
                                .seed = source->opts->noise_seed};
    QSTI_TRY(qsti_noise_copy(source->ctx, source->noise, &self->noise));
    QSTI_TRY(collect(self, source));
    QSTI_TRY(compile(self, source));
    *out = (qsti_engine){&type, self};
    self = NULL;
done:
    release(self);
    return status;
}
