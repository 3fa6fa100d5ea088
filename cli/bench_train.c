/* bench_train.c: `qstill bench train`: one step of mini-batch training, loss and full gradient.
 *
 * The step is that of bench_step.c. The nominal multiply-adds of a step are (22 - 16/L) n 2^n L B: a fused
 * gate on each qubit and layer, states kept, a product state at the start; a program that needs fewer gets a larger
 * share of the peak, honestly so: it is the same work. */
#include <math.h>

#include "bench_step.h"

typedef struct train_size {
    size_t qubits, layers, batch;
    qst_precision precision;
} train_size;

typedef struct train_result {
    double first_ms, loss;
    bench_time time;
    double percent_of_peak, peak_gflops;
} train_result;

/* --- one row ------------------------------------------------------------------------------------------------------ */

/* From nothing to the first gradient: circuit, program, step. */
static qst_status first_step(const bench_call *call, train_size size, bench_step_case *of, double *out_ms)
{
    qst_ctx *ctx = call->session->ctx;
    qst_circuit *circuit = NULL;
    qst_readout *readout = NULL;
    qst_compile_opts opts = {.precision = size.precision, .optimize_off = call->optimize_off};
    double start = bench_now_ms();
    qst_status status;
    CLI_TRY(bench_circuit_train(ctx, size.qubits, size.layers, &circuit, &readout));
    CLI_TRY(qst_program_compile(ctx, circuit, readout, &opts, &of->program));
    CLI_TRY(bench_step_run(of));
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

static qst_status measure(bench_call *call, const bench_step_files *files, train_size size, train_result *out)
{
    const qst_peaks *peaks = NULL;
    bench_step_case of = {.n_rows = 0};
    qst_status status;
    CLI_TRY(bench_peaks(call, size.precision, &peaks));
    CLI_TRY(bench_step_create(call->session, files, size.qubits, size.layers, size.batch, &of));
    CLI_TRY(first_step(call, size, &of, &out->first_ms));
    CLI_TRY(bench_repeat(call, bench_step_run, &of, &out->time));
    out->loss = bench_step_loss(&of);
    out->peak_gflops = 2e-9 * peaks->multiply_adds;
    out->percent_of_peak = 1e5 * nominal_multiply_adds(size) / (out->time.least_ms * peaks->multiply_adds);
    qst_tensor gradient = of.weights;
    gradient.data = of.gradient;
    CLI_TRY(bench_write_gradient(call->session, &gradient));
done:
    qst_program_free(of.program);
    bench_step_clear(&of);
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

static qst_status run_sizes(bench_call *call, const bench_step_files *files, const bench_grid *grid)
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
    bench_step_files files = {.inputs = {.data = NULL}};
    bench_grid sizes = *grid;
    qst_status status;
    CLI_TRY(bench_step_read(call->session, &files));
    bench_step_take_sizes(&call->session->line, &files, &sizes);
    CLI_TRY(run_sizes(call, &files, &sizes));
done:
    bench_step_files_free(call->session, &files);
    return status;
}
