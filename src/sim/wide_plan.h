/* wide_plan.h: what wide_plan.c, wide_space.c, wide_actions.c and wide_factors.c share while they make routes. */
#ifndef QSTI_SIM_WIDE_PLAN_H
#define QSTI_SIM_WIDE_PLAN_H

#include "sim/wide_form.h"

typedef struct qsti_wide_planner {
    qst_program *program;
    qsti_wide_route *route;
    size_t max_bits;  /* of a block's index, lanes among them */
    size_t lane_bits; /* log2 of the lanes */
    uint8_t *kinds;   /* (gates): of qsti_gate_kinds() */

    /* items, by place in the program */
    uint32_t *left; /* in no pass yet */
    size_t n_left;
    uint32_t *taken; /* in the pass that is made */
    size_t n_taken;
    uint32_t *passed; /* while it is made: not in it */
    size_t n_passed;
    uint8_t *done, *ready; /* (items), while actions are made: by place in the pass */
    uint32_t *n_before; /* (items), by place in the pass: outstanding items before it that it does not commute with */

    qsti_subspace support; /* of the state in front of the pass */
    qsti_wide_entry *entries;
    uint32_t *chosen, *best; /* (entries): the factor each is in */
    size_t n_entries_room;
} qsti_wide_planner;

/* Room for `more` items behind `used` ones; the array's capacity is the next power of two. */
qst_status qsti_wide_room(qst_ctx *ctx, size_t used, size_t more, size_t item_bytes, void **pointer);
#define QSTI_WIDE_ROOM(ctx, used, more, pointer) \
    qsti_wide_room((ctx), (used), (more), sizeof **(pointer), (void **)(pointer))

/* The bits of runs of memory: whatever space a pass has, the 2^LOW_BITS amplitudes of a run are all in one block. */
#define QSTI_WIDE_LOW_BITS 5

static inline uint32_t qsti_wide_without_lanes(const qsti_wide_planner *planner, uint32_t mask)
{
    return mask >> planner->lane_bits << planner->lane_bits;
}

/* wide_space.c: the space that every pass has: the lowest bits without the lanes, which are always in it. */
qsti_subspace qsti_wide_low_space(const qsti_wide_planner *planner);
/* wide_space.c: a pass with space for these x: everything but its actions. It stands behind the route's n_all passes,
 * not counted. One that has actions takes the support to its blocks. */
qst_status qsti_wide_make_pass(qsti_wide_planner *planner, const uint32_t *x, size_t n_x, bool acts,
                               qsti_wide_pass **out);
/* wide_space.c: the coordinates of a mask's lines in the pass's vectors; false when they are not in their space. */
bool qsti_wide_solve(const qsti_wide_planner *planner, const qsti_wide_pass *pass, uint32_t mask, uint32_t *out_lines);

/* Whether two items commute. */
bool qsti_wide_commute(const qsti_wide_planner *planner, uint32_t a, uint32_t b);

/* wide_actions.c: the taken items as actions of the route's last pass, whose vectors and bases stand. */
qst_status qsti_wide_make_actions(qsti_wide_planner *planner, qsti_wide_pass *pass);

/* What factors are for: what it costs to apply one, in multiply-adds an amplitude, and to make one, for a line. */
typedef struct qsti_wide_cost {
    double apply, make;
} qsti_wide_cost;

/* wide_factors.c: the planner's first n entries, with `what` and `z` set, as factors at the route's end; table lines
 * are counted on from *n_table_lines. */
qst_status qsti_wide_make_factors(qsti_wide_planner *planner, const qsti_wide_pass *pass, size_t n, bool merge,
                                  qsti_wide_cost cost, size_t *n_table_lines);
/* Room for n entries. */
qst_status qsti_wide_entry_room(qsti_wide_planner *planner, size_t n);

#endif
