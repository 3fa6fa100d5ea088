/* density_outcomes.c: what measuring a density matrix gives, with the errors of readout.
 *
 * The diagonal of rho is a vector of 2^k probabilities. An entry `measure` of the device is noise in front of the
 * measurement; on the diagonal it is a stochastic matrix (2, 2) like the one of the readout, and the two are one
 * matrix for each measured bit.
 */
#include "base/memory.h"
#include "device/device.h"
#include "sim/density.h"
#include "sim/final_outcomes.h"

_Static_assert(QSTI_NOT_ACTIVE == QSTI_NO_PLACE, "places go from one to the other");

qst_status qst_density_outcomes(const qst_density *density, size_t n_shots, uint64_t seed, qst_outcomes **out)
{
    qst_ctx *ctx = density->ctx;
    const qsti_noisy_circuit *circuit = &density->circuit;
    size_t dim = (size_t)1 << circuit->n_touched;
    double *probabilities = NULL;
    uint8_t *places = NULL;
    qsti_misread_final *finals = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(ctx, dim, &probabilities));
    QSTI_TRY(QSTI_NEW(ctx, circuit->n_places, &places));
    QSTI_TRY(QSTI_NEW(ctx, circuit->n_finals, &finals));
    for (size_t i = 0; i < dim; i++)
        probabilities[i] = creal(density->matrix[i * dim + i]);
    for (size_t q = 0; q < circuit->n_places; q++)
        places[q] = qsti_noisy_place(circuit, circuit->places[q]);
    for (size_t f = 0; f < circuit->n_finals; f++) {
        const qsti_noisy_final *final = &circuit->finals[f];
        finals[f] = (qsti_misread_final){.place = qsti_noisy_place(circuit, final->qubit), .bit = final->bit};
        qsti_device_confusion(density->device, final->qubit, density->readout, density->temperature_mk,
                              finals[f].confusion);
    }
    const qsti_final_source source = {
        ctx,    density->assembly, probabilities,    circuit->n_touched, places, circuit->n_places,
        finals, circuit->n_finals, circuit->measures};
    QSTI_TRY(qsti_final_outcomes(&source, n_shots, seed, out));
done:
    qsti_free(ctx, probabilities);
    qsti_free(ctx, places);
    qsti_free(ctx, finals);
    return status;
}
