/* device_csv.c: device.csv: every figure that was measured on a device, a line each, beside the report's means. */
#include <inttypes.h>
#include <math.h>

#include "run/run.h"

static const qsti_role roles[] = {QSTI_TEACHER, QSTI_STUDENT, QSTI_CONTROL,
                                  (qsti_role)(QSTI_FIRST_CONTROL + (int)QST_CONTROL_noise_unaware)};

static void add_line(qsti_text *csv, const qsti_setting_result *setting, const qsti_seed_result *seed, qsti_role role,
                     const char *column, const double numbers[5])
{
    qsti_text_add(csv, "%s,%" PRIu64 ",%s,%s", setting->name, seed->seed, qsti_role_name(role), column);
    for (size_t i = 0; i < 5; i++)
        qsti_text_add_field(csv, numbers[i]);
    qsti_text_add(csv, "\n");
}

static double share(size_t n, size_t of)
{
    return (double)n / (double)of;
}

static void add_role(qsti_text *csv, const qsti_setting_result *setting, const qsti_seed_result *seed, qsti_role role)
{
    const qsti_device_result *result = seed->roles[role].device;
    if (!seed->roles[role].present || result == NULL)
        return;
    for (int c = 0; c < QSTI_COLUMN_COUNT; c++) {
        const qsti_column_result *column = &result->columns[c];
        double strength = c >= QSTI_DEVICE ? 1 : 0;
        const double numbers[] = {strength, share(column->n_correct, result->n), column->agreement,
                                  column->corrected_accuracy, column->corrected_agreement};
        add_line(csv, setting, seed, role, qsti_column_name((qsti_column)c), numbers);
    }
    for (size_t i = 0; i < result->n_strengths; i++) {
        const double numbers[] = {setting->device->strengths[i], result->curve[i], NAN, NAN, NAN};
        add_line(csv, setting, seed, role, "curve", numbers);
    }
}

qst_status qsti_run_write_devices(const qsti_run *run)
{
    qst_status status = QST_OK;
    char *path = NULL;
    qsti_text csv;
    qsti_text_init(&csv, run->ctx);
    for (size_t s = 0; s < run->recipe->n_settings; s++) {
        const qsti_setting_result *setting = &run->results[s];
        if (setting->device != NULL && csv.length == 0)
            qsti_text_add(&csv, "setting,seed,model,condition,strength,accuracy,agreement,corrected_accuracy,"
                                "corrected_agreement\n");
        for (size_t i = 0; setting->device != NULL && i < setting->n_seeds; i++)
            for (size_t r = 0; r < sizeof roles / sizeof *roles; r++)
                add_role(&csv, setting, &setting->seeds[i], roles[r]);
    }
    QSTI_TRY(csv.status);
    if (csv.length > 0) {
        QSTI_TRY(qsti_run_path(run->ctx, &run->folder, &path, "device.csv"));
        QSTI_TRY(qsti_file_write(run->ctx, path, csv.bytes, csv.length));
    }
done:
    qsti_free(run->ctx, path);
    qsti_text_clear(&csv);
    return status;
}
