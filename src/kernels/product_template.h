/* product_template.h: product states, doubled qubit by qubit, and lines put elsewhere; a part of lanes_template.h. */

/* out = f in, or conj(f) in; f has COMPONENTS lines. */
INLINE AMP NAME(times)(const LINE *f, const AMP *in, bool conjugate)
{
    AMP out;
    for (int v = 0; v < N_VECTORS; v++) {
        VEC fr = f[0].v[v], re = in->part[0].v[v];
#if COMPONENTS == 2
        VEC fi = f[1].v[v], im = in->part[1].v[v];
        out.part[0].v[v] = conjugate ? fr * re + fi * im : fr * re - fi * im;
        out.part[1].v[v] = conjugate ? fr * im - fi * re : fr * im + fi * re;
#else
        (void)conjugate;
        out.part[0].v[v] = fr * re;
#endif
    }
    return out;
}

static void NAME(grow)(const void *in, void *out, size_t n, const void *a, const void *b)
{
    const AMP *from = in;
    AMP *to = out, fa, fb;
    memcpy(&fa, a, sizeof fa);
    memcpy(&fb, b, sizeof fb);
    for (size_t j = 0; j < n; j++) {
        AMP low = NAME(times)(fa.part, from + j, false);
        to[j + n] = NAME(times)(fb.part, from + j, false);
        to[j] = low;
    }
}

/* sum += conj(w) psi, its real and imaginary part. */
INLINE void NAME(meet_product)(AMP *sum, const AMP *w, const AMP *psi)
{
    for (int v = 0; v < N_VECTORS; v++) {
        VEC wr = w->part[0].v[v], re = psi->part[0].v[v];
        sum->part[0].v[v] += wr * re;
#if COMPONENTS == 2
        VEC wi = w->part[1].v[v], im = psi->part[1].v[v];
        sum->part[0].v[v] += wi * im;
        sum->part[1].v[v] += wr * im;
        sum->part[1].v[v] -= wi * re;
#endif
    }
}

INLINE void NAME(add_amplitude)(AMP *to, const AMP *term)
{
    for (size_t part = 0; part < COMPONENTS; part++)
        NAME(accumulate)(&to->part[part], &term->part[part], 0);
}

static void NAME(shrink)(const void *in, void *w, size_t n, const void *a, const void *b, double *sums)
{
    const AMP *from = in;
    AMP *cotangent = w, fa, fb;
    memcpy(&fa, a, sizeof fa);
    memcpy(&fb, b, sizeof fb);
    for (size_t first = 0; first < n;) {
        size_t end = NAME(chunk_end)(first, n);
        AMP low, high;
        memset(&low, 0, sizeof low);
        memset(&high, 0, sizeof high);
        for (size_t j = first; j < end; j++) {
            NAME(meet_product)(&low, cotangent + j, from + j);
            NAME(meet_product)(&high, cotangent + j + n, from + j);
            AMP sum = NAME(times)(fa.part, cotangent + j, true), other = NAME(times)(fb.part, cotangent + j + n, true);
            NAME(add_amplitude)(&sum, &other);
            cotangent[j] = sum;
        }
        for (size_t part = 0; part < COMPONENTS; part++) {
            NAME(add_to)(sums + part * LANES, &low.part[part]);
            NAME(add_to)(sums + (COMPONENTS + part) * LANES, &high.part[part]);
        }
        first = end;
    }
}

static void NAME(scatter)(const void *in, void *out, size_t n_lines, const uint32_t *to)
{
    const AMP *from = in;
    AMP *amp = out;
    for (size_t j = 0; j < n_lines; j++)
        amp[to[j]] = from[j];
}

static void NAME(gather)(const void *in, void *out, size_t n_lines, const uint32_t *from)
{
    const AMP *amp = in;
    AMP *to = out;
    for (size_t j = 0; j < n_lines; j++)
        to[j] = amp[from[j]];
}
