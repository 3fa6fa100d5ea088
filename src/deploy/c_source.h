/* c_source.h: a C program that is being written: its tables, the lines of its function, and which functions of
 * student.c.in it calls.
 */
#ifndef QSTI_DEPLOY_C_SOURCE_H
#define QSTI_DEPLOY_C_SOURCE_H

#include "base/text.h"
#include "learn/circuit_parts.h"

typedef enum qsti_c_kernel {
#define QSTI_C_KERNEL(name, needs) QSTI_C_##name,
#include "deploy/c_kernels.def"
#undef QSTI_C_KERNEL
    QSTI_C_KERNEL_COUNT
} qsti_c_kernel;

/* Functions with places "@ name" before each, in the order of c_kernels.def; NUL at the end. */
extern const unsigned char qsti_student_text[];

typedef struct qsti_c_source {
    qst_ctx *ctx;
    qsti_text tables; /* static arrays */
    qsti_text gates;  /* functions that hold the circuit's gates */
    qsti_text body;   /* of qstill_predict() */
    bool uses[QSTI_C_KERNEL_COUNT];
    size_t n_calls; /* of kernels by gates */
    size_t n_gate_functions;
} qsti_c_source;

void qsti_c_init(qsti_c_source *source, qst_ctx *ctx);
void qsti_c_clear(qsti_c_source *source);
/* Notes that the function is called, and what it calls; gives its name. */
const char *qsti_c_use(qsti_c_source *source, qsti_c_kernel kernel);
/* Appends the functions that are used, in their order. */
void qsti_c_add_kernels(const qsti_c_source *source, bool main_function, qsti_text *out);

/* A number as a double of C, exact: "0.5", "1.0", "-2.5e-300". */
void qsti_c_number(double value, char out[40]);
/* `static const double name[n] = {...};` */
void qsti_c_table(qsti_text *text, const char *name, const double *values, size_t n);
/* A string literal, whatever its bytes. */
void qsti_c_string(qsti_text *text, const char *string);

/* --- the parts of a program --------------------------------------------------------------------------------------- */

/* c_preprocess.c: lines that take x to `name` (n features). */
void qsti_c_preprocess(qsti_c_source *source, const qsti_preprocess *preprocess, const char *name);
/* c_layers.c: lines that take `in` through a network to `out`. Errors: those of placing it. */
qst_status qsti_c_network(qsti_c_source *source, const qsti_network_spec *spec, qsti_network_weights weights,
                          const char *prefix, const char *in, const char *out);
/* c_circuit.c: lines that prepare psi from `features` and run the gates. Errors: ERR_LIMIT, ERR_MEMORY. */
qst_status qsti_c_circuit(qsti_c_source *source, const qst_circuit *circuit, const double *weights);
/* c_scores.c: lines from psi to `values`, from there by the head to `scores`, and to probabilities. */
qst_status qsti_c_readout(qsti_c_source *source, const qst_readout *readout);
void qsti_c_head(qsti_c_source *source, const qsti_circuit_parts *parts, size_t n_scores);
void qsti_c_probabilities(qsti_c_source *source, qst_score_kind kind);

/* c_program.c: the whole program. *out belongs to the caller. Errors: ERR_UNSUPPORTED (too many qubits), ERR_LIMIT. */
qst_status qsti_c_program(const qst_model *model, const qsti_circuit_parts *parts, char **out, size_t *out_bytes);

#endif
