/* openvino.c: see openvino.h.
 *
 * As many streams as the context has threads, each of one thread, each with a request of its own. Rows go in batches of
 * a size that is fixed when the model is opened (its own where it has one, BATCH_ROWS otherwise); the last is filled up
 * with copies of its first row. OpenVINO has memory and threads of its own. */
#include "import/openvino.h"

#include <qstill/import.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#define BATCH_ROWS          64
#define MOST_STREAMS        64
#define CALL(o, expression) qsti_openvino_check((o)->ctx, &(o)->f, (o)->path, (expression))

typedef struct request {
    qsti_ov_object *request, *input, *output;
    size_t first, n; /* rows under way */
} request;

struct qsti_openvino {
    qst_ctx *ctx;
    char *path;
    qsti_openvino_functions f;
    qsti_ov_object *core, *model, *compiled;
    char *version, *precision;
    request requests[MOST_STREAMS];
    size_t n_requests;
    size_t n_axes, axes[QSTI_OPENVINO_MAX_AXES]; /* behind the batch */
    size_t batch, n_inputs, n_scores;
    qsti_element in, out;
};

void qsti_openvino_free(qsti_openvino *openvino)
{
    if (openvino == NULL)
        return;
    const qsti_openvino_functions *f = &openvino->f;
    for (size_t i = 0; i < openvino->n_requests; i++) {
        if (openvino->requests[i].input != NULL)
            f->ov_tensor_free(openvino->requests[i].input);
        if (openvino->requests[i].output != NULL)
            f->ov_tensor_free(openvino->requests[i].output);
        if (openvino->requests[i].request != NULL)
            f->ov_infer_request_free(openvino->requests[i].request);
    }
    if (openvino->compiled != NULL)
        f->ov_compiled_model_free(openvino->compiled);
    if (openvino->model != NULL)
        f->ov_model_free(openvino->model);
    if (openvino->core != NULL)
        f->ov_core_free(openvino->core);
    qsti_free(openvino->ctx, openvino->path);
    qsti_free(openvino->ctx, openvino->version);
    qsti_free(openvino->ctx, openvino->precision);
    qsti_free(openvino->ctx, openvino);
}

static qst_status refuse(const qsti_openvino *o, const char *what)
{
    return qsti_fail(o->ctx, QST_ERR_UNSUPPORTED, "%s: %s", o->path, what);
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

static qst_status read_version(qst_ctx *ctx, const qsti_openvino_functions *f, char **out)
{
    qsti_ov_version version = {NULL, NULL};
    qst_status status = qsti_openvino_check(ctx, f, "OpenVINO", f->ov_get_openvino_version(&version));
    if (status != QST_OK)
        return status;
    status = qsti_strdup(ctx, version.number != NULL ? version.number : "", out);
    f->ov_version_free(&version);
    return status;
}

qst_status qst_openvino_find(qst_ctx *ctx, char **out)
{
    qsti_openvino_functions functions;
    qst_status status = qsti_openvino_load(ctx, "teachers that qstill does not read itself", &functions);
    return status == QST_OK ? read_version(ctx, &functions, out) : status;
}

void qst_openvino_free(qst_ctx *ctx, char *version)
{
    qsti_free(ctx, version);
}

/* The input's axes, with a batch of a fixed length; *out_open: the model's own has none. */
static qst_status take_shape(qsti_openvino *o, const qsti_ov_partial_shape *shape, bool *out_open)
{
    if (shape->rank.least != shape->rank.most || shape->rank.least < 2 ||
        shape->rank.least > QSTI_OPENVINO_MAX_AXES + 1)
        return refuse(o, "its input is no batch of rows or images");
    o->n_axes = (size_t)shape->rank.least - 1;
    *out_open = shape->dims[0].least != shape->dims[0].most || shape->dims[0].least <= 0;
    o->batch = *out_open ? BATCH_ROWS : (size_t)shape->dims[0].least;
    o->n_inputs = 1;
    for (size_t a = 0; a < o->n_axes; a++) {
        const qsti_ov_dimension *dim = &shape->dims[a + 1];
        if (dim->least != dim->most || dim->least <= 0)
            return refuse(o, "a dimension of its input behind the batch is not fixed: export it with fixed ones");
        o->axes[a] = (size_t)dim->least;
        if (!qsti_mul(o->n_inputs, o->axes[a], &o->n_inputs))
            return refuse(o, "its input is too large");
    }
    return QST_OK;
}

static qst_status fix_batch(qsti_openvino *o)
{
    qsti_ov_dimension dims[QSTI_OPENVINO_MAX_AXES + 1];
    int64_t rank = (int64_t)o->n_axes + 1;
    for (size_t a = 0; a <= o->n_axes; a++) {
        int64_t length = (int64_t)(a == 0 ? o->batch : o->axes[a - 1]);
        dims[a] = (qsti_ov_dimension){length, length};
    }
    return CALL(o, o->f.ov_model_reshape_single_input(o->model, (qsti_ov_partial_shape){{rank, rank}, dims}));
}

static qst_status read_shapes(qsti_openvino *o)
{
    qst_status status = QST_OK;
    size_t n_inputs = 0, n_outputs = 0;
    qsti_ov_object *port = NULL;
    qsti_ov_partial_shape shape = {.dims = NULL};
    bool is_open = false;
    QSTI_TRY(CALL(o, o->f.ov_model_inputs_size(o->model, &n_inputs)));
    QSTI_TRY(CALL(o, o->f.ov_model_outputs_size(o->model, &n_outputs)));
    if (n_inputs != 1 || n_outputs != 1)
        QSTI_TRY(qsti_fail(o->ctx, QST_ERR_UNSUPPORTED, "%s: has %zu inputs and %zu outputs: a teacher has one of each",
                           o->path, n_inputs, n_outputs));
    QSTI_TRY(CALL(o, o->f.ov_model_const_input_by_index(o->model, 0, &port)));
    QSTI_TRY(CALL(o, o->f.ov_port_get_partial_shape(port, &shape)));
    QSTI_TRY(take_shape(o, &shape, &is_open));
    if (is_open)
        QSTI_TRY(fix_batch(o));
done:
    if (shape.dims != NULL)
        o->f.ov_partial_shape_free(&shape);
    if (port != NULL)
        o->f.ov_output_const_port_free(port);
    return status;
}

/* Asks what was made of the hint: the CPU plugin says f32, bf16 or f16. */
static qst_status check_precision(qsti_openvino *o)
{
    char *said = NULL;
    qst_status status = CALL(o, o->f.ov_compiled_model_get_property(o->compiled, "INFERENCE_PRECISION_HINT", &said));
    if (status != QST_OK)
        return status;
    status = qsti_strdup(o->ctx, said, &o->precision);
    o->f.ov_free(said);
    if (status == QST_OK && strcmp(o->precision, "f32") != 0)
        status = qsti_fail(o->ctx, QST_ERR_UNSUPPORTED, "%s: OpenVINO would compute in %s, not in f32", o->path,
                           o->precision);
    return status;
}

static qst_status compile(qsti_openvino *o)
{
    char count[16];
    int n = qst_ctx_threads(o->ctx) < MOST_STREAMS ? qst_ctx_threads(o->ctx) : MOST_STREAMS;
    snprintf(count, sizeof count, "%d", n);
    qst_status status =
        CALL(o, o->f.ov_core_compile_model(o->core, o->model, "CPU", 8, &o->compiled, "INFERENCE_PRECISION_HINT", "f32",
                                           "EXECUTION_MODE_HINT", "ACCURACY", "NUM_STREAMS", count,
                                           "INFERENCE_NUM_THREADS", count));
    if (status == QST_OK)
        status = check_precision(o);
    for (int i = 0; i < n && status == QST_OK; i++) {
        request *r = &o->requests[o->n_requests++];
        status = CALL(o, o->f.ov_compiled_model_create_infer_request(o->compiled, &r->request));
        if (status == QST_OK)
            status = CALL(o, o->f.ov_infer_request_get_input_tensor_by_index(r->request, 0, &r->input));
    }
    return status;
}

/* --- one batch ---------------------------------------------------------------------------------------------------- */

static qst_status start(qsti_openvino *o, request *r, qst_const_matrix raw, size_t first)
{
    void *items = NULL;
    size_t n_bytes = 0, n_left = raw.n_rows - first;
    qst_status status = CALL(o, o->f.ov_tensor_data(r->input, &items));
    if (status == QST_OK)
        status = CALL(o, o->f.ov_tensor_get_byte_size(r->input, &n_bytes));
    if (status != QST_OK)
        return status;
    r->first = first;
    r->n = n_left < o->batch ? n_left : o->batch;
    size_t row_bytes = n_bytes / o->batch;
    for (size_t i = 0; i < o->batch; i++) {
        size_t row = first + (i < r->n ? i : 0);
        size_t n_fine =
            qsti_element_write(o->in, raw.data + row * o->n_inputs, o->n_inputs, (char *)items + i * row_bytes);
        if (n_fine < o->n_inputs) {
            return qsti_fail(o->ctx, QST_ERR_INPUT,
                             "row %zu, column %zu (from 0): %g is not a number of the type that the model takes", row,
                             n_fine, raw.data[row * o->n_inputs + n_fine]);
        }
    }
    return CALL(o, o->f.ov_infer_request_start_async(r->request));
}

/* Waits, and takes the output's tensor, whose axes must be the batch and the scores. */
static qst_status finish(qsti_openvino *o, request *r)
{
    qst_status status = QST_OK;
    qsti_ov_shape shape = {.dims = NULL};
    size_t n = 1;
    int element = 0;
    QSTI_TRY(CALL(o, o->f.ov_infer_request_wait(r->request)));
    if (r->output != NULL)
        o->f.ov_tensor_free(r->output);
    r->output = NULL;
    QSTI_TRY(CALL(o, o->f.ov_infer_request_get_output_tensor_by_index(r->request, 0, &r->output)));
    QSTI_TRY(CALL(o, o->f.ov_tensor_get_shape(r->output, &shape)));
    if (shape.rank < 1 || shape.dims[0] != (int64_t)o->batch)
        QSTI_TRY(refuse(o, "its output is no batch of scores"));
    for (int64_t d = 1; d < shape.rank; d++)
        if (shape.dims[d] <= 0 || !qsti_mul(n, (size_t)shape.dims[d], &n))
            QSTI_TRY(refuse(o, "its output is no batch of scores"));
    if (o->n_scores != 0 && o->n_scores != n)
        QSTI_TRY(refuse(o, "its output changes its shape"));
    QSTI_TRY(CALL(o, o->f.ov_tensor_get_element_type(r->output, &element)));
    if (o->n_scores == 0)
        o->out = qsti_openvino_element(&o->f, element);
    o->n_scores = n;
done:
    if (shape.dims != NULL)
        o->f.ov_shape_free(&shape);
    return status;
}

static qst_status collect(qsti_openvino *o, request *r, qst_matrix out)
{
    void *items = NULL;
    qst_status status = finish(o, r);
    if (status == QST_OK)
        status = CALL(o, o->f.ov_tensor_data(r->output, &items));
    if (status != QST_OK)
        return status;
    double *scores = out.data + r->first * o->n_scores;
    if (!qsti_element_read(o->out, items, r->n * o->n_scores, scores))
        return refuse(o, "its scores are of a type that is not read");
    for (size_t i = 0; i < r->n * o->n_scores; i++)
        if (!isfinite(scores[i]))
            return qsti_fail(o->ctx, QST_ERR_INPUT, "%s: score %zu of row %zu (from 0) is %s", o->path, i % o->n_scores,
                             r->first + i / o->n_scores, isnan(scores[i]) ? "NaN" : "infinite");
    return QST_OK;
}

/* One batch of zeros: tells how many scores there are. */
static qst_status probe(qsti_openvino *o)
{
    qst_status status = QST_OK;
    double *row = NULL;
    int element = 0;
    QSTI_TRY(CALL(o, o->f.ov_tensor_get_element_type(o->requests[0].input, &element)));
    o->in = qsti_openvino_element(&o->f, element);
    if (!qsti_element_is_written(o->in))
        QSTI_TRY(refuse(o, "its input is of a type that is not written"));
    QSTI_TRY(QSTI_NEW(o->ctx, o->n_inputs, &row));
    QSTI_TRY(start(o, &o->requests[0], (qst_const_matrix){row, 1, o->n_inputs}, 0));
    QSTI_TRY(finish(o, &o->requests[0]));
done:
    qsti_free(o->ctx, row);
    return status;
}

qst_status qsti_openvino_open(qst_ctx *ctx, const char *path, const void *bytes, size_t n_bytes, qsti_openvino **out)
{
    qst_status status = QST_OK;
    qsti_openvino *o = NULL;
    qsti_openvino_functions functions;
    QSTI_TRY(qsti_openvino_load(ctx, path, &functions));
    QSTI_TRY(QSTI_NEW(ctx, 1, &o));
    o->ctx = ctx;
    o->f = functions;
    QSTI_TRY(qsti_strdup(ctx, path, &o->path));
    QSTI_TRY(read_version(ctx, &o->f, &o->version));
    QSTI_TRY(CALL(o, o->f.ov_core_create(&o->core)));
    QSTI_TRY(CALL(o, bytes != NULL
                         ? o->f.ov_core_read_model_from_memory_buffer(o->core, bytes, n_bytes, NULL, &o->model)
                         : o->f.ov_core_read_model(o->core, path, NULL, &o->model)));
    QSTI_TRY(read_shapes(o));
    QSTI_TRY(compile(o));
    QSTI_TRY(probe(o));
    *out = o;
    o = NULL;
done:
    qsti_openvino_free(o);
    return status;
}

/* --- questions ---------------------------------------------------------------------------------------------------- */

size_t qsti_openvino_inputs(const qsti_openvino *openvino)
{
    return openvino->n_inputs;
}

size_t qsti_openvino_scores_count(const qsti_openvino *openvino)
{
    return openvino->n_scores;
}

size_t qsti_openvino_axes(const qsti_openvino *openvino, size_t out[QSTI_OPENVINO_MAX_AXES])
{
    memcpy(out, openvino->axes, openvino->n_axes * sizeof *out);
    return openvino->n_axes;
}

const char *qsti_openvino_version(const qsti_openvino *openvino)
{
    return openvino->version;
}

const char *qsti_openvino_precision(const qsti_openvino *openvino)
{
    return openvino->precision;
}

/* --- all rows ----------------------------------------------------------------------------------------------------- */

qst_status qsti_openvino_scores(qsti_openvino *openvino, qst_const_matrix raw, qst_matrix out)
{
    qst_status status = QST_OK;
    for (size_t first = 0; first < raw.n_rows && status == QST_OK;) {
        size_t n_started = 0;
        status = qsti_check_interrupt(openvino->ctx);
        while (status == QST_OK && n_started < openvino->n_requests && first < raw.n_rows) {
            status = start(openvino, &openvino->requests[n_started++], raw, first);
            first += openvino->batch;
        }
        for (size_t i = 0; i < n_started; i++) { /* all that were started are waited for, whatever happened */
            qst_status ended = status == QST_OK ? collect(openvino, &openvino->requests[i], out) : status;
            if (status != QST_OK)
                openvino->f.ov_infer_request_wait(openvino->requests[i].request);
            status = ended;
        }
        double done = first < raw.n_rows ? (double)first : (double)raw.n_rows;
        qsti_progress(openvino->ctx, &(qst_progress){"scores", done, (double)raw.n_rows, NAN});
    }
    return status;
}
