/* job_command.h: `qstill deploy --device` and `qstill verify --counts`: a student on a machine and back. */
#ifndef CLI_JOB_COMMAND_H
#define CLI_JOB_COMMAND_H

#include "session.h"

qst_status cli_write_job(cli_session *session);
qst_status cli_verify_counts(cli_session *session);

#endif
