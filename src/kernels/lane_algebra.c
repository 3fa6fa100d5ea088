/* lane_algebra.c: one instruction set's table of lane_algebra.h; compiled once for each, see CMakeLists.txt. */
#include "kernels/lane_algebra.h"

#define GLUE_(a, b) a##b
#define GLUE(a, b)  GLUE_(a, b)
#define INLINE      static inline __attribute__((always_inline))
#define WIDTH       ((size_t)(QSTI_VECTOR_BYTES / sizeof(double)))

typedef double vec __attribute__((vector_size(QSTI_VECTOR_BYTES), aligned(8)));

INLINE vec load(const double *from)
{
    return *(const vec *)from;
}

INLINE void store(double *to, vec value)
{
    *(vec *)to = value;
}

INLINE void turn(double *column, size_t lanes, int axis, bool minus, const double *cosine, const double *sine)
{
    for (size_t at = 0; at < lanes; at += WIDTH) {
        double *p = column + at;
        vec c = load(cosine + at), s = minus ? -load(sine + at) : load(sine + at);
        vec ar = load(p), ai = load(p + lanes), br = load(p + 2 * lanes), bi = load(p + 3 * lanes);
        store(p, axis == 0 ? c * ar + s * bi : axis == 1 ? c * ar - s * br : c * ar + s * ai);
        store(p + lanes, axis == 0 ? c * ai - s * br : axis == 1 ? c * ai - s * bi : c * ai - s * ar);
        store(p + 2 * lanes, axis == 0 ? c * br + s * ai : axis == 1 ? c * br + s * ar : c * br - s * bi);
        store(p + 3 * lanes, axis == 0 ? c * bi - s * ar : axis == 1 ? c * bi + s * ai : c * bi + s * br);
    }
}

static void turn_x(double *column, size_t lanes, bool minus, const double *cosine, const double *sine)
{
    turn(column, lanes, 0, minus, cosine, sine);
}

static void turn_y(double *column, size_t lanes, bool minus, const double *cosine, const double *sine)
{
    turn(column, lanes, 1, minus, cosine, sine);
}

static void turn_z(double *column, size_t lanes, bool minus, const double *cosine, const double *sine)
{
    turn(column, lanes, 2, minus, cosine, sine);
}

INLINE void begin(double *column, size_t lanes, int axis, bool minus, const double *cosine, const double *sine)
{
    for (size_t at = 0; at < lanes; at += WIDTH) {
        double *p = column + at;
        vec zero = {0}, s = minus ? -load(sine + at) : load(sine + at);
        store(p, load(cosine + at));
        store(p + lanes, axis == 2 ? -s : zero);
        store(p + 2 * lanes, axis == 1 ? s : zero);
        store(p + 3 * lanes, axis == 0 ? -s : zero);
    }
}

static void begin_x(double *column, size_t lanes, bool minus, const double *cosine, const double *sine)
{
    begin(column, lanes, 0, minus, cosine, sine);
}

static void begin_y(double *column, size_t lanes, bool minus, const double *cosine, const double *sine)
{
    begin(column, lanes, 1, minus, cosine, sine);
}

static void begin_z(double *column, size_t lanes, bool minus, const double *cosine, const double *sine)
{
    begin(column, lanes, 2, minus, cosine, sine);
}

/* With (A, B) = quaternion: a <- A a - B* b, b <- B a + A* b. */
static void multiply(double *column, size_t lanes, const double *quaternion)
{
    double qr = quaternion[0], qi = quaternion[1], rr = quaternion[2], ri = quaternion[3];
    for (size_t at = 0; at < lanes; at += WIDTH) {
        double *p = column + at;
        vec ar = load(p), ai = load(p + lanes), br = load(p + 2 * lanes), bi = load(p + 3 * lanes);
        store(p, qr * ar - qi * ai - rr * br - ri * bi);
        store(p + lanes, qr * ai + qi * ar - rr * bi + ri * br);
        store(p + 2 * lanes, rr * ar - ri * ai + qr * br + qi * bi);
        store(p + 3 * lanes, rr * ai + ri * ar + qr * bi - qi * br);
    }
}

INLINE void unturn(double *triple, size_t lanes, size_t axis, bool minus, const double *cosine, const double *sine)
{
    double *along_q = triple + (axis + 1) % 3 * lanes, *along_s = triple + (axis + 2) % 3 * lanes;
    for (size_t at = 0; at < lanes; at += WIDTH) {
        vec c = load(cosine + at), s = minus ? -load(sine + at) : load(sine + at);
        vec cos_t = c * c - s * s, sin_t = (c + c) * s;
        vec q = load(along_q + at), r = load(along_s + at);
        store(along_q + at, cos_t * q + sin_t * r);
        store(along_s + at, cos_t * r - sin_t * q);
    }
}

static void unturn_x(double *triple, size_t lanes, bool minus, const double *cosine, const double *sine)
{
    unturn(triple, lanes, 0, minus, cosine, sine);
}

static void unturn_y(double *triple, size_t lanes, bool minus, const double *cosine, const double *sine)
{
    unturn(triple, lanes, 1, minus, cosine, sine);
}

static void unturn_z(double *triple, size_t lanes, bool minus, const double *cosine, const double *sine)
{
    unturn(triple, lanes, 2, minus, cosine, sine);
}

/* g_Q <- Im<lambda| U Q U^-1 |psi> = sum over S of m[Q][S] g_S: m is the rotation of the Bloch sphere that U is, its
 * transpose read by rows. With U = w - i (x X + y Y + z Z): w = A.re, z = -A.im, y = B.re, x = -B.im. */
static void unmultiply(double *triple, size_t lanes, const double *quaternion)
{
    double w = quaternion[0], z = -quaternion[1], y = quaternion[2], x = -quaternion[3];
    double m[3][3] = {{w * w + x * x - y * y - z * z, 2 * (x * y + w * z), 2 * (x * z - w * y)},
                      {2 * (x * y - w * z), w * w - x * x + y * y - z * z, 2 * (y * z + w * x)},
                      {2 * (x * z + w * y), 2 * (y * z - w * x), w * w - x * x - y * y + z * z}};
    for (size_t at = 0; at < lanes; at += WIDTH) {
        double *p = triple + at;
        vec g[3] = {load(p), load(p + lanes), load(p + 2 * lanes)};
        for (size_t q = 0; q < 3; q++)
            store(p + q * lanes, m[q][0] * g[0] + m[q][1] * g[1] + m[q][2] * g[2]);
    }
}

static void meet(const double *column, const double *contracted, size_t lanes, double *triple)
{
    for (size_t at = 0; at < lanes; at += WIDTH) {
        const double *p = column + at, *from = contracted + at;
        vec ar = load(p), ai = load(p + lanes), br = load(p + 2 * lanes), bi = load(p + 3 * lanes);
        vec Ar = load(from), Ai = load(from + lanes), Br = load(from + 2 * lanes), Bi = load(from + 3 * lanes);
        store(triple + at, (Ar * bi + Ai * br) + (Br * ai + Bi * ar));
        store(triple + lanes + at, (Br * ar - Bi * ai) - (Ar * br - Ai * bi));
        store(triple + 2 * lanes + at, (Ar * ai + Ai * ar) - (Br * bi + Bi * br));
    }
}

static void add_product(double *to, size_t lanes, double scale, const double *a, const double *b)
{
    for (size_t at = 0; at < lanes && a == NULL && b == NULL; at += WIDTH)
        store(to + at, load(to + at) + scale);
    for (size_t at = 0; at < lanes && (a == NULL) != (b == NULL); at += WIDTH)
        store(to + at, load(to + at) + scale * load((a ? a : b) + at));
    for (size_t at = 0; at < lanes && a != NULL && b != NULL; at += WIDTH)
        store(to + at, load(to + at) + scale * load(a + at) * load(b + at));
}

/* Halves are added to each other, whatever the width of a vector. */
static double sum_product(size_t lanes, const double *a, const double *b)
{
    double sum[8] __attribute__((aligned(64))) = {0};
    for (size_t first = 0; first < lanes; first += 8)
        for (size_t at = 0; at < 8; at += WIDTH)
            store(sum + at, load(sum + at) + (b ? load(a + first + at) * load(b + first + at) : load(a + first + at)));
    for (size_t i = 0; i < 4; i++)
        sum[i] += sum[i + 4];
    return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}

extern const qsti_lane_algebra GLUE(qsti_lane_algebra_, QSTI_ISA);
const qsti_lane_algebra GLUE(qsti_lane_algebra_, QSTI_ISA) = {
    .turn_column = {turn_x, turn_y, turn_z},
    .begin_column = {begin_x, begin_y, begin_z},
    .multiply_column = multiply,
    .unturn_triple = {unturn_x, unturn_y, unturn_z},
    .unmultiply_triple = unmultiply,
    .meet_column = meet,
    .add_product = add_product,
    .sum_product = sum_product,
};
