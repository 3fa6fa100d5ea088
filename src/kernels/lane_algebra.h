/* lane_algebra.h: single-qubit algebra of one gate for all lanes: columns of matrices forward, triples of inner
 * products backward. Doubles in either precision; arrays are (components, lanes), lanes a multiple of 8.
 *
 * A column (a, b) of [a -b*; b a*] is a.re, a.im, b.re, b.im; a triple is x, y, z. c and s are of half angles, `minus`
 * takes t to -t. sim/gate.c has the formulas.
 */
#ifndef QSTI_KERNELS_LANE_ALGEBRA_H
#define QSTI_KERNELS_LANE_ALGEBRA_H

#include <stdbool.h>
#include <stddef.h>

typedef struct qsti_lane_algebra {
    /* column <- exp(-i t P / 2) column, by axis x, y, z. */
    void (*turn_column[3])(double *column, size_t lanes, bool minus, const double *cosine, const double *sine);
    /* column <- that of exp(-i t P / 2) alone, by axis. */
    void (*begin_column[3])(double *column, size_t lanes, bool minus, const double *cosine, const double *sine);
    /* column <- [a -b*; b a*] column, the same matrix for all lanes: quaternion = a.re, a.im, b.re, b.im. */
    void (*multiply_column)(double *column, size_t lanes, const double *quaternion);
    /* The triple in front of a rotation from the one behind it, by axis. */
    void (*unturn_triple[3])(double *triple, size_t lanes, bool minus, const double *cosine, const double *sine);
    /* The triple in front of a run of rotations with this matrix, from the one behind it. */
    void (*unmultiply_triple)(double *triple, size_t lanes, const double *quaternion);
    /* Im<lambda|X|psi>, Y, Z of a qubit in state (a, b) = column, where contracted = (A, B), re and im of each, is
     * lambda conjugated and contracted with the other qubits: X: Im(A b + B a), Y: Im(-i A b + i B a), Z: Im(A a - B
     * b). */
    void (*meet_column)(const double *column, const double *contracted, size_t lanes, double *triple);
    /* to[lane] += scale a[lane] b[lane]; NULL: all ones. */
    void (*add_product)(double *to, size_t lanes, double scale, const double *a, const double *b);
    /* The sum over lanes of a[lane] b[lane], b NULL: all ones; in an order that depends on the number of lanes alone.
     */
    double (*sum_product)(size_t lanes, const double *a, const double *b);
} qsti_lane_algebra;

/* For the instruction set in use. */
const qsti_lane_algebra *qsti_lane_algebra_chosen(void);

#endif
