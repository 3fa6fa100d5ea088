/* openqasm3.h: what the grammar of OpenQASM 3 calls [cross2022]: typed expressions, indexed operands, modifiers, and
 * the statements whose meaning is not that of OpenQASM 2. On failure each leaves message and place in the reading.
 *
 * Constants are typed as the language has them: the quotient of two integers is an integer. An expression lies on the
 * reading's stack of angles like one of OpenQASM 2; its type is the value that the grammar carries.
 */
#ifndef QSTI_QASM_OPENQASM3_H
#define QSTI_QASM_OPENQASM3_H

#include <stddef.h>

#include "qasm/reading.h"

typedef struct qsti_qasm3_value {
    qsti_qasm_at at;  /* where it begins */
    bool is_constant; /* names no input and no parameter of a gate */
    bool is_integer;  /* constant, and of an integer type */
    int64_t integer;  /* when it is */
} qsti_qasm3_value;

/* The arguments of a function: it takes one or two. */
typedef struct qsti_qasm3_arguments {
    qsti_qasm3_value values[2];
    uint32_t n;
} qsti_qasm3_arguments;

typedef enum qsti_qasm3_modifier { QSTI_QASM3_INV, QSTI_QASM3_CTRL, QSTI_QASM3_NEGCTRL } qsti_qasm3_modifier;

/* first:step:last, each of which may be left out. */
typedef struct qsti_qasm3_bound {
    bool is_given;
    qsti_qasm_at at;
    int64_t number;
} qsti_qasm3_bound;
typedef struct qsti_qasm3_range {
    qsti_qasm3_bound first, step, last;
} qsti_qasm3_range;

/* Room for a scanner: flex ends the program when it gets no memory, so it is given what cannot fail. */
#define QSTI_QASM3_SCANNER_BYTES 1024

#define QSTI_QASM3_MAX_WARNINGS 5

/* What the dialect keeps beside the reading. */
typedef struct qsti_qasm3 {
    void *scanners[QSTI_QASM_MAX_INCLUDES + 1]; /* of the open texts */
    size_t n_scanners;
    _Alignas(max_align_t) char room[(QSTI_QASM_MAX_INCLUDES + 1) * QSTI_QASM3_SCANNER_BYTES]; /* theirs */
    size_t room_used;                /* of the innermost one's */
    qsti_qasm_word last;             /* the token that was read last */
    qsti_qasm_at last_end;           /* and its end */
    bool has_version, has_statement; /* the file has begun with a version; has begun at all */
    bool has_registers;              /* the file has declared qubits */
    bool has_physical;               /* or has named physical ones */
    bool has_library;                /* stdgates.inc is included */
    uint64_t n_physical;             /* the highest number of a physical qubit in the file, plus one */
    size_t n_quotients;              /* of integers, with a remainder */
    /* modifiers that wait for their gate */
    bool inverse;
    uint64_t n_controls;
    uint32_t *negated; /* (n_negated) which of the controls act on 0 */
    size_t n_negated, negated_capacity;
    qsti_qasm3_bound *set; /* (n_set) of the index that is being read */
    size_t n_set, set_capacity;
} qsti_qasm3;

static inline qsti_qasm3 *qsti_qasm3_of(const qsti_qasm_reading *reading)
{
    return reading->dialect;
}

/* "WHAT is not supported", ERR_UNSUPPORTED. */
qst_status qsti_qasm3_unsupported(qsti_qasm_reading *reading, qsti_qasm_at at, const char *what);

/* --- for the scanner ---------------------------------------------------------------------------------------------- */

/* The token's place; the token is remembered for messages. */
qsti_qasm_at qsti_qasm3_token(qsti_qasm_reading *reading, const char *bytes, uint32_t n_bytes);
/* Whether all its characters are letters and digits; fails at the first that is not. */
bool qsti_qasm3_is_name(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word word);
/* One more parenthesis is open. False, with the message given, at the limit. */
bool qsti_qasm3_nest(qsti_qasm_reading *reading, qsti_qasm_at at);
/* Memory of the scanner that is being opened. */
void *qsti_qasm3_scanner_memory(qsti_qasm_reading *reading, size_t n_bytes);

/* --- for the grammar ---------------------------------------------------------------------------------------------- */

#define QSTI_QASM3_MAX_EXPECTED 5
void qsti_qasm3_fail_syntax(qsti_qasm_reading *reading, qsti_qasm_at at, bool is_end, const char *const *expected,
                            size_t n_expected);
void qsti_qasm3_fail_nesting(qsti_qasm_reading *reading, qsti_qasm_at at);
/* The version statement, which is the first of the file; and its number. */
qst_status qsti_qasm3_begin_version(qsti_qasm_reading *reading, qsti_qasm_at at);
qst_status qsti_qasm3_version(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word word);
/* include: stdgates.inc from the built-in table, else a file. */
qst_status qsti_qasm3_include(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name);

/* --- expressions -------------------------------------------------------------------------------------------------- */

/* A number as it is written: base 2, 8, 10 or 16 with its prefix, or 0 for one with a point or an exponent. */
qst_status qsti_qasm3_number(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word word, int base,
                             qsti_qasm3_value *out);
/* A name in an expression: a constant of the language, an input, or a parameter of the gate being defined. */
qst_status qsti_qasm3_name(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name, qsti_qasm3_value *out);
qst_status qsti_qasm3_negate(qsti_qasm_reading *reading, qsti_qasm_at at, const qsti_qasm3_value *value,
                             qsti_qasm3_value *out);
/* left OPERATOR right; sign is one of + - * / % and 'p' for a power. at: where the operator stands. */
qst_status qsti_qasm3_binary(qsti_qasm_reading *reading, qsti_qasm_at at, char sign, const qsti_qasm3_value *left,
                             const qsti_qasm3_value *right, qsti_qasm3_value *out);
qst_status qsti_qasm3_function(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name,
                               const qsti_qasm3_arguments *arguments, qsti_qasm3_value *out);
/* Takes an expression that must be a constant integer: "WHAT is no constant integer". */
qst_status qsti_qasm3_take_integer(qsti_qasm_reading *reading, const qsti_qasm3_value *value, const char *what,
                                   int64_t *out);
/* The same for the number of bits of a type. */
qst_status qsti_qasm3_take_width(qsti_qasm_reading *reading, const qsti_qasm3_value *value);

/* --- operands ----------------------------------------------------------------------------------------------------- */

/* Puts $k behind the operands that wait. */
qst_status qsti_qasm3_add_physical(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word word);
/* Each selects from the operand that was put last: one element, a range, the set that was collected. */
qst_status qsti_qasm3_index(qsti_qasm_reading *reading, qsti_qasm_at at, int64_t index);
qst_status qsti_qasm3_index_range(qsti_qasm_reading *reading, qsti_qasm_at at, const qsti_qasm3_range *range);
qst_status qsti_qasm3_collect(qsti_qasm_reading *reading, const qsti_qasm3_value *index);
qst_status qsti_qasm3_index_set(qsti_qasm_reading *reading, qsti_qasm_at at);

/* --- statements --------------------------------------------------------------------------------------------------- */

/* size NULL: one qubit or bit that is no register. */
qst_status qsti_qasm3_declare(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name,
                              const qsti_qasm3_value *size, bool is_bits);
/* Bits that were declared without being measured into. */
qst_status qsti_qasm3_drop_target(qsti_qasm_reading *reading);
/* One more modifier in front of the gate; count NULL: one control. */
qst_status qsti_qasm3_modify(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm3_modifier modifier,
                             const qsti_qasm3_value *count);
/* As qsti_qasm_find_gate(), but the names of the definition being read hide those of the file. */
qst_status qsti_qasm3_find_gate(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name,
                                const qsti_qasm_symbol **out);
/* The gate, or gphase for NULL, under the modifiers that wait. */
qst_status qsti_qasm3_call(qsti_qasm_reading *reading, qsti_qasm_at at, const qsti_qasm_symbol *gate);
/* A measurement of what waits: qubits and, if there are any, bits; target_first: bits and qubits. */
qst_status qsti_qasm3_measure(qsti_qasm_reading *reading, qsti_qasm_at at, bool target_first);

#endif
