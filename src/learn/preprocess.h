/* preprocess.h: a fitted chain of preprocessing steps: applied to raw rows, stored with every model.
 *
 * Row by row and deterministic: the result for a row does not depend on the other rows of the call or on threads.
 */
#ifndef QSTI_LEARN_PREPROCESS_H
#define QSTI_LEARN_PREPROCESS_H

#include <qstill/data.h>

#include "base/json.h"
#include "base/tensors.h"

typedef struct qsti_preprocess qsti_preprocess;

/* Fits the steps one after the other on the given rows of raw (N, d_in). Errors: ERR_MISMATCH (pca with k > d_in or
 * more than the rows; pool on rows that are no square image of side a multiple of k after the crop), ERR_USAGE
 * (arguments out of range). Warns about constant columns under standardize and range (they become 0 / the middle). */
qst_status qsti_preprocess_fit(qst_ctx *ctx, const qst_preprocess_step *steps, size_t n_steps, qst_const_matrix raw,
                               const size_t *rows, size_t n_rows, qsti_preprocess **out);
void qsti_preprocess_free(qsti_preprocess *preprocess);
/* A copy that belongs to `ctx`. */
qst_status qsti_preprocess_copy(qst_ctx *ctx, const qsti_preprocess *preprocess, qsti_preprocess **out);

size_t qsti_preprocess_inputs(const qsti_preprocess *preprocess);
size_t qsti_preprocess_outputs(const qsti_preprocess *preprocess);
/* Whether there is any step. */
bool qsti_preprocess_changes(const qsti_preprocess *preprocess);

/* out (N, d_out) from raw (N, d_in). ERR_MISMATCH on the column count (both numbers in the message). */
qst_status qsti_preprocess_apply(qst_ctx *ctx, const qsti_preprocess *preprocess, qst_const_matrix raw, qst_matrix out);

/* JSON list of steps with the names of their fitted tensors ("<prefix>0.mean", ...), and those tensors. to_tensors
 * appends to `tensors` (room for 4 per step); names and data stay owned by the preprocess. */
qst_status qsti_preprocess_to_json(const qsti_preprocess *preprocess, json_t **out);
size_t qsti_preprocess_to_tensors(const qsti_preprocess *preprocess, qsti_tensor *tensors);
qst_status qsti_preprocess_from_artefact(qst_ctx *ctx, const char *where, const json_t *json,
                                         const qsti_tensors *tensors, qsti_preprocess **out);

/* Adds all fitted constants to a hash. */
void qsti_preprocess_hash(const qsti_preprocess *preprocess, qsti_hasher *hasher);

#endif
