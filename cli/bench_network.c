/* bench_network.c: `qstill bench network`: training of classical networks, by the public API, everything in it: rows
 * gathered, forward, backward, the optimiser's step, and what stands between steps.
 *
 *   mlp  784 inputs, dense 256, relu, dense 128, relu, dense 10
 *   cnn  28 x 28, conv 16 of 3 x 3, relu, max_pool 2, conv 32 of 3 x 3, relu, max_pool 2, dense 128, relu, dense 10
 *
 * Cross-entropy, Adam, rows at random. One repetition is a training of N_STEPS steps from its initial weights; what is
 * shown is the time of a step. bench/peers/networks.py puts PyTorch beside it. */
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define N_FEATURES 784
#define N_CLASSES  10
#define N_BATCHES  20 /* of an epoch */
#define N_EPOCHS   4
#define N_STEPS    (N_BATCHES * N_EPOCHS)

static const size_t mlp_hidden[] = {256, 128}, cnn_hidden[] = {128}, cnn_channels[] = {16, 32};

static const struct {
    const char *name;
    qst_network_opts opts;
} networks[] = {
    {"mlp", {.hidden = mlp_hidden, .n_hidden = 2}},
    {"cnn", {.hidden = cnn_hidden, .n_hidden = 1, .channels = cnn_channels, .n_channels = 2, .kernel = 3}},
};
#define N_NETWORKS (sizeof networks / sizeof *networks)

typedef struct network_case {
    qst_model *model;
    double *x, *start; /* (rows, N_FEATURES); initial weights */
    int64_t *labels;
    size_t batch, n_weights;
    double loss;
} network_case;

static qst_status train(void *arg)
{
    network_case *of = arg;
    const qst_train_data data = {.x = {of->x, of->batch * N_BATCHES, N_FEATURES}, .labels = of->labels};
    const qst_train_opts opts = {
        .loss = QST_LOSS_ce,
        .temperature = 1,
        .optimizer = QST_OPTIMIZER_adam,
        .learning_rate = 1e-3,
        .batch = of->batch,
        .epochs = N_EPOCHS,
        .seed = 1,
    };
    qst_train_result result;
    qst_status status;
    CLI_TRY(qst_model_set_weights(of->model, of->start, of->n_weights));
    CLI_TRY(qst_model_train(of->model, &data, NULL, &opts, &result));
    of->loss = result.train_loss;
done:
    return status;
}

static void case_clear(network_case *of)
{
    qst_model_free(of->model);
    free(of->x);
    free(of->start);
    free(of->labels);
}

static qst_status case_create(cli_session *session, size_t which, size_t batch, qst_precision precision,
                              network_case *of)
{
    const qst_model_opts opts = {.kind = networks[which].name, .network = networks[which].opts, .precision = precision};
    qst_matrix x = {.data = NULL}, start = {.data = NULL};
    size_t n_rows = batch * N_BATCHES;
    uint64_t state = 3;
    qst_status status;
    of->batch = batch;
    CLI_TRY(qst_model_create(session->ctx, &opts, N_FEATURES, N_CLASSES, &of->model));
    of->n_weights = qst_model_weights_count(of->model);
    CLI_TRY(cli_matrix_create(session, n_rows, N_FEATURES, &x));
    of->x = x.data;
    CLI_TRY(cli_matrix_create(session, of->n_weights, 1, &start));
    of->start = start.data;
    memcpy(of->start, qst_model_weights(of->model), of->n_weights * sizeof *of->start);
    bench_random(1, 0, 1, of->x, n_rows * N_FEATURES);
    of->labels = calloc(n_rows, sizeof *of->labels);
    CLI_TRY(of->labels ? QST_OK : cli_fail(&session->message, QST_ERR_MEMORY, "out of memory"));
    for (size_t i = 0; i < n_rows; i++) {
        of->labels[i] = (int64_t)(bench_random_next(&state) % N_CLASSES);
    }
done:
    return status;
}

static void print_row(bench_rows *rows, const bench_call *call, size_t which, const network_case *of,
                      qst_precision precision, const bench_time *time)
{
    double least = time->least_ms / N_STEPS, median = time->median_ms / N_STEPS;
    double per_second = 1e3 * (double)of->batch / least;
    bench_row_begin(rows);
    if (rows->json) {
        bench_put_text(rows, "network", networks[which].name);
        bench_put_number(rows, "ms_per_step", least);
        bench_put_number(rows, "ms_median", median);
        bench_put_number(rows, "samples_per_s", per_second);
        bench_put_whole(rows, "batch", of->batch);
        bench_put_whole(rows, "weights", of->n_weights);
        bench_put_text(rows, "precision", bench_precision_name(precision));
        bench_put_whole(rows, "threads", (size_t)qst_ctx_threads(call->session->ctx));
        bench_put_number(rows, "loss", of->loss);
        bench_put_text(rows, "isa", qst_isa_name());
        bench_put_whole(rows, "repetitions", time->n);
    } else {
        cli_print(rows->out, "%-9s %-8s %6zu %8zu %11.4g %11.4g %12.4g %11.6g", networks[which].name,
                  bench_precision_name(precision), of->batch, of->n_weights, least, median, per_second, of->loss);
    }
    bench_row_end(rows);
}

static qst_status measure(bench_call *call, bench_rows *rows, size_t which, size_t batch, qst_precision precision)
{
    network_case of = {.model = NULL};
    bench_time time;
    qst_status status;
    CLI_TRY(case_create(call->session, which, batch, precision, &of));
    CLI_TRY(bench_repeat(call, train, &of, &time));
    print_row(rows, call, which, &of, precision, &time);
done:
    case_clear(&of);
    return status;
}

qst_status bench_network(bench_call *call, const bench_grid *grid)
{
    static const char head[] = "network             batch  weights     ms/step      median    samples/s        loss";
    bench_rows rows = {.n_rows = 0};
    size_t n_rows = grid->n_precisions * N_NETWORKS * grid->batch.n;
    qst_status status = QST_OK;
    bench_rows_begin(&rows, call, "network", n_rows, head);
    for (size_t row = 0; row < n_rows; row++) {
        CLI_TRY(measure(call, &rows, row / grid->batch.n % N_NETWORKS, grid->batch.values[row % grid->batch.n],
                        grid->precisions[row / grid->batch.n / N_NETWORKS]));
    }
    bench_rows_end(&rows);
done:
    return status;
}
