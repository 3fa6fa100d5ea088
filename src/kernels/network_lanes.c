/* network_lanes.c: one instruction set's tables of network_kernels.h; compiled once for each, as lanes.c is.
 *
 * A product keeps ROWS x PANEL_LINES lines of sums in registers: with AVX-512 16 of 32 registers, which is twice what
 * the latency of a multiply-add asks for, and 10 loads for 16 of them. Weights come packed in panels, so that loads run
 * on; images come with a frame of zeros, so that a convolution is a product whose k-th operand begins at offsets[k]:
 * no patches are copied.
 */
#include "kernels/network_kernels.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "kernels/per_isa.h"

#if QSTI_VECTOR_BYTES == 64
#define ROWS        8 /* of a tile of a product */
#define PANEL_LINES 2
#define DOT_ROWS    4 /* of a tile of dots */
#define DOT_COLUMNS 6
#elif QSTI_VECTOR_BYTES == 32
#define ROWS        4
#define PANEL_LINES 1
#define DOT_ROWS    2
#define DOT_COLUMNS 3
#else
#define ROWS        2
#define PANEL_LINES 1
#define DOT_ROWS    1
#define DOT_COLUMNS 2
#endif
#define N_VECTORS (64 / QSTI_VECTOR_BYTES) /* in a line */

/* Vectors wider than native ones are handed to functions that are all inlined: no call, no ABI. */
#pragma GCC diagnostic ignored "-Wpsabi"

#define REAL       double
#define NAME(base) GLUE(base, _f64, QSTI_ISA)
#include "kernels/network_product.h"

#include "kernels/network_loops.h"

#include "kernels/network_images.h"

#include "kernels/network_table.h"
#undef REAL
#undef NAME

#define REAL       float
#define NAME(base) GLUE(base, _f32, QSTI_ISA)
#include "kernels/network_product.h"

#include "kernels/network_loops.h"

#include "kernels/network_images.h"

#include "kernels/network_table.h"
#undef REAL
#undef NAME
