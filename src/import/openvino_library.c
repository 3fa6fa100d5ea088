/* openvino_library.c: see openvino_library.h. The names of files are patterns as in a shell: packages write the version
 * behind the name (libopenvino_c.so.2540) and the interpreter's into the path. Nothing is asked of an interpreter. */
#include "import/openvino_library.h"

#include <dlfcn.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define LIBRARY "libopenvino_c.so"

typedef struct search {
    qst_ctx *ctx;
    void *handle;
    char failure[256]; /* why one that was found could not be loaded */
} search;

/* --- finding ------------------------------------------------------------------------------------------------------ */

static void load(search *s, const char *path)
{
    s->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    const char *error = s->handle == NULL ? dlerror() : NULL;
    if (error != NULL && strchr(path, '/') != NULL)
        snprintf(s->failure, sizeof s->failure, "%s", error);
}

/* The newest of what a pattern matches: `folder`, in which nothing is a pattern, and what stands behind it. */
static qst_status try_pattern(search *s, const char *folder, const char *behind)
{
    qsti_text pattern;
    if (s->handle != NULL)
        return QST_OK;
    qsti_text_init(&pattern, s->ctx);
    for (const char *c = folder; *c != '\0'; c++)
        qsti_text_add(&pattern, "%s%c", strchr("*?[\\", *c) != NULL ? "\\" : "", *c);
    qsti_text_add(&pattern, "%s", behind);
    qst_status status = pattern.status;
    glob_t found = {0};
    if (status == QST_OK && glob(pattern.bytes, 0, NULL, &found) == 0) {
        for (size_t i = found.gl_pathc; i-- > 0 && s->handle == NULL;)
            load(s, found.gl_pathv[i]);
        globfree(&found);
    }
    qsti_text_clear(&pattern);
    return status;
}

/* A prefix such as /usr or that of a virtual environment. */
static qst_status try_prefix(search *s, const char *prefix)
{
    static const char *const behind[] = {
        "/lib/python3*/site-packages/openvino/libs/" LIBRARY "*",
        "/lib/python3*/dist-packages/openvino/libs/" LIBRARY "*",
    };
    qst_status status = QST_OK;
    for (size_t i = 0; i < sizeof behind / sizeof behind[0] && status == QST_OK; i++)
        status = try_pattern(s, prefix, behind[i]);
    return status;
}

/* Whatever somebody may call the place where it lies. */
static qst_status try_named(search *s, const char *place)
{
    static const char *const behind[] = {"/" LIBRARY "*", "/libs/" LIBRARY "*", "/openvino/libs/" LIBRARY "*",
                                         "/runtime/lib/*/" LIBRARY "*"};
    qst_status status = QST_OK;
    struct stat info;
    if (stat(place, &info) == 0 && !S_ISDIR(info.st_mode)) {
        load(s, place);
        return QST_OK;
    }
    for (size_t i = 0; i < sizeof behind / sizeof behind[0] && status == QST_OK; i++)
        status = try_pattern(s, place, behind[i]);
    return status == QST_OK ? try_prefix(s, place) : status;
}

/* The prefix of the first python3 on the PATH: PREFIX/bin/python3. */
static qst_status try_interpreter(search *s)
{
    qst_status status = QST_OK;
    const char *path = getenv("PATH");
    bool found = false;
    for (const char *part = path; part != NULL && *part != '\0' && !found && status == QST_OK;) {
        size_t n = strcspn(part, ":");
        qsti_text name;
        qsti_text_init(&name, s->ctx);
        qsti_text_add_bytes(&name, part, n);
        qsti_text_add(&name, "/python3");
        status = name.status;
        found = status == QST_OK && n > 0 && access(name.bytes, X_OK) == 0;
        if (found) {
            snprintf(name.bytes + n, name.length - n, "/..");
            status = try_prefix(s, name.bytes);
        }
        qsti_text_clear(&name);
        part += n + (part[n] == ':');
    }
    return status;
}

static qst_status find(search *s)
{
    static const char *const environments[] = {"VIRTUAL_ENV", "CONDA_PREFIX"};
    qst_status status = QST_OK;
    load(s, LIBRARY);
    for (size_t i = 0; i < sizeof environments / sizeof environments[0]; i++) {
        const char *prefix = getenv(environments[i]);
        if (prefix != NULL && prefix[0] != '\0')
            QSTI_TRY(try_prefix(s, prefix));
    }
    QSTI_TRY(try_interpreter(s));
    const char *home = getenv("HOME");
    if (home != NULL && home[0] != '\0')
        QSTI_TRY(try_pattern(s, home, "/.local/lib/python3*/site-packages/openvino/libs/" LIBRARY "*"));
    QSTI_TRY(try_prefix(s, "/usr/local"));
    QSTI_TRY(try_prefix(s, "/usr"));
    QSTI_TRY(try_pattern(s, "/opt/intel", "/openvino*/runtime/lib/*/" LIBRARY "*"));
done:
    return status;
}

/* --- loading ------------------------------------------------------------------------------------------------------ */

/* Fills the table; gives the name of the first function that is missing, NULL: none. */
static const char *resolve(void *handle, qsti_openvino_functions *out)
{
    void *address = NULL;
#define QSTI_OPENVINO_FUNCTION(returns, name, arguments) \
    address = dlsym(handle, #name);                      \
    if (address == NULL)                                 \
        return #name;                                    \
    memcpy(&out->name, &address, sizeof address);
#include "import/openvino_functions.def"
#undef QSTI_OPENVINO_FUNCTION
    return NULL;
}

qst_status qsti_openvino_load(qst_ctx *ctx, const char *what, qsti_openvino_functions *out)
{
    search s = {.ctx = ctx};
    qsti_openvino_functions functions = {0};
    const char *named = getenv("QSTILL_OPENVINO");
    bool is_named = named != NULL && named[0] != '\0';
    qst_status status = is_named ? try_named(&s, named) : find(&s);
    if (status != QST_OK)
        return status;
    if (s.handle == NULL && is_named)
        return qsti_fail(ctx, QST_ERR_SYSTEM, "QSTILL_OPENVINO: %s: %s", named,
                         s.failure[0] != '\0' ? s.failure : "there is no " LIBRARY " in it");
    if (s.handle == NULL) {
        return qsti_fail(ctx, QST_ERR_UNSUPPORTED,
                         "%s: OpenVINO can run it, and is not found: " QSTI_OPENVINO_INSTALL
                         ", or name its place in QSTILL_OPENVINO%s%s%s",
                         what, s.failure[0] != '\0' ? " (" : "", s.failure, s.failure[0] != '\0' ? ")" : "");
    }
    const char *missing = resolve(s.handle, &functions);
    if (missing != NULL)
        return qsti_fail(ctx, QST_ERR_UNSUPPORTED, "%s: the OpenVINO that was found is too old, it has no %s: %s", what,
                         missing, QSTI_OPENVINO_INSTALL " --upgrade");
    *out = functions;
    return QST_OK;
}

qst_status qsti_openvino_check(qst_ctx *ctx, const qsti_openvino_functions *f, const char *what, int status)
{
    char line[512];
    size_t n = 0;
    if (status == 0)
        return QST_OK;
    const char *said = f->ov_get_last_err_msg();
    if (said == NULL || said[0] == '\0')
        said = f->ov_get_error_info(status);
    for (const char *c = said != NULL ? said : "unknown error"; *c != '\0' && n + 1 < sizeof line; c++) {
        bool blank = *c == '\n' || *c == '\r' || *c == '\t' || *c == ' ';
        if (!blank)
            line[n++] = *c;
        else if (n > 0 && line[n - 1] != ' ')
            line[n++] = ' ';
    }
    line[n] = '\0';
    return qsti_fail(ctx, QST_ERR_UNSUPPORTED, "%s: OpenVINO says: %s", what, line);
}
