/* trajectories_run.c: batches of samples through trajectories, and their means.
 *
 * One trajectory a sample: lane = sample, and the program does it all. With T a sample, rows of the program's batches
 * are trajectories, those of a sample one behind the other; a group of samples goes
 *
 *   forward, all its trajectories; the mean of their values; fn on the means; forward again, and back with the
 * cotangents c_k / T, all its trajectories
 *
 * since the mean's gradient is the mean of gradients. Groups, and parts of T where a group of one block is still more
 * than GROUP_VALUES, depend on shapes alone.
 *
 * Probabilities whose bits are misread: the mean distribution p becomes M p, M = the product over qubits of 2x2 maps;
 * out of it come the readout's outputs, and cotangents go back through M's transpose.
 */
#include <string.h>

#include "base/threads.h"
#include "kernels/lines.h"
#include "sim/trajectories.h"

#define GROUP_VALUES ((size_t)1 << 22)

/* --- memory ------------------------------------------------------------------------------------------------------- */

typedef enum room {
    ROOM_X,
    ROOM_OUT_X,
    ROOM_VALUES,
    ROOM_MEANS,
    ROOM_COTANGENTS,
    ROOM_LINES,
    ROOM_SUMS,
    ROOM_WEIGHTS
} room;

static qst_status make_room(qsti_trajectories *self, room which, size_t n, double **array)
{
    if (n <= self->room[which])
        return QST_OK;
    qsti_free_lines(self->ctx, *array);
    *array = NULL;
    self->room[which] = 0;
    qst_status status = QSTI_NEW_LINES(self->ctx, n, array);
    if (status == QST_OK)
        self->room[which] = n;
    return status;
}

static size_t outputs_inside(const qsti_trajectories *self)
{
    return self->program->n_outputs;
}

/* Samples in a block that fn sees. */
static size_t lanes_of(const qsti_trajectories *self)
{
    return self->program->wide ? 1 : self->program->kernels->lanes;
}

/* What is there stays: a call that ran out of memory can be repeated. */
static qst_status make_readings(qsti_trajectories *self)
{
    qst_ctx *ctx = self->ctx;
    qst_status status = QST_OK;
    size_t n = self->misread ? (size_t)qst_ctx_threads(ctx) : 0, lanes = lanes_of(self);
    if (n > self->n_readings) {
        QSTI_TRY(QSTI_GROW(ctx, n, &self->readings));
        memset(self->readings + self->n_readings, 0, (n - self->n_readings) * sizeof *self->readings);
        self->n_readings = n;
    }
    for (size_t i = 0; i < n; i++) {
        qsti_reading *reading = &self->readings[i];
        if (reading->outcomes == NULL)
            QSTI_TRY(QSTI_NEW_LINES(ctx, outputs_inside(self) * lanes, &reading->outcomes));
        if (reading->values == NULL)
            QSTI_TRY(QSTI_NEW_LINES(ctx, self->n_outputs * lanes, &reading->values));
        if (reading->cotangents == NULL)
            QSTI_TRY(QSTI_NEW_LINES(ctx, self->n_outputs * lanes, &reading->cotangents));
    }
done:
    return status;
}

void qsti_trajectories_run_free(qsti_trajectories *self)
{
    double *const arrays[] = {self->x,          self->out_x, self->values, self->means,
                              self->cotangents, self->lines, self->sums,   self->weights};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        qsti_free_lines(self->ctx, arrays[i]);
    for (size_t i = 0; i < self->n_readings; i++) {
        qsti_free_lines(self->ctx, self->readings[i].outcomes);
        qsti_free_lines(self->ctx, self->readings[i].values);
        qsti_free_lines(self->ctx, self->readings[i].cotangents);
    }
    qsti_free(self->ctx, self->readings);
}

/* --- reading bits ------------------------------------------------------------------------------------------------- */

/* reading->values from true probabilities, lines (2^n, lanes). */
static void read_values(const qsti_trajectories *self, size_t lanes, const double *truth, qsti_reading *reading)
{
    size_t dim = outputs_inside(self);
    memcpy(reading->outcomes, truth, dim * lanes * sizeof *truth);
    qsti_noise_misread(self->noise, self->n_qubits, lanes, false, reading->outcomes);
    memset(reading->values, 0, self->n_outputs * lanes * sizeof *reading->values);
    for (size_t p = 0; p < dim; p++)
        for (size_t lane = 0; lane < lanes; lane++)
            reading->values[self->output_of[p] * lanes + lane] += reading->outcomes[p * lanes + lane];
}

/* The caller's fn, and what stands between it and the program. */
typedef struct caller {
    qsti_trajectories *self;
    qst_block_fn *fn;
    void *user;
} caller;

/* fn on a block of the program's outputs. */
static void call(void *user, const qst_block *block)
{
    const caller *to = user;
    qsti_trajectories *self = to->self;
    size_t dim = outputs_inside(self), lanes = block->lanes;
    if (!self->misread) {
        to->fn(to->user, block);
        return;
    }
    qsti_reading *reading = &self->readings[block->worker];
    qst_block read = *block;
    read_values(self, lanes, block->values, reading);
    read.values = reading->values;
    read.cotangents = reading->cotangents;
    to->fn(to->user, &read);
    for (size_t p = 0; p < dim; p++)
        memcpy(block->cotangents + p * lanes, reading->cotangents + self->output_of[p] * lanes,
               lanes * sizeof *block->cotangents);
    qsti_noise_misread(self->noise, self->n_qubits, lanes, true, block->cotangents);
}

/* --- groups ------------------------------------------------------------------------------------------------------- */

/* A walk over a batch: group by group of samples, part by part of their trajectories. */
typedef struct walk {
    qsti_trajectories *self;
    const double *weights;
    qst_const_matrix x;
    size_t group, part; /* samples, trajectories, at a time */
    size_t first, n;    /* samples of this group */
    size_t n_part;      /* trajectories of this part */
    const caller *to;   /* NULL: forward */
    size_t n_sums;
    double *out_values; /* forward: (samples, outputs) */
} walk;

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static qst_status begin(walk *of, bool gradient)
{
    qsti_trajectories *self = of->self;
    qst_status status = QST_OK;
    size_t n_inside = outputs_inside(self), lanes = lanes_of(self), d = self->n_features;
    size_t each = n_inside + 2 * d, least = smaller(of->x.n_rows, lanes);
    of->part = larger(smaller(GROUP_VALUES / (each * larger(least, 1)), self->n_trajectories), 1);
    of->group = smaller(larger(GROUP_VALUES / (each * of->part) / lanes * lanes, lanes), of->x.n_rows);
    size_t n_rows = of->group * of->part, n_blocks = (of->group + lanes - 1) / lanes;
    QSTI_TRY(make_readings(self));
    QSTI_TRY(make_room(self, ROOM_X, n_rows * d, &self->x));
    QSTI_TRY(make_room(self, ROOM_VALUES, n_rows * n_inside, &self->values));
    QSTI_TRY(make_room(self, ROOM_MEANS, of->group * n_inside, &self->means));
    QSTI_TRY(make_room(self, ROOM_LINES, n_blocks * 2 * n_inside * lanes, &self->lines));
    if (!gradient)
        goto done;
    QSTI_TRY(make_room(self, ROOM_OUT_X, n_rows * d, &self->out_x));
    QSTI_TRY(make_room(self, ROOM_COTANGENTS, of->group * n_inside, &self->cotangents));
    QSTI_TRY(make_room(self, ROOM_SUMS, n_blocks * of->n_sums, &self->sums));
    QSTI_TRY(make_room(self, ROOM_WEIGHTS, self->n_weights, &self->weights));
done:
    return status;
}

/* The rows of trajectories `first` .. of the group's samples; gives the batch. */
static qst_const_matrix take_part(walk *of, size_t first)
{
    qsti_trajectories *self = of->self;
    qsti_draws *draws = self->program->draws;
    size_t d = self->n_features;
    of->n_part = smaller(of->part, self->n_trajectories - first);
    draws->first_row = of->first;
    draws->first_trajectory = first;
    draws->n_trajectories = of->n_part;
    for (size_t i = 0; i < of->n && d > 0; i++)
        for (size_t t = 0; t < of->n_part; t++)
            memcpy(self->x + (i * of->n_part + t) * d, of->x.data + (of->first + i) * d, d * sizeof *self->x);
    return (qst_const_matrix){self->x, of->n * of->n_part, d};
}

/* to[i] += the sum over the part's trajectories, (samples, columns) from (rows, columns). */
static void add_part(const walk *of, const double *from, size_t n_columns, double *to)
{
    for (size_t i = 0; i < of->n; i++) {
        double *sum = to + i * n_columns;
        for (size_t t = 0; t < of->n_part; t++)
            for (size_t k = 0; k < n_columns; k++)
                sum[k] += from[(i * of->n_part + t) * n_columns + k];
    }
}

static qst_status find_means(walk *of)
{
    qsti_trajectories *self = of->self;
    qst_status status = QST_OK;
    size_t n_inside = outputs_inside(self);
    double share = 1 / (double)self->n_trajectories;
    memset(self->means, 0, of->n * n_inside * sizeof *self->means);
    for (size_t first = 0; first < self->n_trajectories; first += of->n_part) {
        qst_const_matrix rows = take_part(of, first);
        QSTI_TRY(
            qst_program_forward(self->program, of->weights, rows, (qst_matrix){self->values, rows.n_rows, n_inside}));
        add_part(of, self->values, n_inside, self->means);
    }
    for (size_t i = 0; i < of->n * n_inside; i++)
        self->means[i] *= share;
done:
    return status;
}

/* One block of the group's samples: what the caller does with its means. */
static void show_block(void *arg, size_t item, int worker)
{
    const walk *of = arg;
    qsti_trajectories *self = of->self;
    size_t n_inside = outputs_inside(self), lanes = lanes_of(self), first = item * lanes;
    double *values = self->lines + item * 2 * n_inside * lanes, *cotangents = values + n_inside * lanes;
    qsti_rows_to_lines(self->means, of->n, n_inside, first, lanes, values);
    if (of->to == NULL) {
        double *out = of->out_values + of->first * self->n_outputs;
        qsti_reading *reading = self->misread ? &self->readings[worker] : NULL;
        if (reading != NULL)
            read_values(self, lanes, values, reading);
        qsti_lines_to_rows(reading ? reading->values : values, of->n, self->n_outputs, first, lanes, out);
        return;
    }
    double *sums = self->sums + item * of->n_sums;
    qst_block block = {of->first + first, smaller(of->n - first, lanes), lanes, values, cotangents, sums, worker};
    if (of->n_sums > 0)
        memset(sums, 0, of->n_sums * sizeof *sums);
    call((void *)of->to, &block);
    qsti_lines_to_rows(cotangents, of->n, n_inside, first, lanes, self->cotangents);
}

static size_t show_blocks(walk *of)
{
    size_t lanes = lanes_of(of->self), n_blocks = (of->n + lanes - 1) / lanes;
    qsti_parallel_for(of->self->ctx, n_blocks, show_block, of);
    return n_blocks;
}

/* A block of trajectories: each has its sample's cotangents, by their number. */
static void share_cotangents(void *user, const qst_block *block)
{
    const walk *of = user;
    const qsti_trajectories *self = of->self;
    size_t n_inside = outputs_inside(self), lanes = block->lanes;
    double share = 1 / (double)self->n_trajectories;
    for (size_t lane = 0; lane < lanes; lane++) {
        const double *from = self->cotangents + (block->first_row + lane) / of->n_part * n_inside;
        for (size_t k = 0; k < n_inside; k++)
            block->cotangents[k * lanes + lane] = lane < block->n_rows ? share * from[k] : 0;
    }
}

static qst_status go_back(walk *of, double *out_weights, double *out_x)
{
    qsti_trajectories *self = of->self;
    qst_status status = QST_OK;
    size_t d = self->n_features;
    for (size_t first = 0; first < self->n_trajectories; first += of->n_part) {
        qst_const_matrix rows = take_part(of, first);
        qst_matrix rows_x = {out_x ? self->out_x : NULL, rows.n_rows, d};
        QSTI_TRY(
            qst_program_step(self->program, of->weights, rows, share_cotangents, of, 0, NULL, self->weights, rows_x));
        for (size_t w = 0; w < self->n_weights; w++)
            out_weights[w] += self->weights[w];
        if (out_x != NULL)
            add_part(of, self->out_x, d, out_x + of->first * d);
    }
done:
    return status;
}

/* --- the engine's calls ------------------------------------------------------------------------------------------- */

static void one_a_row(qsti_trajectories *self)
{
    self->program->draws->first_row = 0;
    self->program->draws->first_trajectory = 0;
    self->program->draws->n_trajectories = 1;
}

qst_status qsti_trajectories_forward(void *engine, const double *weights, qst_const_matrix x, qst_matrix out)
{
    qsti_trajectories *self = engine;
    qst_status status = QST_OK;
    walk of = {.self = self, .weights = weights, .x = x, .out_values = out.data};
    if (self->n_trajectories == 1 && !self->misread) {
        one_a_row(self);
        return qst_program_forward(self->program, weights, x, out);
    }
    QSTI_TRY(begin(&of, false));
    for (; of.first < x.n_rows; of.first += of.n) {
        of.n = smaller(of.group, x.n_rows - of.first);
        QSTI_TRY(find_means(&of));
        (void)show_blocks(&of);
    }
done:
    return status;
}

qst_status qsti_trajectories_step(void *engine, const double *weights, qst_const_matrix x, qst_block_fn *fn, void *user,
                                  size_t n_sums, double *out_sums, double *out_weights, qst_matrix out_x)
{
    qsti_trajectories *self = engine;
    qst_status status = QST_OK;
    caller to = {self, fn, user};
    walk of = {.self = self, .weights = weights, .x = x, .to = &to, .n_sums = n_sums};
    if (self->n_trajectories == 1) {
        QSTI_TRY(make_readings(self));
        one_a_row(self);
        return qst_program_step(self->program, weights, x, call, &to, n_sums, out_sums, out_weights, out_x);
    }
    QSTI_TRY(begin(&of, true));
    if (self->n_weights > 0)
        memset(out_weights, 0, self->n_weights * sizeof *out_weights);
    if (n_sums > 0)
        memset(out_sums, 0, n_sums * sizeof *out_sums);
    if (out_x.data != NULL)
        memset(out_x.data, 0, x.n_rows * self->n_features * sizeof *out_x.data);
    for (; of.first < x.n_rows; of.first += of.n) {
        of.n = smaller(of.group, x.n_rows - of.first);
        QSTI_TRY(find_means(&of));
        size_t n_blocks = show_blocks(&of);
        for (size_t i = 0; i < n_blocks * n_sums; i++)
            out_sums[i % n_sums] += self->sums[i];
        QSTI_TRY(go_back(&of, out_weights, out_x.data));
    }
done:
    return status;
}
