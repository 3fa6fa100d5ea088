/* weyl.c: the form of Cartan of a unitary of two qubits.
 *
 * In the magic basis B local unitaries of determinant 1 are the real rotations SO(4), and XX, YY, ZZ are diagonal
 * [makhlin2002]. With m = B^-1 U B the matrix P = m^T m is symmetric and unitary, so its real and its imaginary part
 * are symmetric and commute: one real rotation Q makes both diagonal, found by Jacobi rotations on the two at once
 * [cardoso1996], which needs no luck with equal eigenvalues. Then P = Q D^2 Q^T, m = O D Q^T with O real, and
 *
 *   U = (B O B^-1) (B D B^-1) (B Q^T B^-1).
 *
 * The chamber is reached by three moves: c_j by pi/2, which is a Pauli pair; two signs at once, which is a Pauli on one
 * qubit; two coordinates exchanged, which is a quarter turn of both. */
#include "transpile/weyl.h"

#include <string.h>

/* --- small products ----------------------------------------------------------------------------------------------- */

/* Written out: the language's product looks after infinities. */
static inline double complex times(double complex a, double complex b)
{
    return qsti_complex(creal(a) * creal(b) - cimag(a) * cimag(b), creal(a) * cimag(b) + cimag(a) * creal(b));
}

qsti_matrix4 qsti_matrix4_product(const qsti_matrix4 *a, const qsti_matrix4 *b)
{
    qsti_matrix4 c;
    for (int row = 0; row < 4; row++) {
        for (int column = 0; column < 4; column++) {
            double complex sum = 0;
            for (int k = 0; k < 4; k++)
                sum += times(a->at[row][k], b->at[k][column]);
            c.at[row][column] = sum;
        }
    }
    return c;
}

/* Columns: the Bell states (00 + 11)/r2, -i(00 - 11)/r2, (01 - 10)/r2, -i(01 + 10)/r2 of the indices 0..3. */
static const double magic_re[4][4] = {{1, 0, 0, 0}, {0, 0, 1, 0}, {0, 0, -1, 0}, {1, 0, 0, 0}};
static const double magic_im[4][4] = {{0, -1, 0, 0}, {0, 0, 0, -1}, {0, 0, 0, -1}, {0, 1, 0, 0}};
/* The eigenvalues of XX, YY, ZZ on them. */
static const double signs[4][3] = {{1, -1, 1}, {-1, 1, 1}, {-1, -1, -1}, {1, 1, -1}};

static qsti_matrix4 magic(bool inverse)
{
    qsti_matrix4 b;
    for (int row = 0; row < 4; row++) {
        for (int column = 0; column < 4; column++) {
            double re = inverse ? magic_re[column][row] : magic_re[row][column];
            double im = inverse ? -magic_im[column][row] : magic_im[row][column];
            b.at[row][column] = qsti_complex(re * 0.70710678118654752440, im * 0.70710678118654752440);
        }
    }
    return b;
}

static qsti_matrix4 conjugated(const qsti_matrix4 *outer, const qsti_matrix4 *inner, const qsti_matrix4 *other)
{
    qsti_matrix4 half = qsti_matrix4_product(outer, inner);
    return qsti_matrix4_product(&half, other);
}

/* --- diagonalisation ---------------------------------------------------------------------------------------------- */

/* a <- J^T a J for the plane rotation by `c`, `s` of the axes p and q. */
static void turn(double a[4][4], int p, int q, double c, double s)
{
    for (int k = 0; k < 4; k++) {
        double kp = a[k][p], kq = a[k][q];
        a[k][p] = c * kp + s * kq;
        a[k][q] = c * kq - s * kp;
    }
    for (int k = 0; k < 4; k++) {
        double pk = a[p][k], qk = a[q][k];
        a[p][k] = c * pk + s * qk;
        a[q][k] = c * qk - s * pk;
    }
}

/* Makes the two symmetric matrices as diagonal as one rotation can, axes p and q; gives how far it turned. */
static double turn_both(double re[4][4], double im[4][4], double q_matrix[4][4], int p, int q)
{
    double d_re = re[p][p] - re[q][q], d_im = im[p][p] - im[q][q], o_re = 2 * re[p][q], o_im = 2 * im[p][q];
    double on = d_re * d_re + d_im * d_im - o_re * o_re - o_im * o_im, off = 2 * (d_re * o_re + d_im * o_im);
    if (o_re == 0 && o_im == 0)
        return 0;
    double angle = 0.25 * atan2(off, on), c = cos(angle), s = sin(angle);
    turn(re, p, q, c, s);
    turn(im, p, q, c, s);
    for (int k = 0; k < 4; k++) {
        double kp = q_matrix[k][p], kq = q_matrix[k][q];
        q_matrix[k][p] = c * kp + s * kq;
        q_matrix[k][q] = c * kq - s * kp;
    }
    return fabs(s);
}

static void diagonalise(double re[4][4], double im[4][4], double q_matrix[4][4])
{
    for (int k = 0; k < 4; k++) {
        for (int j = 0; j < 4; j++)
            q_matrix[k][j] = k == j;
    }
    for (int sweep = 0; sweep < 40; sweep++) {
        double moved = 0;
        for (int p = 0; p < 3; p++) {
            for (int q = p + 1; q < 4; q++)
                moved = fmax(moved, turn_both(re, im, q_matrix, p, q));
        }
        if (moved < 1e-15)
            return;
    }
}

static double determinant(double a[4][4])
{
    double rows[4][4], value = 1;
    memcpy(rows, a, sizeof rows);
    for (int k = 0; k < 4; k++) {
        int pivot = k;
        for (int row = k + 1; row < 4; row++)
            pivot = fabs(rows[row][k]) > fabs(rows[pivot][k]) ? row : pivot;
        if (rows[pivot][k] == 0)
            return 0;
        if (pivot != k) {
            for (int column = 0; column < 4; column++) {
                double held = rows[k][column];
                rows[k][column] = rows[pivot][column];
                rows[pivot][column] = held;
            }
            value = -value;
        }
        value *= rows[k][k];
        for (int row = k + 1; row < 4; row++) {
            double factor = rows[row][k] / rows[k][k];
            for (int column = k; column < 4; column++)
                rows[row][column] -= factor * rows[k][column];
        }
    }
    return value;
}

/* --- factors ------------------------------------------------------------------------------------------------------ */

static qsti_su2 quaternion(double complex m[2][2])
{
    qsti_su2 u = {(creal(m[0][0]) + creal(m[1][1])) / 2, -(cimag(m[0][1]) + cimag(m[1][0])) / 2,
                  (creal(m[1][0]) - creal(m[0][1])) / 2, (cimag(m[1][1]) - cimag(m[0][0])) / 2};
    return qsti_su2_product(u, qsti_su2_one());
}

/* k = second x first, both of determinant 1. */
static void split(const qsti_matrix4 *k, qsti_su2 out[2])
{
    int big_row = 0, big_column = 0;
    for (int row = 0; row < 4; row++) {
        for (int column = 0; column < 4; column++) {
            if (cabs(k->at[row][column]) > cabs(k->at[big_row][big_column])) {
                big_row = row;
                big_column = column;
            }
        }
    }
    double complex first[2][2], second[2][2];
    int block_row = big_row & 2, block_column = big_column & 2;
    for (int i = 0; i < 2; i++) {
        for (int j = 0; j < 2; j++)
            first[i][j] = k->at[block_row + i][block_column + j];
    }
    double complex root = csqrt(times(first[0][0], first[1][1]) - times(first[0][1], first[1][0]));
    for (int i = 0; i < 2; i++) {
        for (int j = 0; j < 2; j++)
            first[i][j] = times(first[i][j], conj(root)) / (creal(root) * creal(root) + cimag(root) * cimag(root));
    }
    for (int i = 0; i < 2; i++) { /* the partial trace with first^-1 */
        for (int j = 0; j < 2; j++) {
            double complex sum = 0;
            for (int a = 0; a < 2; a++) {
                for (int b = 0; b < 2; b++)
                    sum += times(k->at[2 * i + a][2 * j + b], conj(first[a][b]));
            }
            second[i][j] = sum / 2;
        }
    }
    out[0] = quaternion(first);
    out[1] = quaternion(second);
}

void qsti_cartan_of(const qsti_matrix4 *unitary, qsti_cartan *out)
{
    const qsti_matrix4 b = magic(false), b_inverse = magic(true);
    qsti_matrix4 m = conjugated(&b_inverse, unitary, &b), transposed, o, q_transposed;
    double re[4][4], im[4][4], q[4][4], o_re[4][4], delta[4];
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++)
            transposed.at[i][j] = m.at[j][i];
    }
    const qsti_matrix4 p = qsti_matrix4_product(&transposed, &m);
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++) {
            re[i][j] = (creal(p.at[i][j]) + creal(p.at[j][i])) / 2;
            im[i][j] = (cimag(p.at[i][j]) + cimag(p.at[j][i])) / 2;
        }
    }
    diagonalise(re, im, q);
    if (determinant(q) < 0) {
        for (int i = 0; i < 4; i++)
            q[i][0] = -q[i][0];
    }
    for (int j = 0; j < 4; j++)
        delta[j] = atan2(im[j][j], re[j][j]) / 2;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) {
                double complex sum = 0;
                for (int k = 0; k < 4; k++)
                    sum += m.at[i][k] * q[k][j];
                o_re[i][j] = creal(times(sum, qsti_complex(cos(delta[j]), -sin(delta[j]))));
            }
        }
        if (determinant(o_re) > 0)
            break;
        delta[0] += QSTI_PI;
    }
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++) {
            o.at[i][j] = o_re[i][j];
            q_transposed.at[i][j] = q[j][i];
        }
    }
    const qsti_matrix4 left = conjugated(&b, &o, &b_inverse), right = conjugated(&b, &q_transposed, &b_inverse);
    split(&left, out->left);
    split(&right, out->right);
    out->phase = (delta[0] + delta[1] + delta[2] + delta[3]) / 4;
    for (int axis = 0; axis < 3; axis++) {
        out->c[axis] = 0;
        for (int j = 0; j < 4; j++)
            out->c[axis] += signs[j][axis] * delta[j] / 4;
    }
    qsti_cartan_normalise(out);
}

/* --- the chamber -------------------------------------------------------------------------------------------------- */

static void multiply_left(qsti_cartan *form, int qubit, qsti_su2 by)
{
    form->left[qubit] = qsti_su2_product(form->left[qubit], by);
}
static void multiply_right(qsti_cartan *form, int qubit, qsti_su2 by)
{
    form->right[qubit] = qsti_su2_product(by, form->right[qubit]);
}

/* exp(i c PP) = exp(i (c - n pi/2) PP) (i PP)^n, and PP = -(P/i)(P/i). */
static void shift(qsti_cartan *form, int axis, double n)
{
    form->c[axis] -= n * QSTI_PI / 2;
    form->phase += n * QSTI_PI / 2;
    if (fmod(n, 2) != 0) {
        form->phase += QSTI_PI;
        multiply_left(form, 0, qsti_su2_pauli(axis));
        multiply_left(form, 1, qsti_su2_pauli(axis));
    }
}

/* The signs of the two coordinates besides `axis`. */
static void flip(qsti_cartan *form, int axis)
{
    for (int other = 0; other < 3; other++) {
        if (other != axis)
            form->c[other] = -form->c[other];
    }
    multiply_left(form, 0, qsti_su2_pauli(axis));
    multiply_right(form, 0, qsti_su2_inverse(qsti_su2_pauli(axis)));
}

static void exchange(qsti_cartan *form, int i, int j)
{
    int axis = 3 - i - j;
    double held = form->c[i];
    form->c[i] = form->c[j];
    form->c[j] = held;
    qsti_su2 quarter = qsti_su2_pauli(axis);
    quarter = (qsti_su2){0.70710678118654752440, quarter.x * 0.70710678118654752440, quarter.y * 0.70710678118654752440,
                         quarter.z * 0.70710678118654752440};
    for (int qubit = 0; qubit < 2; qubit++) {
        multiply_left(form, qubit, quarter);
        multiply_right(form, qubit, qsti_su2_inverse(quarter));
    }
}

static double snapped(double c)
{
    if (fabs(c) < QSTI_WEYL_TOLERANCE)
        return 0;
    if (fabs(fabs(c) - QSTI_PI / 4) < QSTI_WEYL_TOLERANCE)
        return c > 0 ? QSTI_PI / 4 : -QSTI_PI / 4;
    return c;
}

void qsti_cartan_normalise(qsti_cartan *form)
{
    double *c = form->c;
    for (int axis = 0; axis < 3; axis++) {
        double n = nearbyint(c[axis] / (QSTI_PI / 2));
        if (n != 0)
            shift(form, axis, n);
        c[axis] = snapped(c[axis]);
        if (c[axis] == -QSTI_PI / 4) {
            shift(form, axis, -1);
            c[axis] = QSTI_PI / 4;
        }
    }
    if (fabs(c[0]) < fabs(c[1]))
        exchange(form, 0, 1);
    if (fabs(c[1]) < fabs(c[2]))
        exchange(form, 1, 2);
    if (fabs(c[0]) < fabs(c[1]))
        exchange(form, 0, 1);
    if (c[0] < 0)
        flip(form, c[1] < 0 ? 2 : 1);
    if (c[1] < 0)
        flip(form, 0);
    if (c[0] == QSTI_PI / 4 && c[2] < 0) {
        shift(form, 0, 1);
        flip(form, 1);
        c[0] = QSTI_PI / 4;
    }
    for (int axis = 0; axis < 3; axis++)
        c[axis] += 0.0; /* no -0 */
}

void qsti_weyl_mirror(const double c[3], double out[3])
{
    qsti_cartan form = {.c = {c[0] + QSTI_PI / 4, c[1] + QSTI_PI / 4, c[2] + QSTI_PI / 4}};
    for (int qubit = 0; qubit < 2; qubit++)
        form.left[qubit] = form.right[qubit] = qsti_su2_one();
    qsti_cartan_normalise(&form);
    for (int axis = 0; axis < 3; axis++)
        out[axis] = form.c[axis];
}

/* --- back to a matrix --------------------------------------------------------------------------------------------- */

static qsti_matrix4 product_matrix(const qsti_su2 factors[2])
{
    double complex m[2][2][2];
    for (int qubit = 0; qubit < 2; qubit++) {
        qsti_su2 u = factors[qubit];
        m[qubit][0][0] = qsti_complex(u.w, -u.z);
        m[qubit][0][1] = qsti_complex(-u.y, -u.x);
        m[qubit][1][0] = qsti_complex(u.y, -u.x);
        m[qubit][1][1] = qsti_complex(u.w, u.z);
    }
    qsti_matrix4 k;
    for (int row = 0; row < 4; row++) {
        for (int column = 0; column < 4; column++)
            k.at[row][column] = times(m[1][row >> 1][column >> 1], m[0][row & 1][column & 1]);
    }
    return k;
}

void qsti_cartan_matrix(const qsti_cartan *form, qsti_matrix4 *out)
{
    const qsti_matrix4 b = magic(false), b_inverse = magic(true);
    const qsti_matrix4 left = product_matrix(form->left), right = product_matrix(form->right);
    qsti_matrix4 middle;
    memset(&middle, 0, sizeof middle);
    for (int j = 0; j < 4; j++) {
        double angle = form->phase;
        for (int axis = 0; axis < 3; axis++)
            angle += signs[j][axis] * form->c[axis];
        middle.at[j][j] = qsti_complex(cos(angle), sin(angle));
    }
    middle = conjugated(&b, &middle, &b_inverse);
    *out = conjugated(&left, &middle, &right);
}
