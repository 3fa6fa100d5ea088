/* labels.h: the labels of a source, collected one by one, and then its classes.
 *
 * Labels are whole numbers >= 0 or text, never both in one source. Classes are sorted: numbers ascending, text by
 * bytes.
 */
#ifndef QSTI_DATA_LABELS_H
#define QSTI_DATA_LABELS_H

#include "base/text.h"

#define QSTI_MAX_CLASSES    4096
#define QSTI_MAX_LABEL_TEXT 200 /* bytes */

typedef enum qsti_label_kind { QSTI_LABELS_NONE_YET, QSTI_LABELS_NUMBERS, QSTI_LABELS_TEXT } qsti_label_kind;

typedef struct qsti_labels {
    qst_ctx *ctx;
    qsti_label_kind kind;
    int64_t *values; /* (n), index into names or numbers; after finishing: class indices */
    size_t n, capacity;
    char **names; /* (n_classes) */
    int64_t *numbers;
    size_t n_classes;
    uint16_t *slots; /* hash table of index + 1, 0: free */
} qsti_labels;

void qsti_labels_init(qsti_labels *labels, qst_ctx *ctx);
void qsti_labels_clear(qsti_labels *labels);

/* Appends a label as it stands in text, or as it stands in a numeric array. Errors: ERR_INPUT, the message without a
 * place: empty, negative, not whole, not UTF-8, longer than QSTI_MAX_LABEL_TEXT, a number among texts or the reverse,
 * more than QSTI_MAX_CLASSES different ones. */
qst_status qsti_labels_add_text(qsti_labels *labels, const char *text, size_t n_bytes);
qst_status qsti_labels_add_number(qsti_labels *labels, double number);

/* Forgets the first label (a header that looked like one). Unless it was the only one, none may be added afterwards. */
void qsti_labels_drop_first(qsti_labels *labels);

/* Sorts the classes, names all of them, and makes class indices of the values. */
qst_status qsti_labels_finish(qsti_labels *labels);

#endif
