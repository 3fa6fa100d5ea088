/* select.c: which table of kernels this processor gets. */
#include "kernels/kernels.h"

#include <stdlib.h>
#include <string.h>

#include <qstill/simulate.h>

#define DECLARE(isa) extern const qsti_kernels qsti_kernels_f64_##isa, qsti_kernels_f32_##isa;
DECLARE(baseline)
#ifdef QSTI_X86
DECLARE(avx2)
DECLARE(avx512)
#endif

typedef struct instruction_set {
    const char *name;
    const qsti_kernels *f64, *f32;
} instruction_set;

static const instruction_set sets[] = {
    {"baseline", &qsti_kernels_f64_baseline, &qsti_kernels_f32_baseline},
#ifdef QSTI_X86
    {"avx2", &qsti_kernels_f64_avx2, &qsti_kernels_f32_avx2},
    {"avx512", &qsti_kernels_f64_avx512, &qsti_kernels_f32_avx512},
#endif
};

static bool processor_has(size_t set)
{
#ifdef QSTI_X86
    if (set == 1)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (set == 2)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl");
#endif
    return set == 0;
}

static const instruction_set *chosen(bool *out_wrong)
{
    size_t n = sizeof sets / sizeof sets[0], best = 0;
    for (size_t i = 0; i < n; i++)
        if (processor_has(i))
            best = i;
    const char *forced = getenv("QSTILL_ISA");
    *out_wrong = forced != NULL && forced[0] != '\0';
    for (size_t i = 0; i < n && *out_wrong; i++) {
        if (strcmp(sets[i].name, forced) == 0 && processor_has(i)) {
            best = i;
            *out_wrong = false;
        }
    }
    return &sets[best];
}

const qsti_kernels *qsti_kernels_double(void)
{
    bool wrong;
    return chosen(&wrong)->f64;
}

const qsti_kernels *qsti_kernels_single(void)
{
    bool wrong;
    return chosen(&wrong)->f32;
}

const char *qst_isa_name(void)
{
    bool wrong;
    return chosen(&wrong)->name;
}

const char *qsti_isa_forced_wrongly(void)
{
    bool wrong;
    chosen(&wrong);
    return wrong ? getenv("QSTILL_ISA") : NULL;
}
