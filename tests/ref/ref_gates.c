/* ref_gates.c: every gate as a complex matrix, from its definition.
 *
 * One-qubit matrices are written out; R_P(t) = cos(t/2) 1 - i sin(t/2) P, also for P on two qubits; a controlled gate
 * is the identity but where all controls, the low bits, are 1. rccx and rc3x are permutations with phases, as in
 * [maslov2016]. */
#include "ref.h"

#include <math.h>
#include <string.h>

typedef ref_complex two_by_two[4];

static const double half_root = 0.70710678118654752440;

/* --- building blocks ---------------------------------------------------------------------------------------------- */

static void fill(ref_complex *out, const two_by_two from)
{
    memcpy(out, from, sizeof(two_by_two));
}

static void identity(ref_complex *out, size_t dim)
{
    for (size_t i = 0; i < dim * dim; i++)
        out[i] = i / dim == i % dim ? 1.0 : 0.0;
}

/* `inner` on the last qubit when the first n_controls are all 1. */
static void controlled(ref_complex *out, size_t n_controls, const two_by_two inner)
{
    size_t dim = (size_t)2 << n_controls, low = ((size_t)1 << n_controls) - 1, high = low + 1;
    identity(out, dim);
    out[low * dim + low] = inner[0];
    out[low * dim + (low + high)] = inner[1];
    out[(low + high) * dim + low] = inner[2];
    out[(low + high) * dim + (low + high)] = inner[3];
}

/* [[cos(t/2), -e^{il} sin(t/2)], [e^{if} sin(t/2), e^{i(f+l)} cos(t/2)]] */
static void u_matrix(double theta, double phi, double lambda, two_by_two out)
{
    out[0] = cos(theta / 2);
    out[1] = -cexp(I * lambda) * sin(theta / 2);
    out[2] = cexp(I * phi) * sin(theta / 2);
    out[3] = cexp(I * (phi + lambda)) * cos(theta / 2);
}

/* cos(t/2) 1 - i sin(t/2) (second (x) first): the first Pauli acts on the low bit. */
static void two_qubit_rotation(double theta, const two_by_two second, const two_by_two first, ref_complex *out)
{
    for (size_t row = 0; row < 4; row++) {
        for (size_t column = 0; column < 4; column++) {
            ref_complex product = second[(row >> 1) * 2 + (column >> 1)] * first[(row & 1) * 2 + (column & 1)];
            out[row * 4 + column] = (row == column ? cos(theta / 2) : 0.0) - I * sin(theta / 2) * product;
        }
    }
}

static const two_by_two pauli_x = {0, 1, 1, 0};
static const two_by_two pauli_y = {0, -I, I, 0};
static const two_by_two pauli_z = {1, 0, 0, -1};

/* --- one qubit ---------------------------------------------------------------------------------------------------- */

static void gate_id(const double *a, ref_complex *out)
{
    (void)a;
    identity(out, 2);
}

static void gate_x(const double *a, ref_complex *out)
{
    (void)a;
    fill(out, pauli_x);
}

static void gate_y(const double *a, ref_complex *out)
{
    (void)a;
    fill(out, pauli_y);
}

static void gate_z(const double *a, ref_complex *out)
{
    (void)a;
    fill(out, pauli_z);
}

static void gate_h(const double *a, ref_complex *out)
{
    (void)a;
    fill(out, (two_by_two){half_root, half_root, half_root, -half_root});
}

static void gate_s(const double *a, ref_complex *out)
{
    (void)a;
    fill(out, (two_by_two){1, 0, 0, I});
}

static void gate_sdg(const double *a, ref_complex *out)
{
    (void)a;
    fill(out, (two_by_two){1, 0, 0, -I});
}

static void gate_t(const double *a, ref_complex *out)
{
    (void)a;
    fill(out, (two_by_two){1, 0, 0, half_root + I * half_root});
}

static void gate_tdg(const double *a, ref_complex *out)
{
    (void)a;
    fill(out, (two_by_two){1, 0, 0, half_root - I * half_root});
}

static void gate_sx(const double *a, ref_complex *out)
{
    (void)a;
    fill(out, (two_by_two){0.5 + 0.5 * I, 0.5 - 0.5 * I, 0.5 - 0.5 * I, 0.5 + 0.5 * I});
}

static void gate_sxdg(const double *a, ref_complex *out)
{
    (void)a;
    fill(out, (two_by_two){0.5 - 0.5 * I, 0.5 + 0.5 * I, 0.5 + 0.5 * I, 0.5 - 0.5 * I});
}

static void gate_rx(const double *a, ref_complex *out)
{
    fill(out, (two_by_two){cos(a[0] / 2), -I * sin(a[0] / 2), -I * sin(a[0] / 2), cos(a[0] / 2)});
}

static void gate_ry(const double *a, ref_complex *out)
{
    fill(out, (two_by_two){cos(a[0] / 2), -sin(a[0] / 2), sin(a[0] / 2), cos(a[0] / 2)});
}

static void gate_rz(const double *a, ref_complex *out)
{
    fill(out, (two_by_two){cexp(-I * a[0] / 2), 0, 0, cexp(I * a[0] / 2)});
}

static void gate_r(const double *a, ref_complex *out)
{
    fill(out, (two_by_two){cos(a[0] / 2), -I * cexp(-I * a[1]) * sin(a[0] / 2), -I * cexp(I * a[1]) * sin(a[0] / 2),
                           cos(a[0] / 2)});
}

static void gate_p(const double *a, ref_complex *out)
{
    fill(out, (two_by_two){1, 0, 0, cexp(I * a[0])});
}

static void gate_u2(const double *a, ref_complex *out)
{
    fill(out, (two_by_two){half_root, -half_root * cexp(I * a[1]), half_root * cexp(I * a[0]),
                           half_root * cexp(I * (a[0] + a[1]))});
}

static void gate_u(const double *a, ref_complex *out)
{
    u_matrix(a[0], a[1], a[2], out);
}

static void gate_gphase(const double *a, ref_complex *out)
{
    out[0] = cexp(I * a[0]);
}

/* --- controlled gates: the one-qubit gate of the same name, controls first ---------------------------------------- */

static void gate_cx(const double *a, ref_complex *out)
{
    (void)a;
    controlled(out, 1, pauli_x);
}

static void gate_cy(const double *a, ref_complex *out)
{
    (void)a;
    controlled(out, 1, pauli_y);
}

static void gate_cz(const double *a, ref_complex *out)
{
    (void)a;
    controlled(out, 1, pauli_z);
}

#define CONTROLLED(name, inner_gate, n_controls)               \
    static void gate_##name(const double *a, ref_complex *out) \
    {                                                          \
        two_by_two inner;                                      \
        inner_gate(a, inner);                                  \
        controlled(out, n_controls, inner);                    \
    }
CONTROLLED(ch, gate_h, 1)
CONTROLLED(csx, gate_sx, 1)
CONTROLLED(crx, gate_rx, 1)
CONTROLLED(cry, gate_ry, 1)
CONTROLLED(crz, gate_rz, 1)
CONTROLLED(cp, gate_p, 1)
CONTROLLED(cu3, gate_u, 1)
CONTROLLED(ccx, gate_x, 2)
CONTROLLED(c3x, gate_x, 3)
CONTROLLED(c4x, gate_x, 4)
CONTROLLED(c3sqrtx, gate_sx, 3)

static void gate_cu(const double *a, ref_complex *out)
{
    two_by_two inner;
    u_matrix(a[0], a[1], a[2], inner);
    for (size_t i = 0; i < 4; i++)
        inner[i] *= cexp(I * a[3]);
    controlled(out, 1, inner);
}

/* --- the rest ----------------------------------------------------------------------------------------------------- */

/* Moves column `from` to row `to` with a factor. */
static void send(ref_complex *out, size_t dim, size_t from, size_t to, ref_complex factor)
{
    out[from * dim + from] = 0;
    out[to * dim + from] = factor;
}

static void gate_swap(const double *a, ref_complex *out)
{
    (void)a;
    identity(out, 4);
    send(out, 4, 1, 2, 1);
    send(out, 4, 2, 1, 1);
}

static void gate_iswap(const double *a, ref_complex *out)
{
    (void)a;
    identity(out, 4);
    send(out, 4, 1, 2, I);
    send(out, 4, 2, 1, I);
}

static void gate_cswap(const double *a, ref_complex *out)
{
    (void)a;
    identity(out, 8);
    send(out, 8, 3, 5, 1);
    send(out, 8, 5, 3, 1);
}

/* (X on the first - X on the second Y on the first) / sqrt(2) */
static void gate_ecr(const double *a, ref_complex *out)
{
    (void)a;
    memcpy(out,
           (ref_complex[16]){0, half_root, 0, I * half_root, half_root, 0, -I * half_root, 0, 0, I * half_root, 0,
                             half_root, -I * half_root, 0, half_root, 0},
           sizeof(ref_complex[16]));
}

static void gate_rxx(const double *a, ref_complex *out)
{
    two_qubit_rotation(a[0], pauli_x, pauli_x, out);
}

static void gate_ryy(const double *a, ref_complex *out)
{
    two_qubit_rotation(a[0], pauli_y, pauli_y, out);
}

static void gate_rzz(const double *a, ref_complex *out)
{
    two_qubit_rotation(a[0], pauli_z, pauli_z, out);
}

static void gate_rzx(const double *a, ref_complex *out)
{
    two_qubit_rotation(a[0], pauli_x, pauli_z, out);
}

static void gate_rccx(const double *a, ref_complex *out)
{
    (void)a;
    identity(out, 8);
    send(out, 8, 3, 7, I);
    send(out, 8, 7, 3, -I);
    out[5 * 8 + 5] = -1;
}

static void gate_rc3x(const double *a, ref_complex *out)
{
    (void)a;
    identity(out, 16);
    send(out, 16, 7, 15, -1);
    send(out, 16, 15, 7, 1);
    out[3 * 16 + 3] = I;
    out[11 * 16 + 11] = -I;
}

/* --- by name ------------------------------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    int n_qubits;
    void (*matrix)(const double *angles, ref_complex *out);
} gates[] = {
    {"u3", 1, gate_u},
    {"u2", 1, gate_u2},
    {"u1", 1, gate_p},
    {"cx", 2, gate_cx},
    {"id", 1, gate_id},
    {"x", 1, gate_x},
    {"y", 1, gate_y},
    {"z", 1, gate_z},
    {"h", 1, gate_h},
    {"s", 1, gate_s},
    {"sdg", 1, gate_sdg},
    {"t", 1, gate_t},
    {"tdg", 1, gate_tdg},
    {"rx", 1, gate_rx},
    {"ry", 1, gate_ry},
    {"rz", 1, gate_rz},
    {"cz", 2, gate_cz},
    {"cy", 2, gate_cy},
    {"ch", 2, gate_ch},
    {"ccx", 3, gate_ccx},
    {"crz", 2, gate_crz},
    {"cu1", 2, gate_cp},
    {"cu3", 2, gate_cu3},
    {"u0", 1, gate_id},
    {"u", 1, gate_u},
    {"p", 1, gate_p},
    {"sx", 1, gate_sx},
    {"sxdg", 1, gate_sxdg},
    {"swap", 2, gate_swap},
    {"cswap", 3, gate_cswap},
    {"crx", 2, gate_crx},
    {"cry", 2, gate_cry},
    {"cp", 2, gate_cp},
    {"csx", 2, gate_csx},
    {"cu", 2, gate_cu},
    {"rxx", 2, gate_rxx},
    {"rzz", 2, gate_rzz},
    {"rccx", 3, gate_rccx},
    {"rc3x", 4, gate_rc3x},
    {"c3x", 4, gate_c3x},
    {"c3sqrtx", 4, gate_c3sqrtx},
    {"c4x", 5, gate_c4x},
    {"ryy", 2, gate_ryy},
    {"rzx", 2, gate_rzx},
    {"iswap", 2, gate_iswap},
    {"ecr", 2, gate_ecr},
    {"r", 1, gate_r},
    {"gphase", 0, gate_gphase},
};

int ref_gate_matrix(const char *name, const double *angles, ref_complex out[REF_MAX_GATE_STATES * REF_MAX_GATE_STATES])
{
    for (size_t i = 0; i < sizeof gates / sizeof *gates; i++) {
        if (strcmp(gates[i].name, name) == 0) {
            gates[i].matrix(angles, out);
            return gates[i].n_qubits;
        }
    }
    return -1;
}
