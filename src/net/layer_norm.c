/* layer_norm.c: batch normalisation [ioffe2015] of each channel over the rows of a batch and the positions of an image:
 *
 *   y = g (x - mean) / s + b,  s = sqrt(variance + epsilon), variance = mean of (x - mean)^2
 *   dg = sum dy (x - mean) / s,  db = sum dy
 *   dx = g/s [dy - (sum dy)/m - (x - mean) (sum dy (x - mean)) / (m s^2)],  m values in a channel
 *
 * as PyTorch has it: the running variance is that of a sample, times m / (m - 1). Mean and squares of parts are merged
 * as [chan1983] do it: no difference of large sums. Statistics are double whatever the rows are.
 */
#include <math.h>
#include <string.h>

#include "net/engine.h"

static size_t plane_of(const qsti_engine_layer *layer)
{
    return layer->at.in.height * layer->at.in.width;
}

/* --- forward ------------------------------------------------------------------------------------------------------ */

void qsti_norm_clear_parts(qsti_engine *engine, const qsti_engine_layer *layer)
{
    size_t n = engine->norms.n;
    for (size_t part = 0; part < QSTI_ENGINE_PARTS; part++)
        for (size_t i = 0; i < 3; i++)
            memset(engine->norms.parts + (part * 3 + i) * n + layer->channels, 0,
                   layer->at.in.channels * sizeof(double));
}

/* (count, mean, squares) <- merged with another's. */
static void merge(double *count, double *mean, double *squares, double other_count, double other_mean,
                  double other_squares)
{
    double total = *count + other_count, difference = other_mean - *mean;
    if (other_count == 0)
        return;
    *squares += other_squares + difference * difference * (*count * other_count / total);
    *mean += difference * (other_count / total);
    *count = total;
}

void qsti_norm_gather(const qsti_layer_call *call, size_t part)
{
    const qsti_engine *engine = call->engine;
    const qsti_engine_layer *layer = call->layer;
    const qsti_norms *norms = &engine->norms;
    size_t channels = layer->at.in.channels, plane = plane_of(layer), stride = engine->groups[layer->in].stride;
    double *mean = norms->scratch + (size_t)call->worker * 3 * norms->n, *squares = mean + norms->n;
    double *unused = squares + norms->n, count = (double)(call->n_rows * plane);
    double *kept = norms->parts + part * 3 * norms->n + layer->channels;
    memset(mean, 0, 3 * norms->n * sizeof *mean);
    engine->kernels->channel_sums(call->in, NULL, NULL, call->n_rows, stride, channels, plane, mean, NULL);
    for (size_t c = 0; c < channels; c++)
        mean[c] /= count;
    engine->kernels->channel_sums(call->in, NULL, mean, call->n_rows, stride, channels, plane, unused, squares);
    for (size_t c = 0; c < channels; c++)
        merge(&kept[c], &kept[norms->n + c], &kept[2 * norms->n + c], count, mean[c], squares[c]);
}

void qsti_norm_finish(qsti_engine *engine, const qsti_engine_layer *layer, size_t n_parts, const double *trained)
{
    qsti_norms *norms = &engine->norms;
    const double *scale = trained + layer->at.weights, *shift = scale + layer->at.in.channels;
    for (size_t c = 0; c < layer->at.in.channels; c++) {
        size_t at = layer->channels + c;
        double count = 0, mean = 0, squares = 0;
        for (size_t part = 0; part < n_parts; part++) {
            const double *of = norms->parts + part * 3 * norms->n + at;
            merge(&count, &mean, &squares, of[0], of[norms->n], of[2 * norms->n]);
        }
        norms->mean[at] = mean;
        norms->variance[at] = squares / count;
        norms->count[at] = count;
        norms->factor[at] = scale[c] / sqrt(norms->variance[at] + layer->at.layer.epsilon);
        norms->shift[at] = shift[c] - norms->factor[at] * mean;
    }
}

void qsti_norm_use_running(qsti_engine *engine, const qsti_engine_layer *layer, const double *trained,
                           const double *buffers)
{
    size_t channels = layer->at.in.channels;
    const double *scale = trained + layer->at.weights, *shift = scale + channels;
    const double *mean = buffers + layer->at.buffers, *variance = mean + channels;
    for (size_t c = 0; c < channels; c++) {
        double factor = scale[c] / sqrt(variance[c] + layer->at.layer.epsilon);
        engine->norms.factor[layer->channels + c] = factor;
        engine->norms.shift[layer->channels + c] = shift[c] - factor * mean[c];
    }
}

void qsti_norm_rows(const qsti_layer_call *call)
{
    const qsti_engine *engine = call->engine;
    const qsti_engine_layer *layer = call->layer;
    size_t stride = engine->groups[layer->in].stride;
    engine->kernels->channel_scale(
        call->in, engine->norms.factor + layer->channels, engine->norms.shift + layer->channels, NULL, NULL,
        call->n_rows, stride, 0, layer->at.in.channels, plane_of(layer), call->out, engine->groups[layer->out].stride);
}

/* --- back --------------------------------------------------------------------------------------------------------- */

void qsti_norm_gather_back(const qsti_layer_call *call, size_t part)
{
    const qsti_engine *engine = call->engine;
    const qsti_engine_layer *layer = call->layer;
    const qsti_norms *norms = &engine->norms;
    double *sums = norms->parts + part * 3 * norms->n + layer->channels;
    engine->kernels->channel_sums(call->d_out, call->in, norms->mean + layer->channels, call->n_rows,
                                  engine->groups[layer->in].stride, layer->at.in.channels, plane_of(layer), sums,
                                  sums + norms->n);
}

void qsti_norm_finish_back(qsti_engine *engine, const qsti_engine_layer *layer, size_t n_parts, const double *trained,
                           double *out_weights)
{
    qsti_norms *norms = &engine->norms;
    size_t channels = layer->at.in.channels;
    const double *scale = trained + layer->at.weights;
    double *out = out_weights + layer->at.weights;
    for (size_t c = 0; c < channels; c++) {
        size_t at = layer->channels + c;
        double sum = 0, product = 0, count = norms->count[at];
        for (size_t part = 0; part < n_parts; part++) {
            sum += norms->parts[part * 3 * norms->n + at];
            product += norms->parts[(part * 3 + 1) * norms->n + at];
        }
        double s = sqrt(norms->variance[at] + layer->at.layer.epsilon), factor = scale[c] / s;
        double other = -factor * product / (count * s * s);
        out[c] = product / s;
        out[channels + c] = sum;
        norms->back_factor[at] = factor;
        norms->back_other[at] = other;
        norms->back_shift[at] = -factor * sum / count - other * norms->mean[at];
    }
}

void qsti_norm_rows_back(const qsti_layer_call *call)
{
    const qsti_engine *engine = call->engine;
    const qsti_engine_layer *layer = call->layer;
    const qsti_norms *norms = &engine->norms;
    size_t at = layer->channels;
    if (call->d_in != NULL) {
        engine->kernels->channel_scale(call->d_out, norms->back_factor + at, norms->back_shift + at, call->in,
                                       norms->back_other + at, call->n_rows, engine->groups[layer->out].stride,
                                       engine->groups[layer->in].stride, layer->at.in.channels, plane_of(layer),
                                       call->d_in, engine->groups[layer->in].stride);
    }
}
