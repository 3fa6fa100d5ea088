/* circuit_convert.c: `qstill circuit convert`: a circuit in another dialect. */
#include <stdlib.h>

#include "circuit_input.h"
#include "circuit_output.h"

qst_status cmd_circuit_convert(cli_session *session)
{
    qst_assembly *assembly = NULL;
    double *parameters = NULL;
    qst_status status = QST_OK;
    CLI_TRY(cli_check_assembly_output(session));
    CLI_TRY(cli_read_assembly(session, session->line.argument, NULL, &assembly));
    if (cli_given(&session->line, CLI_OPT_bind)) {
        CLI_TRY(cli_bind_parameters(session, assembly, &parameters));
    }
    CLI_TRY(cli_write_assembly(session, assembly, parameters));
done:
    free(parameters);
    qst_assembly_free(assembly);
    return status;
}
