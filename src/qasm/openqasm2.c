/* openqasm2.c: the reader of OpenQASM 2: what the grammar and the scanner do beyond what all dialects share.
 *
 * Gates. U and CX are there from the start, and so are the 19 that Qiskit adds to qelib1.inc: its legacy mode knows
 * them without any include, and a definition in the file takes the place of such a gate. The 23 of the paper come with
 * include "qelib1.inc"; a file may define them itself instead, but not both.
 *
 * Every text that is open has a scanner of its own; the innermost is asked for tokens, and when it is at its end the
 * one that included it goes on. */
#include "qasm/openqasm2.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "qasm/openqasm2_grammar.h"

#define YYSTYPE QSTI_QASM2_STYPE
#define YYLTYPE QSTI_QASM2_LTYPE
#include "qasm/openqasm2_scanner.h"

typedef struct openqasm2 {
    yyscan_t scanners[QSTI_QASM_MAX_INCLUDES + 1]; /* of the open texts */
    size_t n_scanners;
    qsti_qasm_word last; /* the token that was read last */
    qsti_qasm_at last_end;
    bool has_version, has_statement, has_library;
} openqasm2;

/* --- tokens ------------------------------------------------------------------------------------------------------- */

int qsti_qasm2_lex(QSTI_QASM2_STYPE *value, QSTI_QASM2_LTYPE *at, qsti_qasm_reading *reading);

static qst_status open_scanner(qsti_qasm_reading *reading)
{
    openqasm2 *dialect = (openqasm2 *)reading->dialect;
    const qsti_qasm_text *text = qsti_qasm_innermost(reading);
    yyscan_t scanner = NULL;
    if (qsti_scan2_lex_init_extra(reading, &scanner) != 0) {
        return reading->status;
    }
    dialect->scanners[dialect->n_scanners++] = scanner;
    return qsti_scan2__scan_buffer(text->bytes, text->n_bytes + 2, scanner) ? QST_OK : reading->status;
}

static void close_scanner(openqasm2 *dialect)
{
    qsti_scan2_lex_destroy(dialect->scanners[--dialect->n_scanners]);
}

qsti_qasm_at qsti_qasm2_token(qsti_qasm_reading *reading, const char *bytes, uint32_t n_bytes)
{
    openqasm2 *dialect = (openqasm2 *)reading->dialect;
    const qsti_qasm_text *text = qsti_qasm_innermost(reading);
    dialect->last = (qsti_qasm_word){bytes, n_bytes};
    return text->first + (qsti_qasm_at)(bytes - text->bytes);
}

bool qsti_qasm2_nest(qsti_qasm_reading *reading, qsti_qasm_at at)
{
    if (++reading->nesting > QSTI_QASM_MAX_NESTING) {
        qsti_qasm2_fail_nesting(reading, at);
        return false;
    }
    return true;
}

int qsti_qasm2_lex(QSTI_QASM2_STYPE *value, QSTI_QASM2_LTYPE *at, qsti_qasm_reading *reading)
{
    openqasm2 *dialect = (openqasm2 *)reading->dialect;
    for (;;) {
        int token = qsti_scan2_lex(value, at, dialect->scanners[dialect->n_scanners - 1]);
        if (token != END) {
            dialect->last_end = *at + dialect->last.n_bytes;
            return token;
        }
        if (!qsti_qasm_close_include(reading)) {
            *at = dialect->last_end; /* behind the last token: blanks and comments are nobody's mistake */
            return END;
        }
        close_scanner(dialect);
    }
}

/* --- failures ----------------------------------------------------------------------------------------------------- */

void qsti_qasm2_fail_nesting(qsti_qasm_reading *reading, qsti_qasm_at at)
{
    (void)qsti_qasm_fail(reading, QST_ERR_LIMIT, at, "nested deeper than %d levels", QSTI_QASM_MAX_NESTING);
}

void qsti_qasm2_fail_capital(qsti_qasm_reading *reading, qsti_qasm_at at)
{
    char spelled[QSTI_QASM_SPELLED];
    const openqasm2 *dialect = (const openqasm2 *)reading->dialect;
    char small[QSTI_QASM_SPELLED] = "";
    if (dialect->last.n_bytes < sizeof small) {
        for (uint32_t i = 0; i < dialect->last.n_bytes; i++) {
            char letter = dialect->last.bytes[i];
            small[i] = (char)(letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter);
        }
    }
    bool is_known = qsti_qasm_names_find(reading->names, small, strlen(small)) != NULL;
    (void)qsti_qasm_fail(reading, QST_ERR_INPUT, at, "%s: a name begins with a small letter%s%s%s",
                         qsti_qasm_spell(reading, at, dialect->last, spelled), is_known ? "; did you mean '" : "",
                         is_known ? small : "", is_known ? "'?" : "");
}

void qsti_qasm2_fail_syntax(qsti_qasm_reading *reading, qsti_qasm_at at, bool is_end, const char *const *expected,
                            size_t n_expected)
{
    const openqasm2 *dialect = (const openqasm2 *)reading->dialect;
    char found[QSTI_QASM_SPELLED], list[256] = "";
    size_t used = 0;
    if (is_end) {
        snprintf(found, sizeof found, "the file ends");
    } else {
        qsti_qasm_spell(reading, at, dialect->last, found);
    }
    for (size_t e = 0; e < n_expected && used < sizeof list; e++) {
        const char *before = e == 0 ? "; expected " : e + 1 < n_expected ? ", " : " or ";
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", before, expected[e]);
    }
    (void)qsti_qasm_fail(reading, QST_ERR_INPUT, at, "syntax error: %s%s%s", found, is_end ? "" : " cannot stand here",
                         list);
}

/* Names of other tools for gates of qelib1.inc. */
static const char *const other_names[][2] = {
    {"cnot", "did you mean 'cx'?"},    {"toffoli", "did you mean 'ccx'?"}, {"ccnot", "did you mean 'ccx'?"},
    {"iden", "did you mean 'id'?"},    {"i", "did you mean 'id'?"},        {"fredkin", "did you mean 'cswap'?"},
    {"hadamard", "did you mean 'h'?"}, {"sdag", "did you mean 'sdg'?"},    {"tdag", "did you mean 'tdg'?"},
    {"v", "did you mean 'sx'?"},       {"vdg", "did you mean 'sxdg'?"},    {"c3sx", "did you mean 'c3sqrtx'?"},
    {"rcccx", "did you mean 'rc3x'?"}, {"phase", "did you mean 'p'?"},     {"cphase", "did you mean 'cp'?"},
};

static const char *const of_openqasm3[] = {"qubit",  "bit",   "input",  "output", "const", "def",     "for",
                                           "while",  "let",   "gphase", "ctrl",   "inv",   "negctrl", "pow",
                                           "uint",   "int",   "float",  "angle",  "bool",  "cal",     "defcal",
                                           "extern", "delay", "box",    "return", "end"};

/* A name that is no gate: from a library that is not included, of another tool, or of another language. */
static const char *hint(const qsti_qasm_reading *reading, const char *name)
{
    const openqasm2 *dialect = (const openqasm2 *)reading->dialect;
    qst_gate gate;
    for (size_t i = 0; i < sizeof other_names / sizeof other_names[0]; i++) {
        if (strcmp(other_names[i][0], name) == 0) {
            return other_names[i][1];
        }
    }
    if (!dialect->has_library && qst_gate_find(name, &gate) && gate <= QST_GATE_cu3) {
        return "include \"qelib1.inc\" is missing";
    }
    for (size_t i = 0; i < sizeof of_openqasm3 / sizeof of_openqasm3[0]; i++) {
        if (strcmp(of_openqasm3[i], name) == 0) {
            return "OpenQASM 3 has it, and begins with OPENQASM 3.0;";
        }
    }
    return NULL;
}

/* --- statements --------------------------------------------------------------------------------------------------- */

void qsti_qasm2_note_statement(qsti_qasm_reading *reading)
{
    ((openqasm2 *)reading->dialect)->has_statement = true;
}

qst_status qsti_qasm2_check_version(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_at at_number,
                                    qsti_qasm_word number)
{
    openqasm2 *dialect = (openqasm2 *)reading->dialect;
    if (dialect->has_statement || dialect->has_version || reading->n_open > 1) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "the version is said once, in the file's first statement");
    }
    dialect->has_version = true;
    const char *point = memchr(number.bytes, '.', number.n_bytes);
    size_t n_major = point ? (size_t)(point - number.bytes) : number.n_bytes;
    size_t n_minor = point ? number.n_bytes - n_major - 1 : 0;
    uint64_t major, minor = 0;
    bool is_version =
        qsti_parse_u64(number.bytes, n_major, &major) && (point == NULL || qsti_parse_u64(point + 1, n_minor, &minor));
    if (!is_version || major != 2 || minor != 0) {
        char spelled[QSTI_QASM_SPELLED];
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at_number, "there is no OpenQASM %s; 2.0 and 3.0 are read",
                              qsti_qasm_spell(reading, at_number, number, spelled));
    }
    return QST_OK;
}

/* The gates of the paper. The library may not be included when one of its names is taken. */
static qst_status declare_library(qsti_qasm_reading *reading, qsti_qasm_at at)
{
    openqasm2 *dialect = (openqasm2 *)reading->dialect;
    qst_status status = QST_OK;
    if (dialect->has_library) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "qelib1.inc is included already");
    }
    dialect->has_library = true;
    for (int gate = QST_GATE_u3; gate <= QST_GATE_cu3 && status == QST_OK; gate++) {
        const char *name = qst_gate_describe((qst_gate)gate)->name;
        if (qsti_qasm_names_find(reading->names, name, strlen(name))) {
            return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "qelib1.inc defines '%s', which the file has already",
                                  name);
        }
        status = qsti_qasm_declare_native(reading, name, (qst_gate)gate, false);
    }
    return status;
}

qst_status qsti_qasm2_include(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_at at_name, qsti_qasm_word name)
{
    static const char library[] = "qelib1.inc", of_3[] = "stdgates.inc";
    if (name.n_bytes == sizeof library - 1 && memcmp(name.bytes, library, name.n_bytes) == 0) {
        return declare_library(reading, at);
    }
    if (name.n_bytes == sizeof of_3 - 1 && memcmp(name.bytes, of_3, name.n_bytes) == 0 &&
        reading->opts->n_include_dirs == 0) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at_name,
                              "%s belongs to OpenQASM 3, which begins with OPENQASM 3.0;", of_3);
    }
    qst_status status = qsti_qasm_include(reading, at_name, name);
    return status == QST_OK ? open_scanner(reading) : status;
}

qst_status qsti_qasm2_declare(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name, qsti_qasm_at at_size,
                              qsti_qasm_word size, bool is_bits)
{
    uint64_t number = 0;
    qst_status status = qsti_qasm_free_name(reading, at, name, false);
    if (status == QST_OK) {
        status = qsti_qasm_integer(reading, at_size, size, &number);
    }
    return status == QST_OK ? qsti_qasm_declare_register(reading, at, name, at_size, number, is_bits) : status;
}

qst_status qsti_qasm2_add_element(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name, bool is_bits,
                                  qsti_qasm_at at_index, qsti_qasm_word index)
{
    uint64_t number;
    if (!qsti_parse_u64(index.bytes, index.n_bytes, &number)) {
        char spelled[QSTI_QASM_SPELLED];
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at_index, "index %s is too large",
                              qsti_qasm_spell(reading, at_index, index, spelled));
    }
    return qsti_qasm_add_element(reading, at, name, is_bits, at_index, number);
}

qst_status qsti_qasm2_begin_condition(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name,
                                      qsti_qasm_at at_value, qsti_qasm_word value)
{
    const qsti_qasm_symbol *bits = qsti_qasm_names_find(reading->names, name.bytes, name.n_bytes);
    uint64_t number;
    if (!qsti_parse_u64(value.bytes, value.n_bytes, &number)) {
        number = UINT64_MAX; /* fewer than 64 bits are never equal to either */
        if (bits && bits->kind == QSTI_QASM_BITS && bits->size >= 64) {
            return qsti_qasm_fail(reading, QST_ERR_UNSUPPORTED, at_value, "a condition on a value of 2^64 or more");
        }
    }
    return qsti_qasm_begin_condition(reading, at, name, at_value, number);
}

/* --- angles ------------------------------------------------------------------------------------------------------- */

qst_status qsti_qasm2_variable(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name)
{
    const qsti_qasm_symbol *symbol = NULL;
    if (reading->in_definition) {
        symbol = qsti_qasm_names_find(reading->locals, name.bytes, name.n_bytes);
    }
    if (symbol && symbol->kind == QSTI_QASM_ANGLE) {
        return qsti_qasm_variable(reading, at, symbol->index);
    }
    symbol = symbol ? symbol : qsti_qasm_names_find(reading->names, name.bytes, name.n_bytes);
    if (symbol) {
        return qsti_qasm_fail_kind(reading, at, symbol, "a parameter");
    }
    char spelled[QSTI_QASM_SPELLED];
    return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "%s is neither a parameter%s nor a function",
                          qsti_qasm_spell(reading, at, name, spelled), reading->in_definition ? " of this gate" : "");
}

qst_status qsti_qasm2_find_function(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name, qst_operator *out)
{
    const qsti_qasm_symbol *symbol = NULL;
    if (reading->in_definition) {
        symbol = qsti_qasm_names_find(reading->locals, name.bytes, name.n_bytes);
    }
    symbol = symbol ? symbol : qsti_qasm_names_find(reading->names, name.bytes, name.n_bytes);
    if (symbol && symbol->kind == QSTI_QASM_OTHER) {
        *out = (qst_operator)symbol->index;
        return QST_OK;
    }
    char spelled[QSTI_QASM_SPELLED];
    return qsti_qasm_fail(reading, QST_ERR_INPUT, at,
                          "%s is not a function; there are sin cos tan exp ln sqrt asin acos atan",
                          qsti_qasm_spell(reading, at, name, spelled));
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static qst_status declare_builtins(qsti_qasm_reading *reading)
{
    static const struct {
        const char *name;
        qst_operator operation;
    } functions[] = {{"asin", QST_OPERATOR_ARCSIN}, {"acos", QST_OPERATOR_ARCCOS}, {"atan", QST_OPERATOR_ARCTAN}};
    qst_status status = QST_OK;
    QSTI_TRY(qsti_qasm_declare_native(reading, "U", QST_GATE_u, false));
    QSTI_TRY(qsti_qasm_declare_native(reading, "CX", QST_GATE_cx, false));
    for (int gate = QST_GATE_u0; gate <= QST_GATE_c4x; gate++) {
        QSTI_TRY(qsti_qasm_declare_native(reading, qst_gate_describe((qst_gate)gate)->name, (qst_gate)gate, true));
    }
    for (size_t f = 0; f < sizeof functions / sizeof functions[0]; f++) {
        qsti_qasm_symbol symbol = {.kind = QSTI_QASM_OTHER, .index = (uint32_t)functions[f].operation};
        QSTI_TRY(qsti_qasm_names_add(reading->ctx, reading->names, functions[f].name, strlen(functions[f].name),
                                     &symbol, NULL));
    }
done:
    return status;
}

qst_status qsti_qasm2_read(qsti_qasm_reading *reading)
{
    openqasm2 dialect = {0};
    reading->dialect = &dialect;
    reading->hint = hint;
    qst_status status = declare_builtins(reading);
    QSTI_TRY(status);
    QSTI_TRY(open_scanner(reading));
    if (qsti_qasm2_parse(reading) != 0) {
        status = reading->status != QST_OK ? reading->status
                                           : qsti_fail(reading->ctx, QST_ERR_INTERNAL, "a grammar failed in silence");
    } else if (!dialect.has_version) {
        qsti_warn(reading->ctx, "%s: no version statement: read as OpenQASM 2.0", reading->texts->name);
    }
done:
    while (dialect.n_scanners > 0)
        close_scanner(&dialect);
    reading->dialect = NULL;
    return status;
}
