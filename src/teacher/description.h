/* description.h: a teacher that was made elsewhere, as its user describes it: a YAML map whose keys are
 * description_keys.def (docs/teachers.md), and typed access to them.
 */
#ifndef QSTI_TEACHER_DESCRIPTION_H
#define QSTI_TEACHER_DESCRIPTION_H

#include <qstill/data.h>

#include "base/yaml.h"

typedef struct qsti_description {
    qst_ctx *ctx;
    qsti_yaml *root; /* a map */
} qsti_description;

/* Reads the file, and checks that each key is known and belongs to what is described: a circuit, which `is_given` says
 * of one that stands beside the description, or a template. Errors: ERR_USAGE with place, ERR_SYSTEM, ERR_LIMIT. */
qst_status qsti_description_read(qst_ctx *ctx, const char *path, bool is_given, qsti_description *out);
void qsti_description_clear(qsti_description *description);

/* The value of a key; NULL when it is missing. */
const qsti_yaml *qsti_description_get(const qsti_description *description, const char *key);

/* Typed access; *out stays as it is where the key is missing. Errors: ERR_USAGE with place. */
qst_status qsti_description_text(const qsti_description *description, const char *key, const char **out);
qst_status qsti_description_count(const qsti_description *description, const char *key, size_t least, size_t *out);
qst_status qsti_description_flag(const qsti_description *description, const char *key, bool *out);
/* A scalar, or a list of scalars, as strings that belong to the description; free the list with qsti_free(). */
qst_status qsti_description_words(const qsti_description *description, const char *key, const char ***out,
                                  size_t *out_n);

/* Numbers of any shape: a file (qst_tensor_read()), or a list, or a list of lists, ... of equal lengths. Free with
 * qst_tensor_free(). `what` names the value in messages. */
qst_status qsti_description_tensor(const qsti_description *description, const char *what, const qsti_yaml *value,
                                   qst_tensor *out);

/* "(2, 4, 3)" */
void qsti_shape_text(size_t n_dims, const size_t *shape, char out[128]);

#endif
