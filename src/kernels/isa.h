/* isa.h: the instruction set in use, and tables of which there is one for each. */
#ifndef QSTI_KERNELS_ISA_H
#define QSTI_KERNELS_ISA_H

#include <stddef.h>

/* Worst first. */
#ifdef QSTI_X86
#define QSTI_FOR_EACH_ISA(do) \
    do                        \
    (baseline) do(avx2) do(avx512)
#else
#define QSTI_FOR_EACH_ISA(do) \
    do                        \
    (baseline)
#endif

/* Its number in that list: the best that the processor has, or the one forced by QSTILL_ISA (an unknown or missing one
 * is ignored, and qsti_isa_forced_wrongly() says so). */
size_t qsti_isa_chosen(void);

/* The value of QSTILL_ISA when it names no instruction set that this processor has; else NULL. */
const char *qsti_isa_forced_wrongly(void);

#endif
