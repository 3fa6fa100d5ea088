/* fold.c: the optimising pass; what it does and why is in fold.h.
 *
 * Every wire is a doubly linked list of nodes, of which a node has one slot for each of its (one or two) wires. Groups
 * are numbered along the wire; only the axis of the last one is kept, which is all that is asked for. Fences, which are
 * measurements, resets, barriers and everything with a condition, stop a frame: it becomes a LOCAL before them. */
#include "transpile/fold.h"

#include <string.h>

#include "transpile/pair_map.h"

#define NONE            UINT32_MAX
#define AXIS_TOLERANCE  1e-12
#define LOCAL_TOLERANCE 1e-14 /* of a frame that counts as 1 */
#define FARTHEST        64    /* nodes that one meeting turns */

typedef struct slot {
    uint32_t previous, next, group;
} slot;

typedef struct wire {
    qsti_su2 frame;
    qsti_axis axis; /* of the last group */
    bool has_axis;
    uint32_t group;      /* number of the last group */
    uint32_t last, spin; /* the last node, the last SPIN */
} wire;

struct qsti_fold {
    qsti_fold_opts opts;
    qsti_sequence out;
    slot (*slots)[2]; /* (slots_capacity) beside out.nodes */
    size_t slots_capacity;
    wire *wires;
    qsti_pair_map latest;
    size_t meetings;
};

/* --- lists -------------------------------------------------------------------------------------------------------- */

static int slot_on(const qsti_node *node, uint32_t on)
{
    return node->kind == QSTI_NODE_PAIR && node->wires[1] == on;
}

static qst_status append(qsti_fold *fold, const qsti_node *node, uint32_t *out)
{
    qst_status status = qsti_sequence_append(&fold->out, node);
    if (status == QST_OK && fold->slots_capacity < fold->out.capacity) {
        status = QSTI_GROW(fold->out.store->ctx, fold->out.capacity, &fold->slots);
        if (status == QST_OK)
            fold->slots_capacity = fold->out.capacity;
    }
    *out = (uint32_t)(fold->out.n_nodes - 1);
    return status;
}

/* Puts node i at the end of a wire, in the wire's last group. */
static void link_last(qsti_fold *fold, uint32_t i, int which, uint32_t on)
{
    wire *w = &fold->wires[on];
    fold->slots[i][which] = (slot){w->last, NONE, w->group};
    if (w->last != NONE)
        fold->slots[w->last][slot_on(&fold->out.nodes[w->last], on)].next = i;
    w->last = i;
}

static void unlink_node(qsti_fold *fold, uint32_t i)
{
    qsti_node *node = &fold->out.nodes[i];
    size_t n;
    const uint32_t *on = qsti_node_wires(fold->out.store, node, &n);
    for (size_t which = 0; which < n; which++) {
        wire *w = &fold->wires[on[which]];
        slot here = fold->slots[i][which];
        if (here.previous != NONE)
            fold->slots[here.previous][slot_on(&fold->out.nodes[here.previous], on[which])].next = here.next;
        if (here.next != NONE)
            fold->slots[here.next][slot_on(&fold->out.nodes[here.next], on[which])].previous = here.previous;
        else
            w->last = here.previous;
        if (w->spin == i)
            w->spin = NONE;
    }
    node->kind = QSTI_NODE_NONE;
}

/* A barrier is on many wires and has no slots: a wire behind it begins anew. */
static void close_wire(qsti_fold *fold, uint32_t on)
{
    wire *w = &fold->wires[on];
    w->group++;
    w->has_axis = false;
    w->last = NONE;
    w->spin = NONE;
}

/* The group in which a node with this axis (or none) stands when it comes last. */
static void enter_group(qsti_fold *fold, uint32_t on, bool has_axis, qsti_axis axis)
{
    wire *w = &fold->wires[on];
    if (has_axis && w->has_axis && qsti_axis_parallel(axis, w->axis, AXIS_TOLERANCE))
        return;
    w->group++;
    w->has_axis = has_axis;
    w->axis = axis;
}

static bool axis_of(const qsti_fold *fold, const qsti_node *node, int which, qsti_axis *out)
{
    *out = (qsti_axis){0, 0, 0};
    return fold->opts.commute && qsti_node_axis(node, which, out);
}

/* --- meetings ----------------------------------------------------------------------------------------------------- */

/* Everything behind node i on both wires commutes with it. */
static bool may_follow(const qsti_fold *fold, uint32_t i)
{
    const qsti_node *node = &fold->out.nodes[i];
    for (int which = 0; which < 2; which++) {
        if (fold->slots[i][which].group != fold->wires[node->wires[which]].group)
            return false;
    }
    return true;
}

/* Everything behind node i on both wires commutes with `next`, and is not too much. */
static bool may_precede(const qsti_fold *fold, uint32_t i, const qsti_node *next)
{
    const qsti_node *node = &fold->out.nodes[i];
    for (int which = 0; which < 2; which++) {
        uint32_t on = node->wires[which];
        const wire *w = &fold->wires[on];
        if (w->last == i)
            continue;
        const slot here = fold->slots[i][which];
        qsti_axis axis;
        if (!axis_of(fold, next, slot_on(next, on), &axis) || !w->has_axis ||
            !qsti_axis_parallel(axis, w->axis, AXIS_TOLERANCE))
            return false;
        if (here.next == NONE)
            return false;
        if (here.group != w->group &&
            fold->slots[here.next][slot_on(&fold->out.nodes[here.next], on)].group != w->group)
            return false;
        int n = 0;
        for (uint32_t j = here.next; j != NONE; j = fold->slots[j][slot_on(&fold->out.nodes[j], on)].next) {
            if (++n > FARTHEST)
                return false;
        }
    }
    return true;
}

static void matrix_of(const qsti_node *node, bool crossed, qsti_matrix4 *out)
{
    qsti_cartan form = {.phase = 0};
    memcpy(form.c, node->c, sizeof form.c);
    for (int which = 0; which < 2; which++) {
        form.right[which] = node->k[crossed ? 1 - which : which];
        form.left[which] = qsti_su2_inverse(form.right[which]);
    }
    qsti_cartan_matrix(&form, out);
}

/* next * node i in the order of the wires of node i; the phase is taken, the locals behind it are in out_behind. */
static void product_of(qsti_fold *fold, uint32_t i, const qsti_node *next, qsti_node *out, qsti_su2 out_behind[2])
{
    const qsti_node *node = &fold->out.nodes[i];
    qsti_matrix4 first, second;
    qsti_cartan form;
    matrix_of(node, false, &first);
    matrix_of(next, next->wires[0] != node->wires[0], &second);
    const qsti_matrix4 both = qsti_matrix4_product(&second, &first);
    qsti_cartan_of(&both, &form);
    qsti_add_phase(&fold->out.phase, form.phase);
    *out = *node;
    memcpy(out->c, form.c, sizeof form.c);
    for (int which = 0; which < 2; which++) {
        out->k[which] = form.right[which];
        out_behind[which] = qsti_su2_product(form.left[which], form.right[which]);
    }
}

/* Moves a local gate that stands behind node i to the end of the wire: what it passes is turned. */
static void push_behind(qsti_fold *fold, uint32_t i, int which, qsti_su2 local)
{
    uint32_t on = fold->out.nodes[i].wires[which];
    wire *w = &fold->wires[on];
    for (uint32_t j = fold->slots[i][which].next; j != NONE;) {
        qsti_node *node = &fold->out.nodes[j];
        int there = slot_on(node, on);
        node->k[there] = qsti_su2_product(node->k[there], local);
        j = fold->slots[j][there].next;
    }
    if (w->last != i)
        w->axis = qsti_su2_rotate(qsti_su2_inverse(local), w->axis);
    w->frame = qsti_su2_product(w->frame, local);
}

/* The product takes the place of node i. */
static void replace(qsti_fold *fold, uint32_t i, const qsti_node *product, const qsti_su2 behind[2])
{
    for (int which = 0; which < 2; which++)
        push_behind(fold, i, which, behind[which]);
    if (product->c[0] == 0) {
        unlink_node(fold, i);
        return;
    }
    fold->out.nodes[i] = *product;
    for (int which = 0; which < 2; which++) {
        wire *w = &fold->wires[product->wires[which]];
        if (w->last == i) {
            w->group++;
            w->has_axis = axis_of(fold, product, which, &w->axis);
            fold->slots[i][which].group = w->group;
        }
    }
}

/* --- nodes -------------------------------------------------------------------------------------------------------- */

/* `pair` stands in the frames. */
static qst_status add_pair(qsti_fold *fold, qsti_node pair)
{
    while (pair.c[0] != 0) {
        uint32_t i = fold->opts.merge ? qsti_pair_map_get(&fold->latest, pair.wires[0], pair.wires[1]) : NONE;
        bool follows = false;
        if (i == NONE || fold->out.nodes[i].kind != QSTI_NODE_PAIR ||
            (!(follows = may_follow(fold, i)) && !may_precede(fold, i, &pair)))
            break;
        qsti_node product;
        qsti_su2 behind[2];
        product_of(fold, i, &pair, &product, behind);
        fold->meetings++;
        if (!follows) {
            replace(fold, i, &product, behind);
            return QST_OK;
        }
        unlink_node(fold, i);
        for (int which = 0; which < 2; which++) {
            wire *w = &fold->wires[product.wires[which]];
            w->frame = qsti_su2_product(w->frame, behind[which]);
        }
        pair = product;
    }
    if (pair.c[0] == 0)
        return QST_OK;
    uint32_t i = 0;
    qst_status status = append(fold, &pair, &i);
    if (status != QST_OK)
        return status;
    for (int which = 0; which < 2; which++) {
        qsti_axis axis;
        bool has_axis = axis_of(fold, &pair, which, &axis);
        enter_group(fold, pair.wires[which], has_axis, axis);
        link_last(fold, i, which, pair.wires[which]);
    }
    return qsti_pair_map_set(fold->out.store->ctx, &fold->latest, pair.wires[0], pair.wires[1], i);
}

static size_t terms_of(const qsti_fold *fold, uint32_t spin, const qsti_node *other)
{
    const qsti_range *polynomials = fold->out.store->polynomials;
    return polynomials[fold->out.nodes[spin].extra].count + polynomials[other->extra].count;
}

static qst_status add_spin(qsti_fold *fold, qsti_node spin)
{
    wire *w = &fold->wires[spin.wires[0]];
    qsti_axis axis, other;
    bool has_axis = axis_of(fold, &spin, 0, &axis);
    enter_group(fold, spin.wires[0], has_axis, axis);
    if (fold->opts.merge && w->spin != NONE && has_axis && fold->slots[w->spin][0].group == w->group &&
        terms_of(fold, w->spin, &spin) <= QSTI_MOST_TERMS) {
        const qsti_node *earlier = &fold->out.nodes[w->spin];
        (void)axis_of(fold, earlier, 0, &other);
        int sign = qsti_axis_parallel(axis, other, AXIS_TOLERANCE);
        qst_status status = qsti_store_sum(fold->out.store, sign < 0 ? -1 : 1, earlier->extra, spin.extra, &spin.extra);
        if (status != QST_OK)
            return status;
        unlink_node(fold, w->spin);
        fold->meetings++;
        if (fold->out.store->polynomials[spin.extra].count == 0)
            return QST_OK;
    }
    uint32_t i = 0;
    qst_status status = append(fold, &spin, &i);
    if (status == QST_OK) {
        link_last(fold, i, 0, spin.wires[0]);
        w->spin = i;
    }
    return status;
}

/* The frame becomes a gate. */
static qst_status stop_frame(qsti_fold *fold, uint32_t on)
{
    wire *w = &fold->wires[on];
    const qsti_su2 frame = w->frame;
    w->frame = qsti_su2_one();
    if (fabs(frame.x) < LOCAL_TOLERANCE && fabs(frame.y) < LOCAL_TOLERANCE && fabs(frame.z) < LOCAL_TOLERANCE) {
        qsti_add_phase(&fold->out.phase, frame.w < 0 ? QSTI_PI : 0);
        return QST_OK;
    }
    uint32_t i = 0;
    const qsti_node local = {.kind = QSTI_NODE_LOCAL, .wires = {on, on}, .k = {frame, qsti_su2_one()}};
    qst_status status = append(fold, &local, &i);
    if (status == QST_OK)
        close_wire(fold, on);
    return status;
}

static qst_status add_fence(qsti_fold *fold, const qsti_node *node)
{
    size_t n;
    const uint32_t *on = qsti_node_wires(fold->out.store, node, &n);
    qst_status status = QST_OK;
    for (size_t i = 0; i < n && status == QST_OK; i++) {
        status = stop_frame(fold, on[i]);
        close_wire(fold, on[i]);
    }
    uint32_t index = 0;
    return status == QST_OK ? append(fold, node, &index) : status;
}

qst_status qsti_fold_add(qsti_fold *fold, const qsti_node *node)
{
    if (node->kind == QSTI_NODE_NONE)
        return QST_OK;
    if (node->condition != 0)
        return add_fence(fold, node);
    qsti_node turned = *node;
    switch ((qsti_node_kind)node->kind) {
    case QSTI_NODE_PAIR:
        for (int which = 0; which < 2; which++)
            turned.k[which] = qsti_su2_product(node->k[which], fold->wires[node->wires[which]].frame);
        return add_pair(fold, turned);
    case QSTI_NODE_SPIN:
        turned.k[0] = qsti_su2_product(node->k[0], fold->wires[node->wires[0]].frame);
        return add_spin(fold, turned);
    case QSTI_NODE_LOCAL: {
        wire *w = &fold->wires[node->wires[0]];
        w->frame = qsti_su2_product(node->k[0], w->frame);
        return QST_OK;
    }
    case QSTI_NODE_PHASE:
        qsti_add_phase(&fold->out.phase, node->c[0]);
        return QST_OK;
    case QSTI_NODE_NONE:
    case QSTI_NODE_MEASURE:
    case QSTI_NODE_RESET:
    case QSTI_NODE_BARRIER:
        break;
    }
    return add_fence(fold, node);
}

qst_status qsti_fold_unitary(qsti_fold *fold, const uint32_t wires[2], const qsti_matrix4 *unitary, uint32_t condition)
{
    qsti_cartan form;
    qsti_cartan_of(unitary, &form);
    qsti_node pair = {.kind = QSTI_NODE_PAIR, .wires = {wires[0], wires[1]}, .condition = condition};
    memcpy(pair.c, form.c, sizeof form.c);
    memcpy(pair.k, form.right, sizeof form.right);
    const qsti_node phase = {.kind = QSTI_NODE_PHASE, .condition = condition, .c = {form.phase, 0, 0}};
    qst_status status = qsti_fold_add(fold, &phase);
    if (status == QST_OK && form.c[0] != 0)
        status = qsti_fold_add(fold, &pair);
    for (int which = 0; which < 2 && status == QST_OK; which++) {
        const qsti_node local = {.kind = QSTI_NODE_LOCAL,
                                 .wires = {wires[which], wires[which]},
                                 .condition = condition,
                                 .k = {qsti_su2_product(form.left[which], form.right[which]), qsti_su2_one()}};
        status = qsti_fold_add(fold, &local);
    }
    return status;
}

void qsti_fold_phase(qsti_fold *fold, double phase)
{
    qsti_add_phase(&fold->out.phase, phase);
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

qst_status qsti_fold_begin(qsti_store *store, size_t n_wires, qsti_fold_opts opts, qsti_fold **out)
{
    qsti_fold *fold = NULL;
    qst_status status = QSTI_NEW(store->ctx, 1, &fold);
    if (status != QST_OK)
        return status;
    fold->opts = opts;
    fold->out = (qsti_sequence){.store = store, .n_wires = n_wires};
    QSTI_TRY(QSTI_NEW(store->ctx, n_wires, &fold->wires));
    for (size_t i = 0; i < n_wires; i++)
        fold->wires[i] = (wire){.frame = qsti_su2_one(), .last = NONE, .spin = NONE};
    *out = fold;
    return QST_OK;
done:
    qsti_fold_abandon(fold);
    return status;
}

void qsti_fold_abandon(qsti_fold *fold)
{
    if (fold == NULL)
        return;
    qst_ctx *ctx = fold->out.store->ctx;
    qsti_pair_map_clear(ctx, &fold->latest);
    qsti_free(ctx, fold->slots);
    qsti_free(ctx, fold->wires);
    qsti_sequence_clear(&fold->out);
    qsti_free(ctx, fold);
}

qst_status qsti_fold_finish(qsti_fold *fold, qsti_sequence *out, size_t *out_meetings)
{
    qst_status status = QST_OK;
    for (uint32_t on = 0; on < fold->out.n_wires; on++)
        QSTI_TRY(stop_frame(fold, on));
    size_t n = 0;
    for (size_t i = 0; i < fold->out.n_nodes; i++) {
        if (fold->out.nodes[i].kind != QSTI_NODE_NONE)
            fold->out.nodes[n++] = fold->out.nodes[i];
    }
    fold->out.n_nodes = n;
    fold->out.phase = remainder(fold->out.phase, 2 * QSTI_PI);
    *out = fold->out;
    fold->out.nodes = NULL;
    if (out_meetings != NULL)
        *out_meetings = fold->meetings;
done:
    qsti_fold_abandon(fold);
    return status;
}

static qst_status fold_once(qsti_sequence *sequence, qsti_fold_opts opts, size_t *out_meetings)
{
    qsti_fold *fold = NULL;
    qsti_sequence folded = {.store = sequence->store};
    qst_status status = qsti_fold_begin(sequence->store, sequence->n_wires, opts, &fold);
    for (size_t i = 0; i < sequence->n_nodes && status == QST_OK; i++)
        status = qsti_fold_add(fold, &sequence->nodes[i]);
    if (status != QST_OK) {
        qsti_fold_abandon(fold);
        return status;
    }
    qsti_fold_phase(fold, sequence->phase);
    status = qsti_fold_finish(fold, &folded, out_meetings);
    if (status == QST_OK) {
        qsti_sequence_clear(sequence);
        *sequence = folded;
    }
    return status;
}

qst_status qsti_fold_until_stable(qsti_sequence *sequence, qsti_fold_opts opts)
{
    size_t meetings = 1;
    qst_status status = QST_OK;
    for (int pass = 0; pass < 16 && meetings != 0 && status == QST_OK; pass++)
        status = fold_once(sequence, opts, &meetings);
    return status;
}
