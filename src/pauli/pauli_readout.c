/* pauli_readout.c: values from coefficients, and lambda from cotangents.
 *
 * A Pauli sum looks at its terms' coefficients. Probabilities are P(b) = 2^-n sum_z (-1)^(b.z) c_Z^z, then misread,
 * then summed in groups. Errors of readout are in the terms of Pauli sums (qsti_noise_readout_apply). */
#include "pauli/pauli_engine.h"

#include <string.h>

static uint32_t index_of(qst_pauli pauli)
{
    uint32_t out = 0;
    for (size_t q = 0; q < QSTI_PAULI_MOST_QUBITS; q++)
        out |= (pauli.x >> q & 1) << 2 * q | (pauli.z >> q & 1) << (2 * q + 1);
    return out;
}

static bool is_outcomes(const qsti_pauli_engine *engine)
{
    return engine->readout != QST_READOUT_EXPECTATIONS;
}

qst_status qsti_pauli_readout_create(qsti_pauli_engine *engine, const qst_readout *readout)
{
    qst_status status = QST_OK;
    qst_readout *applied = NULL;
    engine->readout = readout->kind;
    engine->n_outputs = readout->n_outputs;
    engine->groups =
        (qst_readout){.kind = readout->kind, .n_qubits = readout->n_qubits, .n_outputs = readout->n_outputs};
    if (!is_outcomes(engine))
        QSTI_TRY(qsti_noise_readout_apply(engine->noise, readout, &applied));
    engine->n_entries = applied != NULL ? applied->n_terms : (size_t)1 << engine->n_qubits;
    QSTI_TRY(QSTI_NEW(engine->ctx, engine->n_entries, &engine->entries));
    for (size_t i = 0; i < engine->n_entries; i++) {
        qst_pauli pauli = applied != NULL ? applied->paulis[i] : (qst_pauli){.z = (uint32_t)i};
        engine->entries[i] = (qsti_pauli_entry){.given_index = index_of(pauli),
                                                .given_factor = applied != NULL ? applied->coefficients[i] : 1,
                                                .output = applied != NULL ? applied->outputs[i] : (uint32_t)i};
    }
done:
    qst_readout_free(applied);
    return status;
}

/* Times 2^-n, so that it is its own inverse but for that. */
static void to_outcomes(const qsti_pauli_engine *engine, size_t lanes, double *values)
{
    qsti_pauli_walsh(values, (size_t)1 << engine->n_qubits, lanes, 0.5);
}

void qsti_pauli_values(const qsti_pauli_engine *engine, size_t lanes, const double *state, qsti_pauli_scratch *scratch)
{
    size_t dim = (size_t)1 << engine->n_qubits;
    double *to = is_outcomes(engine) ? scratch->lines : scratch->values;
    memset(scratch->values, 0, engine->n_outputs * lanes * sizeof *scratch->values);
    if (is_outcomes(engine))
        memset(scratch->lines, 0, dim * lanes * sizeof *scratch->lines);
    for (size_t i = 0; i < engine->n_entries; i++) {
        const qsti_pauli_entry *entry = &engine->entries[i];
        for (size_t lane = 0; lane < lanes; lane++)
            to[entry->output * lanes + lane] += entry->factor * state[entry->index * lanes + lane];
    }
    if (!is_outcomes(engine))
        return;
    to_outcomes(engine, lanes, scratch->lines);
    qsti_noise_misread(engine->noise, engine->n_qubits, lanes, false, scratch->lines);
    for (size_t b = 0; b < dim; b++) {
        double *value = scratch->values + qsti_readout_group(&engine->groups, b) * lanes;
        for (size_t lane = 0; lane < lanes; lane++)
            value[lane] += scratch->lines[b * lanes + lane];
    }
}

void qsti_pauli_seed(const qsti_pauli_engine *engine, size_t lanes, double *lambda, qsti_pauli_scratch *scratch)
{
    size_t dim = (size_t)1 << engine->n_qubits;
    const double *from = is_outcomes(engine) ? scratch->lines : scratch->cotangents;
    memset(lambda, 0, engine->n_coefficients * lanes * sizeof *lambda);
    for (size_t b = 0; b < dim && is_outcomes(engine); b++)
        memcpy(scratch->lines + b * lanes, scratch->cotangents + qsti_readout_group(&engine->groups, b) * lanes,
               lanes * sizeof *lambda);
    if (is_outcomes(engine)) {
        qsti_noise_misread(engine->noise, engine->n_qubits, lanes, true, scratch->lines);
        to_outcomes(engine, lanes, scratch->lines);
    }
    for (size_t i = 0; i < engine->n_entries; i++) {
        const qsti_pauli_entry *entry = &engine->entries[i];
        for (size_t lane = 0; lane < lanes; lane++)
            lambda[entry->index * lanes + lane] += entry->factor * from[entry->output * lanes + lane];
    }
}
