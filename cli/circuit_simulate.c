/* circuit_simulate.c: `qstill circuit simulate`: an OpenQASM file run exactly or with shots, without noise, with
 * noise of one's own, or on a device. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <qstill/data.h>
#include <qstill/execute.h>

#include "circuit_device.h"
#include "circuit_input.h"
#include "circuit_noise.h"

#define MOST_SHOTS UINT64_C(1000000000)
#define MOST_LINES 32 /* of outcomes on the page */
#define BAR_WIDTH  40

typedef struct simulation {
    qst_assembly *assembly;
    double *parameters;
    qst_outcomes *sampled; /* with shots */
    qst_outcomes *exact;
    cli_device_run device; /* with --device */
    qst_noise *noise;      /* with --noise */
} simulation;

static bool wants_exact(const cli_line *line)
{
    bool wants_else = cli_given(line, CLI_OPT_shots) || cli_given(line, CLI_OPT_statevector) ||
                      cli_given(line, CLI_OPT_unitary) || cli_given(line, CLI_OPT_density);
    return cli_given(line, CLI_OPT_probabilities) || !wants_else;
}

/* --- files -------------------------------------------------------------------------------------------------------- */

static qst_status check_files(cli_session *session)
{
    const cli_option outputs[] = {CLI_OPT_statevector, CLI_OPT_unitary, CLI_OPT_density};
    for (size_t o = 0; o < sizeof outputs / sizeof *outputs; o++) {
        const char *path = cli_text(&session->line, outputs[o]);
        size_t n = path ? strlen(path) : 0;
        if (path && (n < 4 || strcmp(path + n - 4, ".npy") != 0)) {
            return cli_fail(&session->message, QST_ERR_USAGE, "--%s: %s does not end in .npy",
                            cli_options[outputs[o]].name, path);
        }
        qst_status status = cli_check_new_file(session, outputs[o], &session->line.argument, 1);
        if (status != QST_OK) {
            return status;
        }
    }
    qst_status status = cli_check_noise(session);
    return status == QST_OK ? cli_check_device_run(session) : status;
}

typedef qst_status array_fn(const qst_assembly *assembly, const double *parameters, double _Complex *out);

/* Computes an array of n_dims dimensions of 2^n each, and writes it. */
static qst_status write_array(cli_session *session, const simulation *run, cli_option option, array_fn *fn,
                              size_t n_dims)
{
    size_t n_qubits = qst_assembly_qubits(run->assembly), most = n_dims == 1 ? 30 : 15;
    if (n_qubits > most) {
        return cli_fail(&session->message, QST_ERR_LIMIT, "--%s: %zu qubits: at most %zu are taken",
                        cli_options[option].name, n_qubits, most);
    }
    size_t dim = (size_t)1 << n_qubits, shape[] = {dim, dim};
    double _Complex *values = calloc(n_dims == 1 ? dim : dim * dim, sizeof *values);
    if (values == NULL) {
        return cli_fail(&session->message, QST_ERR_MEMORY, "out of memory: --%s has %zu qubits",
                        cli_options[option].name, n_qubits);
    }
    qst_status status = fn(run->assembly, run->parameters, values);
    if (status == QST_OK) {
        status = qst_complex_write(session->ctx, cli_text(&session->line, option), values, shape, n_dims);
    }
    free(values);
    return status;
}

/* --- results ------------------------------------------------------------------------------------------------------ */

typedef void value_fn(cli_result *out, const qst_outcomes *outcomes, size_t index);

static void print_count(cli_result *out, const qst_outcomes *outcomes, size_t index)
{
    cli_print(out, "%llu", (unsigned long long)qst_outcomes_count(outcomes, index));
}

static void print_probability(cli_result *out, const qst_outcomes *outcomes, size_t index)
{
    cli_print_number(out, qst_outcomes_probability(outcomes, index));
}

/* The key of an outcome in the order of --bit-order. `key` has room for one. */
static void write_key(const cli_line *line, const qst_outcomes *outcomes, size_t index, char *key)
{
    qst_outcomes_key(outcomes, index, key);
    if (line->values[CLI_OPT_bit_order].whole == 0) {
        return;
    }
    for (size_t i = 0, j = strlen(key); i + 1 < j; i++) {
        char kept = key[i];
        key[i] = key[--j];
        key[j] = kept;
    }
}

static void print_map(cli_session *session, const char *name, const qst_outcomes *outcomes, char *key, value_fn *fn)
{
    cli_result *out = &session->out;
    cli_print(out, ",\n \"%s\": ", name);
    if (outcomes == NULL) {
        cli_print(out, "null");
        return;
    }
    cli_print(out, "{");
    for (size_t i = 0; i < qst_outcomes_number(outcomes); i++) {
        write_key(&session->line, outcomes, i, key);
        cli_print(out, "%s\"%s\": ", i ? ", " : "", key);
        fn(out, outcomes, i);
    }
    cli_print(out, "}");
}

static void print_json(cli_session *session, const simulation *run, char *key)
{
    cli_result *out = &session->out;
    const qst_outcomes *any = run->exact ? run->exact : run->sampled;
    cli_print(out, "{\"n_qubits\": %zu, \"bit_order\": \"%s\", \"shots\": ", qst_assembly_qubits(run->assembly),
              session->line.values[CLI_OPT_bit_order].whole ? "q0-left" : "q0-right");
    if (run->sampled) {
        cli_print(out, "%llu, \"seed\": %llu", (unsigned long long)session->line.values[CLI_OPT_shots].whole,
                  (unsigned long long)session->line.values[CLI_OPT_shots_seed].whole);
    } else {
        cli_print(out, "null, \"seed\": null");
    }
    if (run->device.density) {
        cli_print_device_json(session, &run->device);
    }
    cli_print_noise_json(session);
    print_map(session, "counts", run->sampled, key, print_count);
    print_map(session, "probabilities", any, key, print_probability);
    cli_print(out, ",\n \"expectations\": ");
    if (any == NULL) {
        cli_print(out, "null}\n");
        return;
    }
    for (size_t q = 0; q < qst_assembly_qubits(run->assembly); q++) {
        cli_print(out, q ? ", " : "[");
        cli_print_number(out, run->device.density ? cli_device_expectation(&run->device, any, q)
                                                  : qst_outcomes_expectations(any)[q]);
    }
    cli_print(out, "]}\n");
}

static int compare_numbers(const void *a, const void *b)
{
    double p = *(const double *)a, q = *(const double *)b;
    return p > q ? -1 : p < q;
}

/* The probability below which an outcome does not stand on the page. */
static double least_shown(const qst_outcomes *outcomes)
{
    size_t n = qst_outcomes_number(outcomes);
    double *values = n > MOST_LINES ? malloc(n * sizeof *values) : NULL, least = 0;
    if (values) {
        for (size_t i = 0; i < n; i++) {
            values[i] = qst_outcomes_probability(outcomes, i);
        }
        qsort(values, n, sizeof *values, compare_numbers);
        least = values[MOST_LINES - 1];
    }
    free(values);
    return least;
}

static void print_outcomes(cli_session *session, const qst_outcomes *outcomes, bool counts, char *key)
{
    cli_result *out = &session->out;
    double least = least_shown(outcomes);
    size_t n = qst_outcomes_number(outcomes), n_shown = 0;
    for (size_t i = 0; i < n && n_shown < MOST_LINES; i++) {
        double p = qst_outcomes_probability(outcomes, i);
        if (p < least) {
            continue;
        }
        write_key(&session->line, outcomes, i, key);
        cli_print(out, "  %s  ", key);
        if (counts) {
            cli_print(out, "%10llu  ", (unsigned long long)qst_outcomes_count(outcomes, i));
        }
        cli_print(out, "%8.6f  ", p);
        for (int b = 0; b < (int)lround(BAR_WIDTH * p); b++) {
            cli_print(out, "█");
        }
        cli_print(out, "\n");
        n_shown++;
    }
    if (n > n_shown) {
        cli_print(out, "  ... and %zu less likely outcomes; --json lists all\n", n - n_shown);
    }
}

static void print_page(cli_session *session, const simulation *run, char *key)
{
    cli_result *out = &session->out;
    const char *side = session->line.values[CLI_OPT_bit_order].whole ? "left" : "right";
    if (run->device.density) {
        cli_print_device_page(session, &run->device);
    }
    cli_print_noise_page(session);
    if (run->sampled) {
        cli_print(out, "%llu shots, seed %llu; bit 0 %s-most\n",
                  (unsigned long long)session->line.values[CLI_OPT_shots].whole,
                  (unsigned long long)session->line.values[CLI_OPT_shots_seed].whole, side);
        print_outcomes(session, run->sampled, true, key);
    }
    if (run->exact) {
        cli_print(out, "exact probabilities; bit 0 %s-most\n", side);
        print_outcomes(session, run->exact, false, key);
    }
}

/* --- the command -------------------------------------------------------------------------------------------------- */

static qst_status execute_on_device(cli_session *session, simulation *run)
{
    const cli_line *line = &session->line;
    const uint64_t seed = line->values[CLI_OPT_shots_seed].whole;
    qst_status status = QST_OK;
    CLI_TRY(cli_device_run_make(session, run->assembly, run->parameters, &run->device));
    if (cli_given(line, CLI_OPT_density)) {
        CLI_TRY(cli_write_density(session, &run->device));
    }
    if (wants_exact(line)) {
        CLI_TRY(qst_density_outcomes(run->device.density, 0, seed, &run->exact));
    }
    if (cli_given(line, CLI_OPT_shots)) {
        CLI_TRY(qst_density_outcomes(run->device.density, line->values[CLI_OPT_shots].whole, seed, &run->sampled));
    }
done:
    return status;
}

static qst_status execute(cli_session *session, simulation *run)
{
    const cli_line *line = &session->line;
    qst_execution_opts opts = {.parameters = run->parameters, .seed = line->values[CLI_OPT_shots_seed].whole};
    qst_status status = QST_OK;
    CLI_TRY(cli_read_noise(session, qst_assembly_qubits(run->assembly), &run->noise));
    opts.noise = run->noise;
    if (cli_given(line, CLI_OPT_statevector)) {
        CLI_TRY(write_array(session, run, CLI_OPT_statevector, qst_assembly_state, 1));
    }
    if (cli_given(line, CLI_OPT_unitary)) {
        CLI_TRY(write_array(session, run, CLI_OPT_unitary, qst_assembly_unitary, 2));
    }
    if (wants_exact(line)) {
        CLI_TRY(qst_assembly_execute(run->assembly, &opts, &run->exact));
    }
    if (cli_given(line, CLI_OPT_shots)) {
        opts.n_shots = line->values[CLI_OPT_shots].whole;
        CLI_TRY(qst_assembly_execute(run->assembly, &opts, &run->sampled));
    }
done:
    return status;
}

static qst_status print(cli_session *session, const simulation *run)
{
    const qst_outcomes *any = run->exact ? run->exact : run->sampled;
    char *key = malloc(any ? qst_outcomes_key_bytes(any) + 1 : 1);
    if (key == NULL) {
        return cli_fail(&session->message, QST_ERR_MEMORY, "out of memory");
    }
    if (cli_given(&session->line, CLI_OPT_json)) {
        print_json(session, run, key);
    } else {
        print_page(session, run, key);
    }
    free(key);
    return QST_OK;
}

qst_status cmd_circuit_simulate(cli_session *session)
{
    const cli_value *shots = &session->line.values[CLI_OPT_shots];
    simulation run = {.assembly = NULL};
    qst_status status = QST_OK;
    if (shots->given && (shots->whole < 1 || shots->whole > MOST_SHOTS)) {
        return cli_fail(&session->message, QST_ERR_USAGE, "--shots: %s is not a whole number in 1..%llu", shots->text,
                        (unsigned long long)MOST_SHOTS);
    }
    if (cli_given(&session->line, CLI_OPT_shots_seed) && !shots->given) {
        return cli_fail(&session->message, QST_ERR_USAGE, "--seed belongs to --shots, which is not given");
    }
    CLI_TRY(check_files(session));
    CLI_TRY(cli_read_assembly(session, session->line.argument, NULL, &run.assembly));
    CLI_TRY(cli_bind_parameters(session, run.assembly, &run.parameters));
    CLI_TRY(cli_given(&session->line, CLI_OPT_device) ? execute_on_device(session, &run) : execute(session, &run));
    cli_progress_erase(&session->progress);
    CLI_TRY(print(session, &run));
done:
    qst_outcomes_free(run.sampled);
    qst_outcomes_free(run.exact);
    cli_device_run_clear(&run.device);
    qst_noise_free(run.noise);
    free(run.parameters);
    qst_assembly_free(run.assembly);
    return status;
}
