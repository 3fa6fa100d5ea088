/* c_preprocess.c: the fitted preprocessing as tables and loops, step by step, as learn/preprocess.c applies it. */
#include <math.h>
#include <stdio.h>

#include "deploy/c_source.h"
#include "learn/preprocess_parts.h"

#define MNIST_SIDE   28 /* images of MNIST have a border of 2 that is left out */
#define MNIST_MARGIN 2

static void put_tables(qsti_c_source *source, const qsti_step *s, size_t index)
{
    const qsti_step_info *info = qsti_step_describe(s->kind);
    char name[80];
    for (size_t t = 0; t < info->n_tensors; t++) {
        snprintf(name, sizeof name, "%s_%zu", info->tensors[t], index);
        qsti_c_table(&source->tables, name, s->tensors[t], qsti_step_tensor_size(s, t));
    }
}

/* out[i] = expression, in which `in` is the place before. */
static void put_loop(qsti_c_source *source, const qsti_step *s, size_t index, const char *expression)
{
    qsti_text_add(&source->body, "    for (size_t i = 0; i < %zu; i++)\n        step_%zu[i] = %s;\n", s->n_in, index,
                  expression);
}

static void put_pca(qsti_c_source *source, const qsti_step *s, size_t index, const char *in)
{
    qsti_text_add(&source->body,
                  "    for (size_t k = 0; k < %zu; k++) {\n"
                  "        step_%zu[k] = 0;\n"
                  "        for (size_t i = 0; i < %zu; i++)\n"
                  "            step_%zu[k] += (%s[i] - mean_%zu[i]) * components_%zu[k * %zu + i];\n"
                  "    }\n",
                  s->n_out, index, s->n_in, index, in, index, index, s->n_in);
}

static void put_pool(qsti_c_source *source, const qsti_step *s, size_t index, const char *in)
{
    size_t side = (size_t)llround(sqrt((double)s->n_in)), n = (size_t)llround(sqrt((double)s->n_out));
    qsti_text_add(&source->body, "    %s(%zu, %d, %zu, %s, step_%zu);\n", qsti_c_use(source, QSTI_C_pool_square), side,
                  side == MNIST_SIDE ? MNIST_MARGIN : 0, n, in, index);
}

static void put_step(qsti_c_source *source, const qsti_step *s, size_t index, const char *in)
{
    char expression[240], numbers[2][40];
    qsti_c_number(s->arguments[0], numbers[0]);
    qsti_c_number(s->arguments[1], numbers[1]);
    put_tables(source, s, index);
    qsti_text_add(&source->body, "    double step_%zu[%zu]; /* %s */\n", index, s->n_out,
                  qsti_step_describe(s->kind)->label);
    switch (s->kind) {
    case QST_PREPROCESS_pca:
        put_pca(source, s, index, in);
        return;
    case QST_PREPROCESS_pool:
        put_pool(source, s, index, in);
        return;
    case QST_PREPROCESS_standardize:
        snprintf(expression, sizeof expression, "deviation_%zu[i] > 0 ? (%s[i] - mean_%zu[i]) / deviation_%zu[i] : 0",
                 index, in, index, index);
        break;
    case QST_PREPROCESS_scale:
        snprintf(expression, sizeof expression, "%s[i] * %s", in, numbers[0]);
        break;
    case QST_PREPROCESS_range:
        snprintf(expression, sizeof expression, "%s(%s[i], minimum_%zu[i], maximum_%zu[i], %s, %s)",
                 qsti_c_use(source, QSTI_C_into_range), in, index, index, numbers[0], numbers[1]);
        break;
    case QST_PREPROCESS_binarize:
        snprintf(expression, sizeof expression, "%s[i] > %s ? 1 : 0", in, numbers[0]);
        break;
    case QST_PREPROCESS_COUNT:
        return;
    }
    put_loop(source, s, index, expression);
}

void qsti_c_preprocess(qsti_c_source *source, const qsti_preprocess *preprocess, const char *name)
{
    char in[32] = "x";
    for (size_t i = 0; preprocess != NULL && i < preprocess->n_steps; i++) {
        put_step(source, &preprocess->steps[i], i, in);
        snprintf(in, sizeof in, "step_%zu", i);
    }
    qsti_text_add(&source->body, "    const double *%s = %s;\n", name, in);
}
