/* device_input.h: what the commands about devices read. */
#ifndef CLI_DEVICE_INPUT_H
#define CLI_DEVICE_INPUT_H

#include <qstill/device.h>

#include "session.h"

/* The device in the files of the line, with --conf, --time-1q-ns, --time-2q-ns and --max-age. */
qst_status cli_read_device(cli_session *session, qst_device **out);
/* The same in other files. */
qst_status cli_read_device_files(cli_session *session, const char *const *paths, size_t n_paths, qst_device **out);

/* The numbers of an option such as --layout 3,1,4; *out stays NULL when it is not given. Free with free(). */
qst_status cli_read_qubits(cli_session *session, cli_option option, size_t **out, size_t *out_n);

/* Refuses an output file that is one of the files read, or that exists; its name ends in `ending` (NULL: in anything).
 */
qst_status cli_check_device_output(cli_session *session, cli_option option, const char *ending);

#endif
