/* qstill/assembly.h: circuits as OpenQASM has them: registers of qubits and bits, parameters, gate definitions, and a
 * list of instructions with measurements, resets, barriers and conditions. What is read, written, drawn, transpiled and
 * run with shots is an assembly; a qst_circuit is the unitary part that models are made of, and each becomes the other.
 *
 * Conventions are those of circuit.h. Qubits are numbered over all registers in the order of their declaration, and so
 * are bits. An assembly is immutable once finished and may be shared.
 */
#ifndef QSTILL_ASSEMBLY_H
#define QSTILL_ASSEMBLY_H

#include <qstill/circuit.h>

#ifdef __cplusplus
extern "C" {
#endif

#define QST_ASSEMBLY_MAX_QUBITS       1000000   /* qubits, and bits */
#define QST_ASSEMBLY_MAX_INSTRUCTIONS 100000000 /* of an assembly, and after expansion */
#define QST_EXPRESSION_MAX_DEPTH      16384     /* operands that wait at the same time */

/* --- angles ------------------------------------------------------------------------------------------------------- */

typedef enum qst_operator {
    QST_OPERATOR_NUMBER,
    QST_OPERATOR_VARIABLE, /* of an instruction: parameter of the assembly; in a body: parameter of the definition */
    QST_OPERATOR_ADD,
    QST_OPERATOR_SUBTRACT,
    QST_OPERATOR_MULTIPLY,
    QST_OPERATOR_DIVIDE,
    QST_OPERATOR_POWER,
    QST_OPERATOR_NEGATE,
    QST_OPERATOR_SIN,
    QST_OPERATOR_COS,
    QST_OPERATOR_TAN,
    QST_OPERATOR_EXP,
    QST_OPERATOR_LN,
    QST_OPERATOR_SQRT,
    QST_OPERATOR_ARCSIN,
    QST_OPERATOR_ARCCOS,
    QST_OPERATOR_ARCTAN
} qst_operator;

typedef struct qst_token {
    qst_operator kind;
    uint32_t variable; /* VARIABLE */
    double number;     /* NUMBER */
} qst_token;

/* A real expression in postfix order, radians: 2*w0 is {NUMBER 2, VARIABLE 0, MULTIPLY}. One that names no variable is
 * stored as the one number that it is worth. Borrowed by the call. */
typedef struct qst_expression {
    const qst_token *tokens;
    size_t n_tokens;
} qst_expression;

/* The value at `variables`. Not finite where the mathematics is not; NaN for tokens that are no expression. Cost
 * O(tokens). */
QST_API double qst_expression_value(const qst_expression *expression, const double *variables);

/* --- instructions ------------------------------------------------------------------------------------------------- */

typedef enum qst_instruction_kind {
    QST_INSTRUCTION_GATE,    /* of gates.def */
    QST_INSTRUCTION_CALL,    /* of a definition in the assembly */
    QST_INSTRUCTION_MEASURE, /* one qubit, into `bit` */
    QST_INSTRUCTION_RESET,   /* one qubit */
    QST_INSTRUCTION_BARRIER  /* orders, and does nothing to the state */
} qst_instruction_kind;

#define QST_NO_CONDITION SIZE_MAX
#define QST_NO_BIT       UINT32_MAX

/* One instruction. Its arrays belong to the assembly, or are borrowed by the call that adds it. */
typedef struct qst_instruction {
    qst_instruction_kind kind;
    qst_gate gate;       /* GATE */
    size_t definition;   /* CALL */
    bool inverse;        /* GATE, CALL: the inverse, inside the controls */
    uint32_t n_controls; /* GATE, CALL: that many leading qubits control what acts on the others */
    const uint32_t *qubits;
    size_t n_qubits;
    const qst_expression *angles;
    size_t n_angles;
    uint32_t bit;     /* MEASURE; QST_NO_BIT: the result is not kept */
    size_t condition; /* only when this register of bits has the value `condition_value`; QST_NO_CONDITION */
    uint64_t condition_value;
} qst_instruction;

/* A register of qubits or of bits: numbers first .. first + size - 1. */
typedef struct qst_register {
    const char *name;
    size_t first, size;
} qst_register;

/* A gate that the assembly defines. */
typedef struct qst_definition {
    const char *name;
    size_t n_qubits, n_angles;
    const char *const *qubit_names; /* (n_qubits) */
    const char *const *angle_names; /* (n_angles) */
    bool opaque;                    /* declared without a body */
    size_t n_instructions;          /* of the body: gates, calls and barriers */
} qst_definition;

typedef struct qst_assembly qst_assembly;
typedef struct qst_assembly_builder qst_assembly_builder;

/* --- building ----------------------------------------------------------------------------------------------------- */

/* Begins an empty assembly. Errors: ERR_MEMORY. */
QST_API qst_status qst_assembly_begin(qst_ctx *ctx, qst_assembly_builder **out);
/* Adds a register of `size` >= 1 qubits or bits. A name is that of no other register, parameter or definition and not
 * empty; what letters it may have is the language's business. Errors: ERR_INPUT, ERR_LIMIT. */
QST_API qst_status qst_assembly_add_qubits(qst_assembly_builder *builder, const char *name, size_t size);
QST_API qst_status qst_assembly_add_bits(qst_assembly_builder *builder, const char *name, size_t size);
/* Adds a parameter (`input` of OpenQASM 3); numbers count from 0. */
QST_API qst_status qst_assembly_add_parameter(qst_assembly_builder *builder, const char *name);
/* Opens a definition: until qst_assembly_end_definition() instructions go into its body, with its own qubits and angles
 * as numbers. A body calls only definitions that are complete. `opaque` of the description says that no body follows;
 * the strings are copied, n_instructions is not looked at. */
QST_API qst_status qst_assembly_begin_definition(qst_assembly_builder *builder, const qst_definition *definition);
QST_API qst_status qst_assembly_end_definition(qst_assembly_builder *builder);
/* Adds an instruction, everything about it checked. Copies. Errors: ERR_INPUT (what is wrong, and what would be right,
 * with the gate's name), ERR_LIMIT, ERR_MEMORY. Cost O(qubits + tokens). */
QST_API qst_status qst_assembly_add(qst_assembly_builder *builder, const qst_instruction *instruction);
/* Ends building: the builder is freed in every case. */
QST_API qst_status qst_assembly_finish(qst_assembly_builder *builder, qst_assembly **out);
QST_API void qst_assembly_abandon(qst_assembly_builder *builder);
QST_API void qst_assembly_free(qst_assembly *assembly);

/* --- reading ------------------------------------------------------------------------------------------------------ */

QST_API size_t qst_assembly_qubits(const qst_assembly *assembly);
QST_API size_t qst_assembly_bits(const qst_assembly *assembly);
QST_API size_t qst_assembly_qubit_registers(const qst_assembly *assembly);
QST_API size_t qst_assembly_bit_registers(const qst_assembly *assembly);
QST_API void qst_assembly_qubit_register(const qst_assembly *assembly, size_t index, qst_register *out);
QST_API void qst_assembly_bit_register(const qst_assembly *assembly, size_t index, qst_register *out);
QST_API size_t qst_assembly_parameters(const qst_assembly *assembly);
QST_API const char *qst_assembly_parameter(const qst_assembly *assembly, size_t index);
QST_API size_t qst_assembly_definitions(const qst_assembly *assembly);
QST_API void qst_assembly_definition(const qst_assembly *assembly, size_t index, qst_definition *out);
QST_API size_t qst_assembly_instructions(const qst_assembly *assembly);
QST_API void qst_assembly_instruction(const qst_assembly *assembly, size_t index, qst_instruction *out);
/* Instruction `index` of the body of a definition. */
QST_API void qst_definition_instruction(const qst_assembly *assembly, size_t definition, size_t index,
                                        qst_instruction *out);
/* "cx", "ccu3", "my_gate": the name of what an instruction does, without modifiers. */
QST_API const char *qst_instruction_name(const qst_assembly *assembly, const qst_instruction *instruction);

/* --- expansion ---------------------------------------------------------------------------------------------------- */

/* What an expansion hands out, one after the other: a gate of gates.def without controls, or a measurement, reset or
 * barrier. Angles are polynomials in the parameters, QST_WEIGHT(i) for parameter i, or numbers when values are given.
 */
typedef struct qst_step {
    qst_instruction_kind kind; /* no CALL */
    qst_operation operation;   /* GATE: gate, qubits, angles */
    const uint32_t *qubits;    /* the others */
    size_t n_qubits;
    uint32_t bit;
    size_t condition;
    uint64_t condition_value;
    size_t instruction; /* of the assembly, from which it comes */
} qst_step;

/* An error ends the walk and is handed on. */
typedef qst_status qst_step_fn(void *user, const qst_step *step);

/* Walks over the assembly with every call replaced by its body, every inverse and every control by gates of gates.def,
 * exactly, global phase included. parameters (n) = values of all parameters, or NULL: they stay free. Nothing is
 * stored, so memory is that of the deepest nesting. Before the first call the number of steps is counted: ERR_LIMIT
 * above max_steps (0: QST_ASSEMBLY_MAX_INSTRUCTIONS). Errors besides: ERR_UNSUPPORTED for an opaque gate, an angle that
 * is no polynomial of degree <= 2 in free parameters, more than 64 controls on one gate; ERR_INPUT for an angle that is
 * not finite. */
QST_API qst_status qst_assembly_walk(const qst_assembly *assembly, const double *parameters, size_t max_steps,
                                     qst_step_fn *fn, void *user);

/* The same as an assembly without definitions, controls and inverses, its parameters bound when values are given. */
QST_API qst_status qst_assembly_expand(const qst_assembly *assembly, const double *parameters, qst_assembly **out);

/* --- circuits ----------------------------------------------------------------------------------------------------- */

/* What a parameter of an assembly is to a model. */
typedef struct qst_parameter_role {
    bool is_feature; /* else a weight */
    size_t index;    /* which one */
} qst_parameter_role;

/* The unitary part as a circuit of at most 30 qubits: barriers vanish, and so do measurements behind which nothing acts
 * on their qubit. roles (one for each parameter) may be NULL: parameter i is weight i. Errors: ERR_UNSUPPORTED for a
 * measurement in the middle, a reset or a condition, with the instruction; those of qst_assembly_walk(); ERR_LIMIT. */
QST_API qst_status qst_assembly_circuit(const qst_assembly *assembly, const qst_parameter_role *roles,
                                        qst_circuit **out);

/* What stands in the place of a circuit's variables: values, or parameters named "weights_0", "weights_1", ...,
 * "features_0", ...: first those of all weights, then those of all features. */
typedef struct qst_assembly_opts {
    const double *weights;     /* NULL: parameters */
    const double *features;    /* NULL: parameters */
    const char *weights_name;  /* instead of "weights", at most 120 bytes; or NULL */
    const char *features_name; /* instead of "features" */
    bool measure;              /* at the end: every qubit into the bit of its number, */
    const size_t *measured;    /* (n_measured) or, unless NULL, qubit measured[k] into bit k */
    size_t n_measured;
} qst_assembly_opts;

/* A circuit as an assembly with one register q, and c when it is measured. A preparation by features becomes gates:
 * basis needs bound features; amplitude a tree of multiplexed rotations, bound as well. opts may be NULL. Errors:
 * ERR_UNSUPPORTED for a preparation of free features, ERR_INPUT for features that cannot be prepared, ERR_USAGE for a
 * measured qubit that the circuit does not have. */
QST_API qst_status qst_circuit_assembly(const qst_circuit *circuit, const qst_assembly_opts *opts, qst_assembly **out);

/* --- counts ------------------------------------------------------------------------------------------------------- */

typedef struct qst_gate_count {
    const char *name; /* modifiers in front: "ctrl(2) @ inv @ my_gate" */
    size_t count;
} qst_gate_count;

/* Size as it is written: a call of a definition is one gate; a global phase is none. depth is Qiskit's: the longest way
 * over qubits and bits, measurements and resets counted; a barrier adds nothing, but ties its qubits together. */
typedef struct qst_assembly_counts {
    size_t qubits, bits, parameters, depth;
    size_t gates, two_qubit_gates; /* all; on exactly two qubits, controls included */
    size_t measurements, resets, barriers, conditions;
    qst_gate_count *by_name; /* (n_names), most frequent first, then by name */
    size_t n_names;
} qst_assembly_counts;
/* Free with qst_assembly_counts_clear(). Errors: ERR_MEMORY. */
QST_API qst_status qst_assembly_count(const qst_assembly *assembly, qst_assembly_counts *out);
QST_API void qst_assembly_counts_clear(const qst_assembly *assembly, qst_assembly_counts *counts);

/* --- JSON --------------------------------------------------------------------------------------------------------- */

/* The form "qstill-assembly/1" (docs/formats.md): everything, numbers exact. A text of *out_bytes bytes, one
 * instruction a line; free with qst_assembly_json_free(). Errors: ERR_MEMORY. */
QST_API qst_status qst_assembly_json_write(const qst_assembly *assembly, char **out, size_t *out_bytes);
QST_API void qst_assembly_json_free(const qst_assembly *assembly, char *text);
/* The same from text[0..n_bytes); `name` stands for the file in messages. All is checked that building checks. Errors:
 * ERR_INPUT with the place, ERR_LIMIT (64 MiB, 4 million values), ERR_MEMORY. */
QST_API qst_status qst_assembly_json_read(qst_ctx *ctx, const char *name, const char *text, size_t n_bytes,
                                          qst_assembly **out);
/* The same from a file. Errors besides: ERR_SYSTEM. */
QST_API qst_status qst_assembly_json_load(qst_ctx *ctx, const char *path, qst_assembly **out);

#ifdef __cplusplus
}
#endif
#endif
