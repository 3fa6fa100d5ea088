/* loss_lanes.h: cross-entropy, divergence and squared error of samples in lanes, with their gradients. Included by
 * scores.c alone.
 *
 * With e_c = exp((z_c - top)/T) and `others` = sum_c e_c without the first e_c = 1, softmax(z/T)_c = e_c / (1 + others)
 * and T ln softmax(z/T)_c = z_c - top - T ln(1 + others). The divergence at any T, p and q being the softmax of t and
 * z:
 *   far apart  T^2 KL = T sum_c p_c (T ln p_c - T ln q_c): nothing overflows, however small T
 *   close      d = (t - z)/T, u = sum_c p_c d_c - d, KL = ln(1 + sum_c p_c (e^u_c - 1 - u_c)),
 *              q_c - p_c = p_c (e^(u_c - KL) - 1): no difference of nearly equal numbers, so T^2 times it has all its
 *              digits, however large T, and is exactly 0 where z = t
 *
 * Lines are visited one vector of lanes at a time, `count` of which are there; every lane takes its own form, whatever
 * its neighbours take.
 */

/* Up to this |u| two samples are close; KL is then below 0.14. */
#define CLOSE 0.5

/* The same vector of lanes in all lines of an array. Whole vectors, count = N_DOUBLES, are a case of their own in every
 * kernel, known to the compiler: no loop inside then looks at `count`. */
typedef struct column {
    size_t n, lanes, first, count;
} column;

INLINE vec get(const double *lines, column of, size_t c)
{
    return load(lines + c * of.lanes + of.first, of.count);
}

INLINE void put(double *lines, column of, size_t c, vec value)
{
    store(lines + c * of.lanes + of.first, value, of.count);
}

INLINE void add(double *lines, column of, size_t c, vec value)
{
    put(lines, of, c, get(lines, of, c) + value);
}

/* value / T; inverse = 1/T, which overflows for the smallest T. */
INLINE vec over(vec value, double temperature, double inverse)
{
    return inverse <= DBL_MAX ? value * inverse : value / temperature;
}

INLINE bool any(bits mask)
{
    int64_t lanes[N_DOUBLES], sum = 0;
    memcpy(lanes, &mask, sizeof lanes);
    for (size_t i = 0; i < N_DOUBLES; i++)
        sum |= lanes[i];
    return sum != 0;
}

typedef struct soft {
    vec top, others;
} soft;

/* e = exp((z - top)/T). */
INLINE soft softmax(const double *z, column of, double temperature, double *e)
{
    double inverse = 1 / temperature;
    soft out = {.top = get(z, of, 0)};
    bits which = {0};
    for (size_t c = 1; c < of.n; c++) {
        vec value = get(z, of, c);
        bits above = value > out.top;
        out.top = choose(above, value, out.top);
        which = (which & ~above) | ((int64_t)c & above);
    }
    for (size_t c = 0; c < of.n; c++) {
        vec value = exp_vector(over(get(z, of, c) - out.top, temperature, inverse));
        put(e, of, c, value);
        out.others += choose(which == (int64_t)c, fill(0), value);
    }
    return out;
}

/* --- cross-entropy ------------------------------------------------------------------------------------------------ */

/* z of each lane's label, or the largest where there is none. */
INLINE vec at_label(const double *z, column of, const int64_t *labels, vec top)
{
    double out[N_DOUBLES];
    memcpy(out, &top, sizeof out);
    for (size_t i = 0; i < N_DOUBLES && i < of.count; i++)
        if (labels[of.first + i] >= 0)
            out[i] = z[(size_t)labels[of.first + i] * of.lanes + of.first + i];
    return load(out, N_DOUBLES);
}

/* cross_entropy() of score_kernels.h without the labels' own part of the gradient, for one vector of lanes. */
INLINE void cross_entropy_of(const double *z, column of, const int64_t *labels, const double *weight, double *work,
                             double *value, double *gradient)
{
    soft s = softmax(z, of, 1, work);
    vec label = at_label(z, of, labels, s.top);
    store(value + of.first, log1p_vector(s.others) - (label - s.top), of.count);
    vec share = load(weight + of.first, of.count) / (1.0 + s.others);
    for (size_t c = 0; c < of.n && gradient != NULL; c++)
        add(gradient, of, c, share * get(work, of, c));
}

static void cross_entropy(const double *z, size_t n, size_t lanes, const int64_t *labels, const double *weight,
                          double *work, double *value, double *gradient)
{
    column of = {n, lanes, 0, N_DOUBLES};
    for (; of.first + N_DOUBLES <= lanes; of.first += N_DOUBLES)
        cross_entropy_of(z, of, labels, weight, work, value, gradient);
    of.count = lanes - of.first;
    if (of.count > 0)
        cross_entropy_of(z, of, labels, weight, work, value, gradient);
    for (size_t lane = 0; lane < lanes; lane++) {
        value[lane] = labels[lane] < 0 ? 0 : value[lane];
        if (labels[lane] >= 0 && gradient != NULL)
            gradient[(size_t)labels[lane] * lanes + lane] -= weight[lane];
    }
}

/* --- divergence --------------------------------------------------------------------------------------------------- */

INLINE void temper_of(const double *t, column of, double temperature, double *p, double *top, double *shift)
{
    soft s = softmax(t, of, temperature, p);
    vec inverse = 1.0 / (1.0 + s.others);
    for (size_t c = 0; c < of.n; c++)
        put(p, of, c, get(p, of, c) * inverse);
    store(top + of.first, s.top, of.count);
    store(shift + of.first, temperature * log1p_vector(s.others), of.count);
}

static void temper(const double *t, size_t n, size_t lanes, double temperature, double *p, double *top, double *shift)
{
    column of = {n, lanes, 0, N_DOUBLES};
    for (; of.first + N_DOUBLES <= lanes; of.first += N_DOUBLES)
        temper_of(t, of, temperature, p, top, shift);
    of.count = lanes - of.first;
    if (of.count > 0)
        temper_of(t, of, temperature, p, top, shift);
}

/* Both forms on one vector of lanes. */
typedef struct pair {
    vec weight; /* of the gradient: weight T (q - p) */
    column of;
    const double *z, *t, *p;
    double *u;        /* lines: u, then e of z */
    double *gradient; /* NULL: not wanted */
    double temperature;
} pair;

/* u; the lanes that are close. */
INLINE bits compare(const pair *work)
{
    column of = work->of;
    double inverse = 1 / work->temperature;
    vec mean = {0}, largest = {0};
    for (size_t c = 0; c < of.n; c++) {
        vec d = over(get(work->t, of, c) - get(work->z, of, c), work->temperature, inverse);
        put(work->u, of, c, d);
        mean += get(work->p, of, c) * d;
    }
    for (size_t c = 0; c < of.n; c++) {
        vec u = mean - get(work->u, of, c), size = (vec)((bits)u & INT64_MAX);
        put(work->u, of, c, u);
        largest = choose(size <= largest, largest, size); /* stays when it has overflowed */
    }
    return largest <= CLOSE;
}

/* KL of the close lanes; u is used up. */
INLINE vec close_form(const pair *work, bits close)
{
    column of = work->of;
    vec sum = {0}, share = choose(close, work->weight * work->temperature, fill(0));
    for (size_t c = 0; c < of.n; c++)
        sum += get(work->p, of, c) * exp_rest_vector(get(work->u, of, c));
    vec kl = log1p_vector(choose(close, sum, fill(0)));
    for (size_t c = 0; c < of.n && work->gradient != NULL; c++) {
        vec v = choose(close, get(work->u, of, c) - kl, fill(0));
        add(work->gradient, of, c, share * get(work->p, of, c) * (v + exp_rest_vector(v)));
    }
    return kl;
}

/* T KL of the far lanes. */
INLINE vec far_form(const pair *work, bits close, vec teacher_top, vec teacher_shift)
{
    column of = work->of;
    vec sum = {0}, share = choose(close, fill(0), work->weight * work->temperature);
    soft student = softmax(work->z, of, work->temperature, work->u);
    vec inverse = 1.0 / (1.0 + student.others);
    vec shift = work->temperature * log1p_vector(student.others);
    for (size_t c = 0; c < of.n; c++) {
        vec p = get(work->p, of, c);
        vec log_p = (get(work->t, of, c) - teacher_top) - teacher_shift;
        vec log_q = (get(work->z, of, c) - student.top) - shift;
        sum += choose(p > 0, p * (log_p - log_q), fill(0));
        if (work->gradient != NULL)
            add(work->gradient, of, c, share * (inverse * get(work->u, of, c) - p));
    }
    return choose(sum > 0, sum, fill(0)); /* rounding may leave -1e-17 */
}

INLINE void divergence_of(const double *z, const qsti_tempered *teacher, column of, double temperature,
                          const double *weight, double *work, double *kl, double *scaled, double *gradient)
{
    pair both = {load(weight + of.first, of.count), of, z, teacher->t, teacher->p, work, gradient, temperature};
    bits close = compare(&both);
    vec of_close = {0}, of_far = {0};
    if (any(close))
        of_close = close_form(&both, close);
    if (any(~close))
        of_far =
            far_form(&both, close, load(teacher->top + of.first, of.count), load(teacher->shift + of.first, of.count));
    store(kl + of.first, choose(close, of_close, of_far / temperature), of.count);
    store(scaled + of.first, choose(close, temperature * temperature * of_close, temperature * of_far), of.count);
}

static void divergence(const double *z, const qsti_tempered *teacher, size_t n, size_t lanes, double temperature,
                       const double *weight, double *work, double *kl, double *scaled, double *gradient)
{
    column of = {n, lanes, 0, N_DOUBLES};
    for (; of.first + N_DOUBLES <= lanes; of.first += N_DOUBLES)
        divergence_of(z, teacher, of, temperature, weight, work, kl, scaled, gradient);
    of.count = lanes - of.first;
    if (of.count > 0)
        divergence_of(z, teacher, of, temperature, weight, work, kl, scaled, gradient);
}

/* --- squared error ------------------------------------------------------------------------------------------------ */

INLINE void squared_error_of(const double *z, const double *t, column of, const double *weight, double *value,
                             double *gradient)
{
    vec sum = {0}, share = 2.0 * load(weight + of.first, of.count);
    for (size_t c = 0; c < of.n; c++) {
        vec difference = get(z, of, c) - get(t, of, c);
        sum += difference * difference;
        if (gradient != NULL)
            add(gradient, of, c, share * difference);
    }
    store(value + of.first, sum, of.count);
}

static void squared_error(const double *z, const double *t, size_t n, size_t lanes, const double *weight, double *value,
                          double *gradient)
{
    column of = {n, lanes, 0, N_DOUBLES};
    for (; of.first + N_DOUBLES <= lanes; of.first += N_DOUBLES)
        squared_error_of(z, t, of, weight, value, gradient);
    of.count = lanes - of.first;
    if (of.count > 0)
        squared_error_of(z, t, of, weight, value, gradient);
}
