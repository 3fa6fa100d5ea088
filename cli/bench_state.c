/* bench_state.c: `qstill bench state`: one wide state, its expectation or also the gradient by all angles.
 *
 * Where a state is larger than the caches, time is memory traffic: gigabytes a second are the bytes that the program's
 * passes read and write (qst_program_describe()) over the time, and their percentage that of an in-place walk through
 * memory, measured in the same run. */
#include <math.h>
#include <stdlib.h>

#include "bench.h"

typedef struct state_size {
    bench_state_kind kind;
    bool gradient, sum; /* sum: the observable is the sum of all Z_q, not Z_0 */
    size_t qubits, layers;
    qst_precision precision;
} state_size;

/* What is measured when all kinds run. */
static const struct state_case {
    state_size size;
    bench_list qubits;
} cases[] = {
    {{BENCH_HEA, .sum = true}, {{20, 22, 24}, 3}},
    {{BENCH_HEA, .sum = true, .gradient = true}, {{20, 22}, 2}},
    {{BENCH_QV, .sum = true}, {{20, 22}, 2}},
    {{BENCH_HEA, .gradient = true}, {{24}, 1}},
};
#define N_CASES (sizeof cases / sizeof *cases)

typedef struct state_work {
    qst_program *program;
    qst_tensor weights; /* freed by free() */
    double *gradient;   /* as weights; NULL: the expectation alone */
    double expectation;
} state_work;

typedef struct state_result {
    double first_ms, expectation;
    bench_time time;
    size_t passes, qubits_simulated;
    double bytes, multiply_adds, state_bytes;
    double percent_of_bandwidth, percent_of_peak;
} state_result;

/* --- the work ----------------------------------------------------------------------------------------------------- */

static qst_status run(void *arg)
{
    state_work *work = arg;
    const double one = 1;
    qst_const_matrix x = {NULL, 1, 0};
    qst_matrix value = {&work->expectation, 1, 1};
    if (work->gradient == NULL) {
        return qst_program_forward(work->program, work->weights.data, x, value);
    }
    return qst_program_vjp(work->program, work->weights.data, x, (qst_const_matrix){&one, 1, 1}, work->gradient,
                           (qst_matrix){.data = NULL}, value);
}

static qst_status make_weights(cli_session *session, const qst_tensor *file, state_size size, state_work *work)
{
    size_t n_units = bench_state_units(size.kind, size.qubits);
    uint64_t seed = 5 + 1000 * (uint64_t)size.qubits + 10 * (uint64_t)size.layers;
    work->weights = (qst_tensor){.n_dims = 3, .shape = {size.layers, n_units, bench_state_kinds[size.kind].n_angles}};
    qst_status status = bench_fill_array(session, CLI_OPT_weights, file, seed, M_PI, &work->weights);
    if (status == QST_OK && size.gradient) {
        qst_matrix gradient;
        status = cli_matrix_create(session, bench_count(&work->weights), 1, &gradient);
        work->gradient = status == QST_OK ? gradient.data : NULL;
    }
    return status;
}

/* From nothing to the first result: circuit, program, run. */
static qst_status first_run(const bench_call *call, state_size size, state_work *work, double *out_ms)
{
    qst_ctx *ctx = call->session->ctx;
    qst_circuit *circuit = NULL;
    qst_readout *readout = NULL;
    qst_compile_opts opts = {.precision = size.precision, .optimize_off = call->optimize_off};
    double start = bench_now_ms();
    qst_status status;
    CLI_TRY(bench_circuit_state(ctx, size.kind, size.qubits, size.layers, &circuit));
    CLI_TRY(bench_observable(ctx, size.qubits, size.sum, &readout));
    CLI_TRY(qst_program_compile(ctx, circuit, readout, &opts, &work->program));
    CLI_TRY(run(work));
    *out_ms = bench_now_ms() - start;
done:
    qst_readout_free(readout);
    qst_circuit_free(circuit);
    return status;
}

static void rate(const state_work *work, const qst_peaks *peaks, state_result *out)
{
    const qst_program_info *info = qst_program_describe(work->program);
    bool gradient = work->gradient != NULL;
    double seconds = 1e-3 * out->time.least_ms;
    out->passes = info->n_passes;
    out->qubits_simulated = info->n_qubits_simulated;
    out->state_bytes = info->state_bytes;
    out->bytes = info->bytes_forward + (gradient ? info->bytes_backward : 0);
    out->multiply_adds = info->multiply_adds_forward + (gradient ? info->multiply_adds_backward : 0);
    out->percent_of_bandwidth = 100 * out->bytes / seconds / peaks->bytes_memory;
    out->percent_of_peak = 100 * out->multiply_adds / seconds / peaks->multiply_adds;
}

static qst_status measure(bench_call *call, const qst_tensor *file, state_size size, state_result *out)
{
    const qst_peaks *peaks = NULL;
    state_work work = {.expectation = 0};
    qst_status status;
    if (bench_state_units(size.kind, size.qubits) == 0) {
        return cli_fail(&call->session->message, QST_ERR_USAGE, "--qubits: %s needs pairs: at least 2 qubits",
                        bench_state_kinds[size.kind].name);
    }
    CLI_TRY(make_weights(call->session, file, size, &work));
    CLI_TRY(bench_peaks(call, size.precision, &peaks));
    CLI_TRY(first_run(call, size, &work, &out->first_ms));
    CLI_TRY(bench_repeat(call, run, &work, &out->time));
    out->expectation = work.expectation;
    rate(&work, peaks, out);
    if (work.gradient) {
        qst_tensor gradient = work.weights;
        gradient.data = work.gradient;
        CLI_TRY(bench_write_gradient(call->session, &gradient));
    }
done:
    qst_program_free(work.program);
    free(work.weights.data);
    free(work.gradient);
    return status;
}

/* --- printing ----------------------------------------------------------------------------------------------------- */

/* hea: RY, RZ on each qubit and a chain of CZ; qv: SU(4) gates. */
static double gates_of(state_size size)
{
    double n = (double)size.qubits, a_layer = size.kind == BENCH_HEA ? 3 * n - 1 : floor(n / 2);
    return (double)size.layers * a_layer;
}

static void print_json(bench_rows *rows, const bench_call *call, state_size size, const state_result *result)
{
    bench_put_number(rows, "ms", result->time.least_ms);
    bench_put_number(rows, "ms_per_gate", result->time.least_ms / gates_of(size));
    bench_put_whole(rows, "passes", result->passes);
    bench_put_number(rows, "gb_per_s", 1e-6 * result->bytes / result->time.least_ms);
    bench_put_number(rows, "expectation", result->expectation);
    bench_put_text(rows, "kind", bench_state_kinds[size.kind].name);
    bench_put_whole(rows, "qubits", size.qubits);
    bench_put_whole(rows, "qubits_simulated", result->qubits_simulated);
    bench_put_whole(rows, "layers", size.layers);
    bench_put_text(rows, "observable", size.sum ? "zsum" : "z0");
    bench_put_truth(rows, "gradient", size.gradient);
    bench_put_text(rows, "precision", bench_precision_name(size.precision));
    bench_put_whole(rows, "threads", (size_t)qst_ctx_threads(call->session->ctx));
    bench_put_text(rows, "isa", qst_isa_name());
    bench_put_number(rows, "percent_of_bandwidth", result->percent_of_bandwidth);
    bench_put_number(rows, "percent_of_peak", result->percent_of_peak);
    bench_put_number(rows, "bytes", result->bytes);
    bench_put_number(rows, "state_bytes", result->state_bytes);
    bench_put_number(rows, "first_ms", result->first_ms);
    bench_put_number(rows, "ms_median", result->time.median_ms);
    bench_put_whole(rows, "repetitions", result->time.n);
}

static void print_row(bench_rows *rows, const bench_call *call, state_size size, const state_result *result)
{
    bench_row_begin(rows);
    if (rows->json) {
        print_json(rows, call, size, result);
    } else {
        cli_print(rows->out, "%-9s %-4s %-4s %-8s %6zu %6zu %9.4g %9.4g %9.3g %6zu %6.1f %6.1f %10.6g",
                  bench_precision_name(size.precision), bench_state_kinds[size.kind].name, size.sum ? "zsum" : "z0",
                  size.gradient ? "gradient" : "forward", size.qubits, size.layers, result->time.least_ms,
                  result->time.median_ms, result->time.least_ms / gates_of(size), result->passes,
                  1e-6 * result->bytes / result->time.least_ms, result->percent_of_bandwidth, result->expectation);
    }
    bench_row_end(rows);
}

/* --- the kind ----------------------------------------------------------------------------------------------------- */

typedef struct state_run {
    bench_call *call;
    const bench_grid *grid;
    qst_tensor file; /* weights; data NULL: random */
    bench_rows rows;
    size_t n_rows;
} state_run;

static qst_status run_sizes(state_run *job, state_size size, const bench_list *qubits)
{
    static const char head[] = "state     kind obs  what     qubits layers        ms    median   ms/gate passes   "
                               "GB/s mem(%)       value";
    const bench_grid *grid = job->grid;
    qst_status status = QST_OK;
    for (size_t s = 0; s < qubits->n * grid->layers.n; s++) {
        state_result result = {.passes = 0};
        size.qubits = qubits->values[s / grid->layers.n];
        size.layers = grid->layers.values[s % grid->layers.n];
        CLI_TRY(measure(job->call, &job->file, size, &result));
        if (job->rows.n_rows == 0) {
            bench_rows_begin(&job->rows, job->call, "state", job->n_rows, head);
        }
        print_row(&job->rows, job->call, size, &result);
    }
done:
    return status;
}

/* One kind of state at the sizes that were asked for. */
static qst_status run_chosen(state_run *job)
{
    const cli_line *line = &job->call->session->line;
    const bench_grid *grid = job->grid;
    qst_status status = QST_OK;
    state_size size = {
        .kind = (bench_state_kind)line->values[CLI_OPT_kind].whole,
        .sum = line->values[CLI_OPT_observable].whole == 1,
        .gradient = cli_given(line, CLI_OPT_gradient),
    };
    job->n_rows = grid->qubits.n * grid->layers.n * grid->n_precisions;
    for (size_t p = 0; p < grid->n_precisions; p++) {
        size.precision = grid->precisions[p];
        CLI_TRY(run_sizes(job, size, &grid->qubits));
    }
done:
    return status;
}

/* All cases, each at its own numbers of qubits unless they were said. */
static qst_status run_all(state_run *job)
{
    const bench_grid *grid = job->grid;
    bool said = cli_given(&job->call->session->line, CLI_OPT_qubits);
    qst_status status = QST_OK;
    for (size_t p = 0; p < grid->n_precisions; p++) {
        for (size_t c = 0; c < N_CASES; c++) {
            state_size size = cases[c].size;
            size.precision = grid->precisions[p];
            CLI_TRY(run_sizes(job, size, said ? &grid->qubits : &cases[c].qubits));
        }
    }
done:
    return status;
}

/* Sizes that were not said are those of the weights. */
static void take_sizes(const cli_line *line, const qst_tensor *file, bench_grid *grid)
{
    bool pairs = bench_state_kinds[line->values[CLI_OPT_kind].whole].pairs;
    if (file->n_dims == 3) {
        bench_take_size(line, CLI_OPT_qubits, file->shape[1] * (pairs ? 2 : 1), &grid->qubits);
    }
    bench_take_size(line, CLI_OPT_layers, file->n_dims ? file->shape[0] : 0, &grid->layers);
}

qst_status bench_state(bench_call *call, const bench_grid *grid)
{
    bench_grid sizes = *grid;
    state_run job = {.call = call, .grid = &sizes};
    qst_status status;
    if (cli_given(&call->session->line, CLI_OPT_gradient_file) && !cli_given(&call->session->line, CLI_OPT_gradient)) {
        return cli_fail(&call->session->message, QST_ERR_USAGE, "--gradient-out: bench state needs --gradient for it");
    }
    CLI_TRY(bench_read_array(call->session, CLI_OPT_weights, &job.file));
    take_sizes(&call->session->line, &job.file, &sizes);
    CLI_TRY(call->all_kinds ? run_all(&job) : run_chosen(&job));
    bench_rows_end(&job.rows);
done:
    qst_tensor_free(call->session->ctx, &job.file);
    return status;
}
