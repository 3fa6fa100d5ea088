/* emitter.h: writes a sequence as an assembly in a basis.
 *
 * On each wire a local unitary is pending: what has come and is not yet written. It grows until an entangler needs it
 * out; then as little of it is written as possible: what commutes with the entangler, RZ on a control or RX on a
 * target, goes on to the other side. */
#ifndef QSTI_TRANSPILE_EMITTER_H
#define QSTI_TRANSPILE_EMITTER_H

#include "transpile/basis.h"
#include "transpile/coupling.h"
#include "transpile/sequence.h"

typedef struct qsti_emitter {
    qst_ctx *ctx;
    const qsti_basis *basis;
    const qsti_coupling *coupling;
    qsti_store *store; /* its phase is added to */
    qst_assembly_builder *builder;
    qsti_su2 *pending; /* (n_wires) */
    uint32_t condition;
    double phase, held;        /* global; of the conditioned gates that are being written */
    const qsti_node *nodes;    /* of the sequence */
    const uint32_t (*next)[2]; /* (n_nodes): the node that follows on its first and second wire; UINT32_MAX: none */
    uint32_t at;               /* the node that is being written */
} qsti_emitter;

/* What of a local unitary may stay behind it, because it commutes with what comes next. */
typedef enum qsti_keep { QSTI_KEEP_NOTHING, QSTI_KEEP_Z, QSTI_KEEP_X } qsti_keep;

/* An angle: a number plus factor times a polynomial of the store. */
typedef struct qsti_angle {
    double number, factor;
    size_t polynomial; /* SIZE_MAX: none */
} qsti_angle;
#define QSTI_NUMBER(value) ((qsti_angle){(value), 0, SIZE_MAX})

qst_status qsti_emit_gate(qsti_emitter *emitter, qst_gate gate, const uint32_t *wires, const qsti_angle *angles);
/* A phase: counted, or a gate when it is conditioned. */
qst_status qsti_emit_phase(qsti_emitter *emitter, qsti_angle phase);

/* SX or X gates that a unitary takes: 0, 1 or 2. */
int qsti_quarters(qsti_su2 u);
/* What is left of a unitary when RX may stay behind it: the RX, and in *out_quarters what is written. */
qsti_su2 qsti_but_rx(qsti_su2 u, int *out_quarters);

/* Writes what is pending on a wire, but for a turn about the axis to keep: that stays pending. */
qst_status qsti_emit_pending(qsti_emitter *emitter, uint32_t wire, qsti_keep keep);
qst_status qsti_emit_spin(qsti_emitter *emitter, const qsti_node *spin);
qst_status qsti_emit_pair(qsti_emitter *emitter, const qsti_node *pair);

/* The whole: `sequence` into the builder, whose registers are there. map (n_wires): the qubit of a wire in the builder
 * is its number. */
qst_status qsti_emit(qst_ctx *ctx, const qsti_sequence *sequence, const qsti_basis *basis,
                     const qsti_coupling *coupling, qst_assembly_builder *builder);

#endif
