/* bench_train.c: `qstill bench train`: one step of mini-batch training, loss and full gradient.
 *
 *   loss = mean over batch and outputs of (<Z_k> - y_k)^2
 *
 * inside qst_program_step(), block by block. The nominal multiply-adds of a step are (22 - 16/L) n 2^n L B: a fused
 * gate on each qubit and layer, states kept, a product state at the start; a program that needs fewer gets a larger
 * share of the peak, honestly so: it is the same work. Not a training: weights stay as they are. */
#include <math.h>
#include <stdlib.h>

#include "bench.h"

#define N_SUMS 8 /* partial sums of the loss, so that they need not wait for each other */

typedef struct train_size {
    size_t qubits, layers, batch;
    qst_precision precision;
} train_size;

/* As given; data NULL: at random. */
typedef struct train_files {
    qst_tensor inputs, weights, targets;
} train_files;

/* What a step works on. Targets stand by output, since a block wants neighbouring samples of one output. */
typedef struct train_case {
    qst_tensor inputs, weights, targets; /* (B, n), (L, n, 3), (B, n); freed by free() */
    double *targets_by_output;           /* (n, B) */
    double *gradient;                    /* (L, n, 3) */
    double sums[N_SUMS];
    size_t n_outputs, n_rows;
    qst_program *program;
} train_case;

typedef struct train_result {
    double first_ms, loss;
    bench_time time;
    double percent_of_peak, peak_gflops;
} train_result;

/* --- one step ----------------------------------------------------------------------------------------------------- */

/* d loss / d out = 2 (out - y) / (B n). */
static void squared_error(void *user, const qst_block *block)
{
    const train_case *of = user;
    double scale = 2.0 / (double)(of->n_rows * of->n_outputs);
    for (size_t k = 0; k < of->n_outputs; k++) {
        const double *restrict value = block->values + k * block->lanes;
        const double *restrict target = of->targets_by_output + k * of->n_rows + block->first_row;
        double *restrict cotangent = block->cotangents + k * block->lanes;
        double *restrict sums = block->sums;
        for (size_t i = 0; i < block->n_rows; i++) {
            double error = value[i] - target[i];
            cotangent[i] = scale * error;
            sums[i % N_SUMS] += error * error;
        }
        for (size_t i = block->n_rows; i < block->lanes; i++) {
            cotangent[i] = 0;
        }
    }
}

static qst_status step(void *arg)
{
    train_case *of = arg;
    qst_const_matrix x = {of->inputs.data, of->n_rows, of->n_outputs};
    return qst_program_step(of->program, of->weights.data, x, squared_error, of, N_SUMS, of->sums, of->gradient,
                            (qst_matrix){.data = NULL});
}

static double loss_of(const train_case *of)
{
    double loss = 0;
    for (size_t s = 0; s < N_SUMS; s++) {
        loss += of->sums[s];
    }
    return loss / (double)(of->n_rows * of->n_outputs);
}

/* --- the case ----------------------------------------------------------------------------------------------------- */

static void case_clear(train_case *of)
{
    qst_program_free(of->program);
    free(of->inputs.data);
    free(of->weights.data);
    free(of->targets.data);
    free(of->targets_by_output);
    free(of->gradient);
}

static qst_status case_create(cli_session *session, const train_files *files, train_size size, train_case *of)
{
    qst_status status;
    uint64_t seed = 7 + 1000 * (uint64_t)size.qubits + 10 * (uint64_t)size.layers;
    qst_matrix by_output = {.data = NULL}, gradient = {.data = NULL};
    of->n_outputs = size.qubits;
    of->n_rows = size.batch;
    of->inputs = of->targets = (qst_tensor){.n_dims = 2, .shape = {size.batch, size.qubits}};
    of->weights = (qst_tensor){.n_dims = 3, .shape = {size.layers, size.qubits, 3}};
    CLI_TRY(bench_fill_array(session, CLI_OPT_inputs, &files->inputs, seed, M_PI, &of->inputs));
    CLI_TRY(bench_fill_array(session, CLI_OPT_weights, &files->weights, seed + 1, M_PI, &of->weights));
    CLI_TRY(bench_fill_array(session, CLI_OPT_targets, &files->targets, seed + 2, 1, &of->targets));
    CLI_TRY(cli_matrix_create(session, size.qubits, size.batch, &by_output));
    of->targets_by_output = by_output.data;
    for (size_t row = 0; row < size.batch; row++) {
        for (size_t k = 0; k < size.qubits; k++) {
            by_output.data[k * size.batch + row] = of->targets.data[row * size.qubits + k];
        }
    }
    CLI_TRY(cli_matrix_create(session, bench_count(&of->weights), 1, &gradient));
    of->gradient = gradient.data;
done:
    return status;
}

/* --- one row ------------------------------------------------------------------------------------------------------ */

/* From nothing to the first gradient: circuit, program, step. */
static qst_status first_step(const bench_call *call, train_size size, train_case *of, double *out_ms)
{
    qst_ctx *ctx = call->session->ctx;
    qst_circuit *circuit = NULL;
    qst_readout *readout = NULL;
    qst_compile_opts opts = {.precision = size.precision, .optimize_off = call->optimize_off};
    double start = bench_now_ms();
    qst_status status;
    CLI_TRY(bench_circuit_train(ctx, size.qubits, size.layers, &circuit, &readout));
    CLI_TRY(qst_program_compile(ctx, circuit, readout, &opts, &of->program));
    CLI_TRY(step(of));
    *out_ms = bench_now_ms() - start;
done:
    qst_readout_free(readout);
    qst_circuit_free(circuit);
    return status;
}

static double nominal_multiply_adds(train_size size)
{
    double layers = (double)size.layers;
    return (22 - 16 / layers) * (double)size.qubits * ldexp(layers, (int)size.qubits) * (double)size.batch;
}

static qst_status measure(bench_call *call, const train_files *files, train_size size, train_result *out)
{
    const qst_peaks *peaks = NULL;
    train_case of = {.n_rows = 0};
    qst_status status;
    CLI_TRY(bench_peaks(call, size.precision, &peaks));
    CLI_TRY(case_create(call->session, files, size, &of));
    CLI_TRY(first_step(call, size, &of, &out->first_ms));
    CLI_TRY(bench_repeat(call, step, &of, &out->time));
    out->loss = loss_of(&of);
    out->peak_gflops = 2e-9 * peaks->multiply_adds;
    out->percent_of_peak = 1e5 * nominal_multiply_adds(size) / (out->time.least_ms * peaks->multiply_adds);
    qst_tensor gradient = of.weights;
    gradient.data = of.gradient;
    CLI_TRY(bench_write_gradient(call->session, &gradient));
done:
    case_clear(&of);
    return status;
}

static void print_row(bench_rows *rows, const bench_call *call, train_size size, const train_result *result)
{
    double n_gates = 5 * (double)(size.qubits * size.layers * size.batch);
    double ns_per_gate = 1e6 * result->time.least_ms / n_gates;
    bench_row_begin(rows);
    if (rows->json) {
        bench_put_number(rows, "ms_per_step", result->time.least_ms);
        bench_put_number(rows, "ns_per_sample_gate", ns_per_gate);
        bench_put_number(rows, "percent_of_peak", result->percent_of_peak);
        bench_put_whole(rows, "qubits", size.qubits);
        bench_put_whole(rows, "layers", size.layers);
        bench_put_whole(rows, "batch", size.batch);
        bench_put_text(rows, "precision", bench_precision_name(size.precision));
        bench_put_whole(rows, "threads", (size_t)qst_ctx_threads(call->session->ctx));
        bench_put_number(rows, "loss", result->loss);
        bench_put_text(rows, "isa", qst_isa_name());
        bench_put_number(rows, "peak_gflops", result->peak_gflops);
        bench_put_number(rows, "first_ms", result->first_ms);
        bench_put_number(rows, "ms_median", result->time.median_ms);
        bench_put_whole(rows, "repetitions", result->time.n);
    } else {
        cli_print(rows->out, "%-9s %6zu %6zu %6zu %11.4g %11.4g %11.4g %9.1f %9.3g %11.6g",
                  bench_precision_name(size.precision), size.qubits, size.layers, size.batch, result->time.least_ms,
                  result->time.median_ms, ns_per_gate, result->percent_of_peak, result->first_ms, result->loss);
    }
    bench_row_end(rows);
}

/* --- the kind ----------------------------------------------------------------------------------------------------- */

static qst_status read_files(cli_session *session, train_files *out)
{
    qst_status status;
    CLI_TRY(bench_read_array(session, CLI_OPT_inputs, &out->inputs));
    CLI_TRY(bench_read_array(session, CLI_OPT_weights, &out->weights));
    CLI_TRY(bench_read_array(session, CLI_OPT_targets, &out->targets));
done:
    return status;
}

/* Sizes that were not said are those of the files. */
static void take_sizes(const cli_line *line, const train_files *files, bench_grid *grid)
{
    const qst_tensor *samples = files->inputs.data ? &files->inputs : &files->targets, *weights = &files->weights;
    size_t from_samples = samples->n_dims == 2 ? samples->shape[1] : 0;
    size_t from_weights = weights->n_dims == 2 ? weights->shape[1] / 3 : weights->n_dims == 3 ? weights->shape[1] : 0;
    bench_take_size(line, CLI_OPT_qubits, from_samples ? from_samples : from_weights, &grid->qubits);
    bench_take_size(line, CLI_OPT_layers, weights->n_dims ? weights->shape[0] : 0, &grid->layers);
    bench_take_size(line, CLI_OPT_batch, samples->n_dims ? samples->shape[0] : 0, &grid->batch);
}

static qst_status run_sizes(bench_call *call, const train_files *files, const bench_grid *grid)
{
    static const char head[] =
        "train     qubits layers  batch     ms/step      median     ns/gate  peak (%)  first ms        loss";
    bench_rows rows = {.n_rows = 0};
    qst_status status = QST_OK;
    size_t n_sizes = grid->qubits.n * grid->layers.n * grid->batch.n, n_rows = n_sizes * grid->n_precisions;
    for (size_t row = 0; row < n_rows; row++) {
        size_t s = row % n_sizes;
        train_size size = {
            .qubits = grid->qubits.values[s / grid->batch.n / grid->layers.n],
            .layers = grid->layers.values[s / grid->batch.n % grid->layers.n],
            .batch = grid->batch.values[s % grid->batch.n],
            .precision = grid->precisions[row / n_sizes],
        };
        train_result result = {.loss = 0};
        CLI_TRY(measure(call, files, size, &result));
        if (row == 0) {
            bench_rows_begin(&rows, call, "train", n_rows, head);
        }
        print_row(&rows, call, size, &result);
    }
    bench_rows_end(&rows);
done:
    return status;
}

qst_status bench_train(bench_call *call, const bench_grid *grid)
{
    train_files files = {.inputs = {.data = NULL}};
    bench_grid sizes = *grid;
    qst_ctx *ctx = call->session->ctx;
    qst_status status;
    CLI_TRY(read_files(call->session, &files));
    take_sizes(&call->session->line, &files, &sizes);
    CLI_TRY(run_sizes(call, &files, &sizes));
done:
    qst_tensor_free(ctx, &files.inputs);
    qst_tensor_free(ctx, &files.weights);
    qst_tensor_free(ctx, &files.targets);
    return status;
}
