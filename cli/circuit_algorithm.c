/* circuit_algorithm.c: `qstill circuit algorithm`: a standard algorithm as OpenQASM. */
#include <stdlib.h>
#include <string.h>

#include <qstill/algorithms.h>

#include "circuit_input.h"
#include "circuit_output.h"
#include "read_value.h"

/* --- which options an algorithm has ------------------------------------------------------------------------------- */

typedef struct belonging {
    cli_option option;
    const char *algorithms; /* with a blank on both sides */
} belonging;

static const belonging belongings[] = {
    {CLI_OPT_size, " qft iqft grover qpe ghz bv tfim "},
    {CLI_OPT_no_swaps, " qft iqft "},
    {CLI_OPT_marked, " grover "},
    {CLI_OPT_oracle, " grover "},
    {CLI_OPT_iterations, " grover "},
    {CLI_OPT_phase, " qpe "},
    {CLI_OPT_secret, " bv "},
    {CLI_OPT_time, " tfim "},
    {CLI_OPT_steps, " tfim "},
    {CLI_OPT_order, " tfim "},
    {CLI_OPT_coupling_strength, " tfim "},
    {CLI_OPT_field, " tfim "},
    {CLI_OPT_periodic, " tfim "},
    {CLI_OPT_no_measurement, " grover qpe ghz bv "},
};

static bool belongs(const char *algorithms, const char *name)
{
    char word[64];
    snprintf(word, sizeof word, " %s ", name);
    return strstr(algorithms, word) != NULL;
}

/* A name that is none is the library's to refuse. */
static qst_status check_options(cli_session *session, const char *name)
{
    const qst_algorithm_info *infos;
    size_t n = qst_algorithms(&infos), a = 0;
    while (a < n && strcmp(infos[a].name, name) != 0) {
        a++;
    }
    for (size_t b = 0; a < n && b < sizeof belongings / sizeof *belongings; b++) {
        if (cli_given(&session->line, belongings[b].option) && !belongs(belongings[b].algorithms, name)) {
            return cli_fail(&session->message, QST_ERR_USAGE, "--%s: %s has no such option",
                            cli_options[belongings[b].option].name, name);
        }
    }
    return QST_OK;
}

/* --- marked states ------------------------------------------------------------------------------------------------ */

/* n characters of 0 and 1 are bits, q[0] right-most; anything else is the number of a state. */
static bool read_state(const char *text, size_t length, size_t n_qubits, uint64_t *out)
{
    size_t n_digits = strspn(text, "0123456789");
    bool are_bits = length == n_qubits && strspn(text, "01") >= length;
    if (length == 0 || length > 18 || n_digits < length) {
        return false;
    }
    *out = 0;
    for (size_t i = 0; i < length; i++) {
        *out = *out * (are_bits ? 2 : 10) + (uint64_t)(text[i] - '0');
    }
    return true;
}

static qst_status read_marked(cli_session *session, size_t n_qubits, uint64_t **out, size_t *out_n)
{
    const char *text = cli_text(&session->line, CLI_OPT_marked);
    uint64_t *states = malloc((strlen(text) + 1) * sizeof *states);
    size_t n = 0;
    if (states == NULL) {
        return cli_fail(&session->message, QST_ERR_MEMORY, "out of memory");
    }
    for (const char *at = text;; at++) {
        size_t length = strcspn(at, ",");
        if (!read_state(at, length, n_qubits, &states[n++])) {
            free(states);
            return cli_fail(&session->message, QST_ERR_USAGE,
                            "--marked: \"%.*s\" is neither %zu bits nor the number of a state", (int)length, at,
                            n_qubits);
        }
        at += length;
        if (*at == '\0') {
            break;
        }
    }
    *out = states;
    *out_n = n;
    return QST_OK;
}

/* --- the command -------------------------------------------------------------------------------------------------- */

static double number_or(const cli_line *line, cli_option option, double fallback)
{
    return cli_given(line, option) ? line->values[option].number : fallback;
}

static size_t whole_or(const cli_line *line, cli_option option, size_t fallback)
{
    return cli_given(line, option) ? line->values[option].whole : fallback;
}

static qst_algorithm_opts read_options(const cli_line *line)
{
    return (qst_algorithm_opts){
        .name = line->argument,
        .qubits = whole_or(line, CLI_OPT_size, 0),
        .no_swaps = cli_given(line, CLI_OPT_no_swaps),
        .iterations = whole_or(line, CLI_OPT_iterations, 0),
        .phase = number_or(line, CLI_OPT_phase, 0),
        .secret = cli_text(line, CLI_OPT_secret),
        .time = number_or(line, CLI_OPT_time, 1),
        .steps = whole_or(line, CLI_OPT_steps, 10),
        .order = cli_given(line, CLI_OPT_order) ? 1 + (int)line->values[CLI_OPT_order].whole : 2,
        .coupling = number_or(line, CLI_OPT_coupling_strength, 1),
        .field = number_or(line, CLI_OPT_field, 1),
        .periodic = cli_given(line, CLI_OPT_periodic),
        .no_measurement = cli_given(line, CLI_OPT_no_measurement),
    };
}

static qst_status check_needed(cli_session *session, const char *name)
{
    const cli_line *line = &session->line;
    if (!belongs(belongings[0].algorithms, name)) {
        return QST_OK;
    }
    if (strcmp(name, "bv") != 0 && !cli_given(line, CLI_OPT_size)) {
        return cli_fail(&session->message, QST_ERR_USAGE, "circuit algorithm %s: --qubits N is missing", name);
    }
    if (strcmp(name, "qpe") == 0 && !cli_given(line, CLI_OPT_phase)) {
        return cli_fail(&session->message, QST_ERR_USAGE, "circuit algorithm qpe: --phase X is missing, 0 <= X < 1");
    }
    return QST_OK;
}

qst_status cmd_circuit_algorithm(cli_session *session)
{
    const cli_line *line = &session->line;
    qst_algorithm_opts opts = read_options(line);
    qst_assembly *oracle = NULL, *made = NULL;
    uint64_t *marked = NULL;
    qst_status status = QST_OK;
    CLI_TRY(check_options(session, opts.name));
    CLI_TRY(check_needed(session, opts.name));
    CLI_TRY(cli_check_assembly_output(session));
    if (cli_given(line, CLI_OPT_oracle)) {
        CLI_TRY(cli_read_assembly(session, cli_text(line, CLI_OPT_oracle), NULL, &oracle));
    }
    if (cli_given(line, CLI_OPT_marked)) {
        CLI_TRY(read_marked(session, opts.qubits, &marked, &opts.n_marked));
    }
    opts.marked = marked;
    opts.oracle = oracle;
    CLI_TRY(qst_algorithm(session->ctx, &opts, &made));
    CLI_TRY(cli_write_assembly(session, made, NULL));
done:
    free(marked);
    qst_assembly_free(made);
    qst_assembly_free(oracle);
    return status;
}
