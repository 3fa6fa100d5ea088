/* select.c: the tables that belong to the instruction set in use. */
#include "kernels/isa.h"
#include "kernels/jump_kernels.h"
#include "kernels/kernels.h"
#include "kernels/lane_algebra.h"
#include "kernels/network_kernels.h"
#include "kernels/optimizer_kernels.h"
#include "kernels/pauli_kernels.h"
#include "kernels/peak_loops.h"
#include "kernels/score_kernels.h"
#include "kernels/wide_kernels.h"

#define DECLARE(isa)                                                                                       \
    extern const qsti_kernels qsti_kernels_f64_##isa, qsti_kernels_f64_real_##isa, qsti_kernels_f32_##isa, \
        qsti_kernels_f32_real_##isa;                                                                       \
    extern const qsti_lane_algebra qsti_lane_algebra_##isa;                                                \
    extern const qsti_jump_kernels qsti_jump_kernels_##isa;                                                \
    extern const qsti_score_kernels qsti_score_kernels_##isa;                                              \
    extern const qsti_network_kernels qsti_network_kernels_f64_##isa, qsti_network_kernels_f32_##isa;      \
    extern const qsti_optimizer_kernels qsti_optimizer_kernels_##isa;                                      \
    extern const qsti_pauli_kernels qsti_pauli_kernels_##isa;                                              \
    extern const qsti_peak_loops qsti_peak_loops_f64_##isa, qsti_peak_loops_f32_##isa;                     \
    extern const qsti_wide_kernels qsti_wide_kernels_f64_##isa, qsti_wide_kernels_f32_##isa;
QSTI_FOR_EACH_ISA(DECLARE)

static const struct {
    const qsti_kernels *f64[2], *f32[2]; /* complex, real */
    const qsti_lane_algebra *lane_algebra;
    const qsti_jump_kernels *jumps;
    const qsti_score_kernels *scores;
    const qsti_network_kernels *network_f64, *network_f32;
    const qsti_optimizer_kernels *optimizer;
    const qsti_pauli_kernels *pauli;
    const qsti_wide_kernels *wide_f64, *wide_f32;
    const qsti_peak_loops *peak_f64, *peak_f32;
} tables[] = {
#define TABLES(isa)                                                     \
    {                                                                   \
        .f64 = {&qsti_kernels_f64_##isa, &qsti_kernels_f64_real_##isa}, \
        .f32 = {&qsti_kernels_f32_##isa, &qsti_kernels_f32_real_##isa}, \
        .lane_algebra = &qsti_lane_algebra_##isa,                       \
        .jumps = &qsti_jump_kernels_##isa,                              \
        .scores = &qsti_score_kernels_##isa,                            \
        .network_f64 = &qsti_network_kernels_f64_##isa,                 \
        .network_f32 = &qsti_network_kernels_f32_##isa,                 \
        .optimizer = &qsti_optimizer_kernels_##isa,                     \
        .pauli = &qsti_pauli_kernels_##isa,                             \
        .wide_f64 = &qsti_wide_kernels_f64_##isa,                       \
        .wide_f32 = &qsti_wide_kernels_f32_##isa,                       \
        .peak_f64 = &qsti_peak_loops_f64_##isa,                         \
        .peak_f32 = &qsti_peak_loops_f32_##isa,                         \
    },
    QSTI_FOR_EACH_ISA(TABLES)
#undef TABLES
};

const qsti_kernels *qsti_kernels_double(bool real)
{
    return tables[qsti_isa_chosen()].f64[real];
}

const qsti_kernels *qsti_kernels_single(bool real)
{
    return tables[qsti_isa_chosen()].f32[real];
}

const qsti_lane_algebra *qsti_lane_algebra_chosen(void)
{
    return tables[qsti_isa_chosen()].lane_algebra;
}

const qsti_jump_kernels *qsti_jump_kernels_chosen(void)
{
    return tables[qsti_isa_chosen()].jumps;
}

const qsti_score_kernels *qsti_score_kernels_best(void)
{
    return tables[qsti_isa_chosen()].scores;
}

const qsti_network_kernels *qsti_network_kernels_double(void)
{
    return tables[qsti_isa_chosen()].network_f64;
}

const qsti_network_kernels *qsti_network_kernels_single(void)
{
    return tables[qsti_isa_chosen()].network_f32;
}

const qsti_optimizer_kernels *qsti_optimizer_kernels_best(void)
{
    return tables[qsti_isa_chosen()].optimizer;
}

const qsti_pauli_kernels *qsti_pauli_kernels_best(void)
{
    return tables[qsti_isa_chosen()].pauli;
}

const qsti_wide_kernels *qsti_wide_kernels_double(void)
{
    return tables[qsti_isa_chosen()].wide_f64;
}

const qsti_wide_kernels *qsti_wide_kernels_single(void)
{
    return tables[qsti_isa_chosen()].wide_f32;
}

const qsti_peak_loops *qsti_peak_loops_double(void)
{
    return tables[qsti_isa_chosen()].peak_f64;
}

const qsti_peak_loops *qsti_peak_loops_single(void)
{
    return tables[qsti_isa_chosen()].peak_f32;
}
