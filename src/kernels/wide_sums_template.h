/* wide_sums_template.h: diagonal rotations and outputs of wide states, and the sums of both; a part of wide_template.h.
 */

/* --- diagonals ---------------------------------------------------------------------------------------------------- */

/* The product of the factors at line u. */
INLINE AMP NAME(phase_at)(const qsti_factors *factors, size_t u, size_t n)
{
    AMP phase = ((const AMP *)factors->tables[0])[factors->index[0][u]];
    UNROLL
    for (size_t f = 1; f < n; f++) {
        const AMP *more = (const AMP *)factors->tables[f] + factors->index[f][u];
        for (size_t v = 0; v < N_VECTORS; v++) {
            VEC re = phase.part[0].v[v], im = phase.part[1].v[v];
            phase.part[0].v[v] = re * more->part[0].v[v] - im * more->part[1].v[v];
            phase.part[1].v[v] = re * more->part[1].v[v] + im * more->part[0].v[v];
        }
    }
    return phase;
}

/* amp <- phase amp, or phase* amp. */
INLINE void NAME(spin)(AMP *amp, const AMP *phase, bool inverse)
{
    for (size_t v = 0; v < N_VECTORS; v++) {
        VEC re = amp->part[0].v[v], im = amp->part[1].v[v], c = phase->part[0].v[v], s = phase->part[1].v[v];
        amp->part[0].v[v] = inverse ? c * re + s * im : c * re - s * im;
        amp->part[1].v[v] = inverse ? c * im - s * re : c * im + s * re;
    }
}

INLINE void NAME(turn_as)(AMP *psi, size_t n_lines, const qsti_factors *factors, size_t n)
{
    for (size_t u = 0; u < n_lines; u++) {
        AMP phase = NAME(phase_at)(factors, u, n);
        NAME(spin)(psi + u, &phase, false);
    }
}

static void NAME(turn_block)(void *psi, size_t n_lines, const qsti_factors *factors)
{
    switch (factors->n) {
    case 1:
        NAME(turn_as)(psi, n_lines, factors, 1);
        break;
    case 2:
        NAME(turn_as)(psi, n_lines, factors, 2);
        break;
    case 3:
        NAME(turn_as)(psi, n_lines, factors, 3);
        break;
    case 4:
        NAME(turn_as)(psi, n_lines, factors, 4);
        break;
    }
}

/* Im(lambda* psi) of one line. */
INLINE LINE NAME(imaginary_overlap)(const AMP *psi, const AMP *lambda)
{
    LINE out;
    for (size_t v = 0; v < N_VECTORS; v++) {
        VEC term = lambda->part[0].v[v] * psi->part[1].v[v];
        out.v[v] = term - lambda->part[1].v[v] * psi->part[0].v[v];
    }
    return out;
}

/* sums[index[i]] += terms[i], i < n: GROUP or 1. Indices are linear in the line's bits, so that where the first three
 * of GROUP are equal all are: the terms are then added to each other first, or each would wait for the one before it.
 */
INLINE void NAME(add_terms)(double *sums, const uint16_t *index, const LINE *terms, size_t n)
{
    if (n > 1 && index[0] == index[1] && index[0] == index[2]) {
        LINE total;
        for (size_t v = 0; v < N_VECTORS; v++)
            total.v[v] = (terms[0].v[v] + terms[1].v[v]) + (terms[2].v[v] + terms[3].v[v]);
        NAME(add_to)(sums + index[0] * LANES, &total);
        return;
    }
    UNROLL
    for (size_t i = 0; i < n; i++)
        NAME(add_to)(sums + index[i] * LANES, &terms[i]);
}

/* `at_once` lines at a time: GROUP or 1. */
INLINE void NAME(unturn_by)(AMP *psi, AMP *lambda, size_t n_lines, const qsti_factors *factors, double *const *sums,
                            size_t n, size_t at_once)
{
    for (size_t first = 0; first < n_lines; first += at_once) {
        LINE terms[GROUP];
        UNROLL
        for (size_t i = 0; i < at_once; i++) {
            AMP *a = psi + first + i, *b = lambda + first + i, phase = NAME(phase_at)(factors, first + i, n);
            terms[i] = NAME(imaginary_overlap)(a, b);
            NAME(spin)(a, &phase, true);
            NAME(spin)(b, &phase, true);
        }
        UNROLL
        for (size_t f = 0; f < n; f++)
            NAME(add_terms)(sums[f], factors->index[f] + first, terms, at_once);
    }
}

INLINE void NAME(unturn_as)(AMP *psi, AMP *lambda, size_t n_lines, const qsti_factors *factors, double *const *sums,
                            size_t n)
{
    if (n_lines >= GROUP)
        NAME(unturn_by)(psi, lambda, n_lines, factors, sums, n, GROUP);
    else
        NAME(unturn_by)(psi, lambda, n_lines, factors, sums, n, 1);
}

static void NAME(unturn_block)(void *psi, void *lambda, size_t n_lines, const qsti_factors *factors,
                               double *const *sums)
{
    switch (factors->n) {
    case 1:
        NAME(unturn_as)(psi, lambda, n_lines, factors, sums, 1);
        break;
    case 2:
        NAME(unturn_as)(psi, lambda, n_lines, factors, sums, 2);
        break;
    case 3:
        NAME(unturn_as)(psi, lambda, n_lines, factors, sums, 3);
        break;
    case 4:
        NAME(unturn_as)(psi, lambda, n_lines, factors, sums, 4);
        break;
    }
}

static void NAME(phases)(const double *cosine, const double *sine, size_t n, void *table)
{
    REAL *out = table;
    for (size_t i = 0; i < n; i++) {
        for (size_t lane = 0; lane < LANES; lane++)
            out[2 * i * LANES + lane] = (REAL)cosine[i * LANES + lane];
        for (size_t lane = 0; lane < LANES; lane++)
            out[(2 * i + 1) * LANES + lane] = (REAL)-sine[i * LANES + lane];
    }
}

/* --- outputs ------------------------------------------------------------------------------------------------------ */

INLINE void NAME(weights_by)(const AMP *psi, size_t n_lines, const qsti_factors *factors, double *const *sums,
                             size_t at_once)
{
    for (size_t first = 0; first < n_lines; first += at_once) {
        LINE terms[GROUP];
        UNROLL
        for (size_t i = 0; i < at_once; i++) {
            for (size_t v = 0; v < N_VECTORS; v++) {
                VEC re = psi[first + i].part[0].v[v], im = psi[first + i].part[1].v[v], square = re * re;
                terms[i].v[v] = square + im * im;
            }
        }
        for (size_t f = 0; f < factors->n; f++)
            NAME(add_terms)(sums[f], factors->index[f] + first, terms, at_once);
    }
}

static void NAME(weights)(const void *psi, size_t n_lines, const qsti_factors *factors, double *const *sums)
{
    if (n_lines >= GROUP)
        NAME(weights_by)(psi, n_lines, factors, sums, GROUP);
    else
        NAME(weights_by)(psi, n_lines, factors, sums, 1);
}

static void NAME(weigh)(const void *psi, void *lambda, size_t n_lines, const qsti_factors *terms, bool add)
{
    const AMP *in = psi;
    AMP *out = lambda;
    for (size_t u = 0; u < n_lines; u++) {
        LINE weight = ((const LINE *)terms->tables[0])[terms->index[0][u]];
        for (size_t f = 1; f < terms->n; f++)
            for (size_t v = 0; v < N_VECTORS; v++)
                weight.v[v] += ((const LINE *)terms->tables[f])[terms->index[f][u]].v[v];
        for (size_t v = 0; v < N_VECTORS; v++) {
            VEC re = weight.v[v] * in[u].part[0].v[v], im = weight.v[v] * in[u].part[1].v[v];
            out[u].part[0].v[v] = add ? out[u].part[0].v[v] + re : re;
            out[u].part[1].v[v] = add ? out[u].part[1].v[v] + im : im;
        }
    }
}

static void NAME(pauli_value)(const void *psi, size_t n_lines, const qsti_line_pauli *pauli, double *sums)
{
    const AMP *amp = psi;
    SWAP swap = NAME(swap_by)(pauli->swap);
    for (size_t first = 0; first < n_lines;) {
        size_t end = NAME(chunk_end)(first, n_lines);
        LINE total;
        memset(&total, 0, sizeof total);
        for (; first < end; first++) {
            AMP own = amp[first], other = NAME(exchange_both)(amp + (first ^ pauli->x), &swap);
            bool minus = __builtin_parityll(first & pauli->z);
            for (size_t v = 0; v < N_VECTORS; v++) {
                VEC pr = own.part[0].v[v], pi = own.part[1].v[v], qr = other.part[0].v[v], qi = other.part[1].v[v];
                VEC term = pauli->imaginary ? qi * pr - qr * pi : qr * pr + qi * pi;
                total.v[v] = minus ? total.v[v] - term : total.v[v] + term;
            }
        }
        NAME(add_to)(sums, &total);
    }
}

static void NAME(pauli_add)(const void *psi, void *lambda, size_t n_lines, const qsti_line_pauli *pauli,
                            const double *weight)
{
    const AMP *in = psi;
    AMP *out = lambda;
    SWAP swap = NAME(swap_by)(pauli->swap);
    LINE scale;
    for (size_t lane = 0; lane < LANES; lane++)
        ((REAL *)&scale)[lane] = (REAL)weight[lane];
    for (size_t u = 0; u < n_lines; u++) {
        size_t from = u ^ pauli->x;
        AMP other = NAME(exchange_both)(in + from, &swap);
        bool minus = __builtin_parityll(from & pauli->z);
        for (size_t v = 0; v < N_VECTORS; v++) {
            VEC w = minus ? -scale.v[v] : scale.v[v], re = other.part[0].v[v], im = other.part[1].v[v];
            out[u].part[0].v[v] += pauli->imaginary ? -w * im : w * re;
            out[u].part[1].v[v] += pauli->imaginary ? w * re : w * im;
        }
    }
}
