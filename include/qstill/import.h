/* qstill/import.h: teachers made elsewhere: ONNX files, TensorFlow SavedModel folders, TFLite files, and model folders
 * of our own, all asked the same way: raw inputs in, scores out.
 *
 * MLPs and CNNs in ONNX files are read into networks of our own, which need nothing else and can be trained on. Any
 * other model is run by OpenVINO, which is loaded when it is needed (docs/teachers.md).
 */
#ifndef QSTILL_IMPORT_H
#define QSTILL_IMPORT_H

#include <qstill/model.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct qst_import qst_import;

/* Who computes an imported model's scores. */
typedef enum qst_import_through {
    QST_THROUGH_ANY,     /* the reader of our own where it covers the model, else OpenVINO */
    QST_THROUGH_QSTILL,  /* networks of our own */
    QST_THROUGH_OPENVINO /* OpenVINO */
} qst_import_through;

/* What there is to know of one; borrowed. */
typedef struct qst_import_info {
    const char *format; /* "onnx", "saved_model", "tflite" or "qstill" */
    qst_import_through through;
    const char *version;       /* of OpenVINO; "" otherwise */
    size_t n_inputs, n_scores; /* numbers in a row */
    size_t n_dims, shape[8];   /* of a row of inputs */
    const char *sha256;        /* of the file, or of all files of a folder */
    qst_model_size size;       /* all 0 where it is not known */
} qst_import_info;

/* Opens a model: by its ending .onnx or .tflite; a folder by what is in it, saved_model.pb or model.json. Errors:
 * ERR_UNSUPPORTED (an operator or a form that is not read, and OpenVINO does not run it or is not there: how to install
 * it), ERR_INPUT, ERR_LIMIT (a damaged or a huge file), ERR_DAMAGED (a folder of our own), ERR_SYSTEM, ERR_USAGE
 * (another ending), ERR_MEMORY. */
QST_API qst_status qst_import_open(qst_ctx *ctx, const char *path, qst_import_through through, qst_import **out);
QST_API void qst_import_free(qst_import *import);
QST_API void qst_import_describe(const qst_import *import, qst_import_info *out);

/* Scores (N, n_scores) of raw inputs (N, n_inputs), and what they are. `declared`, unless it is QST_SCORE_COUNT, says
 * it, and is checked; else they are probabilities behind a final softmax or one final sigmoid, log-probabilities behind
 * a final logarithm of a softmax, a folder's own kind, and logits otherwise; of what OpenVINO runs the numbers
 * themselves tell a softmax. Rows of probabilities are divided by their sum, which single precision leaves a little
 * off 1. Errors: ERR_MISMATCH (columns; a declared kind that is not the folder's), ERR_INPUT (numbers that are not of
 * the kind). */
QST_API qst_status qst_import_scores(qst_import *import, qst_const_matrix raw, qst_score_kind declared, qst_matrix out,
                                     qst_score_kind *out_kind);

/* An ONNX model as a `network` model of our own, to be trained on and saved; its scores are logits, one a class: a
 * final softmax is left out, and one output z becomes (0, z). Errors: as qst_import_open(), with ERR_UNSUPPORTED for
 * every model that the reader of our own does not cover. */
QST_API qst_status qst_model_import(qst_ctx *ctx, const char *path, qst_model **out);

/* The version of the OpenVINO that is found, "2025.4.0-...", in out; free with qst_openvino_free(). Errors:
 * ERR_UNSUPPORTED (none is found: how to install it), ERR_SYSTEM (QSTILL_OPENVINO names none). Cost: loads it. */
QST_API qst_status qst_openvino_find(qst_ctx *ctx, char **out);
QST_API void qst_openvino_free(qst_ctx *ctx, char *version);

#ifdef __cplusplus
}
#endif
#endif
