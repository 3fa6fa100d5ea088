/* circuit_input.c: the model or the OpenQASM file that a command about circuits is given. */
#include "circuit_input.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "read_value.h"

qst_status cli_read_model(cli_session *session, const char *path, qst_model **out)
{
    const cli_line *line = &session->line;
    const cli_option of_recipes[] = {CLI_OPT_model, CLI_OPT_seed, CLI_OPT_set};
    struct stat about;
    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode)) {
        for (size_t o = 0; o < sizeof of_recipes / sizeof *of_recipes; o++) {
            if (cli_given(line, of_recipes[o]) || (of_recipes[o] == CLI_OPT_set && line->n_sets > 0)) {
                return cli_fail(&session->message, QST_ERR_USAGE, "--%s: belongs to a recipe, and %.400s is a folder",
                                cli_options[of_recipes[o]].name, path);
            }
        }
        return qst_model_load(session->ctx, path, out);
    }
    if (!cli_given(line, CLI_OPT_model)) {
        return cli_fail(&session->message, QST_ERR_USAGE,
                        "--model teacher|student is missing: %.400s is no folder of a model, and a recipe has both",
                        path);
    }
    qst_recipe *recipe = NULL;
    qst_status status = cli_read_recipe(session, path, &recipe);
    if (status == QST_OK) {
        status = qst_recipe_model(recipe, line->values[CLI_OPT_model].whole ? QST_STUDENT : QST_TEACHER, out);
    }
    qst_recipe_free(recipe);
    return status;
}

/* --- OpenQASM, and the JSON of circuits --------------------------------------------------------------------------- */

qst_status cli_read_assembly(cli_session *session, const char *path, qst_qasm_place *out_place, qst_assembly **out)
{
    const cli_value *folders = &session->line.values[CLI_OPT_include_dir];
    size_t length = strlen(path);
    if (length > 5 && strcmp(path + length - 5, ".json") == 0) {
        return qst_assembly_json_load(session->ctx, path, out);
    }
    qst_qasm_opts opts = {
        .include_dirs = (const char *const *)folders->items,
        .n_include_dirs = folders->n_items,
        .u_phase = session->line.values[CLI_OPT_u_phase].whole ? QST_U_PHASE_SPEC : QST_U_PHASE_QISKIT,
    };
    return qst_qasm_read(session->ctx, path, &opts, out_place, out);
}

/* values (n_parameters): NaN where nothing is bound yet. */
static qst_status bind_one(cli_session *session, const qst_assembly *assembly, const char *item, double *values,
                           size_t n_parameters)
{
    size_t length = strcspn(item, "=");
    double value = NAN;
    if (item[length] == '\0' || !cli_read_number(item + length + 1, &value)) {
        return cli_fail(&session->message, QST_ERR_USAGE, "--bind: %s is not NAME=VALUE with a finite number", item);
    }
    for (size_t p = 0; p < n_parameters; p++) {
        const char *name = qst_assembly_parameter(assembly, p);
        if (strlen(name) != length || memcmp(name, item, length) != 0) {
            continue;
        }
        if (!isnan(values[p])) {
            return cli_fail(&session->message, QST_ERR_USAGE, "--bind %s is given twice", name);
        }
        values[p] = value;
        return QST_OK;
    }
    return cli_fail(&session->message, QST_ERR_USAGE, "--bind: %.*s is no input of the circuit", (int)length, item);
}

qst_status cli_bind_parameters(cli_session *session, const qst_assembly *assembly, double **out)
{
    const cli_value *given = &session->line.values[CLI_OPT_bind];
    size_t n_parameters = qst_assembly_parameters(assembly);
    double *values = malloc((n_parameters ? n_parameters : 1) * sizeof *values);
    qst_status status = QST_OK;
    if (values == NULL) {
        return cli_fail(&session->message, QST_ERR_MEMORY, "out of memory");
    }
    for (size_t p = 0; p < n_parameters; p++) {
        values[p] = NAN;
    }
    for (size_t i = 0; i < given->n_items && status == QST_OK; i++) {
        status = bind_one(session, assembly, given->items[i], values, n_parameters);
    }
    for (size_t p = 0; p < n_parameters && status == QST_OK; p++) {
        if (isnan(values[p])) {
            status = cli_fail(&session->message, QST_ERR_MISMATCH, "input %s has no value: --bind %s=VALUE",
                              qst_assembly_parameter(assembly, p), qst_assembly_parameter(assembly, p));
        }
    }
    if (status != QST_OK) {
        free(values);
        return status;
    }
    *out = values;
    return QST_OK;
}
