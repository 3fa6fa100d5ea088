/* job_forms.c: counts of one circuit in the forms of other tools.
 *
 *   {"0 11": 10, ...}, {"0x3": 10}                            keys in the order of the call
 *   {"measurement_counts": {...}, "measured_qubits": [...]}   Braket: bits of the qubits in that list, left to right
 *   {"cirq_type": "ResultDict", "records": {...}}             Cirq: packed bits, one record a measurement key
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job/job.h"

typedef struct entry {
    uint64_t outcome, count;
} entry;

/* The counts of one form as they are read. */
typedef struct reader {
    const qsti_job *job;
    const char *where;
    qst_count_order order;
    const size_t *bit_of;  /* (n_bits) of the i-th character from the left; NULL: that of the order */
    bool any, hexadecimal; /* keys seen so far */
    entry *entries;        /* (n): as they come, outcomes may be there twice */
    size_t n, capacity;
} reader;

static const char *const order_names[] = {
    "",
#define QST_COUNT_ORDER(id, about) #id,
#include <qstill/count_orders.def>
#undef QST_COUNT_ORDER
};

/* --- keys --------------------------------------------------------------------------------------------------------- */

static qst_status bad_key(const reader *r, const char *key, const char *what)
{
    return qsti_fail(r->job->ctx, QST_ERR_INPUT, "%s: key \"%s\": %s", r->where, key, what);
}

/* "0110" with blanks between registers. */
static qst_status bits_of(const reader *r, const char *key, uint64_t *out)
{
    size_t n = 0;
    uint64_t value = 0;
    for (const char *c = key; *c != '\0'; c++) {
        bool blank = *c == ' ' && c != key && c[1] != '\0';
        if (blank && r->order == QST_COUNT_ORDER_qiskit)
            continue;
        if (*c != '0' && *c != '1')
            return bad_key(r, key, "not all characters are 0 or 1");
        if (n == r->job->n_bits)
            return bad_key(r, key, "longer than the circuit's bits");
        size_t bit = r->bit_of != NULL ? r->bit_of[n] : n;
        if (r->bit_of == NULL && r->order == QST_COUNT_ORDER_qiskit)
            bit = r->job->n_bits - 1 - n;
        value |= (uint64_t)(*c == '1') << bit;
        n++;
    }
    if (n != r->job->n_bits)
        return qsti_fail(r->job->ctx, QST_ERR_INPUT, "%s: key \"%s\" has %zu bits, the circuit %zu", r->where, key, n,
                         r->job->n_bits);
    *out = value;
    return QST_OK;
}

static uint64_t reversed(uint64_t value, size_t n)
{
    uint64_t out = 0;
    for (size_t k = 0; k < n; k++)
        out |= (value >> k & 1) << (n - 1 - k);
    return out;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "0x1f", digits in either case; false when it is none or does not fit. */
static bool parse_hexadecimal(const char *key, uint64_t *out)
{
    uint64_t value = 0;
    size_t n = strlen(key) - 2;
    for (const char *c = key + 2; *c != '\0'; c++) {
        int digit = hex_value((char)(*c >= 'A' && *c <= 'F' ? *c - 'A' + 'a' : *c));
        if (digit < 0)
            return false;
        value = value << 4 | (uint64_t)digit;
    }
    *out = value;
    return n >= 1 && n <= 16;
}

static qst_status number_of(const reader *r, const char *key, bool hexadecimal, uint64_t *out)
{
    uint64_t value = 0;
    if (!(hexadecimal ? parse_hexadecimal(key, &value) : qsti_parse_u64(key, strlen(key), &value)))
        return bad_key(r, key, "no whole number");
    if (value >> r->job->n_bits != 0)
        return bad_key(r, key, "more than the circuit's bits hold");
    *out = r->order == QST_COUNT_ORDER_cirq ? reversed(value, r->job->n_bits) : value;
    return QST_OK;
}

static qst_status outcome_of(reader *r, const char *key, uint64_t *out)
{
    bool hexadecimal = key[0] == '0' && (key[1] == 'x' || key[1] == 'X');
    if (r->any && hexadecimal != r->hexadecimal)
        return bad_key(r, key, "hexadecimal keys and others are mixed");
    r->any = true;
    r->hexadecimal = hexadecimal;
    if (hexadecimal && r->order != QST_COUNT_ORDER_qiskit)
        return bad_key(r, key, "hexadecimal keys are Qiskit's: --order qiskit");
    if (hexadecimal)
        return number_of(r, key, true, out);
    if (r->order == QST_COUNT_ORDER_cirq || r->order == QST_COUNT_ORDER_ionq)
        return number_of(r, key, false, out);
    return bits_of(r, key, out);
}

/* --- counts ------------------------------------------------------------------------------------------------------- */

static qst_status add(reader *r, uint64_t outcome, uint64_t count)
{
    if (count == 0)
        return QST_OK;
    if (r->n == r->capacity) {
        size_t more = r->capacity ? 2 * r->capacity : 16;
        qst_status status = QSTI_GROW(r->job->ctx, more, &r->entries);
        if (status != QST_OK)
            return status;
        r->capacity = more;
    }
    r->entries[r->n++] = (entry){outcome, count};
    return QST_OK;
}

static int by_outcome(const void *a, const void *b)
{
    const entry *left = a, *right = b;
    return (left->outcome > right->outcome) - (left->outcome < right->outcome);
}

/* Ascending outcomes, each once. */
static qst_status finish(reader *r, qsti_job_counts *out)
{
    qst_status status = QST_OK;
    uint64_t sum = 0;
    QSTI_TRY(QSTI_NEW(r->job->ctx, r->n, &out->outcomes));
    QSTI_TRY(QSTI_NEW(r->job->ctx, r->n, &out->counts));
    if (r->n > 1)
        qsort(r->entries, r->n, sizeof *r->entries, by_outcome);
    for (size_t i = 0; i < r->n; i++) {
        if (out->n == 0 || out->outcomes[out->n - 1] != r->entries[i].outcome)
            out->outcomes[out->n++] = r->entries[i].outcome;
        out->counts[out->n - 1] += r->entries[i].count;
        sum += r->entries[i].count;
    }
    if (sum != r->job->shots)
        QSTI_TRY(qsti_fail(r->job->ctx, QST_ERR_INPUT, "%s: %llu shots, the job has %llu", r->where,
                           (unsigned long long)sum, (unsigned long long)r->job->shots));
done:
    return status;
}

/* A count; of IonQ a probability, which must be that of a whole number of shots. */
static qst_status count_of(const reader *r, const char *key, const json_t *json, uint64_t *out)
{
    double value = json_number_value(json);
    if (r->order == QST_COUNT_ORDER_ionq) {
        double count = value * (double)r->job->shots;
        if (!json_is_number(json) || value < 0 || value > 1 || fabs(count - round(count)) > 1e-3)
            return bad_key(r, key, "no probability that so many shots can give");
        *out = (uint64_t)round(count);
        return QST_OK;
    }
    if (json_is_number(json) && value < 0)
        return bad_key(r, key, "below 0: quasi-probabilities are no counts");
    if (json_is_number(json) && value != floor(value))
        return bad_key(r, key, "no whole number: counts are wanted, not probabilities");
    if (!json_is_number(json) || value > (double)r->job->shots)
        return bad_key(r, key, "no count of the job's shots");
    *out = (uint64_t)value;
    return QST_OK;
}

static qst_status read_map(reader *r, const json_t *json)
{
    qst_status status = QST_OK;
    void *at = json_object_iter((json_t *)json);
    for (; status == QST_OK && at != NULL; at = json_object_iter_next((json_t *)json, at)) {
        uint64_t outcome = 0, count = 0;
        const char *key = json_object_iter_key(at);
        QSTI_TRY(outcome_of(r, key, &outcome));
        QSTI_TRY(count_of(r, key, json_object_iter_value(at), &count));
        QSTI_TRY(add(r, outcome, count));
    }
done:
    return status;
}

/* --- forms that name their order ---------------------------------------------------------------------------------- */

/* The form's own order, which the call may not contradict. */
static qst_status claim(reader *r, qst_count_order order)
{
    if (r->order != QST_COUNT_ORDER_NONE && r->order != order)
        return qsti_fail(r->job->ctx, QST_ERR_USAGE, "%s: this form is %s's own: --order %s contradicts it", r->where,
                         order_names[order], order_names[r->order]);
    r->order = order;
    return QST_OK;
}

static qst_status read_braket(reader *r, const json_t *json)
{
    qst_status status = QST_OK;
    const json_t *counts = json_object_get(json, "measurement_counts");
    const json_t *qubits = json_object_get(json, "measured_qubits");
    const json_t *measured = json_object_get(r->job->manifest, "measured");
    size_t n = r->job->n_bits, bit_of[64];
    QSTI_TRY(claim(r, QST_COUNT_ORDER_braket));
    if (!json_is_object(counts) || !json_is_array(qubits) || json_array_size(qubits) != n)
        QSTI_TRY(qsti_fail(r->job->ctx, QST_ERR_INPUT, "%s: measured_qubits: the job measures %zu", r->where, n));
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < n && !json_equal(json_array_get(measured, k), json_array_get(qubits, i)))
            k++;
        if (k == n)
            QSTI_TRY(qsti_fail(r->job->ctx, QST_ERR_INPUT,
                               "%s: measured_qubits: entry %zu is none that the job measures", r->where, i));
        bit_of[i] = k;
    }
    r->bit_of = bit_of;
    status = read_map(r, counts);
    r->bit_of = NULL;
done:
    return status;
}

/* The bit of a row of big-endian packed bits; < 0: not there. */
static int packed_bit(const char *digits, size_t n_digits, size_t index)
{
    int value = index / 4 < n_digits ? hex_value(digits[index / 4]) : -1;
    return value < 0 ? -1 : value >> (3 - index % 4) & 1;
}

/* One record of shape [shots, 1, m]: the bits of its m qubits. */
static qst_status read_record(const reader *r, const json_t *record, size_t *first_bit, uint64_t *outcomes)
{
    const json_t *shape = json_object_get(record, "shape"), *digits = json_object_get(record, "packed_digits");
    size_t n = (size_t)json_integer_value(json_array_get(shape, 0));
    size_t m = (size_t)json_integer_value(json_array_get(shape, 2));
    bool fits = json_is_array(shape) && json_array_size(shape) == 3 && n == r->job->shots &&
                json_integer_value(json_array_get(shape, 1)) == 1 && m <= r->job->n_bits - *first_bit;
    if (!fits || !json_is_string(digits) || !json_is_true(json_object_get(record, "binary")))
        return qsti_fail(r->job->ctx, QST_ERR_INPUT,
                         "%s: records: packed binary digits of shape [%llu, 1, bits] are wanted", r->where,
                         (unsigned long long)r->job->shots);
    for (size_t shot = 0; shot < n; shot++) {
        for (size_t k = 0; k < m; k++) {
            int bit = packed_bit(json_string_value(digits), json_string_length(digits), shot * m + k);
            if (bit < 0)
                return qsti_fail(r->job->ctx, QST_ERR_INPUT, "%s: records: packed_digits end early", r->where);
            outcomes[shot] |= (uint64_t)bit << (*first_bit + k);
        }
    }
    *first_bit += m;
    return QST_OK;
}

/* Keys "c_0", "c_1", ... as Cirq names the bits of register c, or one key with all of them. */
static qst_status read_cirq(reader *r, const json_t *json)
{
    qst_status status = QST_OK;
    const json_t *records = json_object_get(json, "records");
    uint64_t *outcomes = NULL;
    size_t n_keys = json_object_size(records), n_bits = 0;
    QSTI_TRY(claim(r, QST_COUNT_ORDER_cirq));
    QSTI_TRY(QSTI_NEW(r->job->ctx, r->job->shots, &outcomes));
    for (size_t k = 0; k < n_keys; k++) {
        char key[32];
        (void)snprintf(key, sizeof key, "c_%zu", k);
        const json_t *record =
            n_keys == 1 ? json_object_iter_value(json_object_iter((json_t *)records)) : json_object_get(records, key);
        QSTI_TRY(read_record(r, record, &n_bits, outcomes));
    }
    if (n_bits != r->job->n_bits)
        QSTI_TRY(qsti_fail(r->job->ctx, QST_ERR_INPUT, "%s: records hold %zu bits, the circuit %zu", r->where, n_bits,
                           r->job->n_bits));
    for (size_t shot = 0; shot < r->job->shots; shot++)
        QSTI_TRY(add(r, outcomes[shot], 1));
done:
    qsti_free(r->job->ctx, outcomes);
    return status;
}

/* --- all forms ---------------------------------------------------------------------------------------------------- */

static qst_status read_form(reader *r, const json_t *json)
{
    if (!json_is_object(json))
        return qsti_fail(r->job->ctx, QST_ERR_INPUT, "%s: an object of counts is wanted", r->where);
    if (json_object_get(json, "measurement_counts") != NULL)
        return read_braket(r, json);
    if (json_object_get(json, "cirq_type") != NULL)
        return read_cirq(r, json);
    if (r->order == QST_COUNT_ORDER_NONE)
        return qsti_fail(r->job->ctx, QST_ERR_USAGE,
                         "%s: keys do not say which bit is which: give --order qiskit, cirq, braket or ionq", r->where);
    return read_map(r, json);
}

qst_status qsti_job_form_read(const qsti_job *job, const char *where, const json_t *json, qst_count_order order,
                              qsti_job_counts *out)
{
    reader r = {.job = job, .where = where, .order = order};
    qst_status status = read_form(&r, json);
    if (status == QST_OK)
        status = finish(&r, out);
    qsti_free(job->ctx, r.entries);
    return status;
}
