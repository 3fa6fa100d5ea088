/* network_loops.h: conversions, activations and batch normalisation of network_kernels.h for one precision, REAL. No
 * include guard: network_lanes.c includes it once per precision.
 *
 * gelu, tanh and sigmoid are the C library's functions in double: they cost tens of cycles a value.
 */

/* --- conversions -------------------------------------------------------------------------------------------------- */

static void NAME(from_doubles)(const double *in, size_t n, void *out)
{
    REAL *to = out;
    for (size_t i = 0; i < n; i++)
        to[i] = (REAL)in[i];
}

static void NAME(to_doubles)(const void *in, size_t n, double *out)
{
    const REAL *from = in;
    for (size_t i = 0; i < n; i++)
        out[i] = (double)from[i];
}

static void NAME(pack)(const double *in, size_t i_step, size_t j_step, size_t n, size_t count, size_t width,
                       void *panel)
{
    REAL *to = panel;
    if (j_step == 1) {
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j < count; j++)
                to[i * width + j] = (REAL)in[i * i_step + j];
            memset(to + i * width + count, 0, (width - count) * sizeof *to);
        }
        return;
    }
    enum { BLOCK = 8 }; /* rows of the panel at a time: of each line of `in` a whole cache line is used */
    for (size_t first = 0; first < n; first += BLOCK) {
        size_t end = n - first < BLOCK ? n : first + BLOCK;
        for (size_t j = 0; j < width; j++)
            for (size_t i = first; i < end; i++)
                to[i * width + j] = j < count ? (REAL)in[i * i_step + j * j_step] : 0;
    }
}

static void NAME(rows_to_lines)(const void *rows, size_t row_step, size_t n_rows, size_t n_cols, size_t lanes,
                                double *lines)
{
    const REAL *from = rows;
    for (size_t lane = 0; lane < lanes; lane++)
        for (size_t j = 0; j < n_cols; j++)
            lines[j * lanes + lane] = lane < n_rows ? (double)from[lane * row_step + j] : 0;
}

static void NAME(lines_to_rows)(const double *lines, size_t n_rows, size_t n_cols, size_t lanes, size_t row_step,
                                void *rows)
{
    REAL *to = rows;
    for (size_t lane = 0; lane < n_rows; lane++)
        for (size_t j = 0; j < n_cols; j++)
            to[lane * row_step + j] = (REAL)lines[j * lanes + lane];
}

/* --- activations -------------------------------------------------------------------------------------------------- */

/* What is no number stays none. */
static void NAME(relu)(const void *in, size_t n, double rate, void *out)
{
    const REAL *x = in;
    REAL *y = out;
    (void)rate;
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] < 0 ? 0 : x[i];
}

static void NAME(relu_back)(const void *in, const void *out, const void *d_out, size_t n, double rate, void *d_in)
{
    const REAL *y = out, *dy = d_out;
    REAL *dx = d_in;
    (void)in;
    (void)rate;
    for (size_t i = 0; i < n; i++)
        dx[i] = y[i] > 0 ? dy[i] : 0;
}

static void NAME(leaky_relu)(const void *in, size_t n, double rate, void *out)
{
    const REAL *x = in, slope = (REAL)rate;
    REAL *y = out;
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] < 0 ? slope * x[i] : x[i];
}

static void NAME(leaky_relu_back)(const void *in, const void *out, const void *d_out, size_t n, double rate, void *d_in)
{
    const REAL *y = out, *dy = d_out, slope = (REAL)rate;
    REAL *dx = d_in;
    (void)in;
    for (size_t i = 0; i < n; i++)
        dx[i] = y[i] > 0 ? dy[i] : slope * dy[i];
}

static void NAME(gelu)(const void *in, size_t n, double rate, void *out)
{
    const REAL *x = in;
    REAL *y = out;
    (void)rate;
    for (size_t i = 0; i < n; i++)
        y[i] = (REAL)((double)x[i] * (0.5 + 0.5 * erf((double)x[i] * M_SQRT1_2)));
}

/* d/dx = Phi(x) + x phi(x), the normal distribution and its density. */
static void NAME(gelu_back)(const void *in, const void *out, const void *d_out, size_t n, double rate, void *d_in)
{
    const REAL *x = in, *dy = d_out;
    REAL *dx = d_in;
    (void)out;
    (void)rate;
    for (size_t i = 0; i < n; i++) {
        double u = (double)x[i], share = 0.5 + 0.5 * erf(u * M_SQRT1_2);
        dx[i] = (REAL)((double)dy[i] * (share + u * exp(-0.5 * u * u) * (M_SQRT1_2 * 0.5 * M_2_SQRTPI)));
    }
}

static void NAME(tanh)(const void *in, size_t n, double rate, void *out)
{
    const REAL *x = in;
    REAL *y = out;
    (void)rate;
    for (size_t i = 0; i < n; i++)
        y[i] = (REAL)tanh((double)x[i]);
}

static void NAME(tanh_back)(const void *in, const void *out, const void *d_out, size_t n, double rate, void *d_in)
{
    const REAL *y = out, *dy = d_out;
    REAL *dx = d_in;
    (void)in;
    (void)rate;
    for (size_t i = 0; i < n; i++)
        dx[i] = dy[i] * (1 - y[i] * y[i]);
}

static void NAME(sigmoid)(const void *in, size_t n, double rate, void *out)
{
    const REAL *x = in;
    REAL *y = out;
    (void)rate;
    for (size_t i = 0; i < n; i++)
        y[i] = (REAL)(1 / (1 + exp(-(double)x[i])));
}

static void NAME(sigmoid_back)(const void *in, const void *out, const void *d_out, size_t n, double rate, void *d_in)
{
    const REAL *y = out, *dy = d_out;
    REAL *dx = d_in;
    (void)in;
    (void)rate;
    for (size_t i = 0; i < n; i++)
        dx[i] = dy[i] * y[i] * (1 - y[i]);
}

static void NAME(drop)(const void *in, const uint32_t *words, size_t n, uint32_t threshold, double scale, void *out)
{
    const REAL *x = in, factor = (REAL)scale;
    REAL *y = out;
    for (size_t i = 0; i < n; i++)
        y[i] = words[i] < threshold ? 0 : factor * x[i];
}

/* --- channels ----------------------------------------------------------------------------------------------------- */

/* Eight partial sums. */
typedef double NAME(sums) __attribute__((vector_size(64)));

INLINE NAME(sums) NAME(to_sums)(const REAL *from)
{
    return __builtin_convertvector(*(const NAME(oct) *)from, NAME(sums));
}

INLINE double NAME(sum_of)(NAME(sums) parts)
{
    return ((parts[0] + parts[4]) + (parts[2] + parts[6])) + ((parts[1] + parts[5]) + (parts[3] + parts[7]));
}

/* One channel of one row. */
INLINE void NAME(channel_sum)(const REAL *u, const REAL *w, double middle, size_t n, double *sum, double *product)
{
    NAME(sums) sums = {0}, products = {0};
    size_t q = 0;
    for (; q + 8 <= n; q += 8) {
        NAME(sums) value = NAME(to_sums)(u + q);
        sums += value;
        products += w == NULL ? (value - middle) * (value - middle) : value * (NAME(to_sums)(w + q) - middle);
    }
    double rest = 0, rest_of_products = 0;
    for (; q < n; q++) {
        double value = (double)u[q];
        rest += value;
        rest_of_products += w == NULL ? (value - middle) * (value - middle) : value * ((double)w[q] - middle);
    }
    *sum += NAME(sum_of)(sums) + rest;
    if (product != NULL)
        *product += NAME(sum_of)(products) + rest_of_products;
}

/* Channels of one value each stand side by side. */
INLINE void NAME(feature_sums)(const REAL *restrict u, const REAL *restrict w, const double *restrict centre, size_t n,
                               double *restrict sums, double *restrict products)
{
    for (size_t c = 0; c < n; c++)
        sums[c] += (double)u[c];
    for (size_t c = 0; c < n && centre != NULL && w == NULL; c++)
        products[c] += ((double)u[c] - centre[c]) * ((double)u[c] - centre[c]);
    for (size_t c = 0; c < n && centre != NULL && w != NULL; c++)
        products[c] += (double)u[c] * ((double)w[c] - centre[c]);
}

static void NAME(channel_sums)(const void *a, const void *b, const double *centre, size_t n_rows, size_t row_step,
                               size_t channels, size_t plane, double *sums, double *products)
{
    for (size_t row = 0; row < n_rows; row++) {
        const REAL *u = (const REAL *)a + row * row_step;
        const REAL *w = b == NULL ? NULL : (const REAL *)b + row * row_step;
        if (plane == 1)
            NAME(feature_sums)(u, w, centre, channels, sums, products);
        for (size_t c = 0; c < channels && plane > 1; c++) {
            const REAL *of_b = w == NULL ? NULL : w + c * plane;
            double middle = centre == NULL ? 0 : centre[c];
            NAME(channel_sum)(u + c * plane, of_b, middle, plane, &sums[c], centre == NULL ? NULL : &products[c]);
        }
    }
}

static void NAME(channel_scale)(const void *in, const double *factor, const double *shift, const void *other,
                                const double *other_factor, size_t n_rows, size_t row_step, size_t other_step,
                                size_t channels, size_t plane, void *out, size_t out_step)
{
    for (size_t row = 0; row < n_rows; row++) {
        const REAL *u = (const REAL *)in + row * row_step;
        const REAL *w = other == NULL ? NULL : (const REAL *)other + row * other_step;
        REAL *to = (REAL *)out + row * out_step;
        for (size_t c = 0; c < channels; c++) {
            REAL f = (REAL)factor[c], s = (REAL)shift[c], g = w == NULL ? 0 : (REAL)other_factor[c];
            for (size_t q = 0; q < plane; q++) {
                REAL value = u[c * plane + q] * f + s;
                to[c * plane + q] = w == NULL ? value : value + w[c * plane + q] * g;
            }
        }
    }
}
