/* lanes_template.h: the kernels of kernels.h for one precision, REAL, and one vector width, QSTI_VECTOR_BYTES.
 *
 * No include guard: lanes.c includes it once per precision. A line is N_VECTORS native vectors. Pairs (p, q = p ^ x)
 * are visited with the highest bit of x clear in p, so each once. With P = i^k X^x Z^z and e = parity(p & z),
 * exp(-i t P / 2) takes such a pair to
 *
 *   k = 1:  psi'[p] = c psi[p] -   (-1)^e s psi[q],   psi'[q] = c psi[q] +   (-1)^e s psi[p]
 *   k = 0:  psi'[p] = c psi[p] - i (-1)^e s psi[q],   psi'[q] = c psi[q] - i (-1)^e s psi[p]
 *
 * Sums run over at most CHUNK pairs in REAL before they are added to doubles.
 */
#define LANES     ((size_t)(QSTI_LINE_BYTES / sizeof(REAL)))
#define N_VECTORS (QSTI_LINE_BYTES / QSTI_VECTOR_BYTES)
#define CHUNK     64
#define VEC       NAME(vec)
#define LINE      NAME(line)
#define PAIR      NAME(pair)
#define AMP       NAME(amplitude)
#define INLINE    static inline __attribute__((always_inline))

typedef REAL VEC __attribute__((vector_size(QSTI_VECTOR_BYTES), aligned(QSTI_VECTOR_BYTES)));

typedef struct LINE {
    VEC v[N_VECTORS];
} LINE;

/* One amplitude of all lanes. */
typedef struct AMP {
    LINE re, im;
} AMP;

INLINE LINE NAME(fill)(double value)
{
    LINE line;
    for (int v = 0; v < N_VECTORS; v++)
        line.v[v] = (VEC){0} + (REAL)value;
    return line;
}

INLINE LINE NAME(load)(const double *values, double sign)
{
    LINE line;
    REAL *lanes = (REAL *)&line;
    for (size_t lane = 0; lane < LANES; lane++)
        lanes[lane] = (REAL)(sign * values[lane]);
    return line;
}

INLINE void NAME(add_to)(double *sums, const LINE *line)
{
    const REAL *lanes = (const REAL *)line;
    for (size_t lane = 0; lane < LANES; lane++)
        sums[lane] += (double)lanes[lane];
}

/* The coefficients of a rotor: s[e] carries the sign (-1)^e. `direction` -1 gives the inverse rotation. */
typedef struct PAIR {
    LINE c, s[2];
} PAIR;

INLINE PAIR NAME(coefficients)(const qsti_rotor *rotor, double direction)
{
    PAIR pair;
    if (rotor->per_lane) {
        pair.c = NAME(load)(rotor->cosine, 1.0);
        pair.s[0] = NAME(load)(rotor->sine, direction);
        pair.s[1] = NAME(load)(rotor->sine, -direction);
    } else {
        pair.c = NAME(fill)(rotor->cosine[0]);
        pair.s[0] = NAME(fill)(direction * rotor->sine[0]);
        pair.s[1] = NAME(fill)(-direction * rotor->sine[0]);
    }
    return pair;
}

INLINE size_t NAME(high_bit)(uint32_t x)
{
    return (size_t)1 << (31 - __builtin_clz(x));
}

/* Applies the rotation to one pair in place. */
INLINE void NAME(turn)(AMP *p, AMP *q, const LINE *c, const LINE *s, bool imaginary)
{
    for (int v = 0; v < N_VECTORS; v++) {
        VEC pr = p->re.v[v], pi = p->im.v[v], qr = q->re.v[v], qi = q->im.v[v];
        VEC cv = c->v[v], sv = s->v[v];
        if (imaginary) {
            p->re.v[v] = cv * pr - sv * qr;
            p->im.v[v] = cv * pi - sv * qi;
            q->re.v[v] = cv * qr + sv * pr;
            q->im.v[v] = cv * qi + sv * pi;
        } else {
            p->re.v[v] = cv * pr + sv * qi;
            p->im.v[v] = cv * pi - sv * qr;
            q->re.v[v] = cv * qr + sv * pi;
            q->im.v[v] = cv * qi - sv * pr;
        }
    }
}

INLINE void NAME(rotate_as)(AMP *psi, size_t dim, const qsti_rotor *rotor, bool imaginary)
{
    PAIR k = NAME(coefficients)(rotor, 1.0);
    size_t x = rotor->pauli.x, z = rotor->pauli.z, bit = NAME(high_bit)(rotor->pauli.x);
    for (size_t high = 0; high < dim; high += 2 * bit)
        for (size_t p = high; p < high + bit; p++)
            NAME(turn)(psi + p, psi + (p ^ x), &k.c, &k.s[__builtin_parityll(p & z)], imaginary);
}

static void NAME(rotate)(void *psi, size_t dim, const qsti_rotor *rotor)
{
    if (rotor->pauli.imaginary)
        NAME(rotate_as)(psi, dim, rotor, true);
    else
        NAME(rotate_as)(psi, dim, rotor, false);
}

/* sum += (-1)^e Im(conj(lambda) P psi) of one pair, the sign left to the caller's choice of add or subtract. */
INLINE LINE NAME(overlap)(const AMP *psi_p, const AMP *psi_q, const AMP *lambda_p, const AMP *lambda_q, bool imaginary)
{
    LINE out;
    for (int v = 0; v < N_VECTORS; v++) {
        if (imaginary)
            out.v[v] = lambda_q->re.v[v] * psi_p->re.v[v] + lambda_q->im.v[v] * psi_p->im.v[v] -
                       lambda_p->re.v[v] * psi_q->re.v[v] - lambda_p->im.v[v] * psi_q->im.v[v];
        else
            out.v[v] = lambda_q->re.v[v] * psi_p->im.v[v] - lambda_q->im.v[v] * psi_p->re.v[v] +
                       lambda_p->re.v[v] * psi_q->im.v[v] - lambda_p->im.v[v] * psi_q->re.v[v];
    }
    return out;
}

INLINE void NAME(accumulate)(LINE *sum, const LINE *term, int subtract)
{
    for (int v = 0; v < N_VECTORS; v++)
        sum->v[v] = subtract ? sum->v[v] - term->v[v] : sum->v[v] + term->v[v];
}

INLINE void NAME(unrotate_as)(AMP *psi, AMP *lambda, size_t dim, const qsti_rotor *rotor, double *gradient,
                              bool imaginary)
{
    PAIR k = NAME(coefficients)(rotor, -1.0);
    size_t x = rotor->pauli.x, z = rotor->pauli.z, bit = NAME(high_bit)(rotor->pauli.x);
    memset(gradient, 0, LANES * sizeof *gradient);
    for (size_t high = 0; high < dim; high += 2 * bit) {
        for (size_t low = high; low < high + bit; low += CHUNK) {
            size_t end = low + CHUNK < high + bit ? low + CHUNK : high + bit;
            LINE sum = NAME(fill)(0.0);
            for (size_t p = low; p < end; p++) {
                size_t q = p ^ x;
                int e = __builtin_parityll(p & z);
                LINE term = NAME(overlap)(psi + p, psi + q, lambda + p, lambda + q, imaginary);
                NAME(accumulate)(&sum, &term, e);
                NAME(turn)(psi + p, psi + q, &k.c, &k.s[e], imaginary);
                NAME(turn)(lambda + p, lambda + q, &k.c, &k.s[e], imaginary);
            }
            NAME(add_to)(gradient, &sum);
        }
    }
}

static void NAME(unrotate)(void *psi, void *lambda, size_t dim, const qsti_rotor *rotor, double *gradient)
{
    if (rotor->pauli.imaginary)
        NAME(unrotate_as)(psi, lambda, dim, rotor, gradient, true);
    else
        NAME(unrotate_as)(psi, lambda, dim, rotor, gradient, false);
}

/* amp <- (c - i s) amp */
INLINE void NAME(spin)(AMP *amp, const LINE *c, const LINE *s)
{
    for (int v = 0; v < N_VECTORS; v++) {
        VEC re = amp->re.v[v], im = amp->im.v[v];
        amp->re.v[v] = c->v[v] * re + s->v[v] * im;
        amp->im.v[v] = c->v[v] * im - s->v[v] * re;
    }
}

static void NAME(phase)(void *psi, size_t dim, const qsti_rotor *rotor)
{
    AMP *amp = psi;
    PAIR k = NAME(coefficients)(rotor, 1.0);
    size_t z = rotor->pauli.z;
    for (size_t p = 0; p < dim; p++)
        NAME(spin)(amp + p, &k.c, &k.s[__builtin_parityll(p & z)]);
}

/* Im(conj(lambda) psi) of one amplitude. */
INLINE LINE NAME(imaginary_overlap)(const AMP *psi, const AMP *lambda)
{
    LINE out;
    for (int v = 0; v < N_VECTORS; v++)
        out.v[v] = lambda->re.v[v] * psi->im.v[v] - lambda->im.v[v] * psi->re.v[v];
    return out;
}

static void NAME(unphase)(void *psi, void *lambda, size_t dim, const qsti_rotor *rotor, double *gradient)
{
    AMP *a = psi, *b = lambda;
    PAIR k = NAME(coefficients)(rotor, -1.0);
    size_t z = rotor->pauli.z;
    memset(gradient, 0, LANES * sizeof *gradient);
    for (size_t low = 0; low < dim; low += CHUNK) {
        size_t end = low + CHUNK < dim ? low + CHUNK : dim;
        LINE sum = NAME(fill)(0.0);
        for (size_t p = low; p < end; p++) {
            int e = __builtin_parityll(p & z);
            LINE term = NAME(imaginary_overlap)(a + p, b + p);
            NAME(accumulate)(&sum, &term, e);
            NAME(spin)(a + p, &k.c, &k.s[e]);
            NAME(spin)(b + p, &k.c, &k.s[e]);
        }
        NAME(add_to)(gradient, &sum);
    }
}

static void NAME(table)(void *psi, size_t dim, const double *cosine, const double *sine)
{
    AMP *amp = psi;
    for (size_t p = 0; p < dim; p++) {
        LINE c = NAME(fill)(cosine[p]), s = NAME(fill)(sine[p]);
        NAME(spin)(amp + p, &c, &s);
    }
}

static void NAME(untable)(void *psi, void *lambda, size_t dim, const double *cosine, const double *sine, double *sums)
{
    AMP *a = psi, *b = lambda;
    for (size_t p = 0; p < dim; p++) {
        LINE c = NAME(fill)(cosine[p]), s = NAME(fill)(-sine[p]);
        LINE term = NAME(imaginary_overlap)(a + p, b + p);
        const REAL *lanes = (const REAL *)&term;
        double sum[4] = {0, 0, 0, 0};
        for (size_t lane = 0; lane < LANES; lane += 4)
            for (size_t j = 0; j < 4; j++)
                sum[j] += (double)lanes[lane + j];
        sums[p] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
        NAME(spin)(a + p, &c, &s);
        NAME(spin)(b + p, &c, &s);
    }
}

static void NAME(probabilities)(const void *psi, size_t dim, double *lines)
{
    const AMP *amp = psi;
    for (size_t p = 0; p < dim; p++) {
        const REAL *re = (const REAL *)&amp[p].re, *im = (const REAL *)&amp[p].im;
        for (size_t lane = 0; lane < LANES; lane++)
            lines[p * LANES + lane] = (double)re[lane] * (double)re[lane] + (double)im[lane] * (double)im[lane];
    }
}

static void NAME(walsh)(double *lines, size_t dim)
{
    for (size_t bit = 1; bit < dim; bit *= 2) {
        for (size_t high = 0; high < dim; high += 2 * bit) {
            for (size_t p = high; p < high + bit; p++) {
                double *restrict a = lines + p * LANES, *restrict b = lines + (p + bit) * LANES;
                for (size_t lane = 0; lane < LANES; lane++) {
                    double sum = a[lane] + b[lane], difference = a[lane] - b[lane];
                    a[lane] = sum;
                    b[lane] = difference;
                }
            }
        }
    }
}

static void NAME(weigh)(const void *psi, size_t dim, const double *lines, void *lambda)
{
    const AMP *in = psi;
    AMP *out = lambda;
    for (size_t p = 0; p < dim; p++) {
        LINE weight = NAME(load)(lines + p * LANES, 1.0);
        for (int v = 0; v < N_VECTORS; v++) {
            out[p].re.v[v] = weight.v[v] * in[p].re.v[v];
            out[p].im.v[v] = weight.v[v] * in[p].im.v[v];
        }
    }
}

static void NAME(pauli_value)(const void *psi, size_t dim, qsti_mask pauli, double *value)
{
    const AMP *amp = psi;
    size_t x = pauli.x, z = pauli.z;
    memset(value, 0, LANES * sizeof *value);
    for (size_t low = 0; low < dim; low += CHUNK) {
        size_t end = low + CHUNK < dim ? low + CHUNK : dim;
        LINE sum = NAME(fill)(0.0);
        for (size_t p = low; p < end; p++) {
            const AMP *from = amp + p, *to = amp + (p ^ x);
            LINE term;
            for (int v = 0; v < N_VECTORS; v++) {
                /* Re(conj(to) i^k from) */
                if (pauli.imaginary)
                    term.v[v] = to->im.v[v] * from->re.v[v] - to->re.v[v] * from->im.v[v];
                else
                    term.v[v] = to->re.v[v] * from->re.v[v] + to->im.v[v] * from->im.v[v];
            }
            NAME(accumulate)(&sum, &term, __builtin_parityll(p & z));
        }
        NAME(add_to)(value, &sum);
    }
}

static void NAME(pauli_add)(const void *psi, size_t dim, qsti_mask pauli, const double *weight, void *lambda)
{
    const AMP *in = psi;
    AMP *out = lambda;
    size_t x = pauli.x, z = pauli.z;
    LINE w[2] = {NAME(load)(weight, 1.0), NAME(load)(weight, -1.0)};
    for (size_t p = 0; p < dim; p++) {
        const LINE *s = &w[__builtin_parityll(p & z)];
        AMP *to = out + (p ^ x);
        for (int v = 0; v < N_VECTORS; v++) {
            if (pauli.imaginary) {
                to->re.v[v] -= s->v[v] * in[p].im.v[v];
                to->im.v[v] += s->v[v] * in[p].re.v[v];
            } else {
                to->re.v[v] += s->v[v] * in[p].re.v[v];
                to->im.v[v] += s->v[v] * in[p].im.v[v];
            }
        }
    }
}

static void NAME(get_lane)(const void *psi, size_t dim, size_t lane, double *re, double *im)
{
    const AMP *amp = psi;
    for (size_t p = 0; p < dim; p++) {
        re[p] = (double)((const REAL *)&amp[p].re)[lane];
        im[p] = (double)((const REAL *)&amp[p].im)[lane];
    }
}

static void NAME(set_lane)(void *psi, size_t dim, size_t lane, const double *re)
{
    AMP *amp = psi;
    for (size_t p = 0; p < dim; p++) {
        ((REAL *)&amp[p].re)[lane] = (REAL)re[p];
        ((REAL *)&amp[p].im)[lane] = 0;
    }
}

extern const qsti_kernels NAME(qsti_kernels);
const qsti_kernels NAME(qsti_kernels) = {
    .lanes = LANES,
    .amplitude_bytes = sizeof(AMP),
    .sincos = sincos_lines,
    .rotate = NAME(rotate),
    .unrotate = NAME(unrotate),
    .phase = NAME(phase),
    .unphase = NAME(unphase),
    .table = NAME(table),
    .untable = NAME(untable),
    .probabilities = NAME(probabilities),
    .walsh = NAME(walsh),
    .weigh = NAME(weigh),
    .pauli_value = NAME(pauli_value),
    .pauli_add = NAME(pauli_add),
    .get_lane = NAME(get_lane),
    .set_lane = NAME(set_lane),
};

#undef LANES
#undef N_VECTORS
#undef CHUNK
#undef VEC
#undef LINE
#undef PAIR
#undef AMP
#undef INLINE
