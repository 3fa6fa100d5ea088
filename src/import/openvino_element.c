/* openvino_element.c: element types of OpenVINO's tensors.
 *
 * The library names types by an enum whose numbers differ between releases; their order does not: bool, bf16, f16, f32,
 * f64, i4, i8, i16, i32, i64, u1, ..., u4, u8, u16, u32, u64. So a number's meaning is found by the size of a tensor of
 * 8 items made of it, and by how many types of that size stand before it. */
#include <math.h>
#include <string.h>

#include "import/openvino_library.h"

#define MOST_TYPES 64
#define N_ITEMS    8

/* Bytes of 8 items of a type; 0: not a type of numbers. */
static size_t size_of(const qsti_openvino_functions *f, int number)
{
    int64_t dims[] = {N_ITEMS};
    qsti_ov_object *tensor = NULL;
    size_t n_bytes = 0;
    if (f->ov_tensor_create(number, (qsti_ov_shape){1, dims}, &tensor) != 0)
        return 0;
    if (f->ov_tensor_get_byte_size(tensor, &n_bytes) != 0)
        n_bytes = 0;
    f->ov_tensor_free(tensor);
    return n_bytes;
}

qsti_element qsti_openvino_element(const qsti_openvino_functions *f, int number)
{
    static const struct {
        size_t n_bytes;
        qsti_element elements[4];
        size_t n;
    } sizes[] = {
        {1, {QSTI_ELEMENT_BOOL, QSTI_ELEMENT_I8, QSTI_ELEMENT_U8}, 3},
        {2, {QSTI_ELEMENT_BF16, QSTI_ELEMENT_F16, QSTI_ELEMENT_I16, QSTI_ELEMENT_U16}, 4},
        {4, {QSTI_ELEMENT_F32, QSTI_ELEMENT_I32, QSTI_ELEMENT_U32}, 3},
        {8, {QSTI_ELEMENT_F64, QSTI_ELEMENT_I64, QSTI_ELEMENT_U64}, 3},
    };
    if (number < 0 || number >= MOST_TYPES)
        return QSTI_ELEMENT_OTHER;
    size_t n_bytes = size_of(f, number), n_before = 0;
    for (int k = 0; k < number; k++)
        n_before += size_of(f, k) == n_bytes;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        if (n_bytes == sizes[i].n_bytes * N_ITEMS && n_before < sizes[i].n)
            return sizes[i].elements[n_before];
    return QSTI_ELEMENT_OTHER;
}

/* --- items -------------------------------------------------------------------------------------------------------- */

/* Integers of each type, as X(element, C type, smallest, largest + 1). */
#define EACH_INTEGER(X)                           \
    X(QSTI_ELEMENT_BOOL, uint8_t, 0, 2)           \
    X(QSTI_ELEMENT_I8, int8_t, -128, 128)         \
    X(QSTI_ELEMENT_U8, uint8_t, 0, 256)           \
    X(QSTI_ELEMENT_I16, int16_t, -32768, 32768)   \
    X(QSTI_ELEMENT_U16, uint16_t, 0, 65536)       \
    X(QSTI_ELEMENT_I32, int32_t, -0x1p31, 0x1p31) \
    X(QSTI_ELEMENT_U32, uint32_t, 0, 0x1p32)      \
    X(QSTI_ELEMENT_I64, int64_t, -0x1p63, 0x1p63) \
    X(QSTI_ELEMENT_U64, uint64_t, 0, 0x1p64)

bool qsti_element_is_written(qsti_element element)
{
    return element != QSTI_ELEMENT_OTHER && element != QSTI_ELEMENT_BF16 && element != QSTI_ELEMENT_F16;
}

static size_t write_float(const double *values, size_t n, float *out)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = (float)values[i];
        if (!isfinite(out[i]))
            return i;
    }
    return n;
}

size_t qsti_element_write(qsti_element element, const double *values, size_t n, void *out)
{
    switch (element) {
    case QSTI_ELEMENT_F32:
        return write_float(values, n, out);
    case QSTI_ELEMENT_F64:
        memcpy(out, values, n * sizeof *values);
        return n;
#define WRITE(name, type, low, high)                                                          \
    case name:                                                                                \
        for (size_t i = 0; i < n; i++) {                                                      \
            if (!(values[i] >= (low) && values[i] < (high)) || values[i] != trunc(values[i])) \
                return i;                                                                     \
            ((type *)out)[i] = (type)values[i];                                               \
        }                                                                                     \
        return n;
        EACH_INTEGER(WRITE)
#undef WRITE
    default:
        return 0;
    }
}

bool qsti_element_read(qsti_element element, const void *items, size_t n, double *out)
{
    switch (element) {
    case QSTI_ELEMENT_F32:
        for (size_t i = 0; i < n; i++)
            out[i] = (double)((const float *)items)[i];
        return true;
    case QSTI_ELEMENT_F64:
        memcpy(out, items, n * sizeof *out);
        return true;
#define READ(name, type, low, high)                    \
    case name:                                         \
        for (size_t i = 0; i < n; i++)                 \
            out[i] = (double)((const type *)items)[i]; \
        return true;
        EACH_INTEGER(READ)
#undef READ
    default:
        return false;
    }
}
