/* per_isa.h: what files that are compiled once per instruction set begin with: QSTI_ISA is the name's ending,
 * QSTI_VECTOR_BYTES the native vector width. */
#ifndef QSTI_KERNELS_PER_ISA_H
#define QSTI_KERNELS_PER_ISA_H

#define GLUE_(a, b, c) a##b##_##c
#define GLUE(a, b, c)  GLUE_(a, b, c)
#define INLINE         static inline __attribute__((always_inline))

/* Before a loop of at most 16 steps that must be unrolled: its arrays then live in registers. Not under sanitizers,
 * whose checks would be unrolled too. */
#ifdef QSTI_ROLLED
#define UNROLL
#elif defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

/* A vector of sums, and as many floats. */
typedef double some_doubles __attribute__((vector_size(QSTI_VECTOR_BYTES), aligned(8), may_alias));
typedef float some_floats __attribute__((vector_size(QSTI_VECTOR_BYTES / 2), aligned(4), may_alias));

#endif
