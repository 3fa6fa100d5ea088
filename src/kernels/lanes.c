/* lanes.c: one instruction set's tables; compiled once for each, see CMakeLists.txt.
 *
 * QSTI_ISA is the name's ending, QSTI_VECTOR_BYTES the native vector width. The build allows fused multiply-add in this
 * file alone: the same source then gives the same bits wherever an instruction set has it.
 */
#include <string.h>

#include "kernels/kernels.h"
#include "kernels/per_isa.h"
#include "kernels/trigonometry.h"

/* Four doubles, whatever the native width is. */
typedef double quad __attribute__((vector_size(32), aligned(8)));

/* out[i] = the sum of part[i]'s four. */
INLINE void sum_quads(const quad part[4], double *out)
{
    quad ab =
        __builtin_shufflevector(part[0], part[1], 0, 4, 2, 6) + __builtin_shufflevector(part[0], part[1], 1, 5, 3, 7);
    quad cd =
        __builtin_shufflevector(part[2], part[3], 0, 4, 2, 6) + __builtin_shufflevector(part[2], part[3], 1, 5, 3, 7);
    *(quad *)out = __builtin_shufflevector(ab, cd, 0, 1, 4, 5) + __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
}

#define REAL       double
#define COMPONENTS 2
#define NAME(base) GLUE(base, _f64, QSTI_ISA)
#include "kernels/lanes_template.h"
#undef COMPONENTS
#undef NAME

#define COMPONENTS 1
#define NAME(base) GLUE(base, _f64_real, QSTI_ISA)
#include "kernels/lanes_template.h"
#undef REAL
#undef COMPONENTS
#undef NAME

#define REAL       float
#define COMPONENTS 2
#define NAME(base) GLUE(base, _f32, QSTI_ISA)
#include "kernels/lanes_template.h"
#undef COMPONENTS
#undef NAME

#define COMPONENTS 1
#define NAME(base) GLUE(base, _f32_real, QSTI_ISA)
#include "kernels/lanes_template.h"
#undef REAL
#undef COMPONENTS
#undef NAME
