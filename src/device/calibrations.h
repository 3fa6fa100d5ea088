/* calibrations.h: the readers, one a kind of file. The root is an object that has the keys of its kind. */
#ifndef QSTI_DEVICE_CALIBRATIONS_H
#define QSTI_DEVICE_CALIBRATIONS_H

#include "device/fields.h"

/* conf may be NULL; then conf_file is too. */
qst_status qsti_read_ibm(qst_ctx *ctx, const char *file, const json_t *props, const char *conf_file, const json_t *conf,
                         qst_device **out);
/* Standardized properties, or the whole properties of a device that hold them under "standardized". */
qst_status qsti_read_braket(qst_ctx *ctx, const char *file, const json_t *root, const qst_device_read_opts *opts,
                            qst_device **out);
qst_status qsti_read_cirq(qst_ctx *ctx, const char *file, const json_t *root, const qst_device_read_opts *opts,
                          qst_device **out);
/* A characterization of the API, or the whole properties of a Braket device of IonQ. */
qst_status qsti_read_ionq(qst_ctx *ctx, const char *file, const json_t *root, qst_device **out);
qst_status qsti_read_neutral(qst_ctx *ctx, const char *file, const json_t *root, qst_device **out);

/* Entries of one gate on every pair of qubits, with its error and its time, and a warning that this is a guess when
 * `assumed`. Errors: ERR_LIMIT above 500 qubits. */
qst_status qsti_join_all(qst_device *device, const char *where, const qst_device_gate *gate, bool assumed);
/* The pairs that `connectivity` of a Braket device's paradigm joins: all of them when it is fullyConnected, else those
 * of connectivityGraph. ids: the numbers of the qubits, ascending. */
qst_status qsti_join_braket(qst_device *device, const char *where, const json_t *paradigm, const size_t *ids,
                            const qst_device_gate *gate);

#endif
