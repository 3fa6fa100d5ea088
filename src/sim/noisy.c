/* noisy.c: programs with noise: the choice of an engine, and the calls that go to it.
 *
 *   EXACT          pauli/      the density matrix as Pauli coefficients
 *   TRAJECTORIES   sim/        Pauli channels and rotations alone, or relaxation twirled: signs of angles, by lane
 *                  jumps/      with relaxation: Kraus operators drawn
 */
#include "sim/noisy.h"

#include <math.h>

#include "jumps/jumps.h"
#include "pauli/pauli.h"
#include "sim/trajectories.h"

static qst_status choose(const qst_program *program, qst_noise_method wanted, const qsti_engine_source *source,
                         qsti_engine_create_fn **out, qst_noise_method *out_method)
{
    qsti_noise_sorts sorts = {0};
    size_t n = source->circuit->n_qubits;
    *out_method = wanted;
    if (*out_method == QST_NOISE_AUTO)
        *out_method = n <= QSTI_EXACT_MAX_QUBITS ? QST_NOISE_EXACT : QST_NOISE_TRAJECTORIES;
    if (*out_method == QST_NOISE_EXACT) {
        *out = qsti_pauli_create;
        if (n > QSTI_EXACT_MAX_QUBITS)
            return qsti_fail(program->ctx, QST_ERR_LIMIT,
                             "%zu qubits: noise is run exactly on at most %d; take trajectories", n,
                             QSTI_EXACT_MAX_QUBITS);
        return QST_OK;
    }
    qst_status status = qsti_noise_count(source->noise, source->circuit, &sorts);
    bool jumps = sorts.n_relaxations > 0 && !program->opts.twirl;
    *out = jumps ? qsti_jumps_create : qsti_trajectories_create;
    return status;
}

qst_status qsti_noisy_compile(qst_program *program, const qst_circuit *circuit, const qst_readout *readout)
{
    qst_status status = QST_OK;
    qst_noise *noise = NULL;
    qsti_engine_create_fn *create = NULL;
    if (program->opts.noise == NULL)
        return QST_OK;
    QSTI_TRY(qsti_noise_copy(program->ctx, program->opts.noise, &noise));
    program->opts.noise = noise;
    program->noise = noise;
    if (qst_noise_is_none(noise)) { /* a device without noise refuses gates all the same */
        qsti_noise_sorts sorts;
        program->opts.noise = NULL;
        return qsti_noise_count(noise, circuit, &sorts);
    }
    const qsti_engine_source source = {program->ctx, circuit, readout, noise, &program->opts};
    QSTI_TRY(choose(program, program->opts.noise_method, &source, &create, &program->noise_method));
    status = create(&source, &program->engine);
    if (status == QST_ERR_LIMIT && program->opts.noise_method == QST_NOISE_AUTO && create == qsti_pauli_create) {
        QSTI_TRY(choose(program, QST_NOISE_TRAJECTORIES, &source, &create, &program->noise_method));
        QSTI_TRY(create(&source, &program->engine));
    }
done:
    return status;
}

void qsti_noisy_free(qst_program *program)
{
    if (program->engine.type != NULL)
        program->engine.type->release(program->engine.inside);
    qst_noise_free(program->noise);
}

qst_status qsti_noisy_refuse(const qst_program *program, const char *what)
{
    if (program->engine.type == NULL)
        return QST_OK;
    return qsti_fail(program->ctx, QST_ERR_UNSUPPORTED, "a program with noise has no %s", what);
}

/* --- the public calls --------------------------------------------------------------------------------------------- */

void qst_program_set_draw(qst_program *program, uint64_t draw)
{
    if (program->engine.type != NULL && program->engine.type->set_draw != NULL)
        program->engine.type->set_draw(program->engine.inside, draw);
}

qst_status qst_program_set_noise_strength(qst_program *program, double strength)
{
    if (!isfinite(strength) || strength < 0)
        return qsti_fail(program->ctx, QST_ERR_USAGE, "noise of strength %g: a number >= 0 is wanted", strength);
    if (program->engine.type == NULL)
        return QST_OK;
    return program->engine.type->set_strength(program->engine.inside, strength);
}

void qst_program_describe_noise(const qst_program *program, qst_noise_info *out)
{
    *out = (qst_noise_info){0};
    if (program->engine.type == NULL)
        return;
    program->engine.type->describe(program->engine.inside, out);
    out->method = program->noise_method;
}
