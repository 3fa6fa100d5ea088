/* su2.h: unitaries of one qubit with determinant 1 as unit quaternions.
 *
 *   U = w I - i (x X + y Y + z Z),  w^2 + x^2 + y^2 + z^2 = 1;  exp(-i t n.S / 2) = (cos t/2, n sin t/2)
 *
 * The product of matrices is Hamilton's product, the inverse the conjugate, and U (n.S) U^-1 = (R n).S with the usual
 * rotation R. Half the size of a matrix, and pulled back to the unit sphere after every product, so that long products
 * stay unitary. A phase lies with whoever holds the quaternion. */
#ifndef QSTI_TRANSPILE_SU2_H
#define QSTI_TRANSPILE_SU2_H

#include <math.h>

#define QSTI_PI 3.14159265358979323846

/* Adds to a phase, kept in -pi..pi: in a long sum a large one would lose digits. */
static inline void qsti_add_phase(double *phase, double more)
{
    *phase += more;
    if (fabs(*phase) > QSTI_PI)
        *phase = remainder(*phase, 2 * QSTI_PI);
}

typedef struct qsti_su2 {
    double w, x, y, z;
} qsti_su2;

typedef struct qsti_axis {
    double x, y, z;
} qsti_axis;

static inline qsti_su2 qsti_su2_one(void)
{
    return (qsti_su2){1, 0, 0, 0};
}

/* a b: first b, then a. */
static inline qsti_su2 qsti_su2_product(qsti_su2 a, qsti_su2 b)
{
    qsti_su2 c = {a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z, a.w * b.x + b.w * a.x + (a.y * b.z - a.z * b.y),
                  a.w * b.y + b.w * a.y + (a.z * b.x - a.x * b.z), a.w * b.z + b.w * a.z + (a.x * b.y - a.y * b.x)};
    double scale = 1 / sqrt(c.w * c.w + c.x * c.x + c.y * c.y + c.z * c.z);
    return (qsti_su2){c.w * scale, c.x * scale, c.y * scale, c.z * scale};
}

static inline qsti_su2 qsti_su2_inverse(qsti_su2 a)
{
    return (qsti_su2){a.w, -a.x, -a.y, -a.z};
}

static inline qsti_su2 qsti_su2_rx(double t)
{
    return (qsti_su2){cos(t / 2), sin(t / 2), 0, 0};
}
static inline qsti_su2 qsti_su2_ry(double t)
{
    return (qsti_su2){cos(t / 2), 0, sin(t / 2), 0};
}
static inline qsti_su2 qsti_su2_rz(double t)
{
    return (qsti_su2){cos(t / 2), 0, 0, sin(t / 2)};
}

/* The Pauli of number 0 X, 1 Y, 2 Z, divided by i: exp(-i pi/2 P) = -i P. */
static inline qsti_su2 qsti_su2_pauli(int which)
{
    return (qsti_su2){0, which == 0, which == 1, which == 2};
}

/* -i H */
static inline qsti_su2 qsti_su2_hadamard(void)
{
    return (qsti_su2){0, 0.70710678118654752440, 0, 0.70710678118654752440};
}

/* R n */
static inline qsti_axis qsti_su2_rotate(qsti_su2 u, qsti_axis n)
{
    double tx = 2 * (u.y * n.z - u.z * n.y), ty = 2 * (u.z * n.x - u.x * n.z), tz = 2 * (u.x * n.y - u.y * n.x);
    return (qsti_axis){n.x + u.w * tx + (u.y * tz - u.z * ty), n.y + u.w * ty + (u.z * tx - u.x * tz),
                       n.z + u.w * tz + (u.x * ty - u.y * tx)};
}

/* The axis n with n.S = U^-1 P U. */
static inline qsti_axis qsti_su2_axis(qsti_su2 u, int which)
{
    return qsti_su2_rotate(qsti_su2_inverse(u), (qsti_axis){which == 0, which == 1, which == 2});
}

/* 1 when the axes are parallel, -1 when they are opposite, 0 else. The distance is measured by the cross product. */
static inline int qsti_axis_parallel(qsti_axis a, qsti_axis b, double tolerance)
{
    double x = a.y * b.z - a.z * b.y, y = a.z * b.x - a.x * b.z, z = a.x * b.y - a.y * b.x;
    if (fabs(x) > tolerance || fabs(y) > tolerance || fabs(z) > tolerance)
        return 0;
    return a.x * b.x + a.y * b.y + a.z * b.z > 0 ? 1 : -1;
}

#endif
