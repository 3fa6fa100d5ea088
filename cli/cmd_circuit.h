/* cmd_circuit.h: the subcommands of `qstill circuit`, one file each. */
#ifndef CLI_CMD_CIRCUIT_H
#define CLI_CMD_CIRCUIT_H

#include "session.h"

/* What the compiler made of the model's circuit. Errors: ERR_UNSUPPORTED for a model without one. */
qst_status circuit_describe(cli_session *session, const qst_model *model);

#endif
