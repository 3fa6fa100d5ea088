/* evolve.c: the steps of circuit/steps.h on a dense state.
 *
 * exp(-i t P / 2) = cos(t/2) - i sin(t/2) P with P |k> = i^y (-1)^{|k & z|} |k ^ x>, y the number of Ys. Amplitudes
 * whose indices differ only below the lowest bit of a step share its coefficients: they are worked on in runs. The
 * conjugate of P is (-1)^y P, so that of the step is the step of the angle -(-1)^y t. Plain loops: wide states without
 * branches go through the compiled program instead.
 */
#include "sim/evolve.h"

#include <math.h>

#include "circuit/steps.h"

/* --- rotations ---------------------------------------------------------------------------------------------------- */

static bool is_odd(size_t bits)
{
    return __builtin_popcountll(bits) & 1;
}

static void turn_phases(double complex *a, size_t n_bits, size_t z, double t)
{
    size_t run = z & -z;
    double complex even = cos(t / 2) - I * sin(t / 2), odd = conj(even);
    for (size_t first = 0; first < (size_t)1 << n_bits; first += run) {
        double complex factor = is_odd(first & z) ? odd : even;
        for (size_t k = first; k < first + run; k++)
            a[k] *= factor;
    }
}

static void turn_pairs(double complex *a, size_t n_bits, size_t x, size_t z, double t)
{
    static const double complex powers_of_i[] = {1, I, -1, -I};
    size_t lowest = (x | z) & -(x | z), highest = (size_t)1 << (63 - __builtin_clzll(x));
    double c = cos(t / 2);
    double complex s = -I * sin(t / 2) * powers_of_i[__builtin_popcountll(x & z) % 4];
    for (size_t first = 0; first < (size_t)1 << n_bits; first += lowest) {
        if (first & highest)
            continue;
        size_t other = first ^ x;
        double complex to_first = is_odd(other & z) ? -s : s, to_other = is_odd(first & z) ? -s : s;
        for (size_t k = 0; k < lowest; k++) {
            double complex u = a[first + k], v = a[other + k];
            a[first + k] = c * u + to_first * v;
            a[other + k] = c * v + to_other * u;
        }
    }
}

/* --- moves -------------------------------------------------------------------------------------------------------- */

/* Exchanges amplitudes k and k ^ move for all k in which the bits of `fixed` are those of `value`; the highest bit of
 * `move` is among them. */
static void exchange(double complex *a, size_t n_bits, size_t fixed, size_t value, size_t move)
{
    size_t all = fixed | move, run = all & -all;
    for (size_t first = 0; first < (size_t)1 << n_bits; first += run) {
        if ((first & fixed) != value)
            continue;
        for (size_t k = first; k < first + run; k++) {
            double complex kept = a[k];
            a[k] = a[k ^ move];
            a[k ^ move] = kept;
        }
    }
}

/* --- gates -------------------------------------------------------------------------------------------------------- */

static size_t spread(unsigned mask, const size_t *qubits)
{
    size_t out = 0;
    for (; mask; mask &= mask - 1)
        out |= (size_t)1 << qubits[__builtin_ctz(mask)];
    return out;
}

static void apply_step(double complex *a, size_t n_bits, const qsti_step *step, const size_t *qubits, double t)
{
    switch ((qsti_step_kind)step->kind) {
    case QSTI_STEP_ROTATION: {
        size_t x = spread(step->x, qubits), z = spread(step->z, qubits);
        if (x == 0)
            turn_phases(a, n_bits, z, t);
        else
            turn_pairs(a, n_bits, x, z, t);
        return;
    }
    case QSTI_STEP_CX: {
        size_t control = (size_t)1 << qubits[step->a], target = (size_t)1 << qubits[step->b];
        exchange(a, n_bits, control | target, control, target);
        return;
    }
    case QSTI_STEP_SWAP: {
        size_t p = (size_t)1 << qubits[step->a], q = (size_t)1 << qubits[step->b];
        exchange(a, n_bits, p | q, p, p | q);
        return;
    }
    case QSTI_STEP_X: {
        size_t bit = (size_t)1 << qubits[step->a];
        exchange(a, n_bits, bit, 0, bit);
        return;
    }
    case QSTI_STEP_PHASE: {
        if (t == 0)
            return;
        double complex factor = cos(t) + I * sin(t);
        for (size_t k = 0; k < (size_t)1 << n_bits; k++)
            a[k] *= factor;
        return;
    }
    }
}

static double angle_of(const qsti_step *step, qst_gate gate, const double *angles)
{
    double t = step->constant;
    for (int i = 0; i < qst_gate_describe(gate)->n_angles; i++)
        t += step->coefficient[i] * angles[i];
    return t;
}

void qsti_evolve(double complex *amplitudes, size_t n_bits, qst_gate gate, const size_t *qubits, const double *angles)
{
    size_t n_steps;
    const qsti_step *steps = qsti_gate_steps(gate, &n_steps);
    for (size_t s = 0; s < n_steps; s++)
        apply_step(amplitudes, n_bits, &steps[s], qubits, angle_of(&steps[s], gate, angles));
}

void qsti_evolve_conjugate(double complex *amplitudes, size_t n_bits, qst_gate gate, const size_t *qubits,
                           const double *angles)
{
    size_t n_steps;
    const qsti_step *steps = qsti_gate_steps(gate, &n_steps);
    for (size_t s = 0; s < n_steps; s++) {
        double t = angle_of(&steps[s], gate, angles);
        bool turns_back = steps[s].kind == QSTI_STEP_ROTATION && is_odd(steps[s].x & steps[s].z);
        apply_step(amplitudes, n_bits, &steps[s], qubits, turns_back ? t : -t);
    }
}

/* --- measurements ------------------------------------------------------------------------------------------------- */

double qsti_weight_of_one(const double complex *amplitudes, size_t n_bits, size_t bit)
{
    size_t run = (size_t)1 << bit;
    double sum = 0;
    for (size_t first = run; first < (size_t)1 << n_bits; first += 2 * run) {
        double part = 0;
        for (size_t k = first; k < first + run; k++)
            part += creal(amplitudes[k]) * creal(amplitudes[k]) + cimag(amplitudes[k]) * cimag(amplitudes[k]);
        sum += part;
    }
    return sum;
}

void qsti_collapse(double complex *amplitudes, size_t n_bits, size_t bit, bool value, double factor)
{
    size_t kept = value ? (size_t)1 << bit : 0;
    for (size_t k = 0; k < (size_t)1 << n_bits; k++)
        amplitudes[k] *= (k & (size_t)1 << bit) == kept ? factor : 0;
}
