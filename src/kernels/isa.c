/* isa.c: which instruction set this processor gets. */
#include "kernels/isa.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <qstill/simulate.h>

#define NAME(isa) #isa,
static const char *const names[] = {QSTI_FOR_EACH_ISA(NAME)};
#undef NAME
#define N_SETS (sizeof names / sizeof *names)

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

/* The forced set, or N_SETS; *out_wrong: something was asked for that is not there. */
static size_t forced(bool *out_wrong)
{
    const char *name = getenv("QSTILL_ISA");
    *out_wrong = name != NULL && name[0] != '\0';
    for (size_t i = 0; i < N_SETS && *out_wrong; i++) {
        if (strcmp(names[i], name) == 0 && processor_has(i)) {
            *out_wrong = false;
            return i;
        }
    }
    return N_SETS;
}

size_t qsti_isa_chosen(void)
{
    bool wrong;
    size_t best = forced(&wrong);
    if (best < N_SETS)
        return best;
    best = 0;
    for (size_t i = 0; i < N_SETS; i++)
        if (processor_has(i))
            best = i;
    return best;
}

const char *qst_isa_name(void)
{
    return names[qsti_isa_chosen()];
}

const char *qsti_isa_forced_wrongly(void)
{
    bool wrong;
    (void)forced(&wrong);
    return wrong ? getenv("QSTILL_ISA") : NULL;
}
