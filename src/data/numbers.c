/* numbers.c: decoding of binary numbers. Half precision and all integers up to 2^53 are exact in f64; a larger integer
 * that is not is a problem of its own. Reads in pieces on the stack; the host is little-endian or big-endian. */
#include "data/numbers.h"

#include <math.h>
#include <string.h>

#define PIECE_BYTES 16384

/* The number's bytes as an unsigned integer. */
static inline uint64_t bits_at(const unsigned char *bytes, size_t n_bytes, bool big_endian)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < n_bytes; i++) {
        bits |= (uint64_t)bytes[big_endian ? n_bytes - 1 - i : i] << (8 * i);
    }
    return bits;
}

/* IEEE binary16: sign 1, exponent 5 (bias 15), fraction 10. */
static double half(uint64_t bits)
{
    int exponent = (int)(bits >> 10 & 31);
    double fraction = (double)(bits & 1023);
    double value = exponent == 31  ? (fraction != 0 ? (double)NAN : (double)INFINITY)
                   : exponent == 0 ? ldexp(fraction, -24)
                                   : ldexp(1024 + fraction, exponent - 25);
    return bits >> 15 ? -value : value;
}

static double float_of(uint64_t bits, size_t n_bytes)
{
    if (n_bytes == 8) {
        double value;
        memcpy(&value, &bits, sizeof value);
        return value;
    }
    if (n_bytes == 4) {
        uint32_t low = (uint32_t)bits;
        float value;
        memcpy(&value, &low, sizeof value);
        return (double)value;
    }
    return half(bits);
}

/* Two's complement of n_bytes: the sign bit is taken off and its weight subtracted. */
static int64_t int_of(uint64_t bits, size_t n_bytes)
{
    uint64_t sign = (uint64_t)1 << (8 * n_bytes - 1);
    uint64_t extended = (bits ^ sign) - sign;
    int64_t value;
    memcpy(&value, &extended, sizeof value);
    return value;
}

static qsti_number_problem decode(const unsigned char *bytes, qsti_number_format format, double *out)
{
    const uint64_t exact = (uint64_t)1 << 53;
    uint64_t bits = bits_at(bytes, format.n_bytes, format.big_endian);
    switch (format.kind) {
    case QSTI_NUMBER_FLOAT:
        *out = float_of(bits, format.n_bytes);
        return isnan(*out) ? QSTI_NUMBERS_NAN : isinf(*out) ? QSTI_NUMBERS_INFINITE : QSTI_NUMBERS_FINE;
    case QSTI_NUMBER_INT: {
        int64_t value = int_of(bits, format.n_bytes);
        *out = (double)value;
        return value <= (int64_t)exact && value >= -(int64_t)exact ? QSTI_NUMBERS_FINE : QSTI_NUMBERS_INEXACT;
    }
    case QSTI_NUMBER_UINT:
        *out = (double)bits;
        return bits <= exact ? QSTI_NUMBERS_FINE : QSTI_NUMBERS_INEXACT;
    case QSTI_NUMBER_BOOL:
        break;
    }
    *out = (double)bits;
    return bits <= 1 ? QSTI_NUMBERS_FINE : QSTI_NUMBERS_NO_BOOL;
}

/* Decodes n numbers of which all bytes are there; returns how many are fine before the first that is not. */
static size_t decode_piece(const unsigned char *bytes, qsti_number_format format, size_t n, double *out,
                           qsti_number_problem *out_problem)
{
    for (size_t i = 0; i < n; i++) {
        *out_problem = decode(bytes + i * format.n_bytes, format, out + i);
        if (*out_problem != QSTI_NUMBERS_FINE) {
            return i;
        }
    }
    return n;
}

qst_status qsti_numbers_read(qsti_stream *stream, qsti_number_format format, size_t n, double *out, size_t *out_bad,
                             qsti_number_problem *out_problem)
{
    unsigned char bytes[PIECE_BYTES];
    double checked[PIECE_BYTES];
    size_t piece = PIECE_BYTES / format.n_bytes;
    *out_problem = QSTI_NUMBERS_FINE;
    for (size_t first = 0; first < n; first += piece) {
        size_t count = n - first < piece ? n - first : piece;
        qst_status status = qsti_check_interrupt(stream->ctx);
        if (status == QST_OK) {
            status = qsti_stream_read_exactly(stream, bytes, count * format.n_bytes, "the values");
        }
        if (status != QST_OK) {
            return status;
        }
        size_t fine = decode_piece(bytes, format, count, out ? out + first : checked, out_problem);
        if (fine < count) {
            *out_bad = first + fine;
            return QST_OK;
        }
    }
    *out_bad = n;
    return QST_OK;
}

const char *qsti_number_problem_text(qsti_number_problem problem)
{
    switch (problem) {
    case QSTI_NUMBERS_NAN:
        return "is NaN";
    case QSTI_NUMBERS_INFINITE:
        return "is infinite";
    case QSTI_NUMBERS_INEXACT:
        return "is a whole number beyond 2^53, which double precision does not hold exactly";
    case QSTI_NUMBERS_NO_BOOL:
        return "is a boolean that is neither 0 nor 1";
    case QSTI_NUMBERS_FINE:
        break;
    }
    return "is fine";
}
