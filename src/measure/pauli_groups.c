/* pauli_groups.c: see pauli_groups.h. */
#include "measure/pauli_groups.h"

/* Whether two Paulis have the same letter wherever both have one. */
static bool agree(qst_pauli a, qst_pauli b)
{
    uint32_t both = (a.x | a.z) & (b.x | b.z);
    return (((a.x ^ b.x) | (a.z ^ b.z)) & both) == 0;
}

qst_status qsti_pauli_groups_find(const qst_readout *readout, qsti_pauli_groups *out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = readout->ctx;
    qsti_pauli_groups groups = {NULL, NULL, 0};
    QSTI_TRY(QSTI_NEW(ctx, readout->n_terms + 1, &groups.bases));
    QSTI_TRY(QSTI_NEW(ctx, readout->n_terms + 1, &groups.of_term));
    groups.n_bases = readout->n_terms > 0 ? 0 : 1;
    for (size_t t = 0; t < readout->n_terms; t++) {
        qst_pauli term = readout->paulis[t];
        size_t g = 0;
        while (g < groups.n_bases && !agree(groups.bases[g], term)) {
            g++;
        }
        groups.n_bases = g == groups.n_bases ? g + 1 : groups.n_bases;
        groups.bases[g].x |= term.x;
        groups.bases[g].z |= term.z;
        groups.of_term[t] = g;
    }
    *out = groups;
    groups = (qsti_pauli_groups){NULL, NULL, 0};
done:
    qsti_pauli_groups_clear(ctx, &groups);
    return status;
}

void qsti_pauli_groups_clear(qst_ctx *ctx, qsti_pauli_groups *groups)
{
    qsti_free(ctx, groups->bases);
    qsti_free(ctx, groups->of_term);
}
