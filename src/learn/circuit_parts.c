/* circuit_parts.c: see circuit_parts.h. */
#include "learn/circuit_parts.h"

#include <string.h>

#include "circuit/circuit.h"
#include "learn/model_probe.h"

/* A probe's weights are [its head | all of the inner model, head included]: its own head counts. */
static bool parts_of_probe(const qst_model *model, qsti_circuit_parts *out)
{
    const qst_model *inner = qsti_model_probe_inner(model);
    if (inner == NULL || !qsti_model_circuit_parts(inner, out))
        return false;
    out->weights = model->weights + model->n_trained;
    out->head_weights = model->weights;
    return true;
}

bool qsti_model_circuit_parts(const qst_model *model, qsti_circuit_parts *out)
{
    qsti_weight_source source;
    if (!qsti_model_weight_source(model, &source))
        return qsti_model_hybrid_parts(model, out) || parts_of_probe(model, out);
    *out = (qsti_circuit_parts){
        .circuit = source.circuit,
        .readout = qst_model_readout(model),
        .weights = source.weights,
        .head = source.head,
        .head_weights = source.weights + qst_circuit_weights(source.circuit),
    };
    return true;
}

qst_model *qsti_model_circuit_core(qst_model *model)
{
    qst_model *inner = qsti_model_probe_inner(model), *core = qsti_model_hybrid_core(model);
    if (core != NULL)
        return core;
    if (inner != NULL)
        model = inner;
    return qst_model_circuit(model) != NULL ? model : NULL;
}

void qsti_model_ahead_of_outputs(const qst_model *model, double *out)
{
    qsti_circuit_parts parts;
    size_t first = 0, n = 0;
    memset(out, 0, model->n_trained * sizeof *out);
    if (qsti_model_probe_inner(model) != NULL || !qsti_model_circuit_parts(model, &parts))
        return;
    for (size_t i = 0; i < parts.circuit->n_weights; i++)
        out[i] = 1;
    qsti_model_hybrid_before(model, &first, &n);
    for (size_t i = 0; i < n; i++)
        out[first + i] = 1;
}
