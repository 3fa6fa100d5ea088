/* import_circuit.h: the circuit of a described teacher, its weights, and the order of its qubits. */
#ifndef QSTI_TEACHER_IMPORT_CIRCUIT_H
#define QSTI_TEACHER_IMPORT_CIRCUIT_H

#include "circuit/circuit.h"
#include "teacher/description.h"

typedef struct qsti_imported_circuit {
    qst_circuit *circuit;
    double *weights; /* (its weights) */
    bool left_first; /* qubit 0 is the left-most letter and the most significant bit of what is written about it */
} qsti_imported_circuit;

/* import_circuit.c: from OpenQASM: which parameters are features, which weights. */
qst_status qsti_import_circuit(const qsti_description *description, const char *path, qsti_imported_circuit *out);
/* import_template.c: from a template's name and its array of weights. */
qst_status qsti_import_template(const qsti_description *description, qsti_imported_circuit *out);
void qsti_imported_circuit_clear(qst_ctx *ctx, qsti_imported_circuit *circuit);

/* A copy with another preparation of that many features, and qubit k as n - 1 - k where `turned`. */
qst_status qsti_circuit_rebuild(const qst_circuit *circuit, size_t n_features, qst_preparation preparation, bool turned,
                                qst_circuit **out);

/* The encoding that a source calls so: ours. Errors: ERR_USAGE with the names that are known. */
qst_status qsti_source_encoding(const qsti_description *description, const char **in_out_name);

#endif
