/* device_channels.c: `qstill device channels`: the noise of every gate of a device as superoperators. */
#include <stdlib.h>

#include <qstill/data.h>

#include "device_input.h"

#define NAME_BYTES 128

typedef struct channels {
    const qst_device *device;
    double temperature_mk;
    qst_complex_array *arrays;
    size_t n_arrays;
} channels;

static void channels_clear(channels *all)
{
    for (size_t a = 0; all->arrays && a < all->n_arrays; a++) {
        free((void *)all->arrays[a].name);
        free((void *)all->arrays[a].values);
    }
    free(all->arrays);
}

static qst_status add_channel(cli_session *session, channels *all, size_t gate)
{
    const qst_device_gate *entry = &qst_device_gates(all->device)[gate];
    size_t dim = (size_t)1 << (2 * entry->n_qubits);
    qst_complex_array *array = &all->arrays[all->n_arrays];
    qst_gate_noise noise;
    char *name = calloc(NAME_BYTES, 1);
    double _Complex *values = calloc(dim * dim, sizeof *values);
    *array = (qst_complex_array){.name = name, .values = values, .n_dims = 2, .shape = {dim, dim}};
    all->n_arrays++;
    if (name == NULL || values == NULL) {
        return cli_fail(&session->message, QST_ERR_MEMORY, "out of memory");
    }
    int used = snprintf(name, NAME_BYTES, "%s", entry->name);
    for (size_t k = 0; k < entry->n_qubits; k++) {
        used += snprintf(name + used, NAME_BYTES - (size_t)used, "_%zu", entry->qubits[k]);
    }
    qst_status status = qst_device_entry_noise(all->device, gate, all->temperature_mk, &noise);
    if (status == QST_OK) {
        qst_noise_superoperator(&noise, values);
    }
    return status;
}

static qst_status add_all(cli_session *session, channels *all)
{
    qst_device_info info;
    qst_device_describe(all->device, &info);
    all->arrays = calloc(info.n_gates + 1, sizeof *all->arrays);
    if (all->arrays == NULL) {
        return cli_fail(&session->message, QST_ERR_MEMORY, "out of memory");
    }
    for (size_t g = 0; g < info.n_gates; g++) {
        const char *name = qst_device_gates(all->device)[g].name;
        if (qst_device_is_reset(name) || qst_device_is_measurement(name)) {
            continue;
        }
        qst_status status = add_channel(session, all, g);
        if (status != QST_OK) {
            return status;
        }
    }
    return QST_OK;
}

qst_status cmd_device_channels(cli_session *session)
{
    const cli_line *line = &session->line;
    channels all = {.temperature_mk = cli_given(line, CLI_OPT_device_temperature)
                                          ? line->values[CLI_OPT_device_temperature].number
                                          : 0};
    qst_device *device = NULL;
    qst_status status = QST_OK;
    CLI_TRY(cli_check_device_output(session, CLI_OPT_device_npz, ".npz"));
    CLI_TRY(cli_read_device(session, &device));
    all.device = device;
    CLI_TRY(add_all(session, &all));
    CLI_TRY(qst_complex_archive_write(session->ctx, cli_text(line, CLI_OPT_device_npz), all.arrays, all.n_arrays));
done:
    channels_clear(&all);
    qst_device_free(device);
    return status;
}
