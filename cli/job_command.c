/* job_command.c: see job_command.h. */
#include "job_command.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <qstill/deploy.h>
#include <qstill/job.h>

#include "device_input.h"

#define USUAL_SHOTS 1024
#define MOST_SHOTS  UINT64_C(1000000000)

static qst_status out_of_memory(cli_session *session)
{
    return cli_fail(&session->message, QST_ERR_MEMORY, "out of memory");
}

/* --- to the machine ----------------------------------------------------------------------------------------------- */

static qst_status check_job_line(cli_session *session)
{
    const cli_line *line = &session->line;
    const cli_option others[] = {CLI_OPT_row, CLI_OPT_deploy_unmeasured, CLI_OPT_force};
    bool has_form = cli_given(line, CLI_OPT_deploy_to);
    qst_deploy_form form = has_form ? (qst_deploy_form)line->values[CLI_OPT_deploy_to].whole : QST_DEPLOY_QASM2;
    uint64_t shots = cli_given(line, CLI_OPT_shots) ? line->values[CLI_OPT_shots].whole : USUAL_SHOTS;
    for (size_t o = 0; o < sizeof others / sizeof *others; o++) {
        if (cli_given(line, others[o])) {
            return cli_fail(&session->message, QST_ERR_USAGE, "--%s: not with --device, which writes a job",
                            cli_options[others[o]].name);
        }
    }
    if (form != QST_DEPLOY_QASM2 && form != QST_DEPLOY_QASM3) {
        return cli_fail(&session->message, QST_ERR_USAGE, "--to: a job is of qasm2 or qasm3");
    }
    if (cli_given(line, CLI_OPT_flavour) && form != QST_DEPLOY_QASM3) {
        return cli_fail(&session->message, QST_ERR_USAGE, "--flavour: belongs to --to qasm3");
    }
    if (shots < 1 || shots > MOST_SHOTS) {
        return cli_fail(&session->message, QST_ERR_USAGE, "--shots %" PRIu64 ": 1..%" PRIu64 " are taken", shots,
                        MOST_SHOTS);
    }
    return cli_check_folder(session, CLI_OPT_deploy_out);
}

/* "test:20" */
static qst_status read_samples(cli_session *session, qst_job_opts *opts)
{
    static const char *const parts[] = {"train", "validation", "test"};
    const char *text = cli_text(&session->line, CLI_OPT_samples);
    opts->split = QST_TEST;
    if (text == NULL) {
        return QST_OK;
    }
    size_t n = strcspn(text, ":"), split = 0;
    while (split < 3 && (strlen(parts[split]) != n || strncmp(parts[split], text, n) != 0)) {
        split++;
    }
    const char *count = text[n] == ':' ? text + n + 1 : "";
    size_t digits = strspn(count, "0123456789");
    bool wrong = text[n] == ':' && (digits < 1 || digits > 9 || count[digits] != '\0' || strtoul(count, NULL, 10) == 0);
    if (split == 3 || wrong) {
        return cli_fail(&session->message, QST_ERR_USAGE,
                        "--samples %s: train, validation or test, or the first K rows of one, as in test:100", text);
    }
    opts->split = (qst_split)split;
    opts->n_samples = strtoul(count, NULL, 10);
    return QST_OK;
}

/* The name of a folder `up` levels above `path`, its own parts alone; false when it has not so many. */
static bool cut(char *path, size_t up)
{
    for (size_t n = strlen(path); n > 1 && path[n - 1] == '/'; n--) {
        path[n - 1] = '\0';
    }
    for (size_t i = 0; i < up; i++) {
        char *slash = strrchr(path, '/');
        if (slash == NULL || slash == path) {
            return false;
        }
        *slash = '\0';
    }
    return true;
}

static bool has_dataset(const char *folder)
{
    struct stat about;
    char *path = NULL;
    bool is = asprintf(&path, "%s/dataset.json", folder) >= 0 && stat(path, &about) == 0;
    free(path);
    return is;
}

/* RUN/SETTING/seed-1/student and RUN/seed-1/student have their dataset in RUN/seed-1/data. */
static qst_status find_dataset(cli_session *session, char **out)
{
    const char *given = cli_text(&session->line, CLI_OPT_data_sample);
    char *model = realpath(session->line.argument, NULL), *above = model ? strdup(model) : NULL, *found = NULL;
    qst_status status = QST_OK;
    if (given != NULL) {
        found = strdup(given);
    } else if (model != NULL && above != NULL && cut(model, 1)) {
        const char *seed = strrchr(model, '/');
        if (asprintf(&found, "%s/data", model) < 0) {
            found = NULL;
        }
        if (found != NULL && !has_dataset(found) && cut(above, 3)) {
            free(found);
            found = asprintf(&found, "%s%s/data", above, seed) < 0 ? NULL : found;
        }
        if (found != NULL && !has_dataset(found)) {
            status = cli_fail(&session->message, QST_ERR_USAGE,
                              "--data D is missing: %s lies in no run with its dataset", session->line.argument);
        }
    }
    free(model);
    free(above);
    if (status == QST_OK && found == NULL) {
        status = cli_fail(&session->message, QST_ERR_USAGE, "--data D is missing: the folder of the dataset");
    }
    if (status == QST_OK) {
        *out = found;
    } else {
        free(found);
    }
    return status;
}

static void tell_job(cli_session *session, const qst_job_info *info)
{
    const char *folder = cli_text(&session->line, CLI_OPT_deploy_out);
    if (cli_given(&session->line, CLI_OPT_json)) {
        cli_print(&session->out, "{\"form\": \"job\", \"folder\": ");
        cli_print_json_string(&session->out, folder);
        cli_print(&session->out,
                  ", \"samples\": %zu, \"circuits_a_sample\": %zu, \"circuits\": %zu, \"shots\": %" PRIu64 "}\n",
                  info->n_samples, info->n_groups, info->n_circuits, info->shots);
        return;
    }
    cli_print(&session->out, "%s: %zu circuits for %zu samples, %" PRIu64 " shots in all; run_*.py in it runs them\n",
              folder, info->n_circuits, info->n_samples, info->shots);
}

qst_status cli_write_job(cli_session *session)
{
    const cli_line *line = &session->line;
    const cli_value *devices = &line->values[CLI_OPT_device];
    qst_device *device = NULL;
    qst_model *model = NULL;
    qst_dataset *dataset = NULL;
    qst_job_info info;
    char *data = NULL;
    size_t *layout = NULL;
    qst_job_opts opts = {.shots = USUAL_SHOTS};
    qst_status status;
    CLI_TRY(check_job_line(session));
    CLI_TRY(read_samples(session, &opts));
    CLI_TRY(cli_read_qubits(session, CLI_OPT_layout, &layout, &opts.place.n_layout));
    CLI_TRY(qst_model_load(session->ctx, line->argument, &model));
    CLI_TRY(find_dataset(session, &data));
    CLI_TRY(cli_read_device_files(session, (const char *const *)devices->items, devices->n_items, &device));
    CLI_TRY(qst_dataset_load(session->ctx, data, &dataset));
    opts.device = device;
    opts.place.layout = layout;
    if (cli_given(line, CLI_OPT_shots)) {
        opts.shots = (size_t)line->values[CLI_OPT_shots].whole;
    }
    if (cli_given(line, CLI_OPT_deploy_to) && line->values[CLI_OPT_deploy_to].whole == QST_DEPLOY_QASM3) {
        opts.dialect = line->values[CLI_OPT_flavour].whole ? QST_JOB_QASM3_STANDALONE : QST_JOB_QASM3;
    }
    CLI_TRY(qst_job_write(model, dataset, &opts, cli_text(line, CLI_OPT_deploy_out), &info));
    tell_job(session, &info);
done:
    qst_dataset_free(dataset);
    qst_model_free(model);
    qst_device_free(device);
    free(data);
    free(layout);
    return status;
}

/* --- and back ----------------------------------------------------------------------------------------------------- */

static qst_status check_counts_line(cli_session *session)
{
    const cli_option others[] = {CLI_OPT_student_folder, CLI_OPT_verify_knowledge, CLI_OPT_verify_data,
                                 CLI_OPT_control};
    for (size_t o = 0; o < sizeof others / sizeof *others; o++) {
        if (cli_given(&session->line, others[o])) {
            return cli_fail(&session->message, QST_ERR_USAGE, "--%s: not with --counts: a job holds its own",
                            cli_options[others[o]].name);
        }
    }
    return cli_check_folder(session, CLI_OPT_verify_out);
}

/* The folder that the counts lie in. */
static qst_status job_folder(cli_session *session, char **out)
{
    const char *given = cli_text(&session->line, CLI_OPT_job), *counts = cli_text(&session->line, CLI_OPT_counts);
    const char *slash = strrchr(counts, '/');
    if (given != NULL) {
        *out = strdup(given);
    } else if (slash == NULL || slash == counts) {
        *out = strdup(slash == NULL ? "." : "/");
    } else {
        *out = strndup(counts, (size_t)(slash - counts));
    }
    return *out != NULL ? QST_OK : out_of_memory(session);
}

qst_status cli_verify_counts(cli_session *session)
{
    const cli_line *line = &session->line;
    qst_job_result *result = NULL;
    char *folder = NULL;
    qst_job_verify_opts opts = {.mitigate = cli_given(line, CLI_OPT_mitigate),
                                .out_folder = cli_text(line, CLI_OPT_verify_out)};
    qst_status status;
    CLI_TRY(check_counts_line(session));
    CLI_TRY(job_folder(session, &folder));
    if (cli_given(line, CLI_OPT_count_order)) {
        opts.order = (qst_count_order)(line->values[CLI_OPT_count_order].whole + 1);
    }
    CLI_TRY(qst_job_verify(session->ctx, folder, cli_text(line, CLI_OPT_counts), &opts, &result));
    cli_progress_erase(&session->progress);
    cli_print(&session->out, "%s",
              cli_given(line, CLI_OPT_json) ? qst_job_result_json(result) : qst_job_result_page(result));
done:
    qst_job_result_free(result);
    free(folder);
    return status;
}
