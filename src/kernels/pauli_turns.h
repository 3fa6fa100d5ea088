/* pauli_turns.h: rotations about Paulis of several qubits, in place, and back; a part of pauli_lanes.c.
 *
 * Pairs (p, q = p ^ P) whose Paulis anticommute with P turn: c_p <- cos c_p + s sin c_q, c_q <- cos c_q - s sin c_p.
 * Indices go in groups of 16, two digits. With one lane and no low digit in P a group has one sign, and its pairs lie
 * side by side: two lines. */
#ifndef QSTI_KERNELS_PAULI_TURNS_H
#define QSTI_KERNELS_PAULI_TURNS_H

#define X_BITS 0x55555555U
#define GROUP  ((size_t)16)

static unsigned ones(uint32_t bits)
{
    return (unsigned)__builtin_popcount(bits);
}

/* e with P Q = i^e Q', digit by digit: it is even where P and Q commute. */
static unsigned exponent(uint32_t p, uint32_t q)
{
    uint32_t r = p ^ q;
    return ones(p & (p >> 1) & X_BITS) + ones(q & (q >> 1) & X_BITS) + 3 * ones(r & (r >> 1) & X_BITS) +
           2 * ones((p >> 1) & q & X_BITS);
}

/* s of the pair whose first index has the exponents' sum e of i P Q; 0: they commute. */
INLINE int sign_of(unsigned e)
{
    return e & 1 ? 0 : e & 2 ? -1 : 1;
}

/* The turn of one call: lines cosine, s sine for s = 1 and -1; e of the low digits, that of i with them. */
typedef struct turn {
    uint32_t pauli, high;
    size_t lanes;
    unsigned low[GROUP];
    line cosine, sine[2];
    double one_cosine, one_sine;
} turn;

static void turn_begin(uint32_t pauli, size_t lanes, const double *cosine, const double *sine, turn *out)
{
    *out = (turn){.pauli = pauli,
                  .high = pauli & ~15U,
                  .lanes = lanes,
                  .cosine = load(cosine),
                  .one_cosine = cosine[0],
                  .one_sine = sine[0]};
    out->sine[0] = load(sine);
    out->sine[1] = scaled(out->sine[0], -1);
    for (uint32_t q = 0; q < GROUP; q++)
        out->low[q] = exponent(pauli & 15, q) + 1;
}

/* Whether a group's pairs are visited from it: with the group that it is paired with, from the lower. */
INLINE bool is_first(const turn *by, uint32_t group)
{
    return (group ^ by->high) >= group;
}

INLINE void turn_lines(const turn *by, int sign, double *p, double *q)
{
    line s = by->sine[sign < 0], minus = by->sine[sign > 0], a = load(p), b = load(q);
    store(p, plus_product(times(by->cosine, a), s, b));
    store(q, plus_product(times(by->cosine, b), minus, a));
}

INLINE void turn_one(const turn *by, int sign, double *p, double *q)
{
    double s = sign < 0 ? -by->one_sine : by->one_sine, a = *p, b = *q;
    double from_a = by->one_cosine * a, from_b = by->one_cosine * b;
    *p = from_a + s * b;
    *q = from_b + -s * a;
}

/* The way back of state and lambda: met += s (lambda_p c_q - lambda_q c_p). */
INLINE void unturn_lines(const turn *by, int sign, double *p, double *q, double *to_p, double *to_q, line *met)
{
    line l = load(to_p), m = load(to_q), a = load(p), b = load(q);
    line plus = times(l, b), minus = times(m, a);
    UNROLL
    for (size_t i = 0; i < PARTS; i++)
        met->part[i] += sign < 0 ? minus.part[i] - plus.part[i] : plus.part[i] - minus.part[i];
    turn_lines(by, -sign, p, q);
    turn_lines(by, -sign, to_p, to_q);
}

INLINE void unturn_one(const turn *by, int sign, double *p, double *q, double *to_p, double *to_q, double *met)
{
    double plus = *to_p * *q, minus = *to_q * *p;
    *met += sign < 0 ? minus - plus : plus - minus;
    turn_one(by, -sign, p, q);
    turn_one(by, -sign, to_p, to_q);
}

/* One lane, no low digits. */
static void rotate_groups(const turn *by, size_t n, double *state)
{
    for (uint32_t group = 0; group < n; group += GROUP) {
        int sign = is_first(by, group) ? sign_of(exponent(by->high, group) + 1) : 0;
        double *p = state + group, *q = state + (group ^ by->high);
        if (sign == 0)
            continue;
        turn_lines(by, sign, p, q);
        turn_lines(by, sign, p + LINE, q + LINE);
    }
}

static void rotate(double *state, size_t n, size_t lanes, uint32_t pauli, const double *cosine, const double *sine)
{
    turn by;
    turn_begin(pauli, lanes, cosine, sine, &by);
    if (lanes == 1 && by.high == pauli) {
        rotate_groups(&by, n, state);
        return;
    }
    for (uint32_t group = 0; group < n / lanes; group += GROUP) {
        unsigned e = exponent(by.high, group);
        for (uint32_t k = 0; k < GROUP && is_first(&by, group); k++) {
            int sign = sign_of(e + by.low[k]);
            double *p = state + (group | k) * lanes, *q = state + ((group | k) ^ pauli) * lanes;
            if (sign == 0 || p > q)
                continue;
            if (lanes == 1)
                turn_one(&by, sign, p, q);
            else
                turn_lines(&by, sign, p, q);
        }
    }
}

static void unrotate_groups(const turn *by, size_t n, double *state, double *lambda, line *met)
{
    for (uint32_t group = 0; group < n; group += GROUP) {
        int sign = is_first(by, group) ? sign_of(exponent(by->high, group) + 1) : 0;
        size_t p = group, q = group ^ by->high;
        if (sign == 0)
            continue;
        unturn_lines(by, sign, state + p, state + q, lambda + p, lambda + q, met);
        p += LINE;
        q += LINE;
        unturn_lines(by, sign, state + p, state + q, lambda + p, lambda + q, met);
    }
}

static void unrotate(double *state, double *lambda, size_t n, size_t lanes, uint32_t pauli, const double *cosine,
                     const double *sine, double *sums)
{
    turn by;
    line met;
    double one = 0;
    memset(&met, 0, sizeof met);
    turn_begin(pauli, lanes, cosine, sine, &by);
    if (lanes == 1 && by.high == pauli)
        unrotate_groups(&by, n, state, lambda, &met);
    for (uint32_t group = 0; group < n / lanes && !(lanes == 1 && by.high == pauli); group += GROUP) {
        unsigned e = exponent(by.high, group);
        for (uint32_t k = 0; k < GROUP && is_first(&by, group); k++) {
            int sign = sign_of(e + by.low[k]);
            size_t p = (group | k) * lanes, q = ((group | k) ^ pauli) * lanes;
            if (sign == 0 || p > q)
                continue;
            if (lanes == 1)
                unturn_one(&by, sign, state + p, state + q, lambda + p, lambda + q, &one);
            else
                unturn_lines(&by, sign, state + p, state + q, lambda + p, lambda + q, &met);
        }
    }
    store(sums, met);
    sums[0] += one;
}

#undef X_BITS
#undef GROUP

#endif
