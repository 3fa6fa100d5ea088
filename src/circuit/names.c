/* names.c: look-up of names, with an error that lists them and points at the nearest. */
#include "circuit/names.h"

#include <string.h>

#include "base/text.h"

qst_status qsti_name_find(qst_ctx *ctx, const char *what, const char *name, const char *const *names, size_t n,
                          size_t *out)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(names[i], name) == 0) {
            *out = i;
            return QST_OK;
        }
    }
    const char *nearest = qsti_nearest(name, names, n);
    qsti_text list;
    qsti_text_init(&list, ctx);
    for (size_t i = 0; i < n; i++)
        qsti_text_add(&list, "%s%s", i > 0 ? " " : "", names[i]);
    qst_status status = list.status;
    if (status == QST_OK && nearest)
        status = qsti_fail(ctx, QST_ERR_USAGE, "%s \"%s\": unknown, did you mean %s? (there are: %s)", what, name,
                           nearest, list.bytes);
    else if (status == QST_OK)
        status = qsti_fail(ctx, QST_ERR_USAGE, "%s \"%s\": unknown; there are: %s", what, name, list.bytes);
    qsti_text_clear(&list);
    return status;
}
