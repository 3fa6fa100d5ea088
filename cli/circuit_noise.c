/* circuit_noise.c: --noise [WHERE:]...CHANNEL=NUMBER,... and --noise [QUBITS:]readout=E,F.
 *
 * WHERE is one of: names of gates (cx,cz); a number of qubits (2); qubits (q0,q3); each. The grammar stands in
 * docs/noise.md.
 */
#include "circuit_noise.h"

#include <stdlib.h>
#include <string.h>

#include "read_value.h"

#define MOST_QUBITS 64 /* in one list */

typedef struct spec {
    cli_session *session;
    const char *text; /* as typed */
    size_t n_qubits;  /* of the circuit */
    qst_noise_rule rule;
    qst_gate gates[QST_GATE_COUNT];
    size_t qubits[MOST_QUBITS];
    double numbers[QST_CHANNEL_NUMBERS];
    size_t n_numbers;
} spec;

static qst_status refuse(const spec *s, const char *what, const char *word)
{
    return cli_fail(&s->session->message, QST_ERR_USAGE, "--noise %s: %s%s%s", s->text, word ? word : "",
                    word ? ": " : "", what);
}

/* The next word of a list, cut off at `end`; *at goes behind it, to NULL at the end. */
static char *next_word(char **at, char end)
{
    char *word = *at, *found = word ? strchr(word, end) : NULL;
    *at = found ? found + 1 : NULL;
    if (found) {
        *found = '\0';
    }
    return word;
}

static bool is_number(const char *word)
{
    return *word != '\0' && strspn(word, "0123456789") == strlen(word);
}

static bool is_qubit(const char *word)
{
    return word[0] == 'q' && is_number(word + 1);
}

/* --- where -------------------------------------------------------------------------------------------------------- */

static qst_status add_qubit(spec *s, const char *word)
{
    unsigned long long qubit = strtoull(word + 1, NULL, 10);
    if (strlen(word) > 6 || qubit >= s->n_qubits) {
        return cli_fail(&s->session->message, QST_ERR_USAGE, "--noise %s: %s: the circuit has the qubits q0..q%zu",
                        s->text, word, s->n_qubits - 1);
    }
    if (s->rule.n_qubits == MOST_QUBITS) {
        return refuse(s, "too many qubits", word);
    }
    s->qubits[s->rule.n_qubits++] = (size_t)qubit;
    s->rule.qubits = s->qubits;
    return QST_OK;
}

static qst_status add_gate(spec *s, const char *word)
{
    const char *names[QST_GATE_COUNT];
    if (s->rule.n_gates == QST_GATE_COUNT) {
        return refuse(s, "too many gates", word);
    }
    if (!qst_gate_find(word, &s->gates[s->rule.n_gates])) {
        for (int g = 0; g < QST_GATE_COUNT; g++) {
            names[g] = qst_gate_describe((qst_gate)g)->name;
        }
        const char *nearest = cli_nearest(word, names, QST_GATE_COUNT);
        return cli_fail(&s->session->message, QST_ERR_USAGE,
                        "--noise %s: \"%s\" is no gate, number of qubits, list of qubits (q0,q1) or \"each\"%s%s%s",
                        s->text, word, nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
    }
    s->rule.n_gates++;
    s->rule.gates = s->gates;
    return QST_OK;
}

static qst_status read_where(spec *s, char *words)
{
    qst_status status = QST_OK;
    if (strcmp(words, "each") == 0) {
        if (s->rule.each) {
            return refuse(s, "given twice", "each");
        }
        s->rule.each = true;
        return QST_OK;
    }
    if (is_number(words)) {
        if (s->rule.gate_qubits != 0 || strlen(words) != 1 || words[0] < '1' || words[0] > '5') {
            return refuse(s, s->rule.gate_qubits ? "a second number of qubits" : "gates have 1 to 5 qubits", words);
        }
        s->rule.gate_qubits = (size_t)(words[0] - '0');
        return QST_OK;
    }
    bool qubits = words[0] == 'q';
    if (qubits ? s->rule.qubits != NULL : s->rule.gates != NULL) {
        return refuse(s, qubits ? "a second list of qubits" : "a second list of gates", words);
    }
    for (char *word = next_word(&words, ','); word && status == QST_OK; word = next_word(&words, ',')) {
        status = is_qubit(word) ? add_qubit(s, word) : add_gate(s, word);
    }
    return status;
}

/* --- what --------------------------------------------------------------------------------------------------------- */

static qst_status read_numbers(spec *s, char *words)
{
    for (char *word = next_word(&words, ','); word; word = next_word(&words, ',')) {
        if (s->n_numbers == QST_CHANNEL_NUMBERS) {
            return refuse(s, "too many numbers", NULL);
        }
        if (!cli_read_number(word, &s->numbers[s->n_numbers++])) {
            return refuse(s, "is not a number", word[0] ? word : "\"\"");
        }
    }
    return QST_OK;
}

static qst_status add_readout(spec *s, qst_noise *noise)
{
    double m1p0 = s->numbers[0], m0p1 = s->numbers[s->n_numbers == 1 ? 0 : 1];
    qst_status status = QST_OK;
    if (s->rule.gates || s->rule.gate_qubits || s->rule.each) {
        return refuse(s, "takes qubits alone (q0,q1:readout=E,F)", "readout");
    }
    if (s->n_numbers > 2) {
        return refuse(s, "takes P(1 | 0) and P(0 | 1), or one number for both", "readout");
    }
    if (!s->rule.qubits) {
        return qst_noise_add_readout(noise, QST_EVERY_QUBIT, m1p0, m0p1);
    }
    for (size_t q = 0; q < s->rule.n_qubits && status == QST_OK; q++) {
        status = qst_noise_add_readout(noise, s->qubits[q], m1p0, m0p1);
    }
    return status;
}

static qst_status add_channel(spec *s, const char *name, qst_noise *noise)
{
    qst_channel_kind kind;
    qst_status status = qst_channel_find(s->session->ctx, name, &kind);
    if (status != QST_OK) {
        return status;
    }
    const qst_channel_info *info = qst_channel_describe(kind);
    bool has_share = kind == QST_CHANNEL_amplitude_damping || kind == QST_CHANNEL_thermal_relaxation;
    size_t least = info->n_numbers - (has_share ? 1 : 0); /* the share of |1> may be left out */
    if (s->n_numbers < least || s->n_numbers > info->n_numbers) {
        return cli_fail(&s->session->message, QST_ERR_USAGE, "--noise %s: %s takes %zu number%s, not %zu: %s", s->text,
                        name, least,
                        has_share   ? " or one more"
                        : least > 1 ? "s"
                                    : "",
                        s->n_numbers, info->about);
    }
    s->rule.channel.kind = kind;
    memcpy(s->rule.channel.numbers, s->numbers, sizeof s->numbers);
    return qst_noise_add(noise, &s->rule);
}

/* `words` is a copy of the text, to be cut up. */
static qst_status read_spec(spec *s, char *words, qst_noise *noise)
{
    char *numbers = strchr(words, '=');
    qst_status status = QST_OK;
    if (!numbers) {
        return refuse(s, "there is no CHANNEL=NUMBER", NULL);
    }
    *numbers++ = '\0';
    char *word = next_word(&words, ':');
    while (words && status == QST_OK) {
        status = read_where(s, word);
        word = next_word(&words, ':');
    }
    if (status == QST_OK) {
        status = read_numbers(s, numbers);
    }
    if (status != QST_OK) {
        return status;
    }
    return strcmp(word, "readout") == 0 ? add_readout(s, noise) : add_channel(s, word, noise);
}

qst_status cli_read_noise(cli_session *session, size_t n_qubits, qst_noise **out)
{
    const cli_value *given = &session->line.values[CLI_OPT_noise];
    qst_noise *noise = NULL;
    char *words = NULL;
    qst_status status = QST_OK;
    if (!given->given) {
        *out = NULL;
        return QST_OK;
    }
    CLI_TRY(qst_noise_create(session->ctx, &noise));
    for (size_t i = 0; i < given->n_items; i++) {
        spec s = {.session = session, .text = given->items[i], .n_qubits = n_qubits};
        words = strdup(given->items[i]);
        if (words == NULL) {
            status = cli_fail(&session->message, QST_ERR_MEMORY, "out of memory");
            goto done;
        }
        CLI_TRY(read_spec(&s, words, noise));
        free(words);
        words = NULL;
    }
    *out = noise;
    noise = NULL;
done:
    free(words);
    qst_noise_free(noise);
    return status;
}

/* --- options and results ------------------------------------------------------------------------------------------ */

qst_status cli_check_noise(cli_session *session)
{
    const cli_option others[] = {CLI_OPT_device, CLI_OPT_statevector, CLI_OPT_unitary};
    const cli_line *line = &session->line;
    for (size_t o = 0; cli_given(line, CLI_OPT_noise) && o < sizeof others / sizeof *others; o++) {
        if (cli_given(line, others[o])) {
            return cli_fail(&session->message, QST_ERR_USAGE, "--noise does not go with --%s",
                            cli_options[others[o]].name);
        }
    }
    return QST_OK;
}

void cli_print_noise_json(cli_session *session)
{
    const cli_value *given = &session->line.values[CLI_OPT_noise];
    for (size_t i = 0; i < given->n_items; i++) {
        cli_print(&session->out, i ? ", " : ",\n \"noise\": [");
        cli_print_json_string(&session->out, given->items[i]);
    }
    if (given->n_items) {
        cli_print(&session->out, "]");
    }
}

void cli_print_noise_page(cli_session *session)
{
    const cli_value *given = &session->line.values[CLI_OPT_noise];
    for (size_t i = 0; i < given->n_items; i++) {
        cli_print(&session->out, "%s%s", i ? ", " : "with noise: ", given->items[i]);
    }
    if (given->n_items) {
        cli_print(&session->out, "\n");
    }
}
