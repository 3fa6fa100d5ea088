/* model_adopt.c: weights that one model takes from another: those of a circuit that begins with its own, those of a
 * head of the same shape.
 */
#include <string.h>

#include "circuit/circuit.h"
#include "learn/model_probe.h"

static bool same_angle(const qst_circuit *a, qsti_span span_a, const qst_circuit *b, qsti_span span_b)
{
    if (span_a.count != span_b.count)
        return false;
    for (size_t i = 0; i < span_a.count; i++) {
        qst_term s = a->terms[span_a.first + i], t = b->terms[span_b.first + i];
        if (s.coefficient != t.coefficient || s.a != t.a || s.b != t.b)
            return false;
    }
    return true;
}

/* Whether `whole` begins with `part`. */
static bool begins_with(const qst_circuit *whole, const qst_circuit *part)
{
    if (whole->n_qubits != part->n_qubits || whole->n_features != part->n_features ||
        whole->preparation != part->preparation || whole->n_operations < part->n_operations ||
        whole->n_weights < part->n_weights)
        return false;
    for (size_t o = 0; o < part->n_operations; o++) {
        const qsti_operation *a = &whole->operations[o], *b = &part->operations[o];
        const qst_gate_info *info = qst_gate_describe((qst_gate)b->gate);
        if (a->gate != b->gate || memcmp(a->qubits, b->qubits, (size_t)info->n_qubits) != 0)
            return false;
        for (int i = 0; i < info->n_angles; i++)
            if (!same_angle(whole, a->angle[i], part, b->angle[i]))
                return false;
    }
    return true;
}

size_t qsti_model_adopt(qst_model *model, const qsti_weight_source *source)
{
    qsti_weight_source own;
    size_t n_copied = 0;
    if (qsti_model_probe_inner(model) != NULL) {
        n_copied = qsti_model_adopt(qsti_model_probe_inner(model), source);
        qsti_model_probe_refresh(model);
        return n_copied;
    }
    if (!qsti_model_weight_source(model, &own))
        return 0;
    if (begins_with(source->circuit, own.circuit)) {
        memcpy(model->weights, source->weights, own.circuit->n_weights * sizeof *model->weights);
        n_copied += own.circuit->n_weights;
    }
    size_t n_head = qsti_head_weights(own.head, own.n_values, own.n_scores);
    if (own.head == source->head && own.n_values == source->n_values && own.n_scores == source->n_scores) {
        memcpy(model->weights + own.circuit->n_weights, source->weights + source->circuit->n_weights,
               n_head * sizeof *model->weights);
        n_copied += n_head;
    }
    return n_copied;
}
