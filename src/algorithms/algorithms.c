/* algorithms.c: the list of algorithms, and what their options have in common. */
#include <qstill/algorithms.h>

#include "algorithms/writing.h"
#include "circuit/names.h"

static const qst_algorithm_info infos[] = {
#define QST_ALGORITHM(name, about) {#name, about},
#include <qstill/algorithms.def>
#undef QST_ALGORITHM
};
#define N_ALGORITHMS (sizeof infos / sizeof *infos)

typedef qst_status build_fn(qst_ctx *ctx, const qst_algorithm_opts *opts, qst_assembly **out);

static build_fn *const builds[N_ALGORITHMS] = {
#define QST_ALGORITHM(name, about) qsti_build_##name,
#include <qstill/algorithms.def>
#undef QST_ALGORITHM
};

size_t qst_algorithms(const qst_algorithm_info **out)
{
    *out = infos;
    return N_ALGORITHMS;
}

qst_status qsti_check_qubits(qst_ctx *ctx, const qst_algorithm_opts *opts, size_t least, size_t most)
{
    if (opts->qubits >= least && opts->qubits <= most)
        return QST_OK;
    return qsti_fail(ctx, QST_ERR_USAGE, "%s: %zu qubits: %zu..%zu are taken", opts->name, opts->qubits, least, most);
}

qst_status qst_algorithm(qst_ctx *ctx, const qst_algorithm_opts *opts, qst_assembly **out)
{
    const char *names[N_ALGORITHMS];
    size_t found = 0;
    for (size_t a = 0; a < N_ALGORITHMS; a++)
        names[a] = infos[a].name;
    qst_status status = qsti_name_find(ctx, "algorithm", opts->name, names, N_ALGORITHMS, &found);
    return status == QST_OK ? builds[found](ctx, opts, out) : status;
}
