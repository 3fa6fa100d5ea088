/* device_convert.c: `qstill device convert`: a calibration in the neutral form. */
#include <string.h>

#include "device_input.h"

qst_status cmd_device_convert(cli_session *session)
{
    const char *path = cli_text(&session->line, CLI_OPT_device_neutral);
    bool to_stdout = strcmp(path, "-") == 0;
    qst_device *device = NULL;
    char *text = NULL;
    size_t n_bytes = 0;
    qst_status status = QST_OK;
    if (!to_stdout) {
        CLI_TRY(cli_check_device_output(session, CLI_OPT_device_neutral, NULL));
    }
    CLI_TRY(cli_read_device(session, &device));
    CLI_TRY(qst_device_write(device, &text, &n_bytes));
    if (to_stdout) {
        cli_print(&session->out, "%s", text);
    } else {
        CLI_TRY(qst_file_write(session->ctx, path, text, n_bytes));
    }
done:
    if (device) {
        qst_device_text_free(device, text);
    }
    qst_device_free(device);
    return status;
}
