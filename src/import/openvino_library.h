/* openvino_library.h: OpenVINO's C library, found and loaded when a model needs it. */
#ifndef QSTI_IMPORT_OPENVINO_LIBRARY_H
#define QSTI_IMPORT_OPENVINO_LIBRARY_H

#include "base/memory.h"

/* --- its types ---------------------------------------------------------------------------------------------------- */

typedef struct qsti_ov_object qsti_ov_object; /* any of its opaque objects */

typedef struct qsti_ov_version {
    const char *number, *description;
} qsti_ov_version;

typedef struct qsti_ov_shape {
    int64_t rank;
    int64_t *dims;
} qsti_ov_shape;

typedef struct qsti_ov_dimension {
    int64_t least, most; /* most -1: any */
} qsti_ov_dimension;

typedef struct qsti_ov_partial_shape {
    qsti_ov_dimension rank;
    qsti_ov_dimension *dims;
} qsti_ov_partial_shape;

typedef struct qsti_openvino_functions {
#define QSTI_OPENVINO_FUNCTION(returns, name, arguments) returns(*name) arguments;
#include "import/openvino_functions.def"
#undef QSTI_OPENVINO_FUNCTION
} qsti_openvino_functions;

/* --- loading ------------------------------------------------------------------------------------------------------ */

#define QSTI_OPENVINO_INSTALL "pip install openvino"

/* Looks in this order: QSTILL_OPENVINO (the library, or a folder it lies in: that of a virtual environment, of the
 * package, or its own); where the system looks for libraries; the virtual environment in use; that of the python3 on
 * the PATH; the user's and the system's Python packages; /opt/intel. `what` says in the message what needs it. The
 * library stays loaded. Errors: ERR_UNSUPPORTED with how to install it; ERR_SYSTEM when QSTILL_OPENVINO names none. */
qst_status qsti_openvino_load(qst_ctx *ctx, const char *what, qsti_openvino_functions *out);

/* QST_OK for status 0, else ERR_UNSUPPORTED with what OpenVINO says, on one line. */
qst_status qsti_openvino_check(qst_ctx *ctx, const qsti_openvino_functions *f, const char *what, int status);

/* --- element types ------------------------------------------------------------------------------------------------ */

typedef enum qsti_element {
    QSTI_ELEMENT_OTHER,
    QSTI_ELEMENT_BOOL,
    QSTI_ELEMENT_I8,
    QSTI_ELEMENT_U8,
    QSTI_ELEMENT_BF16,
    QSTI_ELEMENT_F16,
    QSTI_ELEMENT_I16,
    QSTI_ELEMENT_U16,
    QSTI_ELEMENT_F32,
    QSTI_ELEMENT_I32,
    QSTI_ELEMENT_U32,
    QSTI_ELEMENT_F64,
    QSTI_ELEMENT_I64,
    QSTI_ELEMENT_U64
} qsti_element;

/* openvino_element.c: what the library's number of an element type means. */
qsti_element qsti_openvino_element(const qsti_openvino_functions *f, int number);

/* Writes doubles as n items of a type. Gives the index of the first that the type does not hold (integers: not whole or
 * out of range; floats: out of range), n when all are fine. Types: F32, F64, and integers up to 64 bits. */
size_t qsti_element_write(qsti_element element, const double *values, size_t n, void *out);
bool qsti_element_is_written(qsti_element element);
/* Reads n items as doubles; false when the type is not one of F32, F64, integers. */
bool qsti_element_read(qsti_element element, const void *items, size_t n, double *out);

#endif
