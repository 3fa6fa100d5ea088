/* openqasm3.c: the reader of OpenQASM 3 [cross2022]: what its names mean, and its files. The grammar is in openqasm3.y.
 *
 * The gates of stdgates.inc are those of gates.def, known once the file includes it. U is Qiskit's, or with
 * QST_U_PHASE_SPEC a definition of its own, gphase(theta/2); u(theta,phi,lambda), so that controls and inverses follow.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "qasm/openqasm3.h"
#include "qasm/openqasm3_grammar.h"

#define YYSTYPE QSTI_QASM3_STYPE
#define YYLTYPE QSTI_QASM3_LTYPE
#include "qasm/openqasm3_scanner.h"

static const struct {
    const char *name;
    qst_gate gate;
} standard_gates[] = {
    {"p", QST_GATE_p},     {"x", QST_GATE_x},       {"y", QST_GATE_y},     {"z", QST_GATE_z},
    {"h", QST_GATE_h},     {"s", QST_GATE_s},       {"sdg", QST_GATE_sdg}, {"t", QST_GATE_t},
    {"tdg", QST_GATE_tdg}, {"sx", QST_GATE_sx},     {"rx", QST_GATE_rx},   {"ry", QST_GATE_ry},
    {"rz", QST_GATE_rz},   {"cx", QST_GATE_cx},     {"cy", QST_GATE_cy},   {"cz", QST_GATE_cz},
    {"cp", QST_GATE_cp},   {"crx", QST_GATE_crx},   {"cry", QST_GATE_cry}, {"crz", QST_GATE_crz},
    {"ch", QST_GATE_ch},   {"swap", QST_GATE_swap}, {"ccx", QST_GATE_ccx}, {"cswap", QST_GATE_cswap},
    {"cu", QST_GATE_cu},   {"CX", QST_GATE_cx},     {"phase", QST_GATE_p}, {"cphase", QST_GATE_cp},
    {"id", QST_GATE_id},   {"u1", QST_GATE_u1},     {"u2", QST_GATE_u2},   {"u3", QST_GATE_u3},
};

/* Constants, by the number that openqasm3_expression.c knows them by. */
static const struct {
    const char *name;
    uint32_t index;
} constants[] = {{"pi", 0}, {"π", 0}, {"tau", 1}, {"τ", 1}, {"euler", 2}, {"ℇ", 2}};

/* --- tokens ------------------------------------------------------------------------------------------------------- */

int qsti_qasm3_lex(QSTI_QASM3_STYPE *value, QSTI_QASM3_LTYPE *at, qsti_qasm_reading *reading);

static qst_status open_scanner(qsti_qasm_reading *reading)
{
    qsti_qasm3 *own = qsti_qasm3_of(reading);
    const qsti_qasm_text *text = qsti_qasm_innermost(reading);
    yyscan_t scanner = NULL;
    own->room_used = 0;
    if (qsti_scan3_lex_init_extra(reading, &scanner) != 0 ||
        qsti_scan3__scan_buffer(text->bytes, text->n_bytes + 2, scanner) == NULL) {
        return qsti_fail(reading->ctx, QST_ERR_INTERNAL, "a scanner does not begin");
    }
    own->scanners[own->n_scanners++] = scanner;
    return QST_OK;
}

static void close_scanner(qsti_qasm3 *own)
{
    qsti_scan3_lex_destroy(own->scanners[--own->n_scanners]);
}

void *qsti_qasm3_scanner_memory(qsti_qasm_reading *reading, size_t n_bytes)
{
    qsti_qasm3 *own = qsti_qasm3_of(reading);
    size_t rounded = (n_bytes + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    if (rounded > QSTI_QASM3_SCANNER_BYTES - own->room_used) {
        return NULL;
    }
    char *memory = own->room + own->n_scanners * QSTI_QASM3_SCANNER_BYTES + own->room_used;
    own->room_used += rounded;
    return memory;
}

qsti_qasm_at qsti_qasm3_token(qsti_qasm_reading *reading, const char *bytes, uint32_t n_bytes)
{
    const qsti_qasm_text *text = qsti_qasm_innermost(reading);
    qsti_qasm3_of(reading)->last = (qsti_qasm_word){bytes, n_bytes};
    return text->first + (qsti_qasm_at)(bytes - text->bytes);
}

bool qsti_qasm3_nest(qsti_qasm_reading *reading, qsti_qasm_at at)
{
    if (++reading->nesting > QSTI_QASM_MAX_NESTING) {
        qsti_qasm3_fail_nesting(reading, at);
        return false;
    }
    return true;
}

int qsti_qasm3_lex(QSTI_QASM3_STYPE *value, QSTI_QASM3_LTYPE *at, qsti_qasm_reading *reading)
{
    qsti_qasm3 *own = qsti_qasm3_of(reading);
    for (;;) {
        int token = qsti_scan3_lex(value, at, own->scanners[own->n_scanners - 1]);
        if (token != END_OF_FILE) {
            own->last_end = *at + own->last.n_bytes;
            return token;
        }
        if (!qsti_qasm_close_include(reading)) {
            *at = own->last_end; /* behind the last token: blanks and comments are nobody's mistake */
            return END_OF_FILE;
        }
        close_scanner(own);
    }
}

/* --- names beyond ASCII ------------------------------------------------------------------------------------------- */

static uint32_t decode(const char *bytes, size_t n)
{
    static const uint8_t first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t code = (uint8_t)bytes[0] & first_bits[n];
    for (size_t i = 1; i < n; i++)
        code = code << 6 | ((uint8_t)bytes[i] & 0x3f);
    return code;
}

static bool is_letter(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } letters[] = {
#define QSTI_LETTERS(first, last) {first, last},
#include "qasm/letters.def"
#undef QSTI_LETTERS
    };
    size_t low = 0, high = sizeof letters / sizeof letters[0];
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (letters[middle].last < code) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < sizeof letters / sizeof letters[0] && letters[low].first <= code;
}

bool qsti_qasm3_is_name(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word word)
{
    for (uint32_t i = 0; i < word.n_bytes;) {
        if ((uint8_t)word.bytes[i] < 0x80) {
            i++;
            continue;
        }
        size_t n = qsti_utf8_step(word.bytes + i, word.n_bytes - i);
        uint32_t code = n ? decode(word.bytes + i, n) : 0;
        if (n == 0) {
            (void)qsti_qasm_fail(reading, QST_ERR_INPUT, at + i, "the byte 0x%02x is not UTF-8",
                                 (uint8_t)word.bytes[i]);
            return false;
        }
        if (!is_letter(code)) {
            (void)qsti_qasm_fail(reading, QST_ERR_INPUT, at + i, "U+%04X is not a letter", code);
            return false;
        }
        i += (uint32_t)n;
    }
    return true;
}

/* --- failures ----------------------------------------------------------------------------------------------------- */

qst_status qsti_qasm3_unsupported(qsti_qasm_reading *reading, qsti_qasm_at at, const char *what)
{
    return qsti_qasm_fail(reading, QST_ERR_UNSUPPORTED, at, "%s is not supported", what);
}

void qsti_qasm3_fail_nesting(qsti_qasm_reading *reading, qsti_qasm_at at)
{
    (void)qsti_qasm_fail(reading, QST_ERR_LIMIT, at, "nested deeper than %d levels", QSTI_QASM_MAX_NESTING);
}

void qsti_qasm3_fail_syntax(qsti_qasm_reading *reading, qsti_qasm_at at, bool is_end, const char *const *expected,
                            size_t n_expected)
{
    char found[QSTI_QASM_SPELLED], list[256] = "";
    size_t used = 0;
    if (is_end) {
        snprintf(found, sizeof found, "the file ends");
    } else {
        qsti_qasm_spell(reading, at, qsti_qasm3_of(reading)->last, found);
    }
    for (size_t e = 0; e < n_expected && used < sizeof list; e++) {
        const char *before = e == 0 ? "; expected " : e + 1 < n_expected ? ", " : " or ";
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", before, expected[e]);
    }
    (void)qsti_qasm_fail(reading, QST_ERR_INPUT, at, "syntax error: %s%s%s", found, is_end ? "" : " cannot stand here",
                         list);
}

/* What other tools call gates of stdgates.inc. */
static const struct {
    const char *theirs, *hint;
} foreign_names[] = {
    {"cnot", "stdgates.inc calls it 'cx'"},        {"CNOT", "stdgates.inc calls it 'cx'"},
    {"ccnot", "stdgates.inc calls it 'ccx'"},      {"toffoli", "stdgates.inc calls it 'ccx'"},
    {"fredkin", "stdgates.inc calls it 'cswap'"},  {"i", "stdgates.inc calls it 'id'"},
    {"si", "stdgates.inc calls it 'sdg'"},         {"ti", "stdgates.inc calls it 'tdg'"},
    {"v", "stdgates.inc calls it 'sx'"},           {"phaseshift", "stdgates.inc calls it 'p'"},
    {"cphaseshift", "stdgates.inc calls it 'cp'"}, {"hadamard", "stdgates.inc calls it 'h'"},
    {"opaque", "OpenQASM 3 has no opaque gates"},
};

/* A name that is no gate here: one of the library that is not included, or another tool's. */
static const char *hint(const qsti_qasm_reading *reading, const char *name)
{
    qst_gate gate;
    for (size_t i = 0; i < sizeof standard_gates / sizeof standard_gates[0]; i++) {
        if (!qsti_qasm3_of(reading)->has_library && strcmp(standard_gates[i].name, name) == 0)
            return "include \"stdgates.inc\" is missing";
    }
    for (size_t i = 0; i < sizeof foreign_names / sizeof foreign_names[0]; i++) {
        if (strcmp(foreign_names[i].theirs, name) == 0)
            return foreign_names[i].hint;
    }
    return qst_gate_find(name, &gate) ? "stdgates.inc has it not; define it in the file" : NULL;
}

/* --- statements --------------------------------------------------------------------------------------------------- */

qst_status qsti_qasm3_begin_version(qsti_qasm_reading *reading, qsti_qasm_at at)
{
    if (qsti_qasm3_of(reading)->has_statement || reading->n_open > 1) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "the version is the first statement of a file, and once");
    }
    qsti_qasm3_of(reading)->has_version = true;
    return QST_OK;
}

qst_status qsti_qasm3_version(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word word)
{
    char spelled[QSTI_QASM_SPELLED];
    static const char *const versions[] = {"3", "3.0", "3.1"};
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        if (strlen(versions[i]) == word.n_bytes && memcmp(versions[i], word.bytes, word.n_bytes) == 0)
            return QST_OK;
    }
    qsti_qasm_spell(reading, at, word, spelled);
    return qsti_qasm_fail(reading, QST_ERR_UNSUPPORTED, at, "OpenQASM %s is not supported; 2.0, 3.0 and 3.1 are",
                          spelled);
}

static qst_status declare_standard_gates(qsti_qasm_reading *reading, qsti_qasm_at at)
{
    qst_status status = QST_OK;
    if (qsti_qasm3_of(reading)->has_library) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "stdgates.inc is included already");
    }
    qsti_qasm3_of(reading)->has_library = true;
    for (size_t i = 0; i < sizeof standard_gates / sizeof standard_gates[0] && status == QST_OK; i++) {
        const char *name = standard_gates[i].name;
        if (qsti_qasm_names_find(reading->names, name, strlen(name))) {
            return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "stdgates.inc defines '%s', which the file has already",
                                  name);
        }
        status = qsti_qasm_declare_native(reading, name, standard_gates[i].gate, false);
    }
    return status;
}

qst_status qsti_qasm3_include(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name)
{
    static const char standard[] = "stdgates.inc", of_two[] = "qelib1.inc";
    if (name.n_bytes == sizeof standard - 1 && memcmp(name.bytes, standard, name.n_bytes) == 0) {
        return declare_standard_gates(reading, at);
    }
    if (name.n_bytes == sizeof of_two - 1 && memcmp(name.bytes, of_two, name.n_bytes) == 0 &&
        reading->opts->n_include_dirs == 0) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at,
                              "qelib1.inc is OpenQASM 2's; that of OpenQASM 3 is stdgates.inc");
    }
    qst_status status = qsti_qasm_include(reading, at, name);
    return status == QST_OK ? open_scanner(reading) : status;
}

/* --- beginning ---------------------------------------------------------------------------------------------------- */

/* The highest number of a physical qubit in the text, plus one: comments do not count. */
static uint64_t count_physical(const qsti_qasm_text *text)
{
    const char *at = text->bytes, *end = text->bytes + text->n_bytes;
    uint64_t highest = 0;
    if (memchr(at, '$', text->n_bytes) == NULL) {
        return 0;
    }
    while (at < end) {
        if (at[0] == '/' && at + 1 < end && at[1] == '/') {
            at = memchr(at, '\n', (size_t)(end - at));
            at = at ? at : end;
        } else if (at[0] == '/' && at + 1 < end && at[1] == '*') {
            at = memmem(at + 2, (size_t)(end - at - 2), "*/", 2);
            at = at ? at + 2 : end;
        } else if (*at++ == '$') {
            uint64_t number = 0;
            for (; at < end && *at >= '0' && *at <= '9'; at++)
                number = number < QST_ASSEMBLY_MAX_QUBITS ? 10 * number + (uint64_t)(*at - '0') : number;
            if (number < QST_ASSEMBLY_MAX_QUBITS && number + 1 > highest) {
                highest = number + 1;
            }
        }
    }
    return highest;
}

/* U of the specification, which has a phase of its own. */
static qst_status define_u(qsti_qasm_reading *reading)
{
    static const char *const qubits[] = {"a"}, *const angles[] = {"theta", "phi", "lambda"};
    static const char name[] = "u_spec";
    const qst_definition definition = {
        .name = name, .n_qubits = 1, .n_angles = 3, .qubit_names = qubits, .angle_names = angles};
    const qst_token half[] = {{QST_OPERATOR_VARIABLE, 0, 0}, {QST_OPERATOR_NUMBER, 0, 2}, {QST_OPERATOR_DIVIDE, 0, 0}};
    const qst_token variables[] = {
        {QST_OPERATOR_VARIABLE, 0, 0}, {QST_OPERATOR_VARIABLE, 1, 0}, {QST_OPERATOR_VARIABLE, 2, 0}};
    const qst_expression phase = {half, 3}, all[] = {{variables, 1}, {variables + 1, 1}, {variables + 2, 1}};
    const uint32_t zero = 0;
    qsti_qasm_symbol *symbol = NULL;
    qst_instruction gphase = {.kind = QST_INSTRUCTION_GATE,
                              .gate = QST_GATE_gphase,
                              .angles = &phase,
                              .n_angles = 1,
                              .condition = QST_NO_CONDITION};
    qst_instruction u = {.kind = QST_INSTRUCTION_GATE,
                         .gate = QST_GATE_u,
                         .qubits = &zero,
                         .n_qubits = 1,
                         .angles = all,
                         .n_angles = 3,
                         .condition = QST_NO_CONDITION};
    qsti_qasm_symbol own = {.kind = QSTI_QASM_DEFINITION, .n_qubits = 1, .n_angles = 3};
    qst_status status = QST_OK;
    QSTI_TRY(qst_assembly_begin_definition(reading->builder, &definition));
    QSTI_TRY(qst_assembly_add(reading->builder, &gphase));
    QSTI_TRY(qst_assembly_add(reading->builder, &u));
    QSTI_TRY(qst_assembly_end_definition(reading->builder));
    own.index = (uint32_t)reading->n_definitions++;
    QSTI_TRY(qsti_qasm_names_add(reading->ctx, reading->names, "U", 1, &own, &symbol));
    own = (qsti_qasm_symbol){.kind = QSTI_QASM_OTHER, .index = UINT32_MAX};
    QSTI_TRY(qsti_qasm_names_add(reading->ctx, reading->names, name, sizeof name - 1, &own, &symbol));
done:
    return status;
}

static qst_status declare_builtins(qsti_qasm_reading *reading)
{
    qst_status status = QST_OK;
    for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++) {
        const qsti_qasm_symbol symbol = {.kind = QSTI_QASM_OTHER, .index = constants[i].index};
        qsti_qasm_symbol *added = NULL;
        QSTI_TRY(qsti_qasm_names_add(reading->ctx, reading->names, constants[i].name, strlen(constants[i].name),
                                     &symbol, &added));
    }
    QSTI_TRY(qsti_qasm_declare_native(reading, "gphase", QST_GATE_gphase, false));
    QSTI_TRY(reading->opts->u_phase == QST_U_PHASE_SPEC ? define_u(reading)
                                                        : qsti_qasm_declare_native(reading, "U", QST_GATE_u, false));
done:
    return status;
}

qst_status qsti_qasm3_read(qsti_qasm_reading *reading)
{
    qsti_qasm3 own = {.n_physical = count_physical(&reading->texts[0])};
    reading->dialect = &own;
    reading->hint = hint;
    qst_status status = declare_builtins(reading);
    QSTI_TRY(status);
    QSTI_TRY(open_scanner(reading));
    if (qsti_qasm3_parse(reading) != 0) {
        status = reading->status != QST_OK ? reading->status
                                           : qsti_fail(reading->ctx, QST_ERR_INTERNAL, "a grammar failed in silence");
    }
    if (own.n_quotients > QSTI_QASM3_MAX_WARNINGS) {
        qsti_warn(reading->ctx, "%s: %zu more quotients of integers are rounded down", reading->texts->name,
                  own.n_quotients - QSTI_QASM3_MAX_WARNINGS);
    }
    if (status == QST_OK && !own.has_version) {
        qsti_warn(reading->ctx, "%s: no version statement: read as OpenQASM 3.0", reading->texts->name);
    }
done:
    while (own.n_scanners > 0)
        close_scanner(&own);
    qsti_free(reading->ctx, own.negated);
    qsti_free(reading->ctx, own.set);
    reading->dialect = NULL;
    return status;
}
