/* circuit_noise.h: the noise of --noise. */
#ifndef CLI_CIRCUIT_NOISE_H
#define CLI_CIRCUIT_NOISE_H

#include <qstill/noise.h>

#include "session.h"

/* Refuses options that do not go with --noise. */
qst_status cli_check_noise(cli_session *session);

/* The model of all --noise for a circuit of n_qubits; NULL when there is none. Errors: ERR_USAGE with the text. */
qst_status cli_read_noise(cli_session *session, size_t n_qubits, qst_noise **out);

/* A member of the JSON object, behind a comma; a line of the page. Nothing without --noise. */
void cli_print_noise_json(cli_session *session);
void cli_print_noise_page(cli_session *session);

#endif
