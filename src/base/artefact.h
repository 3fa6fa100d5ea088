/* artefact.h: one artefact on disk: FOLDER/<kind>.json and FOLDER/<kind>.safetensors, each checked against the other.
 *
 * The JSON begins with "format": "qstill-<kind>/1". The safetensors file carries its own checksum and the SHA-256 of
 * the JSON file, so that no bit of either can change unseen.
 */
#ifndef QSTI_BASE_ARTEFACT_H
#define QSTI_BASE_ARTEFACT_H

#include "base/json.h"
#include "base/tensors.h"

/* Writes both files into the folder (made when missing). `json` is an object without "format". Errors: ERR_SYSTEM,
 * ERR_MEMORY. */
qst_status qsti_artefact_write(qst_ctx *ctx, const char *folder, const char *kind, const json_t *json,
                               const qsti_tensor *tensors, size_t n_tensors);

/* Reads and checks both. Errors: ERR_SYSTEM (missing), ERR_DAMAGED (with file and place). Free with json_decref() and
 * qsti_tensors_free(). */
qst_status qsti_artefact_read(qst_ctx *ctx, const char *folder, const char *kind, json_t **out_json,
                              qsti_tensors **out_tensors);

/* A folder for a new artefact or run: refused with ERR_SYSTEM when it exists and is not empty; made when missing. */
qst_status qsti_folder_claim(qst_ctx *ctx, const char *folder);

#endif
