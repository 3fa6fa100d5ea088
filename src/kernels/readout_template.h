/* readout_template.h: probabilities, Paulis, overlaps, and moves between lines and doubles; a part of lanes_template.h.
 */

/* --- probabilities ------------------------------------------------------------------------------------------------ */

static void NAME(probabilities)(const void *psi, size_t n_lines, double *lines)
{
    const AMP *amp = psi;
    for (size_t p = 0; p < n_lines; p++) {
        const REAL *re = (const REAL *)&amp[p].part[0];
#if COMPONENTS == 2
        const REAL *im = (const REAL *)&amp[p].part[1];
        for (size_t lane = 0; lane < LANES; lane++)
            lines[p * LANES + lane] = (double)re[lane] * (double)re[lane] + (double)im[lane] * (double)im[lane];
#else
        for (size_t lane = 0; lane < LANES; lane++)
            lines[p * LANES + lane] = (double)re[lane] * (double)re[lane];
#endif
    }
}

/* The butterflies of `count` bits, from `bit` on, on the 2^count lines p + j bit in registers. */
INLINE void NAME(butterflies)(double *lines, size_t p, size_t bit, size_t count)
{
    for (size_t lane = 0; lane < LANES; lane += N_DOUBLES) {
        double_vec line[8];
        UNROLL
        for (size_t j = 0; j < (size_t)1 << count; j++)
            line[j] = *(const double_vec *)(lines + (p + j * bit) * LANES + lane);
        UNROLL
        for (size_t g = 0; g < count; g++) {
            UNROLL
            for (size_t j = 0; j < (size_t)1 << count; j++) {
                double_vec low = line[j], high = line[j | (size_t)1 << g];
                if (!(j >> g & 1)) {
                    line[j] = low + high;
                    line[j | (size_t)1 << g] = low - high;
                }
            }
        }
        UNROLL
        for (size_t j = 0; j < (size_t)1 << count; j++)
            *(double_vec *)(lines + (p + j * bit) * LANES + lane) = line[j];
    }
}

INLINE void NAME(walsh_bits)(double *lines, size_t n_lines, size_t bit, size_t count)
{
    for (size_t high = 0; high < n_lines; high += bit << count)
        for (size_t p = high; p < high + bit; p++)
            NAME(butterflies)(lines, p, bit, count);
}

/* Three bits in one walk over the lines, and two or one at the end. */
static void NAME(walsh)(double *lines, size_t n_lines)
{
    size_t bit = 1;
    for (; bit * 8 <= n_lines; bit *= 8)
        NAME(walsh_bits)(lines, n_lines, bit, 3);
    if (bit * 4 <= n_lines)
        NAME(walsh_bits)(lines, n_lines, bit, 2);
    else if (bit * 2 <= n_lines)
        NAME(walsh_bits)(lines, n_lines, bit, 1);
}

static void NAME(weigh)(const void *psi, size_t n_lines, const double *lines, void *lambda)
{
    const AMP *in = psi;
    AMP *out = lambda;
    for (size_t p = 0; p < n_lines; p++) {
        LINE weight = NAME(load)(lines + p * LANES);
        for (int v = 0; v < N_VECTORS; v++)
            for (size_t part = 0; part < COMPONENTS; part++)
                out[p].part[part].v[v] = weight.v[v] * in[p].part[part].v[v];
    }
}

/* --- Paulis ------------------------------------------------------------------------------------------------------- */

/* Re(conj(to) i^k from) of one amplitude. */
INLINE LINE NAME(real_overlap)(const AMP *to, const AMP *from, bool imaginary)
{
    LINE term;
    for (int v = 0; v < N_VECTORS; v++) {
        VEC tr = to->part[0].v[v], fr = from->part[0].v[v];
#if COMPONENTS == 2
        VEC ti = to->part[1].v[v], fi = from->part[1].v[v];
        term.v[v] = imaginary ? ti * fr - tr * fi : tr * fr + ti * fi;
#else
        term.v[v] = imaginary ? (VEC){0} : tr * fr;
#endif
    }
    return term;
}

static void NAME(pauli_value)(const void *psi, size_t n_lines, qsti_mask pauli, double *value)
{
    const AMP *amp = psi;
    size_t x = pauli.x, z = pauli.z;
    memset(value, 0, LANES * sizeof *value);
    for (size_t low = 0; low < n_lines;) {
        size_t end = NAME(chunk_end)(low, n_lines);
        LINE sum = NAME(fill)(0.0);
        for (size_t p = low; p < end; p++) {
            LINE term = pauli.imaginary ? NAME(real_overlap)(amp + (p ^ x), amp + p, true)
                                        : NAME(real_overlap)(amp + (p ^ x), amp + p, false);
            NAME(accumulate)(&sum, &term, __builtin_parityll(p & z));
        }
        NAME(add_to)(value, &sum);
        low = end;
    }
}

static void NAME(overlap)(const void *a, const void *b, size_t n_lines, double *value)
{
    const AMP *left = a, *right = b;
    memset(value, 0, LANES * sizeof *value);
    for (size_t low = 0; low < n_lines;) {
        size_t end = NAME(chunk_end)(low, n_lines);
        LINE sum = NAME(fill)(0.0);
        for (size_t p = low; p < end; p++) {
            LINE term = NAME(real_overlap)(left + p, right + p, false);
            NAME(accumulate)(&sum, &term, 0);
        }
        NAME(add_to)(value, &sum);
        low = end;
    }
}

/* Of real amplitudes an imaginary Pauli leaves no trace: lambda would be imaginary, and its inner products real. */
static void NAME(pauli_add)(const void *psi, size_t n_lines, qsti_mask pauli, const double *weight, void *lambda)
{
    const AMP *in = psi;
    AMP *out = lambda;
    size_t x = pauli.x, z = pauli.z;
    LINE w[2] = {NAME(load)(weight)};
    w[1] = NAME(negate)(&w[0]);
    if (COMPONENTS == 1 && pauli.imaginary)
        return;
    for (size_t p = 0; p < n_lines; p++) {
        const LINE *s = &w[__builtin_parityll(p & z)];
        AMP *to = out + (p ^ x);
        for (int v = 0; v < N_VECTORS; v++) {
#if COMPONENTS == 2
            if (pauli.imaginary) {
                to->part[0].v[v] -= s->v[v] * in[p].part[1].v[v];
                to->part[1].v[v] += s->v[v] * in[p].part[0].v[v];
                continue;
            }
#endif
            for (size_t part = 0; part < COMPONENTS; part++)
                to->part[part].v[v] += s->v[v] * in[p].part[part].v[v];
        }
    }
}

/* --- moves -------------------------------------------------------------------------------------------------------- */

static void NAME(to_lines)(const double *values, size_t n, void *lines)
{
    REAL *out = lines;
    for (size_t i = 0; i < n * LANES; i++)
        out[i] = (REAL)values[i];
}

static void NAME(spread)(const double *values, size_t n, void *lines)
{
    REAL *out = lines;
    for (size_t i = 0; i < n; i++)
        for (size_t lane = 0; lane < LANES; lane++)
            out[i * LANES + lane] = (REAL)values[i];
}

static void NAME(get_lane)(const void *psi, size_t n_lines, size_t lane, double *re, double *im)
{
    const AMP *amp = psi;
    for (size_t p = 0; p < n_lines; p++) {
        re[p] = (double)((const REAL *)&amp[p].part[0])[lane];
        im[p] = COMPONENTS == 2 ? (double)((const REAL *)&amp[p].part[COMPONENTS - 1])[lane] : 0.0;
    }
}

static void NAME(set_lane)(void *psi, size_t n_lines, size_t lane, const double *re)
{
    AMP *amp = psi;
    for (size_t p = 0; p < n_lines; p++) {
        for (size_t part = 0; part < COMPONENTS; part++)
            ((REAL *)&amp[p].part[part])[lane] = part == 0 ? (REAL)re[p] : 0;
    }
}

static void NAME(get_parts)(const void *psi, size_t n_lines, double *re, double *im)
{
    const AMP *amp = psi;
    for (size_t p = 0; p < n_lines; p++) {
        for (size_t lane = 0; lane < LANES; lane++) {
            re[p * LANES + lane] = (double)((const REAL *)&amp[p].part[0])[lane];
            im[p * LANES + lane] = COMPONENTS == 2 ? (double)((const REAL *)&amp[p].part[COMPONENTS - 1])[lane] : 0.0;
        }
    }
}

static void NAME(set_parts)(void *psi, size_t n_lines, const double *re, const double *im)
{
    AMP *amp = psi;
    for (size_t p = 0; p < n_lines; p++)
        for (size_t part = 0; part < COMPONENTS; part++)
            for (size_t lane = 0; lane < LANES; lane++)
                ((REAL *)&amp[p].part[part])[lane] = (REAL)(part == 0 ? re : im)[p * LANES + lane];
}
