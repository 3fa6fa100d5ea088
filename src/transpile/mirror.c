/* mirror.c: see mirror.h. */
#include "transpile/mirror.h"

#include <string.h>

/* Whether SWAP on top saves a gate. */
static bool saves(const qsti_node *node)
{
    double mirrored[3];
    if (node->kind != QSTI_NODE_PAIR || node->condition != 0)
        return false;
    qsti_weyl_mirror(node->c, mirrored);
    return qsti_weyl_cx(mirrored) < qsti_weyl_cx(node->c);
}

/* Adds SWAP W, wires as in `node`, phase included. */
static qst_status add_mirrored(qsti_fold *fold, const qsti_node *node)
{
    qsti_cartan form = {.phase = QSTI_SWAP_PHASE};
    for (int axis = 0; axis < 3; axis++)
        form.c[axis] = node->c[axis];
    for (int which = 0; which < 2; which++) {
        form.right[which] = node->k[which];
        form.left[which] = qsti_su2_inverse(node->k[which]);
    }
    qsti_cartan swap = {.c = {QSTI_PI / 4, QSTI_PI / 4, QSTI_PI / 4}};
    for (int which = 0; which < 2; which++)
        swap.left[which] = swap.right[which] = qsti_su2_one();
    qsti_matrix4 first, second;
    qsti_cartan_matrix(&form, &first);
    qsti_cartan_matrix(&swap, &second);
    const qsti_matrix4 both = qsti_matrix4_product(&second, &first);
    return qsti_fold_unitary(fold, node->wires, &both, 0);
}

qst_status qsti_mirror(qsti_sequence *sequence, qsti_fold_opts opts, uint32_t *at)
{
    qst_ctx *ctx = sequence->store->ctx;
    uint32_t *now = NULL;
    qsti_fold *fold = NULL;
    qsti_sequence mirrored = {.store = sequence->store};
    size_t saved = 0;
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(ctx, sequence->n_wires, &now));
    for (uint32_t wire = 0; wire < sequence->n_wires; wire++)
        now[wire] = wire;
    QSTI_TRY(qsti_fold_begin(sequence->store, sequence->n_wires, opts, &fold));
    qsti_fold_phase(fold, sequence->phase);
    for (size_t i = 0; i < sequence->n_nodes; i++) {
        qsti_node node;
        QSTI_TRY(qsti_node_move(sequence->store, &sequence->nodes[i], now, &node));
        if (!saves(&node)) {
            QSTI_TRY(qsti_fold_add(fold, &node));
            continue;
        }
        QSTI_TRY(add_mirrored(fold, &node));
        const uint32_t a = sequence->nodes[i].wires[0], b = sequence->nodes[i].wires[1], held = now[a];
        now[a] = now[b];
        now[b] = held;
        saved++;
    }
    if (saved == 0)
        goto done;
    for (size_t qubit = 0; qubit < sequence->n_wires; qubit++)
        at[qubit] = now[at[qubit]];
    status = qsti_fold_finish(fold, &mirrored, NULL);
    fold = NULL;
    QSTI_TRY(status);
    qsti_sequence_clear(sequence);
    *sequence = mirrored;
    mirrored.nodes = NULL;
    QSTI_TRY(qsti_fold_until_stable(sequence, opts));
done:
    qsti_fold_abandon(fold);
    qsti_free(ctx, now);
    return status;
}
