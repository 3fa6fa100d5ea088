/* readout_parse.c: outputs from words.
 *
 *   word := "x" | "y" | "z" | "xx" | "yy" | "zz" | "probabilities" | "grouped" | "parity" | sum
 *   sum  := [sign] term { sign term }      term := [number "*"] n letters of I X Y Z, qubit 0 right-most
 *
 * Small letters name families of outputs, capitals one Pauli string. Blanks are allowed around signs, stars and at both
 * ends. */
#include <string.h>

#include "base/text.h"
#include "circuit/readout.h"

static const char *const words_known[] = {"x", "y", "z", "xx", "yy", "zz", "probabilities", "grouped", "parity"};

/* The terms gathered so far; all arrays have the same length and capacity. */
typedef struct gathered {
    qst_ctx *ctx;
    size_t n_qubits;
    qst_pauli *paulis;
    double *coefficients;
    size_t *outputs;
    size_t n_terms, capacity, n_outputs;
} gathered;

static qst_status add_term(gathered *list, qst_pauli pauli, double coefficient)
{
    qst_status status = QST_OK;

    if (list->n_terms == list->capacity) {
        size_t capacity = list->capacity < 16 ? 32 : 2 * list->capacity;
        QSTI_TRY(QSTI_GROW(list->ctx, capacity, &list->paulis));
        QSTI_TRY(QSTI_GROW(list->ctx, capacity, &list->coefficients));
        QSTI_TRY(QSTI_GROW(list->ctx, capacity, &list->outputs));
        list->capacity = capacity;
    }
    list->paulis[list->n_terms] = pauli;
    list->coefficients[list->n_terms] = coefficient;
    list->outputs[list->n_terms] = list->n_outputs;
    list->n_terms++;
done:
    return status;
}

/* --- families ----------------------------------------------------------------------------------------------------- */

static qst_pauli pauli_on(char letter, uint32_t mask)
{
    return (qst_pauli){.x = letter == 'z' ? 0 : mask, .z = letter == 'x' ? 0 : mask};
}

static qst_status add_singles(gathered *list, char letter)
{
    qst_status status = QST_OK;

    for (size_t i = 0; i < list->n_qubits; i++) {
        QSTI_TRY(add_term(list, pauli_on(letter, (uint32_t)1 << i), 1.0));
        list->n_outputs++;
    }
done:
    return status;
}

static qst_status add_pairs(gathered *list, char letter)
{
    qst_status status = QST_OK;

    if (list->n_qubits < 2)
        return qsti_fail(list->ctx, QST_ERR_USAGE, "output \"%c%c\": there are no pairs of 1 qubit", letter, letter);
    for (size_t i = 0; i < list->n_qubits; i++) {
        for (size_t j = i + 1; j < list->n_qubits; j++) {
            QSTI_TRY(add_term(list, pauli_on(letter, (uint32_t)1 << i | (uint32_t)1 << j), 1.0));
            list->n_outputs++;
        }
    }
done:
    return status;
}

/* --- sums --------------------------------------------------------------------------------------------------------- */

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " ");
}

/* The length of an unsigned decimal number at `at`, 0 when there is none. */
static size_t number_length(const char *at)
{
    size_t length = strspn(at, "0123456789.");
    if (length > 0 && (at[length] == 'e' || at[length] == 'E')) {
        size_t sign = at[length + 1] == '+' || at[length + 1] == '-';
        length += 1 + sign + strspn(at + length + 1 + sign, "0123456789");
    }
    return length;
}

static qst_status fail_sum(const gathered *list, const char *word, const char *at, const char *expected)
{
    char found[16] = "the end";
    if (*at)
        snprintf(found, sizeof found, "\"%.1s\"", at);
    return qsti_fail(list->ctx, QST_ERR_USAGE, "output \"%s\": character %zu: expected %s, found %s", word,
                     (size_t)(at - word) + 1, expected, found);
}

/* One term with its sign already read; moves *at behind it. */
static qst_status add_signed_term(gathered *list, const char *word, double sign, const char **at)
{
    double coefficient = 1.0;
    size_t length = number_length(*at);

    if (length > 0) {
        if (!qsti_parse_double(*at, length, &coefficient))
            return qsti_fail(list->ctx, QST_ERR_USAGE, "output \"%s\": \"%.*s\" is not a number", word,
                             (int)(length > 40 ? 40 : length), *at);
        *at = skip_blanks(*at + length);
        if (**at != '*')
            return fail_sum(list, word, *at, "* after the number");
        *at = skip_blanks(*at + 1);
    }
    qst_pauli pauli;
    length = strspn(*at, "IXYZ");
    if (length == 0)
        return fail_sum(list, word, *at, "a Pauli string of letters I X Y Z");
    if (!qsti_pauli_parse(*at, length, list->n_qubits, &pauli))
        return qsti_fail(list->ctx, QST_ERR_USAGE, "output \"%s\": %.*s%s has %zu letters: the circuit has %zu qubit%s",
                         word, (int)(length > 40 ? 40 : length), *at, length > 40 ? "..." : "", length, list->n_qubits,
                         list->n_qubits == 1 ? "" : "s");
    *at += length;
    return add_term(list, pauli, sign * coefficient);
}

static qst_status add_sum(gathered *list, const char *word)
{
    const char *at = skip_blanks(word);
    qst_status status = QST_OK;

    for (bool is_first = true; is_first || *at; is_first = false) {
        double sign = *at == '-' ? -1.0 : 1.0;
        if (*at == '+' || *at == '-')
            at = skip_blanks(at + 1);
        else if (!is_first)
            return fail_sum(list, word, at, "+ or -");
        QSTI_TRY(add_signed_term(list, word, sign, &at));
        at = skip_blanks(at);
    }
    list->n_outputs++;
done:
    return status;
}

/* --- words -------------------------------------------------------------------------------------------------------- */

/* The kind that a word stands for when it stands alone; EXPECTATIONS for all others. */
static qst_readout_kind kind_of(const char *word)
{
    for (qst_readout_kind kind = QST_READOUT_PROBABILITIES; kind <= QST_READOUT_PARITY; kind++) {
        if (strcmp(word, qsti_readout_kind_name(kind)) == 0)
            return kind;
    }
    return QST_READOUT_EXPECTATIONS;
}

static qst_status fail_unknown(const gathered *list, const char *word)
{
    const char *nearest = qsti_nearest(word, words_known, sizeof words_known / sizeof *words_known);
    return qsti_fail(
        list->ctx, QST_ERR_USAGE,
        "output \"%s\": unknown%s%s; there are: x y z xx yy zz probabilities grouped parity, and Pauli sums such "
        "as 0.5*ZZ - XX",
        word, nearest ? ", did you mean " : "", nearest ? nearest : "");
}

static qst_status add_word(gathered *list, const char *word)
{
    size_t length = strlen(word);

    if (kind_of(word) != QST_READOUT_EXPECTATIONS)
        return qsti_fail(list->ctx, QST_ERR_USAGE, "output \"%s\": it must stand alone", word);
    if ((length == 1 || length == 2) && strchr("xyz", word[0]) && word[length - 1] == word[0])
        return length == 1 ? add_singles(list, word[0]) : add_pairs(list, word[0]);
    if (length > 0 && strspn(word, "abcdefghijklmnopqrstuvwxyz_") == length)
        return fail_unknown(list, word);
    return add_sum(list, word);
}

qst_status qst_readout_parse(qst_ctx *ctx, size_t n_qubits, const char *const *words, size_t n_words, size_t n_classes,
                             qst_readout **out)
{
    gathered list = {.ctx = ctx, .n_qubits = n_qubits};
    qst_status status = QST_OK;

    if (n_words == 0)
        return qsti_fail(ctx, QST_ERR_USAGE, "outputs: none are given");
    if (n_qubits < 1 || n_qubits > 30)
        return qsti_fail(ctx, n_qubits < 1 ? QST_ERR_USAGE : QST_ERR_LIMIT, "outputs: %zu qubits are not in 1..30",
                         n_qubits);
    qst_readout_kind kind = kind_of(words[0]);
    if (n_words == 1 && kind != QST_READOUT_EXPECTATIONS)
        return qsti_readout_outcomes(ctx, kind, n_qubits,
                                     kind == QST_READOUT_PROBABILITIES ? (size_t)1 << n_qubits : n_classes, out);
    for (size_t i = 0; i < n_words; i++)
        QSTI_TRY(add_word(&list, words[i]));
    QSTI_TRY(qst_readout_paulis(ctx, n_qubits, list.paulis, list.coefficients, list.outputs, list.n_terms,
                                list.n_outputs, out));
done:
    qsti_free(ctx, list.paulis);
    qsti_free(ctx, list.coefficients);
    qsti_free(ctx, list.outputs);
    return status;
}
