/* density.c: the density matrix of a circuit with the noise of a device behind each gate.
 *
 * rho of k qubits is a state of 2k bits: the row is the k high bits of an index, the column the k low ones. A gate U
 * makes U rho U^dagger: U acts on the bits of the rows, its complex conjugate on those of the columns. Noise on n
 * qubits is its superoperator S on 2n bits, the rows of its qubits first (columns are stacked: element (i, j) is number
 * j 2^n + i). Few elements of S are not zero; they are kept as rows of a sparse matrix, once for each entry of the
 * device that occurs.
 *
 * Not here: many samples at once, gradients, n > 10.
 */
#include "sim/density.h"

#include <string.h>

#include "assembly/assembly.h"
#include "base/memory.h"
#include "sim/evolve.h"

#define MOST_ELEMENTS ((size_t)1 << (4 * QST_DEVICE_GATE_QUBITS))
#define MOST_ROWS     ((size_t)1 << (2 * QST_DEVICE_GATE_QUBITS))

/* --- channels ----------------------------------------------------------------------------------------------------- */

/* Row r of the superoperator: elements first[r] .. first[r + 1] of value and column. */
typedef struct channel {
    size_t entry, n_qubits;
    bool is_noisy;
    uint32_t first[MOST_ROWS + 1];
    uint16_t *column;
    double complex *value;
} channel;

typedef struct channels {
    qst_ctx *ctx;
    channel *items;
    size_t n, capacity;
} channels;

static void clear_channels(channels *all)
{
    for (size_t c = 0; c < all->n; c++) {
        qsti_free(all->ctx, all->items[c].column);
        qsti_free(all->ctx, all->items[c].value);
    }
    qsti_free(all->ctx, all->items);
}

static bool is_silent(const qst_gate_noise *noise)
{
    bool silent = noise->depolarizing == 0;
    for (size_t q = 0; q < noise->n_qubits; q++)
        silent = silent && noise->relaxation[q].a == 0 && noise->relaxation[q].c == 1;
    return silent;
}

static qst_status fill_channel(qst_ctx *ctx, const qst_gate_noise *noise, channel *out)
{
    size_t rows = (size_t)1 << (2 * noise->n_qubits), n = 0;
    double complex *dense = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(ctx, rows * rows, &dense));
    qst_noise_superoperator(noise, dense);
    QSTI_TRY(QSTI_NEW(ctx, rows * rows, &out->column));
    QSTI_TRY(QSTI_NEW(ctx, rows * rows, &out->value));
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < rows; c++) {
            if (dense[r * rows + c] == 0)
                continue;
            out->column[n] = (uint16_t)c;
            out->value[n++] = dense[r * rows + c];
        }
        out->first[r + 1] = (uint32_t)n;
    }
    out->is_noisy = true;
done:
    qsti_free(ctx, dense);
    return status;
}

/* The channel of an entry, made when it is asked for the first time. */
static qst_status find_channel(channels *all, const qst_density *density, size_t entry, const channel **out)
{
    qst_gate_noise noise;
    qst_status status = QST_OK;
    for (size_t c = 0; c < all->n; c++) {
        if (all->items[c].entry == entry) {
            *out = &all->items[c];
            return QST_OK;
        }
    }
    QSTI_TRY(qst_device_entry_noise(density->device, entry, density->temperature_mk, &noise));
    if (all->n == all->capacity) {
        QSTI_TRY(QSTI_GROW(all->ctx, 2 * all->capacity + 16, &all->items));
        all->capacity = 2 * all->capacity + 16;
    }
    channel *made = &all->items[all->n++];
    *made = (channel){.entry = entry, .n_qubits = noise.n_qubits};
    if (!is_silent(&noise))
        QSTI_TRY(fill_channel(all->ctx, &noise, made));
    *out = made;
done:
    return status;
}

/* --- on the matrix ------------------------------------------------------------------------------------------------ */

/* Calls for each index below 2^n_bits with the bits of `mask` 0, in ascending order: the next one after `index`. */
static size_t next_index(size_t index, size_t mask)
{
    return ((index | mask) + 1) & ~mask;
}

/* rho' = S rho on the 2n bits. */
static void apply_channel(const channel *noise, const size_t *bits, size_t n_bits, double complex *rho)
{
    size_t rows = (size_t)1 << (2 * noise->n_qubits), mask = 0, offset[MOST_ROWS] = {0};
    double complex in[MOST_ROWS];
    for (size_t r = 0; r < rows; r++) {
        for (size_t b = 0; b < 2 * noise->n_qubits; b++)
            offset[r] |= (r >> b & 1) << bits[b];
        mask |= offset[r];
    }
    for (size_t base = 0; base < (size_t)1 << n_bits; base = next_index(base, mask)) {
        for (size_t r = 0; r < rows; r++)
            in[r] = rho[base + offset[r]];
        for (size_t r = 0; r < rows; r++) {
            double re = 0, im = 0;
            for (uint32_t e = noise->first[r]; e < noise->first[r + 1]; e++) {
                double complex a = noise->value[e], b = in[noise->column[e]];
                re += creal(a) * creal(b) - cimag(a) * cimag(b);
                im += creal(a) * cimag(b) + cimag(a) * creal(b);
            }
            rho[base + offset[r]] = re + im * I;
        }
    }
}

static qst_status apply_gate(qst_density *density, const qsti_noisy_gate *gate, channels *all)
{
    size_t k = density->circuit.n_touched, n = (size_t)qst_gate_describe(gate->gate)->n_qubits;
    size_t bits[2 * QST_DEVICE_GATE_QUBITS] = {0}, *columns = bits + n;
    const channel *noise = NULL;
    for (size_t q = 0; q < n; q++) {
        columns[q] = qsti_noisy_place(&density->circuit, gate->qubits[q]);
        bits[q] = k + columns[q];
    }
    qsti_evolve(density->matrix, 2 * k, gate->gate, bits, gate->angles);
    qsti_evolve_conjugate(density->matrix, 2 * k, gate->gate, columns, gate->angles);
    if (gate->entry == QSTI_NO_ENTRY)
        return QST_OK;
    qst_status status = find_channel(all, density, gate->entry, &noise);
    if (status != QST_OK || !noise->is_noisy)
        return status;
    const qst_device_gate *entry = &qst_device_gates(density->device)[gate->entry];
    for (size_t q = 0; q < n; q++) { /* a gate on turned qubits has the entry's order behind it */
        columns[q] = qsti_noisy_place(&density->circuit, entry->qubits[q]);
        bits[q] = k + columns[q];
    }
    apply_channel(noise, bits, 2 * k, density->matrix);
    return QST_OK;
}

qst_status qst_density_simulate(const qst_assembly *assembly, const qst_density_opts *opts, qst_density **out)
{
    qst_ctx *ctx = assembly->ctx;
    channels all = {.ctx = ctx};
    qst_density *made = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(ctx, 1, &made));
    *made = (qst_density){.ctx = ctx,
                          .assembly = assembly,
                          .device = opts->device,
                          .temperature_mk = opts->temperature_mk,
                          .readout = opts->readout,
                          .circuit = {.ctx = ctx}};
    QSTI_TRY(qsti_noisy_circuit_make(ctx, assembly, opts, &made->circuit));
    size_t dim = (size_t)1 << made->circuit.n_touched;
    QSTI_TRY(QSTI_NEW_LINES(ctx, dim * dim, &made->matrix));
    made->matrix[0] = 1;
    for (size_t g = 0; g < made->circuit.n_gates; g++) {
        QSTI_TRY(apply_gate(made, &made->circuit.gates[g], &all));
        QSTI_TRY(qsti_check_interrupt(ctx));
    }
    *out = made;
    made = NULL;
done:
    clear_channels(&all);
    qst_density_free(made);
    return status;
}

void qst_density_free(qst_density *density)
{
    if (density == NULL)
        return;
    qsti_noisy_circuit_clear(&density->circuit);
    qsti_free_lines(density->ctx, density->matrix);
    qsti_free(density->ctx, density);
}

size_t qst_density_qubits(const qst_density *density, const size_t **out)
{
    *out = density->circuit.touched;
    return density->circuit.n_touched;
}

const double complex *qst_density_matrix(const qst_density *density)
{
    return density->matrix;
}
