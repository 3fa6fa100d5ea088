/* tensors_layout.h: what writing and reading of tensor files share. For the files of base/ alone. */
#ifndef QSTI_BASE_TENSORS_LAYOUT_H
#define QSTI_BASE_TENSORS_LAYOUT_H

#include "base/tensors.h"

/* What stands in front of the digits of the checksum, in exactly these bytes. */
#define QSTI_TENSORS_HASH_PREFIX "\"sha256\":\""

/* By qsti_dtype. */
#define QSTI_DTYPE_MAX_BYTES 8
typedef struct qsti_dtype_entry {
    const char *name;
    size_t n_bytes;
} qsti_dtype_entry;

static const qsti_dtype_entry qsti_dtypes[] = {
    [QSTI_F64] = {"F64", 8},
    [QSTI_I64] = {"I64", 8},
    [QSTI_U8] = {"U8", 1},
};
#define QSTI_N_DTYPES (sizeof qsti_dtypes / sizeof qsti_dtypes[0])

bool qsti_tensor_name_is_valid(const char *name);

#endif
