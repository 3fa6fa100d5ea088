/* circuit_device.h: a circuit run on the device of --device. */
#ifndef CLI_CIRCUIT_DEVICE_H
#define CLI_CIRCUIT_DEVICE_H

#include <qstill/density.h>
#include <qstill/transpile.h>

#include "session.h"

/* Zero-initialise. */
typedef struct cli_device_run {
    qst_device *device;
    size_t *layout; /* (n_layout) --layout; NULL: the qubits of the device in order */
    size_t n_layout;
    qst_assembly *bound, *transpiled; /* NULL without --transpile */
    qst_placement placement;          /* of the circuit in the transpiled one */
    size_t n_qubits;                  /* of the circuit */
    size_t *initial, *final;          /* (n_qubits) on the device */
    size_t *measured;                 /* (n_qubits) in the circuit that is run */
    qst_density *density;
} cli_device_run;

/* Refuses options that belong to --device without it, those that do not go with it, and a file of --density that is
 * read or exists. */
qst_status cli_check_device_run(cli_session *session);

/* Reads the device, places the circuit, simulates. The circuit must outlive the run. */
qst_status cli_device_run_make(cli_session *session, const qst_assembly *assembly, const double *parameters,
                               cli_device_run *out);
void cli_device_run_clear(cli_device_run *run);

/* Writes --density. */
qst_status cli_write_density(cli_session *session, const cli_device_run *run);

/* <Z> of qubit q of the circuit. */
double cli_device_expectation(const cli_device_run *run, const qst_outcomes *outcomes, size_t q);

/* Members of the JSON object, each behind a comma; lines of the page. */
void cli_print_device_json(cli_session *session, const cli_device_run *run);
void cli_print_device_page(cli_session *session, const cli_device_run *run);

#endif
