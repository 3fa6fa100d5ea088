/* weyl.h: unitaries of two qubits in the form of Cartan.
 *
 *   U = e^{i phase} (left_0 x left_1) exp(i (c_0 XX + c_1 YY + c_2 ZZ)) (right_0 x right_1)
 *   pi/4 >= c_0 >= c_1 >= |c_2|, and c_2 >= 0 where c_0 = pi/4                          [zhang2003, shende2004]
 *
 * Index convention: bit 0 of a row or column is qubit 0 of the pair. Coordinates within QSTI_WEYL_TOLERANCE of 0 or
 * pi/4 are set there, so that the number of CX gates is a matter of comparing with ==. */
#ifndef QSTI_TRANSPILE_WEYL_H
#define QSTI_TRANSPILE_WEYL_H

#include <complex.h>
#include <stdbool.h>

#include "transpile/su2.h"

#define QSTI_WEYL_TOLERANCE 1e-12

/* CMPLX() of the language, which not every library's header has. */
static inline double complex qsti_complex(double re, double im)
{
    return __builtin_complex(re, im);
}

typedef struct qsti_matrix4 {
    double complex at[4][4]; /* [row][column] */
} qsti_matrix4;

typedef struct qsti_cartan {
    double phase;
    double c[3];
    qsti_su2 left[2], right[2];
} qsti_cartan;

/* Cost 2 microseconds or so. `unitary` is believed to be unitary. */
void qsti_cartan_of(const qsti_matrix4 *unitary, qsti_cartan *out);

/* Brings the coordinates into the chamber, the rest of the form with them. */
void qsti_cartan_normalise(qsti_cartan *form);

/* The matrix of a form. */
void qsti_cartan_matrix(const qsti_cartan *form, qsti_matrix4 *out);

/* How many CX gates a unitary in the chamber takes: 0 to 3 [shende2004]. */
static inline int qsti_weyl_cx(const double c[3])
{
    if (c[2] != 0)
        return 3;
    return c[0] == 0 ? 0 : c[0] == QSTI_PI / 4 && c[1] == 0 ? 1 : 2;
}

/* The number of coordinates that are not 0, and so of rotations exp(i t PP). */
static inline int qsti_weyl_rank(const double c[3])
{
    return (c[0] != 0) + (c[1] != 0) + (c[2] != 0);
}

/* The coordinates of SWAP U. */
void qsti_weyl_mirror(const double c[3], double out[3]);

qsti_matrix4 qsti_matrix4_product(const qsti_matrix4 *a, const qsti_matrix4 *b);

#endif
