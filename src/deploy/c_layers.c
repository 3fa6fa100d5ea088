/* c_layers.c: networks before and after the circuit: a table of weights and a line a layer, as inference has them:
 * no dropout, running statistics. */
#include <math.h>
#include <stdio.h>

#include "deploy/c_source.h"

/* A network that is being written; layer i takes `from` and gives `to`. */
typedef struct writing {
    qsti_c_source *source;
    const char *prefix;
    qsti_network_weights weights;
    const qsti_layer_place *place;
    size_t index;
    const char *from, *to;
} writing;

static void put_table(const writing *w, const char *what, const double *values, size_t n)
{
    char name[64];
    snprintf(name, sizeof name, "%s_%zu_%s", w->prefix, w->index, what);
    qsti_c_table(&w->source->tables, name, values, n);
}

static void put_dense(const writing *w)
{
    put_table(w, "weights", w->weights.trained + w->place->weights, w->place->n_weights);
    qsti_text_add(&w->source->body, "    %s(%s_%zu_weights, %zu, %zu, %s, %s);\n", qsti_c_use(w->source, QSTI_C_dense),
                  w->prefix, w->index, qsti_shape_size(w->place->in), w->place->layer.size, w->from, w->to);
}

static void put_window(const writing *w)
{
    const qsti_layer_place *p = w->place;
    (void)qsti_c_use(w->source, QSTI_C_window);
    qsti_text_add(&w->source->tables,
                  "static const window %s_%zu_window = {%zu, %zu, %zu, %zu, %zu, %zu, {%zu, %zu}, {%zu, %zu}, "
                  "{%zu, %zu}};\n\n",
                  w->prefix, w->index, p->in.channels, p->in.height, p->in.width, p->out.channels, p->out.height,
                  p->out.width, p->layer.kernel[0], p->layer.kernel[1], p->layer.stride[0], p->layer.stride[1],
                  p->layer.padding[0], p->layer.padding[1]);
}

static void put_conv(const writing *w)
{
    put_window(w);
    put_table(w, "weights", w->weights.trained + w->place->weights, w->place->n_weights);
    qsti_text_add(&w->source->body, "    %s(%s_%zu_weights, &%s_%zu_window, %s, %s);\n",
                  qsti_c_use(w->source, QSTI_C_convolve), w->prefix, w->index, w->prefix, w->index, w->from, w->to);
}

static void put_pool(const writing *w)
{
    put_window(w);
    qsti_text_add(&w->source->body, "    %s(&%s_%zu_window, %d, %s, %s);\n", qsti_c_use(w->source, QSTI_C_pool),
                  w->prefix, w->index, w->place->layer.kind == QST_LAYER_max_pool, w->from, w->to);
}

/* y = factor x + shift, factor = scale / sqrt(variance + epsilon), shift = shift - factor mean. */
static qst_status put_norm(const writing *w)
{
    qst_status status = QST_OK;
    size_t n = w->place->in.channels;
    const double *scale = w->weights.trained + w->place->weights, *mean = w->weights.buffers + w->place->buffers;
    double *factor = NULL, *shift = NULL;
    QSTI_TRY(QSTI_NEW(w->source->ctx, n, &factor));
    QSTI_TRY(QSTI_NEW(w->source->ctx, n, &shift));
    for (size_t c = 0; c < n; c++) {
        factor[c] = scale[c] / sqrt(mean[n + c] + w->place->layer.epsilon);
        shift[c] = scale[n + c] - factor[c] * mean[c];
    }
    put_table(w, "factor", factor, n);
    put_table(w, "shift", shift, n);
    qsti_text_add(&w->source->body, "    %s(%s_%zu_factor, %s_%zu_shift, %zu, %zu, %s);\n",
                  qsti_c_use(w->source, QSTI_C_channel_scale), w->prefix, w->index, w->prefix, w->index, n,
                  w->place->in.height * w->place->in.width, w->from);
done:
    qsti_free(w->source->ctx, factor);
    qsti_free(w->source->ctx, shift);
    return status;
}

/* Activations change their values in place; z is one of them. */
static void put_activation(const writing *w, const char *expression)
{
    qsti_text_add(&w->source->body, "    for (size_t i = 0; i < %zu; i++) {\n        const double z = %s[i];\n",
                  qsti_shape_size(w->place->in), w->from);
    qsti_text_add(&w->source->body, "        %s[i] = %s;\n    }\n", w->from, expression);
}

static qst_status put_layer(const writing *w)
{
    char leaky[80], rate[40];
    switch (w->place->layer.kind) {
    case QST_LAYER_dense:
        put_dense(w);
        break;
    case QST_LAYER_conv:
        put_conv(w);
        break;
    case QST_LAYER_max_pool:
    case QST_LAYER_avg_pool:
        put_pool(w);
        break;
    case QST_LAYER_global_avg_pool:
        qsti_text_add(&w->source->body, "    %s(%zu, %zu, %s, %s);\n", qsti_c_use(w->source, QSTI_C_channel_means),
                      w->place->in.channels, w->place->in.height * w->place->in.width, w->from, w->to);
        break;
    case QST_LAYER_batch_norm:
        return put_norm(w);
    case QST_LAYER_relu:
        put_activation(w, "z > 0 ? z : 0");
        break;
    case QST_LAYER_leaky_relu:
        qsti_c_number(w->place->layer.rate, rate);
        snprintf(leaky, sizeof leaky, "z > 0 ? z : %s * z", rate);
        put_activation(w, leaky);
        break;
    case QST_LAYER_gelu:
        put_activation(w, "z * (0.5 + 0.5 * erf(z * 0.70710678118654752440))");
        break;
    case QST_LAYER_tanh:
        put_activation(w, "tanh(z)");
        break;
    case QST_LAYER_sigmoid:
        put_activation(w, "1 / (1 + exp(-z))");
        break;
    case QST_LAYER_flatten:
    case QST_LAYER_dropout:
    case QST_LAYER_COUNT:
        break;
    }
    return QST_OK;
}

/* Whether a layer gives its result in another place than it was given. */
static bool moves(qst_layer_kind kind)
{
    return kind == QST_LAYER_dense || kind == QST_LAYER_conv || kind == QST_LAYER_max_pool ||
           kind == QST_LAYER_avg_pool || kind == QST_LAYER_global_avg_pool;
}

/* The first place is a copy of `in`, so that activations may write there. */
qst_status qsti_c_network(qsti_c_source *source, const qsti_network_spec *spec, qsti_network_weights weights,
                          const char *prefix, const char *in, const char *out)
{
    qst_status status = QST_OK;
    qsti_layer_place *places = NULL;
    size_t n_trained = 0, n_buffers = 0, size = qsti_shape_size(spec->input);
    char from[64], to[64];
    QSTI_TRY(qsti_network_places(source->ctx, spec, &places, &n_trained, &n_buffers));
    snprintf(from, sizeof from, "%s_in", prefix);
    qsti_text_add(&source->body, "    double %s[%zu];\n    memcpy(%s, %s, sizeof %s);\n", from, size, from, in, from);
    for (size_t i = 0; i < spec->n_layers; i++) {
        snprintf(to, sizeof to, "%s_%zu", prefix, i);
        size = qsti_shape_size(places[i].out);
        if (moves(places[i].layer.kind)) {
            qsti_text_add(&source->body, "    double %s[%zu];\n", to, size);
        }
        const writing w = {source, prefix, weights, &places[i], i, from, to};
        QSTI_TRY(put_layer(&w));
        if (moves(places[i].layer.kind)) {
            snprintf(from, sizeof from, "%s", to);
        }
    }
    qsti_text_add(&source->body, "    const double *%s = %s;\n", out, from);
done:
    qsti_free(source->ctx, places);
    return status;
}
