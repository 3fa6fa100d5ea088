/* diagonal_template.h: diagonal rotations, one by one and merged to tables; a part of lanes_template.h.
 *
 * The rotation multiplies amplitude p by c - i s, with s = (-1)^parity(p & z) sin(t/2) for one rotation. Real
 * amplitudes know it only up to a phase all of them share: of a table they take c alone, and of one rotation c + s,
 * since t is a multiple of pi and one of the two is 0. Where the rotation is real nothing imaginary is left to sum.
 */
#define PAIR NAME(pair)

/* The coefficients of a rotor: s[e] carries the sign (-1)^e. */
typedef struct PAIR {
    LINE c, s[2];
} PAIR;

INLINE PAIR NAME(coefficients)(const qsti_rotor *rotor, bool inverse)
{
    PAIR pair;
    pair.c = rotor->per_lane ? NAME(load)(rotor->cosine) : NAME(fill)(rotor->cosine[0]);
    LINE s = rotor->per_lane ? NAME(load)(rotor->sine) : NAME(fill)(rotor->sine[0]);
    const int first = inverse && COMPONENTS == 2; /* a real factor +-1 is its own inverse */
    pair.s[first] = s;
    pair.s[!first] = NAME(negate)(&s);
    if (COMPONENTS == 1) {
        for (int e = 0; e < 2; e++)
            NAME(accumulate)(&pair.s[e], &pair.c, 0);
        pair.c = pair.s[0];
    }
    return pair;
}

/* out = (c - i s) in; of real amplitudes c in. */
INLINE void NAME(spin)(const AMP *in, AMP *out, const LINE *c, const LINE *s)
{
    for (int v = 0; v < N_VECTORS; v++) {
#if COMPONENTS == 2
        VEC re = in->part[0].v[v], im = in->part[1].v[v];
        out->part[0].v[v] = c->v[v] * re + s->v[v] * im;
        out->part[1].v[v] = c->v[v] * im - s->v[v] * re;
#else
        (void)s;
        out->part[0].v[v] = c->v[v] * in->part[0].v[v];
#endif
    }
}

/* Im(conj(lambda) psi) of one amplitude. */
INLINE LINE NAME(imaginary_overlap)(const AMP *psi, const AMP *lambda)
{
    LINE out;
    for (int v = 0; v < N_VECTORS; v++) {
#if COMPONENTS == 2
        out.v[v] = lambda->part[0].v[v] * psi->part[1].v[v] - lambda->part[1].v[v] * psi->part[0].v[v];
#else
        (void)psi;
        (void)lambda;
        out.v[v] = (VEC){0};
#endif
    }
    return out;
}

/* --- one rotation ------------------------------------------------------------------------------------------------- */

/* The coefficients of spin() for amplitude p. */
INLINE const LINE *NAME(cosine_at)(const PAIR *pair, size_t p, size_t z)
{
    return COMPONENTS == 2 ? &pair->c : &pair->s[__builtin_parityll(p & z)];
}

static void NAME(phase)(const void *in, void *out, size_t n_lines, const qsti_rotor *rotor)
{
    const AMP *from = in;
    AMP *to = out;
    PAIR k = NAME(coefficients)(rotor, false);
    size_t z = rotor->pauli.z;
    for (size_t p = 0; p < n_lines; p++)
        NAME(spin)(from + p, to + p, NAME(cosine_at)(&k, p, z), &k.s[__builtin_parityll(p & z)]);
}

static void NAME(unphase)(const void *psi, void *psi_out, void *lambda, size_t n_lines, const qsti_rotor *rotor,
                          double *gradient)
{
    const AMP *a = psi;
    AMP *a_out = psi_out, *b = lambda;
    PAIR k = NAME(coefficients)(rotor, true);
    size_t z = rotor->pauli.z;
    memset(gradient, 0, LANES * sizeof *gradient);
    for (size_t low = 0; low < n_lines;) {
        size_t end = NAME(chunk_end)(low, n_lines);
        LINE sum = NAME(fill)(0.0);
        for (size_t p = low; p < end; p++) {
            int e = __builtin_parityll(p & z);
            LINE term = NAME(imaginary_overlap)(a + p, b + p);
            NAME(accumulate)(&sum, &term, e);
            NAME(spin)(b + p, b + p, NAME(cosine_at)(&k, p, z), &k.s[e]);
            if (a_out != NULL)
                NAME(spin)(a + p, a_out + p, NAME(cosine_at)(&k, p, z), &k.s[e]);
        }
        NAME(add_to)(gradient, &sum);
        low = end;
    }
}

/* --- merged runs -------------------------------------------------------------------------------------------------- */

/* Cosine and sine of amplitude p, from values (n_lines) or, per lane, (n_lines, lanes). */
INLINE LINE NAME(entry)(const double *values, size_t p, bool per_lane)
{
    return per_lane ? NAME(load)(values + p * LANES) : NAME(fill)(values[p]);
}

INLINE void NAME(table_as)(const AMP *in, AMP *out, size_t n_lines, const double *cosine, const double *sine,
                           bool per_lane)
{
    for (size_t p = 0; p < n_lines; p++) {
        LINE c = NAME(entry)(cosine, p, per_lane), s = COMPONENTS == 2 ? NAME(entry)(sine, p, per_lane) : c;
        NAME(spin)(in + p, out + p, &c, &s);
    }
}

/* Four partial sums of a line's lanes: of those with the same lane % 4. */
INLINE void NAME(sum_by_four)(const LINE *line, quad *out)
{
    double lanes[LANES];
    for (size_t lane = 0; lane < LANES; lane++)
        lanes[lane] = (double)((const REAL *)line)[lane];
    const quad *part = (const quad *)lanes;
    *out = LANES == 8 ? part[0] + part[1] : (part[0] + part[LANES / 4 - 2]) + (part[1] + part[LANES / 4 - 1]);
}

/* One amplitude: its inner product in each lane, then the inverse spin. */
INLINE LINE NAME(unspin)(const AMP *psi, AMP *psi_out, AMP *lambda, size_t p, const double *cosine, const double *sine,
                         bool per_lane)
{
    LINE c = NAME(entry)(cosine, p, per_lane), s = COMPONENTS == 2 ? NAME(entry)(sine, p, per_lane) : c;
    LINE term = NAME(imaginary_overlap)(psi + p, lambda + p), minus = NAME(negate)(&s);
    NAME(spin)(lambda + p, lambda + p, &c, &minus);
    if (psi_out != NULL)
        NAME(spin)(psi + p, psi_out + p, &c, &minus);
    return term;
}

INLINE void NAME(untable_as)(const AMP *psi, AMP *psi_out, AMP *lambda, size_t n_lines, const double *cosine,
                             const double *sine, double *sums)
{
    size_t p = 0;
    for (; p + 4 <= n_lines; p += 4) {
        quad part[4];
        UNROLL
        for (size_t i = 0; i < 4; i++) {
            LINE term = NAME(unspin)(psi, psi_out, lambda, p + i, cosine, sine, false);
            NAME(sum_by_four)(&term, &part[i]);
        }
        sum_quads(part, sums + p);
    }
    for (; p < n_lines; p++) {
        quad part[4] = {{0}};
        double sum[4];
        LINE term = NAME(unspin)(psi, psi_out, lambda, p, cosine, sine, false);
        NAME(sum_by_four)(&term, &part[0]);
        sum_quads(part, sum);
        sums[p] = sum[0];
    }
}

INLINE void NAME(lane_untable_as)(const AMP *psi, AMP *psi_out, AMP *lambda, size_t n_lines, const double *cosine,
                                  const double *sine, double *sums)
{
    for (size_t p = 0; p < n_lines; p++) {
        LINE term = NAME(unspin)(psi, psi_out, lambda, p, cosine, sine, true);
        const REAL *lanes = (const REAL *)&term;
        for (size_t lane = 0; lane < LANES; lane++)
            sums[p * LANES + lane] = (double)lanes[lane];
    }
}

static void NAME(table)(const void *in, void *out, size_t n_lines, const double *cosine, const double *sine)
{
    NAME(table_as)(in, out, n_lines, cosine, sine, false);
}

static void NAME(lane_table)(const void *in, void *out, size_t n_lines, const double *cosine, const double *sine)
{
    NAME(table_as)(in, out, n_lines, cosine, sine, true);
}

static void NAME(untable)(const void *psi, void *psi_out, void *lambda, size_t n_lines, const double *cosine,
                          const double *sine, double *sums)
{
    if (psi_out == NULL)
        NAME(untable_as)(psi, NULL, lambda, n_lines, cosine, sine, sums);
    else
        NAME(untable_as)(psi, psi_out, lambda, n_lines, cosine, sine, sums);
}

static void NAME(lane_untable)(const void *psi, void *psi_out, void *lambda, size_t n_lines, const double *cosine,
                               const double *sine, double *sums)
{
    if (psi_out == NULL)
        NAME(lane_untable_as)(psi, NULL, lambda, n_lines, cosine, sine, sums);
    else
        NAME(lane_untable_as)(psi, psi_out, lambda, n_lines, cosine, sine, sums);
}

#undef PAIR
