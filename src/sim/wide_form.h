/* wide_form.h: the compiled form of a wide program, shared by the wide_*.c files.
 *
 * A pass walks over the state in blocks. A block is a coset of a subspace V of the indices: its line u (n_bits of
 * index) is line  base ^ sum_j u_j vectors[j]  of the state, the bits of vectors[j] that lie in the lanes exchanging
 * lanes. vectors[] are the gates' own x as far as they are independent, so a gate flips one bit of u. Masks are taken
 * to a block's coordinates by `line` (bit j: the parity of mask & vectors[j]) and `lane` (the mask's lowest bits); what
 * is left is one sign for the whole block, the parity of mask & base.
 *
 * The actions of a pass work on the gathered block: tiles of up to three gates on bits of u, chains of gates on lanes,
 * and runs of merged diagonal rotations. Those that keep to the lowest n_low bits of u run one after the other on each
 * part of 2^n_low lines, which fits a first-level cache.
 *
 * The state's support, start ^ support_i behind pass i, grows from pass to pass: only its blocks are visited, and what
 * lies outside is neither read nor written.
 */
#ifndef QSTI_SIM_WIDE_FORM_H
#define QSTI_SIM_WIDE_FORM_H

#include "kernels/wide_kernels.h"
#include "sim/algebra.h"
#include "sim/wide.h"

typedef struct qsti_wide_gate {
    uint32_t gate;       /* of the program */
    uint32_t x, swap;    /* lines, lanes */
    uint32_t z, control; /* lines */
    bool low;            /* is in an action that keeps to parts */
    uint32_t sums;       /* in a row: [set][axis] */
} qsti_wide_gate;

/* Lines of a block, all with the same parities: bit g of `bits` of line & z, bit g of `sets` of line & control of gate
 * g. TILE: one line of each coset. */
typedef struct qsti_wide_list {
    uint8_t bits, sets;
    uint32_t first, count; /* of the route's lines */
} qsti_wide_list;

typedef enum qsti_wide_kind {
    QSTI_WIDE_TILE,  /* gates that exchange lines, some of them lanes as well */
    QSTI_WIDE_CHAIN, /* gates on lanes, whose z and control are in the lanes */
    QSTI_WIDE_LANE,  /* one gate on lanes with z or control in the lines */
    QSTI_WIDE_TURN   /* diagonal rotations */
} qsti_wide_kind;

typedef struct qsti_wide_action {
    uint8_t kind, form;
    bool low;                            /* keeps to parts */
    bool swaps;                          /* TILE: lanes are exchanged */
    uint32_t first, count;               /* gates, or factors, of the route */
    uint32_t first_list, n_lists;        /* TILE, LANE */
    uint32_t offset[1 << QSTI_MAX_TILE]; /* TILE */
    uint8_t swap[1 << QSTI_MAX_TILE];    /* TILE */
} qsti_wide_action;

/* One Pauli Z^z in a factor: a rotation or an observable. */
typedef struct qsti_wide_entry {
    uint32_t what, z;
    uint32_t line, lane;
    uint32_t place; /* of its line in the factor's Walsh-Hadamard transform */
} qsti_wide_entry;

/* A function of lines that depends on n_bits parities of u alone; index[u] has them. */
typedef struct qsti_wide_factor {
    uint32_t n_bits;
    uint32_t first, count; /* entries */
    uint32_t table;        /* its first line among those of the pass */
    uint32_t depends;      /* bits of a block's number that change signs in it */
    size_t index;          /* in the plan's indices */
} qsti_wide_factor;

/* A Pauli of the readout with x != 0. */
typedef struct qsti_wide_pauli {
    uint32_t observable;
    uint32_t lane; /* of z */
    qsti_line_pauli pauli;
} qsti_wide_pauli;

typedef struct qsti_wide_pass {
    uint32_t n_bits, vectors[QSTI_MAX_QUBITS];
    uint32_t n_free, bases[QSTI_MAX_QUBITS]; /* block number b has base start ^ sum_j b_j bases[j] */
    bool empty;                              /* nothing is in memory yet but the start amplitude */
    bool all_live;
    bool swaps;
    size_t source; /* in the plan's sources, swaps and live */
    uint32_t first_action, n_actions;
    uint32_t first_gate, n_gates;
    uint32_t first_list, n_lists;
    uint32_t first_factor, n_factors; /* of turns, with n_table_lines lines in all */
    size_t n_table_lines;
    size_t n_sums;                    /* in a row: of gates, then one for each entry of a turn */
    uint32_t first_entry, n_entries;  /* of these factors */
    uint32_t first_weight, n_weights; /* factors of diagonal observables, behind the actions */
    size_t n_weight_lines;
    uint32_t first_pauli, n_paulis;
    double multiply_adds, bytes; /* forward */
} qsti_wide_pass;

typedef struct qsti_wide_route {
    size_t n_low;    /* of line index: parts */
    size_t n_passes; /* with actions */
    size_t n_all;    /* with those that only measure behind them */
    qsti_wide_pass *passes;
    qsti_wide_action *actions;
    qsti_wide_gate *gates;
    qsti_wide_list *lists;
    qsti_wide_factor *factors;
    qsti_wide_entry *entries;
    qsti_wide_pauli *paulis;
    uint32_t *lines;
    uint16_t *indices;
    uint32_t *sources;
    uint8_t *swaps, *live;
    size_t n_actions, n_gates, n_lists, n_factors, n_entries, n_paulis, n_lines, n_indices, n_sources;
    bool whole;          /* the last support is everything */
    size_t n_start_bits; /* before the first pass the support is that of so many lowest bits */
    /* the largest of all passes */
    size_t max_bits, max_table_lines, max_factor_lines, max_factors, max_gates, max_lists, max_sums, max_rows;
} qsti_wide_route;

typedef enum qsti_wide_direction { QSTI_WIDE_FORWARD, QSTI_WIDE_BACKWARD } qsti_wide_direction;

/* What a thread works with. */
typedef struct qsti_wide_worker {
    char *psi, *lambda;     /* a block each */
    char *tables;           /* lines re, im: of all factors of a pass */
    double *angles, *sines; /* lines: of one factor */
    double *marginals;      /* lines: of all factors of a pass */
    uint32_t *keys;         /* of tables: which blocks they are for */
    uint8_t *signs;         /* of the gates of a pass: bit 0 z, bit 1 control */
    char *turns;            /* QSTI_TURN_LINES for each list of a pass: its tile, prepared */
    uint8_t *turn_keys;     /* which bits and sets they are for */
} qsti_wide_worker;

/* One sample at a time. */
typedef struct qsti_wide_run {
    qst_program *program;
    const double *weights, *x;
    int worker; /* that it all runs on; -1: over the context's threads */
    void *psi, *lambda;
    size_t row;                   /* of the batch */
    double *half, *cosine, *sine; /* (rotations): of half angles, signs included */
    double *signs;                /* (rotations): 1, or -1 by drawn errors (draws.h) */
    double *observed;             /* (observables): coefficients, with signs */
    uint32_t *sign_words;         /* (rotations), with draws */
    uint32_t flip;                /* of the readout's bits, by drawn errors */
    void *coefficients;           /* lines, see qsti_wide_coefficients() */
    double *rows;                 /* (groups of blocks, sums or outputs) */
    double *totals;
    double *gradient;            /* (rotations): dL/dt */
    double *values, *cotangents; /* (outputs) */
    double *out_weights, *out_x; /* out_x: of the sample; NULL: not wanted */
    double *sums;                /* (the caller's) */
    uint32_t start;              /* the index that the support begins at */
    double norm;                 /* of the features: amplitude preparation */
    double distance;             /* 1 - |<start|psi>|^2 after the way back */
} qsti_wide_run;

struct qsti_wide {
    const qsti_wide_kernels *kernels;
    void (*scatter)(const void *block, size_t first, const qsti_block_map *map, void *state); /* one of the kernels */
    qsti_wide_route routes[2];                                                                /* by direction */
    size_t *coefficient_lines; /* (gates): where those of a gate begin */
    size_t n_coefficient_lines;
    double signs[QSTI_MAX_LANES][QSTI_MAX_LANES]; /* [mask][lane]: (-1)^parity(mask & lane) */

    qsti_wide_run *runs; /* (n_runs) */
    size_t n_runs;
    qsti_wide_worker *workers; /* (n_workers) */
    size_t n_workers;
    size_t n_sums;     /* of a caller, that runs have room for */
    bool has_gradient; /* there is memory for the way back */
};

/* Where line `line` of the state stands in memory: blocks are runs of lines at distances that are powers of two, which
 * would all fall into the same few sets of a cache. So the bits that choose the set, above a run's, take in all higher
 * ones. Linear over GF(2), and its own inverse. */
static inline uint32_t qsti_wide_place(uint32_t line)
{
    uint32_t high = line >> 10;
    return line ^ ((high ^ high >> 7 ^ high >> 14) & 0x7f) << 3;
}

static inline size_t qsti_wide_groups(const qsti_wide_pass *pass) /* of blocks: each one item of work, with a row */
{
    return (size_t)1 << (pass->n_free < 8 ? pass->n_free : 8);
}

static inline uint32_t qsti_wide_base(const qsti_wide_pass *pass, uint32_t start, size_t block)
{
    uint32_t base = start;
    for (size_t j = 0; j < pass->n_free; j++)
        base ^= block >> j & 1 ? pass->bases[j] : 0;
    return base;
}

/* A mask in a block's coordinates: its lines. */
static inline uint32_t qsti_wide_lines_of(const qsti_wide_pass *pass, uint32_t mask)
{
    uint32_t line = 0;
    for (uint32_t j = 0; j < pass->n_bits; j++)
        line |= (uint32_t)qsti_parity(mask, pass->vectors[j]) << j;
    return line;
}

#endif
