/* extract.h: asking the teacher: for every row of a dataset, and for rows beyond it. Students may not include this. */
#ifndef QSTI_KNOWLEDGE_EXTRACT_H
#define QSTI_KNOWLEDGE_EXTRACT_H

#include <qstill/teacher.h>

#include "knowledge/knowledge.h"
#include "learn/oracle.h"

/* The oracle's scores for every row of the dataset, which was made from the table. The oracle gives one score for each
 * class of the dataset, or of the table: then the dataset's are taken (probabilities renormalised). Errors:
 * ERR_MISMATCH; those of qsti_oracle_ask(). */
qst_status qsti_knowledge_from_oracle(qsti_oracle *oracle, const qst_table *table, const qst_dataset *dataset,
                                      qst_knowledge **out);

/* Whether queries can be made for rows of a table, before a teacher is trained to answer them. Errors: ERR_USAGE,
 * ERR_MISMATCH, those of reading the file, as below. */
qst_status qsti_queries_foresee(const qst_table *table, const qst_query_opts *opts);

/* Draws the queries by the dataset's seed, in the space of the table's rows, and has them answered. Errors: ERR_USAGE
 * (numbers out of range), ERR_MISMATCH (columns of the file), those of reading it and of the oracle. */
qst_status qsti_queries_make(qsti_oracle *oracle, const qst_table *table, const qst_dataset *dataset,
                             const qst_query_opts *opts, qsti_queries *out);

/* The same queries answered by another model of the same dataset. */
qst_status qsti_queries_answer(qst_ctx *ctx, qst_model *model, const qsti_queries *queries, qsti_queries *out);

/* What the teacher knows beside its scores, for every row of the dataset, added to the knowledge. Observables: words of
 * qst_readout_parse() on the teacher's circuit. States: 16 * 2^n bytes a row. Errors: ERR_MISMATCH (the knowledge is of
 * another teacher or dataset; no circuit), ERR_USAGE (a word), ERR_LIMIT. Cost: a forward pass; states one of them a
 * row; input gradients a forward and a backward pass for each score, 2 d forward passes where the model is no circuit.
 */
qst_status qsti_knowledge_add_observables(qst_knowledge *knowledge, const qst_model *teacher,
                                          const qst_dataset *dataset, const char *const *words, size_t n_words);
/* Whether such words are observables of so many qubits, before a teacher is trained. Errors: ERR_USAGE. */
qst_status qsti_observables_foresee(qst_ctx *ctx, size_t n_qubits, const char *const *words, size_t n_words);
qst_status qsti_knowledge_add_states(qst_knowledge *knowledge, const qst_model *teacher, const qst_dataset *dataset);
qst_status qsti_knowledge_add_input_gradients(qst_knowledge *knowledge, qst_model *teacher, const qst_dataset *dataset);

/* Divides what the scores mean by a temperature fitted on the dataset's validation rows by least NLL [guo2017]:
 * softmax(scores) becomes softmax(scores / T); expectation values become logits by it. Notes T in the knowledge and
 * scales its queries too. Errors: ERR_USAGE (no validation rows). */
qst_status qsti_knowledge_calibrate(qst_knowledge *knowledge, const qst_dataset *dataset);

/* The same for queries made afterwards. */
void qsti_queries_calibrate(qst_score_kind kind, double temperature, qsti_queries *queries);

#endif
