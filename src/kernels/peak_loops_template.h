/* peak_loops_template.h: the loops for one precision, REAL, and one vector width, QSTI_VECTOR_BYTES.
 *
 * No include guard: peak_loops.c includes it once per precision. Loops over an array of constant length in registers
 * are unrolled by the compiler, so that each element is a register.
 */
#define VEC NAME(peak_vec)

typedef REAL VEC __attribute__((vector_size(QSTI_VECTOR_BYTES), aligned(QSTI_VECTOR_BYTES)));

static double NAME(multiply_add)(size_t n_repetitions, double factor, double step)
{
    VEC a[N_CHAINS], by = (VEC){0} + (REAL)factor, plus = (VEC){0} + (REAL)step;
    for (int c = 0; c < N_CHAINS; c++)
        a[c] = (VEC){0} + (REAL)c;
    for (size_t r = 0; r < n_repetitions; r++)
        for (int c = 0; c < N_CHAINS; c++)
            a[c] = a[c] * by + plus;
    for (int c = 1; c < N_CHAINS; c++)
        a[0] += a[c];
    double sum = 0;
    for (size_t lane = 0; lane < sizeof(VEC) / sizeof(REAL); lane++)
        sum += (double)a[0][lane];
    return sum;
}

static void NAME(scale)(void *values, size_t n_bytes, double factor)
{
    VEC *v = values, by = (VEC){0} + (REAL)factor;
    for (size_t i = 0; i < n_bytes / sizeof(VEC); i += N_STREAMS)
        for (size_t s = 0; s < N_STREAMS; s++)
            v[i + s] = v[i + s] * by;
}

extern const qsti_peak_loops NAME(qsti_peak_loops);
const qsti_peak_loops NAME(qsti_peak_loops) = {
    .multiply_adds = N_CHAINS * sizeof(VEC) / sizeof(REAL),
    .multiply_add = NAME(multiply_add),
    .scale = NAME(scale),
};

#undef VEC
