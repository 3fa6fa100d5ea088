/* lanes.c: one instruction set's tables; compiled once for each, see CMakeLists.txt.
 *
 * QSTI_ISA is the name's ending, QSTI_VECTOR_BYTES the native vector width. The build allows fused multiply-add in this
 * file alone: the same source then gives the same bits wherever an instruction set has it.
 */
#include <string.h>

#include "kernels/kernels.h"
#include "kernels/trigonometry.h"

#define GLUE_(a, b, c) a##b##_##c
#define GLUE(a, b, c)  GLUE_(a, b, c)

#define REAL       double
#define NAME(base) GLUE(base, _f64, QSTI_ISA)
#include "kernels/lanes_template.h"
#undef REAL
#undef NAME

#define REAL       float
#define NAME(base) GLUE(base, _f32, QSTI_ISA)
#include "kernels/lanes_template.h"
#undef REAL
#undef NAME
