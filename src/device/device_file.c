/* device_file.c: which kinds of calibrations lie in the files given, and whether they make one device.
 *
 * A kind is known by the keys of the root object; names of files say nothing.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "device/calibrations.h"

#define MAX_BYTES   ((size_t)16 << 20)
#define MAX_FILES   64
#define MAX_ENTRIES 10000 /* of a folder */

typedef enum kind { UNKNOWN, NEUTRAL, PROPS, CONF, BRAKET, CIRQ, IONQ } kind;

static const char *const kind_names[] = {
    "nothing known",     "qstill-device/1",    "IBM properties (props)",  "an IBM configuration (conf)",
    "Braket properties", "a Cirq calibration", "an IonQ characterization"};

typedef struct calibration {
    char *path;
    json_t *root;
    kind kind;
    char sha256[QSTI_HASH_CHARS];
} calibration;

typedef struct pile {
    qst_ctx *ctx;
    calibration files[MAX_FILES];
    size_t n_files;
} pile;

/* --- kinds -------------------------------------------------------------------------------------------------------- */

static bool has(const json_t *root, const char *key)
{
    const json_t *value = json_object_get(root, key);
    return value != NULL && !json_is_null(value);
}

static kind find_kind(const json_t *root)
{
    const json_t *provider = json_object_get(root, "provider");
    const char *format = json_string_value(json_object_get(root, "format"));
    if (format && strncmp(format, "qstill-device/", 14) == 0) {
        return NEUTRAL;
    }
    if (has(root, "oneQubitProperties") || has(root, "twoQubitGateFidelity") ||
        json_is_object(json_object_get(root, "standardized"))) {
        return BRAKET;
    }
    if (has(root, "metrics")) {
        return CIRQ;
    }
    if (has(root, "n_qubits") && has(root, "basis_gates")) {
        return CONF;
    }
    if (json_is_array(json_object_get(root, "qubits")) && json_is_array(json_object_get(root, "gates"))) {
        return PROPS;
    }
    return has(root, "fidelity") || has(provider, "fidelity") ? IONQ : UNKNOWN;
}

static qst_status fail_unknown(qst_ctx *ctx, const char *path)
{
    return qsti_fail(ctx, QST_ERR_INPUT,
                     "%s: no calibration is known by these keys: qubits and gates (IBM properties), n_qubits and "
                     "basis_gates (IBM configuration), oneQubitProperties or standardized (Braket), metrics (Cirq), "
                     "fidelity and timing (IonQ), format (qstill-device/1)",
                     path);
}

/* --- reading files ------------------------------------------------------------------------------------------------ */

static void clear_file(qst_ctx *ctx, calibration *file)
{
    qsti_free(ctx, file->path);
    json_decref(file->root);
    *file = (calibration){.path = NULL};
}

/* Adds a file; one of no known kind is an error, or left out when `may_skip`. */
static qst_status add_file(pile *p, const char *path, bool may_skip)
{
    calibration file = {.path = NULL};
    char *bytes = NULL;
    size_t n_bytes = 0;
    qst_status status = QST_OK;
    QSTI_TRY(qsti_file_read(p->ctx, path, MAX_BYTES, &bytes, &n_bytes));
    status = qsti_json_parse(p->ctx, path, bytes, n_bytes, QST_ERR_INPUT, &file.root);
    if (status != QST_OK && !(may_skip && status == QST_ERR_INPUT)) {
        goto done;
    }
    file.kind = find_kind(file.root);
    status = file.kind == UNKNOWN && !may_skip ? fail_unknown(p->ctx, path) : QST_OK;
    if (status != QST_OK || file.kind == UNKNOWN) {
        goto done;
    }
    if (p->n_files == MAX_FILES) {
        QSTI_TRY(qsti_fail(p->ctx, QST_ERR_LIMIT, "%s: more than %d files", path, MAX_FILES));
    }
    qsti_hash_bytes(bytes, n_bytes, file.sha256);
    QSTI_TRY(qsti_strdup(p->ctx, path, &file.path));
    p->files[p->n_files++] = file;
    file = (calibration){.path = NULL};
done:
    clear_file(p->ctx, &file);
    qsti_free(p->ctx, bytes);
    return status;
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(((const calibration *)a)->path, ((const calibration *)b)->path);
}

static qst_status add_entry(pile *p, const char *folder, const char *name)
{
    size_t n = strlen(name);
    char *path = NULL;
    if (n < 5 || strcmp(name + n - 5, ".json") != 0) {
        return QST_OK;
    }
    qst_status status = qsti_path_join(p->ctx, folder, name, &path);
    if (status == QST_OK) {
        status = add_file(p, path, true);
    }
    qsti_free(p->ctx, path);
    return status;
}

/* The .json files of a folder that are of a known kind. */
static qst_status add_folder(pile *p, const char *path)
{
    size_t n = 0;
    qst_status status = QST_OK;
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return qsti_fail_errno(p->ctx, "%s: cannot be opened", path);
    }
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (++n > MAX_ENTRIES) {
            QSTI_TRY(qsti_fail(p->ctx, QST_ERR_LIMIT, "%s: more than %d files", path, MAX_ENTRIES));
        }
        QSTI_TRY(add_entry(p, path, entry->d_name));
    }
    if (p->n_files == 0) {
        QSTI_TRY(qsti_fail(p->ctx, QST_ERR_INPUT, "%s: the folder holds no .json file with a calibration", path));
    }
    qsort(p->files, p->n_files, sizeof *p->files, compare_paths);
done:
    closedir(folder);
    return status;
}

static bool is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static qst_status add_configuration(pile *p, const char *path)
{
    qst_status status = add_file(p, path, false);
    if (status == QST_OK && p->files[p->n_files - 1].kind != CONF) {
        status = qsti_fail(p->ctx, QST_ERR_INPUT, "%s: this is %s, where an IBM configuration (conf) is wanted", path,
                           kind_names[p->files[p->n_files - 1].kind]);
    }
    return status;
}

static qst_status add_all(pile *p, const char *const *paths, size_t n_paths, const char *configuration)
{
    qst_status status = QST_OK;
    if (n_paths == 0) {
        return qsti_fail(p->ctx, QST_ERR_USAGE, "a device needs a file");
    }
    for (size_t f = 0; f < n_paths; f++) {
        if (n_paths == 1 && is_folder(paths[f])) {
            QSTI_TRY(add_folder(p, paths[f]));
        } else {
            QSTI_TRY(add_file(p, paths[f], false));
        }
    }
    if (configuration) {
        QSTI_TRY(add_configuration(p, configuration));
    }
done:
    return status;
}

/* --- one device --------------------------------------------------------------------------------------------------- */

/* The calibration, and the configuration that may stand beside IBM's. */
static qst_status find_pair(const pile *p, const calibration **out_main, const calibration **out_conf)
{
    const calibration *found = NULL, *conf = NULL;
    for (size_t f = 0; f < p->n_files; f++) {
        const calibration *file = &p->files[f];
        const calibration **slot = file->kind == CONF ? &conf : &found;
        if (*slot) {
            return qsti_fail(p->ctx, QST_ERR_INPUT, "files of two devices: %s is %s, %s is %s", (*slot)->path,
                             kind_names[(*slot)->kind], file->path, kind_names[file->kind]);
        }
        *slot = file;
    }
    if (found == NULL) {
        return qsti_fail(p->ctx, QST_ERR_INPUT, "%s: this is %s: the properties (props) of the device are missing",
                         p->files[0].path, kind_names[CONF]);
    }
    if (conf && found->kind != PROPS) {
        return qsti_fail(p->ctx, QST_ERR_INPUT, "%s: %s has no configuration beside it: %s is too much", found->path,
                         kind_names[found->kind], conf->path);
    }
    *out_main = found;
    *out_conf = conf;
    return QST_OK;
}

static qst_status read_one(qst_ctx *ctx, const calibration *file, const calibration *conf,
                           const qst_device_read_opts *opts, qst_device **out)
{
    switch (file->kind) {
    case NEUTRAL:
        return qsti_read_neutral(ctx, file->path, file->root, out);
    case PROPS:
        return qsti_read_ibm(ctx, file->path, file->root, conf ? conf->path : NULL, conf ? conf->root : NULL, out);
    case BRAKET:
        return qsti_read_braket(ctx, file->path, file->root, opts, out);
    case CIRQ:
        return qsti_read_cirq(ctx, file->path, file->root, opts, out);
    case IONQ:
        return qsti_read_ionq(ctx, file->path, file->root, out);
    case CONF:
    case UNKNOWN:
        break;
    }
    return qsti_fail(ctx, QST_ERR_INTERNAL, "%s: a kind of calibration without a reader", file->path);
}

/* --- age ---------------------------------------------------------------------------------------------------------- */

/* Days from 1970-01-01 to the "YYYY-MM-DD" at the start of an ISO 8601 text. */
static bool read_days(const char *text, int64_t *out)
{
    size_t year = 0, month = 0, day = 0;
    if (strlen(text) < 10 || text[4] != '-' || text[7] != '-' || !qsti_read_digits(text, 4, &year) ||
        !qsti_read_digits(text + 5, 2, &month) || !qsti_read_digits(text + 8, 2, &day)) {
        return false;
    }
    int64_t y = (int64_t)year - (month <= 2), from_march = ((int64_t)month + 9) % 12;
    *out = 365 * y + y / 4 - y / 100 + y / 400 + (153 * from_march + 2) / 5 + (int64_t)day - 1 - 719468;
    return true;
}

static void warn_of_age(const qst_device *device, const char *path, const qst_device_read_opts *opts)
{
    int64_t then = 0, today = opts->today_s / 86400;
    if (opts->max_age_days > 0 && read_days(device->calibrated, &then) && today - then > opts->max_age_days) {
        qsti_warn(device->ctx, "%s: calibrated on %.10s, %lld days ago", path, device->calibrated,
                  (long long)(today - then));
    }
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

qst_status qst_device_read(qst_ctx *ctx, const char *const *paths, size_t n_paths, const qst_device_read_opts *opts,
                           qst_device **out)
{
    static const qst_device_read_opts none = {NULL, 0, 0, 0, 0};
    const qst_device_read_opts *given = opts ? opts : &none;
    const calibration *file = NULL, *conf = NULL;
    qst_device *device = NULL;
    pile *p = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(ctx, 1, &p));
    p->ctx = ctx;
    QSTI_TRY(add_all(p, paths, n_paths, given->configuration));
    QSTI_TRY(find_pair(p, &file, &conf));
    QSTI_TRY(read_one(ctx, file, conf, given, &device));
    if (device->sha256[0] == '\0') {
        memcpy(device->sha256, file->sha256, sizeof device->sha256);
    }
    warn_of_age(device, file->path, given);
    *out = device;
done:
    for (size_t f = 0; p && f < p->n_files; f++) {
        clear_file(ctx, &p->files[f]);
    }
    qsti_free(ctx, p);
    return status;
}
