/* bench_step.c: one step of mini-batch training: loss = mean over batch and outputs of (<Z_k> - y_k)^2, inside
 * qst_program_step(), block by block. Not a training: weights stay as they are. */
#include "bench_step.h"

#include <math.h>
#include <stdlib.h>

/* --- one step ----------------------------------------------------------------------------------------------------- */

/* d loss / d out = 2 (out - y) / (B n). */
static void squared_error(void *user, const qst_block *block)
{
    const bench_step_case *of = user;
    double scale = 2.0 / (double)(of->n_rows * of->n_outputs);
    for (size_t k = 0; k < of->n_outputs; k++) {
        const double *restrict value = block->values + k * block->lanes;
        const double *restrict target = of->targets_by_output + k * of->n_rows + block->first_row;
        double *restrict cotangent = block->cotangents + k * block->lanes;
        double *restrict sums = block->sums;
        for (size_t i = 0; i < block->n_rows; i++) {
            double error = value[i] - target[i];
            cotangent[i] = scale * error;
            sums[i % BENCH_STEP_SUMS] += error * error;
        }
        for (size_t i = block->n_rows; i < block->lanes; i++) {
            cotangent[i] = 0;
        }
    }
}

qst_status bench_step_run(void *arg)
{
    bench_step_case *of = arg;
    qst_program_set_draw(of->program, of->draw++);
    qst_const_matrix x = {of->inputs.data, of->n_rows, of->n_outputs};
    return qst_program_step(of->program, of->weights.data, x, squared_error, of, BENCH_STEP_SUMS, of->sums,
                            of->gradient, (qst_matrix){.data = NULL});
}

double bench_step_loss(const bench_step_case *of)
{
    double loss = 0;
    for (size_t s = 0; s < BENCH_STEP_SUMS; s++) {
        loss += of->sums[s];
    }
    return loss / (double)(of->n_rows * of->n_outputs);
}

/* --- the case ----------------------------------------------------------------------------------------------------- */

void bench_step_clear(bench_step_case *of)
{
    free(of->inputs.data);
    free(of->weights.data);
    free(of->targets.data);
    free(of->targets_by_output);
    free(of->gradient);
}

qst_status bench_step_create(cli_session *session, const bench_step_files *files, size_t n_qubits, size_t n_layers,
                             size_t batch, bench_step_case *of)
{
    qst_status status;
    uint64_t seed = 7 + 1000 * (uint64_t)n_qubits + 10 * (uint64_t)n_layers;
    qst_matrix by_output = {.data = NULL}, gradient = {.data = NULL};
    of->n_outputs = n_qubits;
    of->n_rows = batch;
    of->inputs = of->targets = (qst_tensor){.n_dims = 2, .shape = {batch, n_qubits}};
    of->weights = (qst_tensor){.n_dims = 3, .shape = {n_layers, n_qubits, 3}};
    CLI_TRY(bench_fill_array(session, CLI_OPT_inputs, &files->inputs, seed, M_PI, &of->inputs));
    CLI_TRY(bench_fill_array(session, CLI_OPT_weights, &files->weights, seed + 1, M_PI, &of->weights));
    CLI_TRY(bench_fill_array(session, CLI_OPT_targets, &files->targets, seed + 2, 1, &of->targets));
    CLI_TRY(cli_matrix_create(session, n_qubits, batch, &by_output));
    of->targets_by_output = by_output.data;
    for (size_t row = 0; row < batch; row++) {
        for (size_t k = 0; k < n_qubits; k++) {
            by_output.data[k * batch + row] = of->targets.data[row * n_qubits + k];
        }
    }
    CLI_TRY(cli_matrix_create(session, bench_count(&of->weights), 1, &gradient));
    of->gradient = gradient.data;
done:
    return status;
}

/* --- files -------------------------------------------------------------------------------------------------------- */

qst_status bench_step_read(cli_session *session, bench_step_files *out)
{
    qst_status status;
    CLI_TRY(bench_read_array(session, CLI_OPT_inputs, &out->inputs));
    CLI_TRY(bench_read_array(session, CLI_OPT_weights, &out->weights));
    CLI_TRY(bench_read_array(session, CLI_OPT_targets, &out->targets));
done:
    return status;
}

void bench_step_files_free(cli_session *session, bench_step_files *files)
{
    qst_tensor_free(session->ctx, &files->inputs);
    qst_tensor_free(session->ctx, &files->weights);
    qst_tensor_free(session->ctx, &files->targets);
}

void bench_step_take_sizes(const cli_line *line, const bench_step_files *files, bench_grid *grid)
{
    const qst_tensor *samples = files->inputs.data ? &files->inputs : &files->targets, *weights = &files->weights;
    size_t from_samples = samples->n_dims == 2 ? samples->shape[1] : 0;
    size_t from_weights = weights->n_dims == 2 ? weights->shape[1] / 3 : weights->n_dims == 3 ? weights->shape[1] : 0;
    bench_take_size(line, CLI_OPT_qubits, from_samples ? from_samples : from_weights, &grid->qubits);
    bench_take_size(line, CLI_OPT_layers, weights->n_dims ? weights->shape[0] : 0, &grid->layers);
    bench_take_size(line, CLI_OPT_batch, samples->n_dims ? samples->shape[0] : 0, &grid->batch);
}
