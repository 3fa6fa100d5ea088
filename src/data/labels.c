/* labels.c: see labels.h. Each different label is kept once, behind an open-addressing hash table of twice as many
 * slots as there may be classes, so that a row costs one look-up. */
#include "data/labels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/number_text.h"

#define N_SLOTS          ((size_t)QSTI_MAX_CLASSES * 2)
#define MAX_LABEL_NUMBER 9007199254740992.0 /* 2^53: whole numbers are exact up to here */
#define SHOWN_BYTES      40

void qsti_labels_init(qsti_labels *labels, qst_ctx *ctx)
{
    *labels = (qsti_labels){.ctx = ctx};
}

void qsti_labels_clear(qsti_labels *labels)
{
    qst_ctx *ctx = labels->ctx;
    for (size_t c = 0; labels->names && c < labels->n_classes; c++) {
        qsti_free(ctx, labels->names[c]);
    }
    qsti_free(ctx, labels->names);
    qsti_free(ctx, labels->numbers);
    qsti_free(ctx, labels->slots);
    qsti_free(ctx, labels->values);
    *labels = (qsti_labels){.ctx = ctx};
}

/* --- different labels --------------------------------------------------------------------------------------------- */

static qst_status fail_label(const qsti_labels *labels, const char *text, size_t n_bytes, const char *problem)
{
    return qsti_fail(labels->ctx, QST_ERR_INPUT, "label \"%.*s%s\" %s",
                     (int)(n_bytes < SHOWN_BYTES ? n_bytes : SHOWN_BYTES), text, n_bytes > SHOWN_BYTES ? "..." : "",
                     problem);
}

/* FNV-1a */
static size_t first_slot(const void *bytes, size_t n_bytes)
{
    uint64_t hash = 14695981039346656037U;
    for (size_t i = 0; i < n_bytes; i++) {
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * 1099511628211U;
    }
    return (size_t)((hash ^ hash >> 32) % N_SLOTS);
}

static bool is_same(const qsti_labels *labels, size_t index, const void *bytes, size_t n_bytes)
{
    if (labels->kind == QSTI_LABELS_NUMBERS) {
        return memcmp(&labels->numbers[index], bytes, sizeof(int64_t)) == 0;
    }
    return strlen(labels->names[index]) == n_bytes && memcmp(labels->names[index], bytes, n_bytes) == 0;
}

static qst_status make_room(qsti_labels *labels)
{
    qst_status status = QST_OK;
    if (labels->slots == NULL) {
        QSTI_TRY(QSTI_NEW(labels->ctx, N_SLOTS, &labels->slots));
        QSTI_TRY(QSTI_NEW(labels->ctx, QSTI_MAX_CLASSES, &labels->names));
        QSTI_TRY(QSTI_NEW(labels->ctx, QSTI_MAX_CLASSES, &labels->numbers));
    }
    if (labels->n == labels->capacity) {
        size_t capacity = labels->capacity ? labels->capacity * 2 : 256;
        QSTI_TRY(QSTI_GROW(labels->ctx, capacity, &labels->values));
        labels->capacity = capacity;
    }
done:
    return status;
}

/* Appends the label with these identifying bytes: the text, or the int64_t of a number. */
static qst_status add(qsti_labels *labels, const void *bytes, size_t n_bytes)
{
    qst_status status = make_room(labels);
    if (status != QST_OK) {
        return status;
    }
    size_t slot = first_slot(bytes, n_bytes);
    while (labels->slots[slot] && !is_same(labels, labels->slots[slot] - 1U, bytes, n_bytes)) {
        slot = (slot + 1) % N_SLOTS;
    }
    if (labels->slots[slot] == 0) {
        size_t index = labels->n_classes;
        if (index == QSTI_MAX_CLASSES) {
            return qsti_fail(labels->ctx, QST_ERR_INPUT, "more than %d different labels: is this the column of labels?",
                             QSTI_MAX_CLASSES);
        }
        if (labels->kind == QSTI_LABELS_NUMBERS) {
            memcpy(&labels->numbers[index], bytes, sizeof(int64_t));
        } else {
            status = qsti_strndup(labels->ctx, bytes, n_bytes, &labels->names[index]);
            if (status != QST_OK) {
                return status;
            }
        }
        labels->n_classes++;
        labels->slots[slot] = (uint16_t)(index + 1);
    }
    labels->values[labels->n++] = labels->slots[slot] - 1;
    return QST_OK;
}

/* --- adding ------------------------------------------------------------------------------------------------------- */

static const char *problem_of_number(double number)
{
    if (isnan(number) || isinf(number)) {
        return "is not finite: labels are whole numbers from 0, or text";
    }
    if (number < 0) {
        return "is negative: labels are whole numbers from 0, or text";
    }
    if (number != floor(number)) {
        return "is not whole: labels are whole numbers from 0, or text";
    }
    return number > MAX_LABEL_NUMBER ? "is too large: labels are whole numbers up to 2^53, or text" : NULL;
}

qst_status qsti_labels_add_number(qsti_labels *labels, double number)
{
    const char *problem = problem_of_number(number);
    if (problem) {
        char text[32];
        qsti_format_double(number, text);
        return fail_label(labels, text, strlen(text), problem);
    }
    labels->kind = QSTI_LABELS_NUMBERS;
    int64_t value = (int64_t)number;
    return add(labels, &value, sizeof value);
}

static const char *problem_of_text(const qsti_labels *labels, const char *text, size_t n_bytes)
{
    if (qsti_is_not_finite(text, n_bytes)) {
        return "is not finite: labels are whole numbers from 0, or text";
    }
    if (labels->kind == QSTI_LABELS_NUMBERS) {
        return "is no number, and the labels before it are";
    }
    if (n_bytes > QSTI_MAX_LABEL_TEXT) {
        return "is longer than 200 bytes";
    }
    return qsti_utf8_is_valid(text, n_bytes) ? NULL : "is not UTF-8";
}

qst_status qsti_labels_add_text(qsti_labels *labels, const char *text, size_t n_bytes)
{
    double number;
    const char *problem = NULL;
    if (n_bytes == 0) {
        return qsti_fail(labels->ctx, QST_ERR_INPUT, "the label is empty");
    }
    if (qsti_parse_double(text, n_bytes, &number)) {
        problem = labels->kind == QSTI_LABELS_TEXT ? "is a number, and the labels before it are text"
                                                   : problem_of_number(number);
        if (problem == NULL) {
            return qsti_labels_add_number(labels, number);
        }
    } else {
        problem = problem_of_text(labels, text, n_bytes);
    }
    if (problem) {
        return fail_label(labels, text, n_bytes, problem);
    }
    labels->kind = QSTI_LABELS_TEXT;
    return add(labels, text, n_bytes);
}

/* --- classes ------------------------------------------------------------------------------------------------------ */

/* Removes a class that no label has any more. */
static void drop_class(qsti_labels *labels, size_t index)
{
    qsti_free(labels->ctx, labels->names[index]);
    labels->n_classes--;
    for (size_t c = index; c < labels->n_classes; c++) {
        labels->names[c] = labels->names[c + 1];
        labels->numbers[c] = labels->numbers[c + 1];
    }
    labels->names[labels->n_classes] = NULL;
    for (size_t i = 0; i < labels->n; i++) {
        labels->values[i] -= labels->values[i] > (int64_t)index;
    }
}

void qsti_labels_drop_first(qsti_labels *labels)
{
    int64_t first = labels->values[0];
    if (labels->n == 1) {
        qsti_labels_clear(labels);
        return;
    }
    labels->n--;
    memmove(labels->values, labels->values + 1, labels->n * sizeof labels->values[0]);
    bool used = false;
    for (size_t i = 0; i < labels->n && !used; i++) {
        used = labels->values[i] == first;
    }
    if (!used) {
        drop_class(labels, (size_t)first);
    }
}

typedef struct class_entry {
    const char *name; /* NULL: by number */
    int64_t number;
    size_t index;
} class_entry;

static int compare_classes(const void *a, const void *b)
{
    const class_entry *x = a, *y = b;
    return x->name ? strcmp(x->name, y->name) : (x->number > y->number) - (x->number < y->number);
}

qst_status qsti_labels_finish(qsti_labels *labels)
{
    qst_status status = QST_OK;
    class_entry *entries = NULL;
    char **names = NULL;
    int64_t *new_index = NULL;
    size_t n = labels->n_classes;
    QSTI_TRY(QSTI_NEW(labels->ctx, n, &entries));
    QSTI_TRY(QSTI_NEW(labels->ctx, n, &names));
    QSTI_TRY(QSTI_NEW(labels->ctx, n, &new_index));
    for (size_t c = 0; c < n; c++) {
        if (labels->kind == QSTI_LABELS_NUMBERS) {
            qsti_text text;
            qsti_text_init(&text, labels->ctx);
            qsti_text_add(&text, "%lld", (long long)labels->numbers[c]);
            QSTI_TRY(text.status);
            labels->names[c] = text.bytes;
        }
        entries[c] = (class_entry){labels->kind == QSTI_LABELS_TEXT ? labels->names[c] : NULL, labels->numbers[c], c};
    }
    qsort(entries, n, sizeof entries[0], compare_classes);
    for (size_t c = 0; c < n; c++) {
        new_index[entries[c].index] = (int64_t)c;
        names[c] = labels->names[entries[c].index];
    }
    memcpy(labels->names, names, n * sizeof names[0]);
    for (size_t i = 0; i < labels->n; i++) {
        labels->values[i] = new_index[labels->values[i]];
    }
done:
    qsti_free(labels->ctx, entries);
    qsti_free(labels->ctx, names);
    qsti_free(labels->ctx, new_index);
    return status;
}
