/* circuit_output.h: circuits that commands write, as OpenQASM or JSON. */
#ifndef CLI_CIRCUIT_OUTPUT_H
#define CLI_CIRCUIT_OUTPUT_H

#include <qstill/qasm.h>

#include "session.h"

/* Before any work: whether --out may be written, and --to and --flavour fit. */
qst_status cli_check_assembly_output(cli_session *session);

/* Writes by --to qasm2|qasm3|json (default qasm2) and --flavour to --out, or without it to standard output. parameters:
 * values of all parameters, or NULL: they stay free. */
qst_status cli_write_assembly(cli_session *session, const qst_assembly *assembly, const double *parameters);

#endif
