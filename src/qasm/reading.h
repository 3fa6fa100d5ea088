/* reading.h: what the readers of OpenQASM 2 and 3 share: texts and places, the include stack, names, angles, operands,
 * and the statements that they become.
 *
 * A reader is a grammar (bison, pure) and a scanner (flex, reentrant) over one qsti_qasm_reading. It builds while it
 * parses: there is no tree. A grammar's action calls the functions below and stops at the first failure, whose status
 * and message are then in the context and whose place is in the reading.
 *
 * A place is the offset of a byte over all texts, the file first and then each include in the order of its opening;
 * line and column are counted only when a message needs them. So bison's location type is one number.
 *
 * What was read waits on three stacks until a statement takes it: numbers and operators of the angles (postfix), the
 * operands, and words (the names that a gate definition lists). Every statement that takes something takes all of it.
 */
#ifndef QSTI_QASM_READING_H
#define QSTI_QASM_READING_H

#include <qstill/qasm.h>
#include <stddef.h>

#include "base/memory.h"

#define QSTI_QASM_MAX_BYTES    ((size_t)64 << 20) /* of all texts together */
#define QSTI_QASM_MAX_INCLUDES 8                  /* one inside the other */
/* What statements about whole registers may become in all: 4 million instructions, or
 * barriers of 67 million qubits, some 300 MiB. A text of any size may have as many statements about elements. */
#define QSTI_QASM_MAX_SPREAD   ((uint64_t)1 << 26)
#define QSTI_QASM_SPREAD       16    /* of an instruction; 1 of a qubit in a barrier */
#define QSTI_QASM_SCANNER_ROOM 1024  /* bytes; flex takes about 400 for a text in memory */
#define QSTI_QASM_MAX_NESTING  10000 /* parentheses, signs, powers, modifiers */

typedef uint32_t qsti_qasm_at; /* a place */

/* --- texts -------------------------------------------------------------------------------------------------------- */

/* One text, in memory with two NULs behind it, as flex's yy_scan_buffer() wants (which may write into it). */
typedef struct qsti_qasm_text {
    char *name;  /* of the file, for messages; for an include as it was found: "DIR/NAME" */
    char *label; /* for an include as it was asked for, NULL for the file */
    char *bytes;
    size_t n_bytes;
    qsti_qasm_at first;    /* place of its first byte; the place behind its last byte is its end */
    qsti_qasm_at included; /* where the include statement's name stands */
} qsti_qasm_text;

/* --- names -------------------------------------------------------------------------------------------------------- */

typedef enum qsti_qasm_kind {
    QSTI_QASM_NATIVE,     /* a gate of gates.def: index is the qst_gate */
    QSTI_QASM_DEFINITION, /* a gate of the file: index is that of the definition */
    QSTI_QASM_UNFINISHED, /* the gate whose body is being read */
    QSTI_QASM_QUBITS,     /* a register: index, first, size */
    QSTI_QASM_BITS,
    QSTI_QASM_PARAMETER, /* of the assembly (OpenQASM 3 input): index */
    QSTI_QASM_ANGLE,     /* of the definition being read: index */
    QSTI_QASM_QUBIT,     /* of the definition being read: index */
    QSTI_QASM_OTHER      /* taken by something of the dialect: index is its business */
} qsti_qasm_kind;

typedef struct qsti_qasm_symbol {
    const char *name; /* its own copy, NUL-terminated; for the end of the reading */
    uint32_t n_bytes;
    qsti_qasm_kind kind;
    uint32_t index;
    uint32_t first, size;        /* registers */
    uint32_t n_qubits, n_angles; /* gates */
    bool is_single;   /* a register without a size: one qubit or bit, which has no index and is no register */
    bool replaceable; /* a built-in gate that a definition in the file may replace (Qiskit's longer qelib1) */
    qsti_qasm_at at;  /* where it was declared */
} qsti_qasm_symbol;

typedef struct qsti_qasm_names qsti_qasm_names;

qst_status qsti_qasm_names_create(qst_ctx *ctx, qsti_qasm_names **out);
void qsti_qasm_names_free(qst_ctx *ctx, qsti_qasm_names *names);
/* The symbol of a name, or NULL. The pointer is good until the table is freed or emptied. Expected cost O(n). */
qsti_qasm_symbol *qsti_qasm_names_find(const qsti_qasm_names *names, const char *name, size_t n);
/* Adds a copy of *symbol under name[0..n), which is not there yet. Errors: ERR_MEMORY. */
qst_status qsti_qasm_names_add(qst_ctx *ctx, qsti_qasm_names *names, const char *name, size_t n,
                               const qsti_qasm_symbol *symbol, qsti_qasm_symbol **out);
void qsti_qasm_names_empty(qsti_qasm_names *names);
/* The gate (or, without want_gates, the other name) nearest to a word, or NULL when none is near. */
const char *qsti_qasm_names_nearest(const qsti_qasm_names *names, const char *word, bool want_gates);

/* --- the reading -------------------------------------------------------------------------------------------------- */

/* A word of the text, borrowed from it: an identifier, the inside of a string, a number as it is written. */
typedef struct qsti_qasm_word {
    const char *bytes;
    uint32_t n_bytes;
} qsti_qasm_word;

/* What a gate or another statement acts on: n qubits or bits first, first + step, ... */
typedef struct qsti_qasm_operand {
    uint32_t first, n;
    int32_t step;     /* 1 for a register */
    bool is_register; /* broadcast over; else n = 1. A register of size 1 is a register too. */
    bool is_bits;     /* bits, not qubits */
    uint32_t listed;  /* 0; or its n elements are reading->elements[listed - 1] and those behind */
    qsti_qasm_at at;  /* where it begins */
} qsti_qasm_operand;

typedef struct qsti_qasm_reading {
    qst_ctx *ctx;
    const qst_qasm_opts *opts; /* never NULL here */
    qst_qasm_place *place;     /* never NULL here */
    qst_assembly_builder *builder;

    qsti_qasm_text *texts; /* (n_texts), the file first */
    size_t n_texts, texts_capacity, n_total_bytes;
    size_t open[QSTI_QASM_MAX_INCLUDES + 1]; /* indices of the texts being scanned, the innermost last */
    size_t n_open;

    qsti_qasm_names *names;       /* of the whole file */
    qsti_qasm_names *locals;      /* of the definition being read */
    qsti_qasm_symbol *definition; /* the one being read */
    size_t n_definitions, n_qubit_registers, n_bit_registers, n_parameters, n_qubits, n_bits;
    size_t n_local_qubits, n_local_angles;

    qst_token *tokens; /* the angles that wait, in postfix order */
    size_t n_tokens, tokens_capacity;
    struct qsti_qasm_angle_start {
        uint32_t token;  /* its first in tokens */
        qsti_qasm_at at; /* where it begins in the text */
    } * angles;          /* one for each (part of an) expression that waits */
    size_t n_angles, angles_capacity;
    qst_expression *expressions; /* room for those of one call */
    size_t expressions_capacity;

    qsti_qasm_operand *operands; /* those that wait */
    size_t n_operands, operands_capacity;
    uint32_t *elements; /* of operands that are lists */
    size_t n_elements, elements_capacity;
    struct qsti_qasm_spelled {
        qsti_qasm_word word;
        qsti_qasm_at at;
    } * words; /* those that wait */
    size_t n_words, words_capacity;

    uint32_t *qubits; /* room for those of one instruction */
    size_t qubits_capacity;
    uint32_t *seen; /* (qubits) number of the instruction that named it last */
    size_t seen_capacity;
    uint64_t n_spread; /* spent by statements about whole registers, see QSTI_QASM_MAX_SPREAD */

    size_t condition; /* register for the statements that follow, or QST_NO_CONDITION */
    uint64_t condition_value;

    size_t nesting; /* for the scanner */
    struct qsti_qasm_room {
        size_t n_used;
        _Alignas(max_align_t) char bytes[QSTI_QASM_SCANNER_ROOM];
    } rooms[QSTI_QASM_MAX_INCLUDES + 1]; /* of the open texts' scanners */
    int version;                         /* 2 or 3 */
    uint32_t n_seen;                     /* numbers of `seen` given so far */
    bool in_definition, is_opaque;
    qst_status status; /* of the first failure: a grammar's action stores it and aborts */
    void *dialect;     /* what a dialect keeps besides */
    /* What a dialect says about a name that is no gate, or NULL for the nearest one that is. */
    const char *(*hint)(const struct qsti_qasm_reading *reading, const char *name);
} qsti_qasm_reading;

/* --- failures ----------------------------------------------------------------------------------------------------- */

/* Fails with "FILE:LINE:COLUMN: what" and fills reading->place. Returns status, and keeps it in reading->status. */
qst_status qsti_qasm_fail(qsti_qasm_reading *reading, qst_status status, qsti_qasm_at at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Puts the place in front of a message that another module has left (of the builder, of memory). OK stays OK. */
qst_status qsti_qasm_placed(qsti_qasm_reading *reading, qst_status status, qsti_qasm_at at);
/* "'c' is a register of bits, not a gate". */
qst_status qsti_qasm_fail_kind(qsti_qasm_reading *reading, qsti_qasm_at at, const qsti_qasm_symbol *symbol,
                               const char *wanted);
/* A word for a message: "'foo'", shortened when it is long; in an included file "this", since what is included may be
 * any file of the machine and is never quoted. `out` is returned. */
#define QSTI_QASM_SPELLED 64
const char *qsti_qasm_spell(const qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word word,
                            char out[QSTI_QASM_SPELLED]);
/* Line and column, from 1, in bytes. */
void qsti_qasm_locate(const qsti_qasm_reading *reading, qsti_qasm_at at, const qsti_qasm_text **out_text,
                      size_t *out_line, size_t *out_column);

/* --- includes ----------------------------------------------------------------------------------------------------- */

/* Makes bytes[0..n_bytes), which are taken in every case, the file that is read. */
qst_status qsti_qasm_open_file(qsti_qasm_reading *reading, const char *name, char *bytes, size_t n_bytes);
/* Opens a file that is not built in, through the folders of opts: it becomes the innermost open text, and the dialect
 * begins to scan it. `at`: where the name stands. Refused: an absolute path, "..", a file that has been included
 * already, more than QSTI_QASM_MAX_INCLUDES levels, more than QSTI_QASM_MAX_BYTES in all. */
qst_status qsti_qasm_include(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name);
/* The innermost text is at its end. False when it was the file itself. */
bool qsti_qasm_close_include(qsti_qasm_reading *reading);
const qsti_qasm_text *qsti_qasm_innermost(const qsti_qasm_reading *reading);

/* --- declarations ------------------------------------------------------------------------------------------------- */

/* The name is free, or a built-in gate that may be replaced and `may_replace`: else an error with what it already is.
 */
qst_status qsti_qasm_free_name(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name, bool may_replace);
/* Declares a gate of gates.def under a name. */
qst_status qsti_qasm_declare_native(qsti_qasm_reading *reading, const char *name, qst_gate gate, bool replaceable);
/* Declares a register of `size` qubits or bits; at_size: where the size stands. */
qst_status qsti_qasm_declare_register(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name,
                                      qsti_qasm_at at_size, uint64_t size, bool is_bits);
qst_status qsti_qasm_declare_parameter(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name);

/* A gate definition: first its own names in their order (angles, then qubits), then its opening, whose body's
 * statements follow, then its end. The name is known inside only as that of an unfinished gate. */
qst_status qsti_qasm_add_local(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name, bool is_qubit);
qst_status qsti_qasm_open_definition(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name, bool opaque);
qst_status qsti_qasm_close_definition(qsti_qasm_reading *reading);

/* --- angles ------------------------------------------------------------------------------------------------------- */

/* Each puts one number, variable or operator behind what waits; operators take the last one or two expressions. What
 * has no variable is computed at once, and must be finite. `at`: the place of this token. */
qst_status qsti_qasm_number(qsti_qasm_reading *reading, qsti_qasm_at at, double value);
/* A number as it is written: digits, point, exponent. Refused when it overflows. */
qst_status qsti_qasm_literal(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word word);
qst_status qsti_qasm_variable(qsti_qasm_reading *reading, qsti_qasm_at at, uint32_t variable);
qst_status qsti_qasm_operator(qsti_qasm_reading *reading, qsti_qasm_at at, qst_operator kind);
/* Takes the last expression, which must be a number without variables. Errors: ERR_INPUT "... is not constant". */
qst_status qsti_qasm_take_constant(qsti_qasm_reading *reading, double *out);
/* A whole number of decimal digits. Errors: ERR_INPUT above UINT64_MAX. */
qst_status qsti_qasm_integer(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word word, uint64_t *out);

/* --- statements --------------------------------------------------------------------------------------------------- */

/* The gate of a name: native or definition. Errors: ERR_INPUT: not declared (with the nearest name that is), the gate
 * whose body is being read, not a gate. */
qst_status qsti_qasm_find_gate(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name,
                               const qsti_qasm_symbol **out);
/* Puts an operand behind those that wait: NAME, or NAME[index] with indexed. In a definition NAME is one of its qubits.
 * Errors: ERR_INPUT: not declared, wrong kind, index out of range (at_index). */
qst_status qsti_qasm_add_operand(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name, bool is_bits);
qst_status qsti_qasm_add_element(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name, bool is_bits,
                                 qsti_qasm_at at_index, uint64_t index);
/* One that the dialect has made itself (a slice, $0). */
qst_status qsti_qasm_push_operand(qsti_qasm_reading *reading, const qsti_qasm_operand *operand);
/* Adds to the elements of a list; out_listed (NULL but for the first) is what its operand keeps as `listed`. */
qst_status qsti_qasm_list_element(qsti_qasm_reading *reading, uint32_t element, uint32_t *out_listed);
/* Qubit or bit number i of an operand; every one of what is no register is its only one. */
uint32_t qsti_qasm_operand_element(const qsti_qasm_reading *reading, const qsti_qasm_operand *operand, size_t i);

typedef struct qsti_qasm_call {
    const qsti_qasm_symbol *gate;
    bool inverse;
    uint32_t n_controls;     /* the leading operands */
    const uint32_t *negated; /* (n_negated) which of them control by 0: X stands before and behind the gate */
    size_t n_negated;
    qsti_qasm_at at; /* where its name stands */
} qsti_qasm_call;

/* Each takes what waits, checks it (numbers of angles and of qubits, sizes, a qubit named twice), and adds it to the
 * assembly once for every element of the registers it names, under the condition that is set. */
qst_status qsti_qasm_add_call(qsti_qasm_reading *reading, const qsti_qasm_call *call);
qst_status qsti_qasm_add_barrier(qsti_qasm_reading *reading, qsti_qasm_at at);
qst_status qsti_qasm_add_reset(qsti_qasm_reading *reading, qsti_qasm_at at);
/* The first operand are qubits, the second, if there is one, bits. */
qst_status qsti_qasm_add_measure(qsti_qasm_reading *reading, qsti_qasm_at at);
/* The condition of the next statement: NAME == value. Ends with qsti_qasm_end_condition(). */
qst_status qsti_qasm_begin_condition(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name,
                                     qsti_qasm_at at_value, uint64_t value);
void qsti_qasm_end_condition(qsti_qasm_reading *reading);

/* Keeps a word for later, as the names that a definition lists, and forgets all that wait. */
qst_status qsti_qasm_push_word(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word word);
void qsti_qasm_drop_words(qsti_qasm_reading *reading);

/* --- the dialects ------------------------------------------------------------------------------------------------- */

/* Reads the file that is open (texts[0], past its version line or not: the grammar reads the version statement itself)
 * into reading->builder. Leaves the failure in the context and in reading->place. */
qst_status qsti_qasm2_read(qsti_qasm_reading *reading);
qst_status qsti_qasm3_read(qsti_qasm_reading *reading);

/* Memory for the scanner of the innermost text, for flex's alloc and realloc (of nothing): freeing does nothing. Since
 * flex ends the process when it gets none, the room is there before it asks. */
void *qsti_qasm_scanner_room(qsti_qasm_reading *reading, size_t n_bytes);

/* bison's stack from the context's memory: in the prologue of a grammar whose parameter is `reading`,
 *   #define YYMALLOC(n) qsti_qasm_stack(reading, n)
 *   #define YYFREE(p)   qsti_free(reading->ctx, p)
 */
void *qsti_qasm_stack(qsti_qasm_reading *reading, size_t n_bytes);

#endif
