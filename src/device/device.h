/* device.h: what is inside a device, and how the readers fill it. */
#ifndef QSTI_DEVICE_DEVICE_H
#define QSTI_DEVICE_DEVICE_H

#include <qstill/device.h>

#include "base/hash.h"
#include "base/memory.h"

#define QSTI_DEVICE_MAX_QUBITS     100000
#define QSTI_DEVICE_MAX_NAMES      256 /* of gates */
#define QSTI_DEVICE_MAX_NAME_BYTES 64

struct qst_device {
    qst_ctx *ctx;
    char *name, *kind, *calibrated;
    char sha256[QSTI_HASH_CHARS];
    uint64_t max_shots;
    double dt_ns;
    bool placed; /* positions are the file's or the topology's */

    size_t n_qubits;
    qst_device_qubit *qubits; /* ids are owned */

    char **names; /* (n_names) of gates, each once; entries and the basis borrow them */
    size_t n_names;
    const char **basis;
    size_t n_basis;
    qst_device_gate *gates; /* in the order of the file */
    size_t n_gates, gates_capacity;
    size_t *order; /* (n_gates) by name and qubits */

    size_t *couplings; /* (n_couplings, 2): the coupling map, directed */
    size_t n_couplings, couplings_capacity;
    qst_device_edge *edges;
    size_t n_edges;
};

/* The same device for work on another context (tasks.h): all is borrowed, so it is never freed. */
static inline qst_device qsti_device_view(const qst_device *device, qst_ctx *ctx)
{
    qst_device view = *device;
    view.ctx = ctx;
    return view;
}

/* A device of qubits of which nothing is known, named by their numbers. Copies the text, of which what is NULL becomes
 * "". Errors: ERR_INPUT (no qubits), ERR_LIMIT; `where` names the file. */
qst_status qsti_device_create(qst_ctx *ctx, const char *where, const char *kind, const char *name, size_t n_qubits,
                              qst_device **out);
qst_status qsti_device_set_text(qst_device *device, char **text, const char *value);
qst_status qsti_device_set_id(qst_device *device, size_t qubit, const char *id);

/* Adds an entry; copies `gate`, its name too. Errors: ERR_INPUT for a bad name, qubits that are not there or not
 * different, a time below 0, an error below 0. */
qst_status qsti_device_add_gate(qst_device *device, const char *where, const qst_device_gate *gate);
qst_status qsti_device_add_basis(qst_device *device, const char *where, const char *name);
qst_status qsti_device_add_coupling(qst_device *device, const char *where, size_t a, size_t b);

/* Orders the entries, refuses what is there twice with different figures, makes the edges, completes the basis by the
 * names of the entries when there is none, and warns of what is missing or dead. */
qst_status qsti_device_finish(qst_device *device, const char *where);

/* As qst_device_find(), without a message: SIZE_MAX when there is none; and the message for `ctx`, ERR_MISMATCH. */
size_t qsti_device_search(const qst_device *device, const char *name, const size_t *qubits, size_t n_qubits);
qst_status qsti_device_fail_missing(qst_ctx *ctx, const qst_device *device, const char *name, const size_t *qubits,
                                    size_t n_qubits);

/* out[2 * prepared + measured] of a qubit: the noise of its entry `measure`, which on the diagonal is a stochastic
 * matrix too, then the readout. temperature_mk is finite. */
void qsti_device_confusion(const qst_device *device, size_t qubit, qst_readout_model kind, double temperature_mk,
                           double out[4]);

/* Compares by name, then number of qubits, then qubits. */
int qsti_device_compare(const qst_device_gate *a, const qst_device_gate *b);
/* Whether the order of the qubits of a gate does not matter. */
bool qsti_device_is_symmetric(const char *name);

/* Warnings that name many things say how many there are, and the first ones (device_warn.c). */
void qsti_device_warn(const qst_device *device, const char *where);
/* The number of pieces that the coupling map falls into. */
qst_status qsti_device_pieces(const qst_device *device, size_t *out);

#endif
