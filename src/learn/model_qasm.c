/* model_qasm.c: see model_qasm.h. A circuit that cannot be said in OpenQASM is a warning: the model itself is saved. */
#include "learn/model_qasm.h"

#include <qstill/qasm.h>

#include "circuit/circuit.h"
#include "learn/circuit_parts.h"

#define FILE_NAME "circuit.qasm"

qst_status qsti_model_write_qasm(const qst_model *model, const char *folder)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = model->ctx;
    qsti_circuit_parts parts;
    qst_assembly *assembly = NULL;
    char *text = NULL, *path = NULL;
    size_t n_bytes = 0;
    if (!qsti_model_circuit_parts(model, &parts) || parts.circuit->preparation != QST_PREPARE_ZERO)
        return QST_OK;
    QSTI_TRY(qst_circuit_assembly(parts.circuit, NULL, &assembly));
    status = qst_qasm_write(assembly, &(qst_qasm_write_opts){.dialect = QST_QASM3_QISKIT}, &text, &n_bytes);
    if (status != QST_OK && status != QST_ERR_MEMORY) {
        qsti_warn(ctx, "%s is left out: %s", FILE_NAME, qst_ctx_message(ctx));
        status = QST_OK;
        goto done;
    }
    QSTI_TRY(status);
    QSTI_TRY(qsti_folder_make(ctx, folder));
    QSTI_TRY(qsti_path_join(ctx, folder, FILE_NAME, &path));
    QSTI_TRY(qsti_file_write(ctx, path, text, n_bytes));
done:
    if (text != NULL)
        qst_qasm_text_free(assembly, text);
    qsti_free(ctx, path);
    qst_assembly_free(assembly);
    return status;
}
