/* bench_noise.c: `qstill bench noise`: the circuit of `bench train` with depolarizing behind each gate.
 *
 *   exact         all <Z_k> of B circuits from DRAWS shots each of their exact distribution
 *   trajectories  all <Z_k> of B circuits as means over DRAWS trajectories
 *   training      a step of training, one trajectory a sample and step, beside the same step without noise
 */
#include <stdlib.h>

#include <qstill/measure.h>

#include "bench_step.h"

#define DEPOLARIZING 0.01
#define DRAWS        1000 /* shots or trajectories of a circuit */

typedef enum noise_task { TASK_EXACT, TASK_TRAJECTORIES, TASK_TRAINING, TASK_COUNT } noise_task;

#define LIST(...)                                                       \
    {                                                                   \
        {__VA_ARGS__}, sizeof((size_t[]){__VA_ARGS__}) / sizeof(size_t) \
    }
static const struct {
    const char *name;
    bench_list qubits, layers, batch; /* by default */
} tasks[TASK_COUNT] = {
    [TASK_EXACT] = {"exact", LIST(6, 7, 8), LIST(2), LIST(32)},
    [TASK_TRAJECTORIES] = {"trajectories", LIST(8), LIST(2), LIST(4)},
    [TASK_TRAINING] = {"training", LIST(6, 8, 10), LIST(2), LIST(64, 512)},
};

typedef struct noise_size {
    noise_task task;
    size_t qubits, layers, batch;
} noise_size;

typedef struct noise_result {
    bench_time time, noiseless; /* noiseless: training */
    double value;               /* mean of all <Z_k>, or the loss */
} noise_result;

/* What one repetition works on. */
typedef struct noise_case {
    noise_task task;
    bench_step_case step;
    qst_noise *noise;
    qst_circuit *circuit;
    qst_readout *readout;
    qst_measurement *measurement; /* exact */
    qst_program *noisy, *ideal;   /* the others; training */
    qst_matrix values;            /* (B, n) */
    uint64_t seed;
} noise_case;

/* --- one repetition ----------------------------------------------------------------------------------------------- */

static qst_status run_values(void *arg)
{
    noise_case *of = arg;
    const double *weights = of->step.weights.data;
    qst_const_matrix x = {of->step.inputs.data, of->step.n_rows, of->step.n_outputs};
    of->seed++;
    if (of->task == TASK_EXACT) {
        return qst_measurement_values(of->measurement, weights, x, of->seed, 0, of->values, (qst_matrix){.data = NULL});
    }
    qst_program_set_draw(of->noisy, of->seed);
    return qst_program_forward(of->noisy, weights, x, of->values);
}

static double mean(const qst_matrix *values)
{
    double sum = 0;
    size_t n = values->n_rows * values->n_cols;
    for (size_t i = 0; i < n; i++) {
        sum += values->data[i];
    }
    return sum / (double)n;
}

/* --- the case ----------------------------------------------------------------------------------------------------- */

static qst_status compile(noise_case *of, qst_ctx *ctx, const qst_noise *noise, size_t n_trajectories,
                          qst_program **out)
{
    const qst_compile_opts opts = {
        .noise = noise, .noise_method = QST_NOISE_TRAJECTORIES, .trajectories = n_trajectories, .noise_seed = 1};
    return qst_program_compile(ctx, of->circuit, of->readout, &opts, out);
}

static qst_status prepare(bench_call *call, const bench_step_files *files, noise_size size, noise_case *of)
{
    qst_ctx *ctx = call->session->ctx;
    const qst_noise_rule rule = {.channel = {QST_CHANNEL_depolarizing, {DEPOLARIZING}}, .each = true};
    qst_status status = QST_OK;
    CLI_TRY(bench_step_create(call->session, files, size.qubits, size.layers, size.batch, &of->step));
    CLI_TRY(cli_matrix_create(call->session, size.batch, size.qubits, &of->values));
    CLI_TRY(bench_circuit_train(ctx, size.qubits, size.layers, &of->circuit, &of->readout));
    CLI_TRY(qst_noise_create(ctx, &of->noise));
    CLI_TRY(qst_noise_add(of->noise, &rule));
    if (size.task == TASK_EXACT) {
        const qst_measure_opts opts = {.noise = of->noise, .noise_method = QST_NOISE_EXACT, .shots = DRAWS};
        CLI_TRY(qst_measurement_create(ctx, of->circuit, of->readout, &opts, &of->measurement));
    } else {
        CLI_TRY(compile(of, ctx, of->noise, size.task == TASK_TRAJECTORIES ? DRAWS : 1, &of->noisy));
        CLI_TRY(compile(of, ctx, NULL, 0, &of->ideal));
    }
done:
    return status;
}

static void clear(noise_case *of)
{
    bench_step_clear(&of->step);
    free(of->values.data);
    qst_measurement_free(of->measurement);
    qst_program_free(of->noisy);
    qst_program_free(of->ideal);
    qst_readout_free(of->readout);
    qst_circuit_free(of->circuit);
    qst_noise_free(of->noise);
}

/* --- one row ------------------------------------------------------------------------------------------------------ */

/* By turns, so that what else the machine does strikes both alike. */
static qst_status measure_training(bench_call *call, noise_case *of, noise_result *out)
{
    enum { TURNS = 4 };
    bench_call turn = *call;
    qst_status status = QST_OK;
    turn.seconds = call->seconds / (2 * TURNS);
    for (int t = 0; t < TURNS; t++) {
        bench_time noiseless, noisy;
        of->step.program = of->ideal;
        CLI_TRY(bench_repeat(&turn, bench_step_run, &of->step, &noiseless));
        of->step.program = of->noisy;
        CLI_TRY(bench_repeat(&turn, bench_step_run, &of->step, &noisy));
        if (t == 0 || noiseless.least_ms < out->noiseless.least_ms) {
            out->noiseless = noiseless;
        }
        if (t == 0 || noisy.least_ms < out->time.least_ms) {
            out->time = noisy;
        }
    }
    out->value = bench_step_loss(&of->step);
done:
    return status;
}

static qst_status measure(bench_call *call, const bench_step_files *files, noise_size size, noise_result *out)
{
    noise_case of = {.task = size.task};
    qst_status status = QST_OK;
    CLI_TRY(prepare(call, files, size, &of));
    if (size.task == TASK_TRAINING) {
        CLI_TRY(measure_training(call, &of, out));
        qst_tensor gradient = of.step.weights;
        gradient.data = of.step.gradient;
        CLI_TRY(bench_write_gradient(call->session, &gradient));
    } else {
        CLI_TRY(bench_repeat(call, run_values, &of, &out->time));
        out->value = mean(&of.values);
    }
done:
    clear(&of);
    return status;
}

static void print_json(bench_rows *rows, const bench_call *call, noise_size size, const noise_result *result)
{
    bool training = size.task == TASK_TRAINING;
    bench_put_text(rows, "task", tasks[size.task].name);
    bench_put_number(rows, training ? "ms_per_step" : "ms", result->time.least_ms);
    bench_put_number(rows, "ms_median", result->time.median_ms);
    if (training) {
        bench_put_number(rows, "noiseless_ms", result->noiseless.least_ms);
        bench_put_number(rows, "times_noiseless", result->time.least_ms / result->noiseless.least_ms);
    } else {
        bench_put_number(rows, "ms_per_circuit", result->time.least_ms / (double)size.batch);
        bench_put_whole(rows, size.task == TASK_EXACT ? "shots" : "trajectories", DRAWS);
    }
    bench_put_whole(rows, "qubits", size.qubits);
    bench_put_whole(rows, "layers", size.layers);
    bench_put_whole(rows, "batch", size.batch);
    bench_put_number(rows, "depolarizing", DEPOLARIZING);
    bench_put_whole(rows, "threads", (size_t)qst_ctx_threads(call->session->ctx));
    bench_put_number(rows, training ? "loss" : "expectation", result->value);
    bench_put_text(rows, "isa", qst_isa_name());
    bench_put_whole(rows, "repetitions", result->time.n);
}

static void print_row(bench_rows *rows, const bench_call *call, noise_size size, const noise_result *result)
{
    bench_row_begin(rows);
    if (rows->json) {
        print_json(rows, call, size, result);
    } else {
        cli_print(rows->out, "%-13s %6zu %6zu %6zu %11.4g %11.4g %11.4g ", tasks[size.task].name, size.qubits,
                  size.layers, size.batch, result->time.least_ms, result->time.median_ms,
                  result->time.least_ms / (double)size.batch);
        if (size.task == TASK_TRAINING) {
            cli_print(rows->out, "%12.3g", result->time.least_ms / result->noiseless.least_ms);
        } else {
            cli_print(rows->out, "%12s", "-");
        }
        cli_print(rows->out, " %11.5f", result->value);
    }
    bench_row_end(rows);
}

/* --- the kind ----------------------------------------------------------------------------------------------------- */

/* What the user said, else the task's own. */
static const bench_list *choose(bool said, const bench_list *given, const bench_list *usual)
{
    return said ? given : usual;
}

/* The rows of a task, appended to `out` (room for all); returns how many. */
static size_t list_sizes(const cli_line *line, noise_task task, const bench_grid *grid, bool files, noise_size *out)
{
    const bench_list *qubits = choose(files || cli_given(line, CLI_OPT_qubits), &grid->qubits, &tasks[task].qubits);
    const bench_list *layers = choose(files || cli_given(line, CLI_OPT_layers), &grid->layers, &tasks[task].layers);
    const bench_list *batch = choose(files || cli_given(line, CLI_OPT_batch), &grid->batch, &tasks[task].batch);
    size_t n = qubits->n * layers->n * batch->n;
    for (size_t i = 0; i < n; i++) {
        out[i] = (noise_size){task, qubits->values[i / batch->n / layers->n], layers->values[i / batch->n % layers->n],
                              batch->values[i % batch->n]};
    }
    return n;
}

static qst_status run_rows(bench_call *call, const bench_step_files *files, const noise_size *sizes, size_t n)
{
    static const char head[] =
        "noise         qubits layers  batch          ms      median  ms/circuit  x noiseless       value";
    bench_rows rows = {.n_rows = 0};
    qst_status status = QST_OK;
    for (size_t row = 0; row < n; row++) {
        noise_result result = {.value = 0};
        CLI_TRY(measure(call, files, sizes[row], &result));
        if (row == 0) {
            bench_rows_begin(&rows, call, "noise", n, head);
        }
        print_row(&rows, call, sizes[row], &result);
    }
    bench_rows_end(&rows);
done:
    return status;
}

static qst_status check(cli_session *session)
{
    const cli_line *line = &session->line;
    bool files =
        cli_given(line, CLI_OPT_inputs) || cli_given(line, CLI_OPT_weights) || cli_given(line, CLI_OPT_targets);
    bool one = cli_given(line, CLI_OPT_noise_task);
    bool training = one && line->values[CLI_OPT_noise_task].whole == TASK_TRAINING;
    if (cli_given(line, CLI_OPT_gradient_file) && !training) {
        return cli_fail(&session->message, QST_ERR_USAGE, "--gradient-out: of bench noise only with --task training");
    }
    if (cli_given(line, CLI_OPT_targets) && !training) {
        return cli_fail(&session->message, QST_ERR_USAGE, "--targets: of bench noise only with --task training");
    }
    if (files && !one) {
        return cli_fail(&session->message, QST_ERR_USAGE, "files belong to one task: say --task as well");
    }
    return QST_OK;
}

qst_status bench_noise(bench_call *call, const bench_grid *grid)
{
    const cli_line *line = &call->session->line;
    bench_step_files files = {.inputs = {.data = NULL}};
    bench_grid given = *grid;
    noise_size *sizes = NULL;
    size_t n = 0;
    qst_status status = QST_OK;
    CLI_TRY(check(call->session));
    CLI_TRY(bench_step_read(call->session, &files));
    bool has_files = files.inputs.data || files.weights.data || files.targets.data;
    bench_step_take_sizes(line, &files, &given);
    sizes = calloc(TASK_COUNT * (size_t)CLI_MAX_COUNTS * CLI_MAX_COUNTS * CLI_MAX_COUNTS, sizeof *sizes);
    if (sizes == NULL) {
        status = cli_fail(&call->session->message, QST_ERR_MEMORY, "out of memory");
        goto done;
    }
    for (int task = 0; task < TASK_COUNT; task++) {
        if (!cli_given(line, CLI_OPT_noise_task) || line->values[CLI_OPT_noise_task].whole == (uint64_t)task) {
            n += list_sizes(line, (noise_task)task, &given, has_files, sizes + n);
        }
    }
    CLI_TRY(run_rows(call, &files, sizes, n));
done:
    free(sizes);
    bench_step_files_free(call->session, &files);
    return status;
}
