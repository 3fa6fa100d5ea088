/* c_scores.c: from the state to what is read from it, to scores, to probabilities. */
#include "circuit/readout.h"
#include "deploy/c_source.h"

/* --- the readout -------------------------------------------------------------------------------------------------- */

static void put_expectations(qsti_c_source *source, const qst_readout *readout)
{
    char number[40];
    uint32_t any_x = 0;
    qsti_text *tables = &source->tables;
    qsti_text_add(tables,
                  "/* output = sum of coefficient <P>: X on the qubits of x, Z on those of z, Y on those of both "
                  "(y of them). */\n"
                  "static const struct {\n    size_t output, x, z;\n    int y;\n    double coefficient;\n"
                  "} terms[] = {\n");
    for (size_t i = 0; i < readout->n_terms; i++) {
        qst_pauli p = readout->paulis[i];
        qsti_c_number(readout->coefficients[i], number);
        qsti_text_add(tables, "    {%u, %u, %u, %d, %s},\n", readout->outputs[i], p.x, p.z,
                      __builtin_popcount(p.x & p.z), number);
        any_x |= p.x;
    }
    qsti_text_add(tables, "};\n\n");
    qsti_text_add(&source->body,
                  "    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)\n"
                  "        values[terms[i].output] += terms[i].coefficient * %s;\n",
                  any_x ? "expectation(psi, terms[i].x, terms[i].z, terms[i].y)" : "mean_sign(psi, terms[i].z)");
    (void)qsti_c_use(source, any_x ? QSTI_C_expectation : QSTI_C_mean_sign);
}

qst_status qsti_c_readout(qsti_c_source *source, const qst_readout *readout)
{
    qsti_text_add(&source->body, "    double values[%zu] = {0};\n", readout->n_outputs);
    if (readout->kind == QST_READOUT_EXPECTATIONS) {
        put_expectations(source, readout);
        return QST_OK;
    }
    if (readout->kind == QST_READOUT_AMPLITUDES)
        return qsti_fail(source->ctx, QST_ERR_UNSUPPORTED, "a readout of amplitudes is no model's");
    qsti_text_add(&source->body, "    for (size_t i = 0; i < N_STATES; i++) {\n");
    if (readout->kind == QST_READOUT_PARITY) {
        qsti_text_add(&source->body, "        size_t ones = 0;\n"
                                     "        for (size_t bits = i; bits; bits &= bits - 1)\n"
                                     "            ones++;\n");
    }
    qsti_text_add(&source->body, "        values[%s %% %zu] += psi[i].re * psi[i].re + psi[i].im * psi[i].im;\n    }\n",
                  readout->kind == QST_READOUT_PARITY ? "ones" : "i", readout->n_outputs);
    return QST_OK;
}

/* --- the head ----------------------------------------------------------------------------------------------------- */

void qsti_c_head(qsti_c_source *source, const qsti_circuit_parts *parts, size_t n_scores)
{
    size_t n_values = parts->readout->n_outputs;
    switch (parts->head) {
    case QST_HEAD_linear:
        qsti_c_table(&source->tables, "head", parts->head_weights, n_scores * n_values + n_scores);
        qsti_text_add(&source->body, "    double scores[N_CLASSES];\n    %s(head, %zu, N_CLASSES, values, scores);\n",
                      qsti_c_use(source, QSTI_C_dense), n_values);
        break;
    case QST_HEAD_scale:
        qsti_c_table(&source->tables, "head", parts->head_weights, 1 + n_values);
        qsti_text_add(&source->body, "    double scores[N_CLASSES];\n"
                                     "    for (size_t c = 0; c < N_CLASSES; c++)\n"
                                     "        scores[c] = exp(head[0]) * values[c] + head[1 + c];\n");
        break;
    case QST_HEAD_none:
    case QST_HEAD_COUNT:
        qsti_text_add(&source->body, "    const double *scores = values;\n");
        break;
    }
}

void qsti_c_probabilities(qsti_c_source *source, qst_score_kind kind)
{
    qsti_text_add(&source->body,
                  "    %s(scores, probabilities);\n"
                  "    int best = 0;\n"
                  "    for (int c = 1; c < N_CLASSES; c++)\n"
                  "        best = probabilities[c] > probabilities[best] ? c : best;\n"
                  "    return best;\n",
                  qsti_c_use(source, kind == QST_SCORE_probability ? QSTI_C_normalize : QSTI_C_softmax));
}
