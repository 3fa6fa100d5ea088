/* peak_loops.c: one instruction set's table of peak_loops.h; compiled once for each, as lanes.c is.
 *
 * A fused multiply-add takes 4 cycles and two can begin in each: 8 chains are the least that fill the ports, 12 fit the
 * 16 registers of AVX2 and the baseline beside the two operands. The baseline has no fused instruction: there a
 * multiplication and an addition count as one multiply-add. Not a kernel: no result of the library comes from here.
 */
#include "kernels/peak_loops.h"

#define GLUE_(a, b, c) a##b##_##c
#define GLUE(a, b, c)  GLUE_(a, b, c)
#define N_CHAINS       12
#define N_STREAMS      4

#define REAL       double
#define NAME(base) GLUE(base, _f64, QSTI_ISA)
#include "kernels/peak_loops_template.h"
#undef REAL
#undef NAME

#define REAL       float
#define NAME(base) GLUE(base, _f32, QSTI_ISA)
#include "kernels/peak_loops_template.h"
#undef REAL
#undef NAME
