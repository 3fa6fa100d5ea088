/* import_oracle.h: an imported model as a teacher that can be asked (learn/oracle.h). */
#ifndef QSTI_IMPORT_IMPORT_ORACLE_H
#define QSTI_IMPORT_IMPORT_ORACLE_H

#include <qstill/import.h>

#include "learn/oracle.h"

/* Opens the model at `path`. `declared` and what scores are: as in qst_import_scores(), where the numbers of the first
 * rows of `raw` tell what the model itself does not. Probabilities are taken as those at `temperature`, and brought
 * back to 1. One score, of two classes, becomes two: the logit z (0, z), the probability p (1 - p, p). Errors: those of
 * qst_import_open() and qst_import_scores(); ERR_USAGE (temperature with scores of another kind); ERR_UNSUPPORTED (one
 * score of another kind). */
qst_status qsti_import_oracle(qst_ctx *ctx, const char *path, qst_score_kind declared, double temperature,
                              qst_const_matrix raw, qsti_oracle **out);

/* The same of a model of our own that was made from the file at `path`; takes it, whatever comes. */
qst_status qsti_model_oracle(qst_ctx *ctx, const char *path, qst_model *model, qst_score_kind declared,
                             double temperature, qst_const_matrix raw, qsti_oracle **out);

/* import.c: such a model as an imported one; takes it, whatever comes. */
qst_status qsti_import_from_model(qst_ctx *ctx, const char *path, qst_model *model, qst_import **out);

#endif
