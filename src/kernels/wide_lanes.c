/* wide_lanes.c: one instruction set's tables of wide_kernels.h; compiled once for each, see CMakeLists.txt. */
#include <string.h>

#include "kernels/per_isa.h"
#include "kernels/wide_kernels.h"

#if QSTI_VECTOR_BYTES > 16
#include <immintrin.h>
#endif

#define COMPONENTS 2
#define TILE_SWAPS

#define REAL       double
#define NAME(base) GLUE(base, _f64, QSTI_ISA)
#include "kernels/wide_template.h"
#undef REAL
#undef NAME

#define REAL       float
#define NAME(base) GLUE(base, _f32, QSTI_ISA)
#include "kernels/wide_template.h"
#undef REAL
#undef NAME
