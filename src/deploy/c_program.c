/* c_program.c: a whole C file: what it is, sizes, tables, functions, qstill_predict(), and main() under QSTILL_MAIN.
 *
 *   x -> preprocessing -> [network] -> circuit on a state vector -> values -> head or network -> probabilities */
#include <stdio.h>

#include "deploy/c_source.h"

#define MAX_QUBITS 20

static size_t inputs_of(const qst_model *model)
{
    return model->preprocess != NULL ? qsti_preprocess_inputs(model->preprocess) : model->n_features;
}

static void put_opening(const qst_model *model, const qsti_circuit_parts *parts, qsti_text *out)
{
    qst_model_size size;
    qst_model_measure(model, &size);
    qsti_text_add(
        out,
        "/* A model of qstill %s as one C17 file that needs the C library and libm only.\n *\n"
        " *   int qstill_predict(const double *x, double *probabilities);\n *\n"
        " * x[N_INPUTS]: one raw sample, with the columns of the model's data source; probabilities[N_CLASSES] "
        "are\n * filled. Gives the number of the most probable class, or -1 for a sample that the model does "
        "not take\n * (a number that is not finite, or features that cannot be prepared). No allocation%s.\n *\n",
        qst_version(), qst_circuit_qubits(parts->circuit) > 12 ? "; not reentrant: the state is static" : "");
    qsti_text_add(out,
                  " * Inside: preprocessing, a circuit of %zu qubits and %zu gates on a state vector, readout, head.\n"
                  " * Qubit k is bit k of an amplitude's index. R_P(t) = exp(-i t P / 2).\n *\n"
                  " * A program that reads CSV rows:  cc -std=c17 -O2 -DQSTILL_MAIN THIS.c -lm  */\n",
                  size.circuit.qubits, size.circuit.gates);
    qsti_text_add(out, "#include <math.h>\n#include <stddef.h>\n#include <string.h>\n\n");
    qsti_text_add(out, "enum { N_INPUTS = %zu, N_QUBITS = %zu, N_CLASSES = %zu };\n", inputs_of(model),
                  size.circuit.qubits, model->n_scores);
    qsti_text_add(out, "#define N_STATES ((size_t)1 << N_QUBITS)\n\n"
                       "typedef struct amplitude {\n    double re, im;\n} amplitude;\n\n"
                       "extern const char *const qstill_class_names[];\n"
                       "int qstill_predict(const double *x, double *probabilities);\n\n");
}

static void put_class_names(const qst_model *model, qsti_text *out)
{
    char number[32];
    qsti_text_add(out, "const char *const qstill_class_names[N_CLASSES] = {");
    for (size_t c = 0; c < model->n_scores; c++) {
        const char *name = qst_model_class_name(model, c);
        snprintf(number, sizeof number, "%zu", c);
        qsti_text_add(out, "%s", c > 0 ? ", " : "");
        qsti_c_string(out, name != NULL ? name : number);
    }
    qsti_text_add(out, "};\n\n");
}

static qst_status put_body(qsti_c_source *source, const qst_model *model, const qsti_circuit_parts *parts)
{
    qst_status status = QST_OK;
    qsti_text *body = &source->body;
    const char *check = qsti_c_use(source, QSTI_C_all_finite);
    qsti_text_add(body, "    if (!%s(x, N_INPUTS))\n        return -1;\n", check);
    qsti_c_preprocess(source, model->preprocess, parts->before != NULL ? "inputs" : "features");
    if (parts->before != NULL)
        QSTI_TRY(qsti_c_network(source, parts->before, parts->before_weights, "before", "inputs", "features"));
    qsti_text_add(body, "    if (!%s(features, %zu))\n        return -1;\n\n", check,
                  qst_circuit_features(parts->circuit));
    QSTI_TRY(qsti_c_circuit(source, parts->circuit, parts->weights));
    qsti_text_add(body, "\n");
    QSTI_TRY(qsti_c_readout(source, parts->readout));
    if (parts->after != NULL)
        QSTI_TRY(qsti_c_network(source, parts->after, parts->after_weights, "after", "values", "scores"));
    else
        qsti_c_head(source, parts, model->n_scores);
    qsti_c_probabilities(source, model->score_kind);
done:
    return status;
}

qst_status qsti_c_program(const qst_model *model, const qsti_circuit_parts *parts, char **out, size_t *out_bytes)
{
    qst_status status = QST_OK;
    qsti_c_source source;
    qsti_text text;
    qsti_c_init(&source, model->ctx);
    qsti_text_init(&text, model->ctx);
    if (qst_circuit_qubits(parts->circuit) > MAX_QUBITS)
        QSTI_TRY(qsti_fail(model->ctx, QST_ERR_UNSUPPORTED,
                           "a circuit of %zu qubits as a C file: at most %d, whose state takes 16 MiB",
                           qst_circuit_qubits(parts->circuit), MAX_QUBITS));
    QSTI_TRY(put_body(&source, model, parts));
    put_opening(model, parts, &text);
    qsti_c_add_kernels(&source, false, &text);
    put_class_names(model, &text);
    qsti_text_add_bytes(&text, source.tables.bytes, source.tables.length);
    qsti_text_add_bytes(&text, source.gates.bytes, source.gates.length);
    qsti_text_add(&text, "int qstill_predict(const double *x, double *probabilities)\n{\n");
    qsti_text_add_bytes(&text, source.body.bytes, source.body.length);
    qsti_text_add(&text, "}\n\n");
    qsti_c_add_kernels(&source, true, &text);
    QSTI_TRY(source.tables.status);
    QSTI_TRY(source.gates.status);
    QSTI_TRY(source.body.status);
    QSTI_TRY(text.status);
    *out = text.bytes;
    *out_bytes = text.length;
    qsti_text_init(&text, model->ctx);
done:
    qsti_text_clear(&text);
    qsti_c_clear(&source);
    return status;
}
