/* oracle.h: a teacher as what it is to those who ask: something that gives scores for rows as the data source has them.
 *
 * Models trained here, imported ones, ensembles and calibrated ones answer through this one interface. An oracle is
 * asked, never trained. A table of outputs is none: it answers for its own rows only.
 */
#ifndef QSTI_LEARN_ORACLE_H
#define QSTI_LEARN_ORACLE_H

#include "learn/model.h"

typedef struct qsti_oracle qsti_oracle;

typedef struct qsti_oracle_type {
    const char *name; /* of the type, in messages: "model", "ensemble", ... */
    /* Scores out (B, n_scores) of raw (B, n_inputs), B >= 1; shapes have been checked. The scores of a row do not
     * depend on the threads. What comes out is checked by the caller (finite; probabilities sum to 1). */
    qst_status (*scores)(qsti_oracle *oracle, qst_const_matrix raw, qst_matrix out);
    void (*release)(qsti_oracle *oracle); /* frees `inside`; may be NULL */
} qsti_oracle_type;

struct qsti_oracle {
    qst_ctx *ctx;
    const qsti_oracle_type *type;
    size_t n_inputs; /* columns of a raw row */
    size_t n_scores;
    qst_score_kind kind;
    char hash[QSTI_HASH_CHARS]; /* SHA-256 of everything that decides its scores */
    qst_model_size size;        /* zeros where not known */
    void *inside;               /* of the type */
};

/* An oracle without its `inside`, for the types. hash and size are for the type to fill. */
qst_status qsti_oracle_allocate(qst_ctx *ctx, const qsti_oracle_type *type, size_t n_inputs, size_t n_scores,
                                qst_score_kind kind, qsti_oracle **out);
void qsti_oracle_free(qsti_oracle *oracle);

/* A model of our own, with its stored preprocessing; on success it takes the model. */
qst_status qsti_oracle_from_model(qst_model *model, qsti_oracle **out);

/* The same, but the model stays the caller's and must outlive the oracle. */
qst_status qsti_oracle_borrow_model(qst_model *model, qsti_oracle **out);

/* The model behind such an oracle, borrowed; NULL for others. */
qst_model *qsti_oracle_model(const qsti_oracle *oracle);

/* Scores of rows of `raw` in blocks of a fixed number: row rows[i] (NULL: i) becomes row i of out (n, n_scores), which
 * `out` tells. Errors: ERR_MISMATCH (columns); ERR_INPUT (scores that are not finite, or declared as probabilities and
 * none: negative, or a sum that is not 1 within 1e-3; they are renormalised); those of the type. */
qst_status qsti_oracle_ask(qsti_oracle *oracle, qst_const_matrix raw, const size_t *rows, qst_matrix out);

#endif
