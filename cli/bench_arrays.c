/* bench_arrays.c: inputs, weights and targets from files, gradients into one, so that anyone can compare. */
#include <string.h>

#include "bench.h"

qst_status bench_read_array(cli_session *session, cli_option option, qst_tensor *out)
{
    const char *path = cli_text(&session->line, option);
    return path ? qst_tensor_read(session->ctx, path, out) : QST_OK;
}

void bench_take_size(const cli_line *line, cli_option option, size_t from_file, bench_list *list)
{
    if (from_file && !cli_given(line, option)) {
        *list = (bench_list){{from_file}, 1};
    }
}

size_t bench_count(const qst_tensor *shape)
{
    size_t n = 1;
    for (size_t d = 0; d < shape->n_dims; d++) {
        n *= shape->shape[d];
    }
    return n;
}

static void describe_shape(const qst_tensor *array, char out[128])
{
    size_t used = (size_t)snprintf(out, 128, "(");
    for (size_t d = 0; d < array->n_dims && used < 120; d++) {
        const char *behind = d + 1 < array->n_dims ? ", " : array->n_dims == 1 ? ",)" : ")";
        used += (size_t)snprintf(out + used, 128 - used, "%zu%s", array->shape[d], behind);
    }
}

static bool has_shape(const qst_tensor *array, const qst_tensor *shape)
{
    if (array->n_dims == shape->n_dims) {
        return memcmp(array->shape, shape->shape, shape->n_dims * sizeof *shape->shape) == 0;
    }
    return array->n_dims == 2 && array->shape[0] == shape->shape[0] && bench_count(array) == bench_count(shape);
}

static qst_status check_shape(cli_session *session, cli_option option, const qst_tensor *array, const qst_tensor *shape)
{
    if (array->data == NULL || has_shape(array, shape)) {
        return QST_OK;
    }
    char is[128], should_be[128];
    describe_shape(array, is);
    describe_shape(shape, should_be);
    return cli_fail(&session->message, QST_ERR_MISMATCH, "--%s: %.400s is %s, but %s is needed",
                    cli_options[option].name, cli_text(&session->line, option), is, should_be);
}

qst_status bench_fill_array(cli_session *session, cli_option option, const qst_tensor *file, uint64_t seed,
                            double bound, qst_tensor *array)
{
    qst_matrix values = {.data = NULL};
    size_t n = bench_count(array);
    qst_status status = check_shape(session, option, file, array);
    if (status == QST_OK) {
        status = cli_matrix_create(session, n, 1, &values);
    }
    if (status != QST_OK) {
        return status;
    }
    array->data = values.data;
    if (file->data) {
        memcpy(array->data, file->data, n * sizeof *array->data);
    } else {
        bench_random(seed, -bound, bound, array->data, n);
    }
    return QST_OK;
}

qst_status bench_write_gradient(cli_session *session, const qst_tensor *gradient)
{
    const char *path = cli_text(&session->line, CLI_OPT_gradient_file);
    return path ? qst_tensor_write(session->ctx, path, gradient) : QST_OK;
}
