/* layers.h: which column of a drawing an instruction stands in. */
#ifndef QSTI_DRAW_LAYERS_H
#define QSTI_DRAW_LAYERS_H

#include <qstill/assembly.h>

/* Instructions, layer after layer: order[first[l] .. first[l + 1]) stand in layer l, none across another. Phases of the
 * whole state are in no layer. */
typedef struct qsti_layers {
    qst_ctx *ctx;
    size_t n_layers, n_instructions;
    size_t *first; /* [n_layers + 1] */
    size_t *order; /* [n_instructions] */
} qsti_layers;

/* As early as possible, in the order of the dependencies, as Qiskit does. ERR_LIMIT above max_layers. */
qst_status qsti_layers_by_dependency(const qst_assembly *assembly, size_t max_layers, qsti_layers *out);
/* As early as possible in the order of the instructions, as PennyLane does. */
qst_status qsti_layers_by_order(const qst_assembly *assembly, size_t max_layers, qsti_layers *out);
void qsti_layers_clear(qsti_layers *layers);

/* The wires from first to last that an instruction covers. downwards: a line goes from it to the bits. */
typedef struct qsti_span_of_wires {
    uint32_t first, last;
} qsti_span_of_wires;
qsti_span_of_wires qsti_span_of(const qst_instruction *instruction);

#endif
