/* fourier_extract.h: asking a circuit teacher for its Fourier coefficients' sake. Extraction: students may not include
 * this. */
#ifndef QSTI_KNOWLEDGE_FOURIER_EXTRACT_H
#define QSTI_KNOWLEDGE_FOURIER_EXTRACT_H

#include "knowledge/knowledge.h"

/* What a surrogate of a model will cost, said to the log before the model is trained: how many points the teacher is
 * asked for, whatever its weights become. Errors: ERR_USAGE for a model that has no Fourier surrogate, ERR_LIMIT above
 * QSTI_FOURIER_MAX_POINTS with the number. */
qst_status qsti_fourier_foresee(qst_ctx *ctx, const qst_model *teacher);

/* Whether a model is a circuit whose features are angles of rotations. */
bool qsti_fourier_has_spectrum(const qst_model *model);

/* Whether the points of a circuit with a spectrum are at most `limit`, for which nobody needs to be asked. */
qst_status qsti_fourier_is_cheap(qst_ctx *ctx, const qst_model *teacher, size_t limit, bool *out);

/* Adds the spectrum of the teacher's circuit and, with `points`, its scores at the points that determine it. The
 * knowledge is that of the teacher for the dataset; a calibrated one has them calibrated too. Errors: as above. */
qst_status qsti_knowledge_add_fourier(qst_knowledge *knowledge, qst_model *teacher, const qst_dataset *dataset,
                                      bool points);

#endif
