/* transpile.c: the way of a circuit through the passes.
 *
 * dissolve -> fold -> (mirror -> fold) -> search over layouts and routes, each finalist folded on the device -> emit.
 * See docs/transpiling.md. */
#include <qstill/transpile.h>

#include "assembly/assembly.h"
#include "transpile/dissolve.h"
#include "transpile/emitter.h"
#include "transpile/mirror.h"
#include "transpile/search.h"

/* What each level does. */
static const struct {
    qsti_fold_opts fold;
    bool mirror, trivial;
    size_t trials, budget, finalists;
} levels[] = {
    [QST_TRANSPILE_NONE] = {{false, false}, false, true, 1, 0, 1},
    [QST_TRANSPILE_BLOCKS] = {{true, false}, false, false, 8, 1000000, 1},
    [QST_TRANSPILE_COMMUTE] = {{true, true}, true, false, 30, 3000000, 4},
    [QST_TRANSPILE_SEARCH] = {{true, true}, true, false, 600, 4000000, 24},
};

typedef struct job {
    qst_ctx *ctx;
    const qst_assembly *assembly;
    const qst_transpile_opts *opts;
    qsti_basis basis;
    qsti_coupling coupling;
    qsti_store store;
    qsti_sequence sequence;
    uint32_t *at; /* (n_qubits): the wire on which a qubit ends */
    qst_placement layout;
} job;

static qst_status dissolve(job *j)
{
    const size_t n = qst_assembly_qubits(j->assembly);
    const bool mirror = levels[j->opts->level].mirror;
    const qsti_fold_opts fold_opts = levels[j->opts->level].fold;
    qsti_fold *fold = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(j->ctx, n, &j->at));
    for (uint32_t i = 0; i < n; i++)
        j->at[i] = i;
    QSTI_TRY(qsti_fold_begin(&j->store, n, fold_opts, &fold));
    QSTI_TRY(qsti_dissolve(j->assembly, mirror, fold, &j->store, j->at));
    status = qsti_fold_finish(fold, &j->sequence, NULL);
    fold = NULL;
    QSTI_TRY(status);
    if (fold_opts.merge)
        QSTI_TRY(qsti_fold_until_stable(&j->sequence, fold_opts));
    if (mirror)
        QSTI_TRY(qsti_mirror(&j->sequence, fold_opts, j->at));
done:
    qsti_fold_abandon(fold);
    return status;
}

/* Routes when there is a map; fills the layout. */
static qst_status place(job *j)
{
    const size_t n = qst_assembly_qubits(j->assembly), n_device = j->coupling.n_qubits == 0 ? n : j->coupling.n_qubits;
    qsti_sequence routed = {.store = &j->store};
    uint32_t *final = NULL;
    qst_status status = QST_OK;
    j->layout.n_qubits = n;
    j->layout.n_device_qubits = n_device;
    QSTI_TRY(QSTI_NEW(j->ctx, n_device, &j->layout.initial));
    QSTI_TRY(QSTI_NEW(j->ctx, n_device, &j->layout.final));
    QSTI_TRY(QSTI_NEW(j->ctx, n_device, &final));
    if (j->coupling.n_qubits == 0) {
        for (uint32_t i = 0; i < n; i++)
            j->layout.initial[i] = final[i] = i;
    } else {
        const qsti_search_opts opts = {.seed = j->opts->seed,
                                       .most_trials = levels[j->opts->level].trials,
                                       .budget = levels[j->opts->level].budget,
                                       .finalists = levels[j->opts->level].finalists,
                                       .trivial = levels[j->opts->level].trivial || j->opts->keep_layout,
                                       .keep = j->opts->keep_layout,
                                       .fold = levels[j->opts->level].fold};
        QSTI_TRY(qsti_search(&j->sequence, j->assembly, &j->coupling, &opts, &routed, j->layout.initial, final,
                             &j->layout.trials, &j->layout.exchanges));
        qsti_sequence_clear(&j->sequence);
        j->sequence = routed;
        routed = (qsti_sequence){.store = &j->store};
    }
    for (size_t i = 0; i < n_device; i++)
        j->layout.final[i] = final[i < n ? j->at[i] : i];
done:
    qsti_sequence_clear(&routed);
    qsti_free(j->ctx, final);
    return status;
}

static qst_status add_registers(const job *j, qst_assembly_builder *builder)
{
    qst_register place;
    qst_status status = QST_OK;
    if (j->coupling.n_qubits != 0)
        QSTI_TRY(qst_assembly_add_qubits(builder, "q", j->coupling.n_qubits));
    for (size_t i = 0; j->coupling.n_qubits == 0 && i < qst_assembly_qubit_registers(j->assembly); i++) {
        qst_assembly_qubit_register(j->assembly, i, &place);
        QSTI_TRY(qst_assembly_add_qubits(builder, place.name, place.size));
    }
    for (size_t i = 0; i < qst_assembly_bit_registers(j->assembly); i++) {
        qst_assembly_bit_register(j->assembly, i, &place);
        QSTI_TRY(qst_assembly_add_bits(builder, place.name, place.size));
    }
    for (size_t i = 0; i < qst_assembly_parameters(j->assembly); i++)
        QSTI_TRY(qst_assembly_add_parameter(builder, qst_assembly_parameter(j->assembly, i)));
done:
    return status;
}

static qst_status emit(const job *j, qst_assembly **out)
{
    qst_assembly_builder *builder = NULL;
    qst_status status = qst_assembly_begin(j->ctx, &builder);
    if (status != QST_OK)
        return status;
    QSTI_TRY(add_registers(j, builder));
    QSTI_TRY(qsti_emit(j->ctx, &j->sequence, &j->basis, &j->coupling, builder));
    return qst_assembly_finish(builder, out);
done:
    qst_assembly_abandon(builder);
    return status;
}

qst_status qst_transpile(const qst_assembly *assembly, const qst_transpile_opts *opts, qst_assembly **out,
                         qst_placement *out_layout)
{
    const qst_transpile_opts usual = {.level = QST_TRANSPILE_SEARCH};
    job j = {.ctx = assembly->ctx, .assembly = assembly, .opts = opts == NULL ? &usual : opts};
    qst_status status = QST_OK;
    j.store.ctx = j.ctx;
    j.sequence.store = &j.store;
    if ((unsigned)j.opts->level > QST_TRANSPILE_SEARCH)
        return qsti_fail(j.ctx, QST_ERR_USAGE, "optimize: %d is not in 0..3", (int)j.opts->level);
    QSTI_TRY(qsti_basis_read(j.ctx, j.opts->basis == NULL ? "rz,sx,x,cx" : j.opts->basis, &j.basis));
    QSTI_TRY(qsti_coupling_read(j.ctx, j.opts->coupling == NULL ? "full" : j.opts->coupling,
                                qst_assembly_qubits(assembly), &j.coupling));
    QSTI_TRY(dissolve(&j));
    QSTI_TRY(place(&j));
    QSTI_TRY(emit(&j, out));
    if (out_layout != NULL) {
        *out_layout = j.layout;
        j.layout = (qst_placement){0};
    }
done:
    qst_placement_clear(assembly, &j.layout);
    qsti_free(j.ctx, j.at);
    qsti_sequence_clear(&j.sequence);
    qsti_store_clear(&j.store);
    qsti_coupling_clear(j.ctx, &j.coupling);
    return status;
}

void qst_placement_clear(const qst_assembly *assembly, qst_placement *layout)
{
    qsti_free(assembly->ctx, layout->initial);
    qsti_free(assembly->ctx, layout->final);
    *layout = (qst_placement){0};
}
