/* npz.h: archives of .npy files, as numpy.savez() and numpy.savez_compressed() write them. */
#ifndef QSTI_DATA_NPZ_H
#define QSTI_DATA_NPZ_H

#include "data/npy.h"

typedef struct qsti_npz qsti_npz;

/* Opens an archive after the checks of zip_directory.h. */
qst_status qsti_npz_open(qst_ctx *ctx, const char *path, qsti_npz **out);
void qsti_npz_close(qsti_npz *npz);

qst_ctx *qsti_npz_ctx(const qsti_npz *npz);

/* The keys: names of entries without ".npy"; other entries are not seen. */
size_t qsti_npz_n_keys(const qsti_npz *npz);
const char *qsti_npz_key(const qsti_npz *npz, size_t index);
/* ERR_INPUT with the keys that exist when there is none of this name. */
qst_status qsti_npz_find(const qsti_npz *npz, const char *key, size_t *out_index);

/* The entry's bytes, checked against its CRC at the end; its name in messages is "FILE:KEY". The archive stays open
 * longer than the stream. */
qst_status qsti_npz_stream(qsti_npz *npz, size_t index, qsti_stream **out);

#endif
