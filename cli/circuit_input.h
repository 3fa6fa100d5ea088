/* circuit_input.h: what the commands about circuits read. */
#ifndef CLI_CIRCUIT_INPUT_H
#define CLI_CIRCUIT_INPUT_H

#include <qstill/qasm.h>

#include "session.h"

/* The model at `path`: a folder holds one; anything else is a recipe, of which --model names one, with --set and
 * --seed. */
qst_status cli_read_model(cli_session *session, const char *path, qst_model **out);

/* The circuit in an OpenQASM file ("-": standard input), with --include-dir and --u-phase; in a file NAME.json the JSON
 * that `circuit convert --to json` writes. out_place as in
 * qst_qasm_read(). */
qst_status cli_read_assembly(cli_session *session, const char *path, qst_qasm_place *out_place, qst_assembly **out);

/* The values of all parameters by --bind NAME=VALUE, on the heap; NULL when there are none and none is given. Errors:
 * ERR_USAGE for a name that is no parameter, one given twice, a value that is no finite number; ERR_MISMATCH, with its
 * name, for a parameter without a value. */
qst_status cli_bind_parameters(cli_session *session, const qst_assembly *assembly, double **out);

#endif
