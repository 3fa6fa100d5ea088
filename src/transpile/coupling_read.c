/* coupling_read.c: coupling maps from a word, from pairs, or from a JSON file.
 *
 * heavy-hex:D is the lattice of a code of odd distance D [chamberland2020]: D x D data qubits, numbered first; then
 * (D-1)(D+1)/2 syndrome qubits between the rows; then D(D-1) flag qubits between the data qubits of a row. */
#include "base/json.h"
#include "transpile/coupling.h"

#include <string.h>

typedef struct pairs {
    qst_ctx *ctx;
    uint32_t (*at)[2];
    size_t n, capacity;
    size_t n_qubits; /* 1 + the highest number */
} pairs;

static qst_status add(pairs *list, size_t a, size_t b)
{
    if (list->n == list->capacity) {
        size_t capacity = 2 * list->capacity + 64;
        qst_status status = QSTI_GROW(list->ctx, capacity, &list->at);
        if (status != QST_OK)
            return status;
        list->capacity = capacity;
    }
    list->at[list->n][0] = (uint32_t)a;
    list->at[list->n][1] = (uint32_t)b;
    list->n++;
    size_t high = a > b ? a : b;
    list->n_qubits = high >= list->n_qubits ? high + 1 : list->n_qubits;
    return QST_OK;
}

/* --- families ----------------------------------------------------------------------------------------------------- */

static qst_status grid(pairs *list, size_t rows, size_t columns)
{
    qst_status status = QST_OK;
    for (size_t row = 0; row < rows; row++) {
        for (size_t column = 0; column < columns; column++) {
            size_t here = row * columns + column;
            if (column + 1 < columns)
                QSTI_TRY(add(list, here, here + 1));
            if (row + 1 < rows)
                QSTI_TRY(add(list, here, here + columns));
        }
    }
    list->n_qubits = rows * columns;
done:
    return status;
}

static qst_status line(pairs *list, size_t n, bool closed)
{
    qst_status status = grid(list, 1, n);
    return status == QST_OK && closed && n > 2 ? add(list, n - 1, 0) : status;
}

/* The syndrome qubit number j of the row between the data rows `row` and row + 1. */
static qst_status couple_syndrome(pairs *list, size_t d, size_t row, size_t j, size_t syndrome, size_t flags)
{
    size_t per_row = (d + 1) / 2;
    bool at_left = row % 2 == 0 && j == 0, at_right = row % 2 == 1 && j + 1 == per_row;
    size_t column = at_left ? 0 : at_right ? d - 1 : row % 2 == 0 ? 2 * j - 1 : 2 * j;
    size_t stride = at_left || at_right ? d : d - 1, first = at_left || at_right ? 0 : flags;
    qst_status status = add(list, syndrome, first + row * stride + column);
    return status == QST_OK ? add(list, syndrome, first + (row + 1) * stride + column) : status;
}

static qst_status heavy_hex(pairs *list, size_t d)
{
    size_t syndromes = d * d, flags = syndromes + (d - 1) * (d + 1) / 2, per_row = (d + 1) / 2;
    qst_status status = QST_OK;
    for (size_t row = 0; row < d; row++) {
        for (size_t column = 0; column + 1 < d; column++) {
            size_t flag = flags + row * (d - 1) + column;
            QSTI_TRY(add(list, row * d + column, flag));
            QSTI_TRY(add(list, flag, row * d + column + 1));
        }
        for (size_t j = 0; j < per_row && row + 1 < d; j++)
            QSTI_TRY(couple_syndrome(list, d, row, j, syndromes + row * per_row + j, flags));
    }
    list->n_qubits = flags + d * (d - 1);
done:
    return status;
}

/* --- words -------------------------------------------------------------------------------------------------------- */

/* A whole number in 1..max of text[0..n). */
static bool number(const char *text, size_t n, size_t max, size_t *out)
{
    uint64_t value = 0;
    if (!qsti_parse_u64(text, n, &value) || value > max)
        return false;
    *out = (size_t)value;
    return true;
}

static qst_status family(qst_ctx *ctx, const char *text, size_t n_qubits, pairs *list, bool *found)
{
    const char *colon = strchr(text, ':'), *value = colon == NULL ? "" : colon + 1;
    size_t word = colon == NULL ? strlen(text) : (size_t)(colon - text);
    const size_t most = QSTI_COUPLING_MOST;
    bool closed = word == 4 && strncmp(text, "ring", 4) == 0;
    *found = true;
    if (closed || (word == 4 && strncmp(text, "line", 4) == 0)) {
        size_t n = n_qubits;
        if (colon != NULL && (!number(value, strlen(value), most, &n) || n < 1))
            return qsti_fail(ctx, QST_ERR_USAGE, "coupling: \"%s\": the length is not in 1..%zu", text, most);
        if (n > most)
            return qsti_fail(ctx, QST_ERR_LIMIT, "coupling: a %.4s of %zu qubits; at most %zu", text, n, most);
        return line(list, n, closed);
    }
    if (word == 4 && strncmp(text, "grid", 4) == 0) {
        const char *x = strchr(value, 'x');
        size_t rows = 0, columns = 0;
        if (x == NULL || !number(value, (size_t)(x - value), most, &rows) ||
            !number(x + 1, strlen(x + 1), most, &columns) || rows < 1 || columns < 1 || rows * columns > most)
            return qsti_fail(ctx, QST_ERR_USAGE, "coupling: \"%s\": expected grid:ROWSxCOLUMNS, at most %zu qubits",
                             text, most);
        return grid(list, rows, columns);
    }
    if (word == 9 && strncmp(text, "heavy-hex", 9) == 0) {
        size_t d = 0;
        if (!number(value, strlen(value), 39, &d) || d % 2 == 0)
            return qsti_fail(ctx, QST_ERR_USAGE, "coupling: \"%s\": expected heavy-hex:D with an odd D in 1..39", text);
        return heavy_hex(list, d);
    }
    *found = false;
    return QST_OK;
}

/* "0-1,1-2"; "0>1" is one direction. When any is, *out_directed is true and the others stand there both ways. */
static qst_status list_of_pairs(qst_ctx *ctx, const char *text, pairs *list, bool *out_directed)
{
    bool directed = strchr(text, '>') != NULL;
    *out_directed = directed;
    for (const char *at = text;;) {
        size_t length = strcspn(at, ","), first = strcspn(at, "->"), a = 0, b = 0;
        if (first >= length || !number(at, first, QSTI_COUPLING_MOST - 1, &a) ||
            !number(at + first + 1, length - first - 1, QSTI_COUPLING_MOST - 1, &b)) {
            return qsti_fail(ctx, QST_ERR_USAGE, "coupling: \"%.*s\" is not a pair A-B or A>B of qubits in 0..%d",
                             (int)length, at, QSTI_COUPLING_MOST - 1);
        }
        qst_status status = add(list, a, b);
        if (status == QST_OK && directed && at[first] == '-')
            status = add(list, b, a);
        if (status != QST_OK || at[length] == '\0')
            return status;
        at += length + 1;
    }
}

/* --- files -------------------------------------------------------------------------------------------------------- */

static qst_status from_json(qst_ctx *ctx, const char *path, const json_t *root, pairs *list)
{
    json_t *map = NULL;
    int64_t n = 0;
    qst_status status = QST_OK;
    QSTI_TRY(qsti_json_get_array(ctx, path, root, "coupling_map", &map));
    if (json_object_get(root, "n_qubits") != NULL)
        QSTI_TRY(qsti_json_get_i64(ctx, path, root, "n_qubits", 1, QSTI_COUPLING_MOST, &n));
    for (size_t i = 0; i < json_array_size(map); i++) {
        const json_t *pair = json_array_get(map, i), *a = json_array_get(pair, 0), *b = json_array_get(pair, 1);
        const json_int_t most = n == 0 ? QSTI_COUPLING_MOST : n;
        if (json_array_size(pair) != 2 || !json_is_integer(a) || !json_is_integer(b) || json_integer_value(a) < 0 ||
            json_integer_value(b) < 0 || json_integer_value(a) >= most || json_integer_value(b) >= most) {
            status = qsti_fail(ctx, QST_ERR_INPUT, "%s: coupling_map[%zu]: expected two qubits in 0..%lld", path, i,
                               (long long)most - 1);
            goto done;
        }
        QSTI_TRY(add(list, (size_t)json_integer_value(a), (size_t)json_integer_value(b)));
    }
    list->n_qubits = n > 0 ? (size_t)n : list->n_qubits;
done:
    return status;
}

qst_status qsti_coupling_read(qst_ctx *ctx, const char *text, size_t n_qubits, qsti_coupling *out)
{
    pairs list = {.ctx = ctx};
    json_t *root = NULL;
    bool found = false, directed = false;
    qst_status status = QST_OK;
    size_t length = strlen(text);
    if (strcmp(text, "full") == 0) {
        *out = (qsti_coupling){0};
        return QST_OK;
    }
    QSTI_TRY(family(ctx, text, n_qubits, &list, &found));
    if (!found && length > 5 && strcmp(text + length - 5, ".json") == 0) {
        QSTI_TRY(qsti_json_read(ctx, text, QST_ERR_INPUT, &root));
        QSTI_TRY(from_json(ctx, text, root, &list));
        directed = true;
    } else if (!found && text[strspn(text, "0123456789->,")] == '\0') {
        QSTI_TRY(list_of_pairs(ctx, text, &list, &directed));
    } else if (!found) {
        status =
            qsti_fail(ctx, QST_ERR_USAGE,
                      "coupling: \"%s\" is none of full, line, ring, grid:RxC, heavy-hex:D, pairs 0-1,1-2 or 0>1, or a "
                      "path that ends in .json",
                      text);
        goto done;
    }
    status = qsti_coupling_of(ctx, list.n_qubits, (const uint32_t(*)[2])list.at, list.n, directed, out);
done:
    json_decref(root);
    qsti_free(ctx, list.at);
    return status;
}
