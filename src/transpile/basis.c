/* basis.c: reads a list of gates and finds out how to write circuits in it. */
#include "transpile/basis.h"

#include <string.h>

#include "base/text.h"

/* Entanglers in no order of preference: the first in the user's list is taken. */
static const qst_gate entanglers[] = {QST_GATE_cx,  QST_GATE_cz,  QST_GATE_ecr, QST_GATE_rzz, QST_GATE_rxx,
                                      QST_GATE_ryy, QST_GATE_rzx, QST_GATE_cp,  QST_GATE_cu1};

static bool is_entangler(qst_gate gate)
{
    for (size_t i = 0; i < sizeof entanglers / sizeof *entanglers; i++) {
        if (entanglers[i] == gate)
            return true;
    }
    return false;
}

static qst_status read_names(qst_ctx *ctx, const char *names, qsti_basis *basis)
{
    const char *known[QST_GATE_COUNT];
    for (int gate = 0; gate < QST_GATE_COUNT; gate++)
        known[gate] = qst_gate_describe((qst_gate)gate)->name;
    for (const char *at = names;;) {
        size_t length = strcspn(at, ",");
        char name[32] = "";
        qst_gate gate;
        if (length < sizeof name)
            memcpy(name, at, length);
        if (!qst_gate_find(name, &gate)) {
            const char *near = qsti_nearest(name, known, QST_GATE_COUNT);
            if (near == NULL)
                return qsti_fail(ctx, QST_ERR_USAGE, "basis: \"%.*s\" is no gate", (int)(length < 64 ? length : 64),
                                 at);
            return qsti_fail(ctx, QST_ERR_USAGE, "basis: \"%s\" is no gate; did you mean \"%s\"?", name, near);
        }
        basis->has[gate] = true;
        if (basis->entangler == QST_GATE_COUNT && is_entangler(gate))
            basis->entangler = gate;
        if (at[length] == '\0')
            return QST_OK;
        at += length + 1;
    }
}

/* The scheme with the fewest gates for what is there; false when nothing is universal. */
static bool choose_scheme(qsti_basis *basis)
{
    const bool *has = basis->has;
    basis->diagonal = has[QST_GATE_rz]   ? QST_GATE_rz
                      : has[QST_GATE_p]  ? QST_GATE_p
                      : has[QST_GATE_u1] ? QST_GATE_u1
                                         : QST_GATE_COUNT;
    bool diagonal = basis->diagonal != QST_GATE_COUNT;
    basis->universal = has[QST_GATE_u3] ? QST_GATE_u3 : has[QST_GATE_u] ? QST_GATE_u : QST_GATE_COUNT;
    if (basis->universal != QST_GATE_COUNT)
        basis->local = QSTI_LOCAL_U;
    else if (diagonal && has[QST_GATE_sx])
        basis->local = QSTI_LOCAL_ZSX;
    else if (has[QST_GATE_r])
        basis->local = QSTI_LOCAL_R;
    else if (diagonal && has[QST_GATE_ry])
        basis->local = QSTI_LOCAL_ZY;
    else if (diagonal && has[QST_GATE_rx])
        basis->local = QSTI_LOCAL_ZX;
    else if (has[QST_GATE_rx] && has[QST_GATE_ry])
        basis->local = QSTI_LOCAL_XY;
    else if (diagonal && has[QST_GATE_h])
        basis->local = QSTI_LOCAL_ZH;
    else
        return false;
    return true;
}

qst_status qsti_basis_read(qst_ctx *ctx, const char *names, qsti_basis *out)
{
    qsti_basis basis = {.entangler = QST_GATE_COUNT};
    qst_status status = read_names(ctx, names, &basis);
    if (status != QST_OK)
        return status;
    if (!choose_scheme(&basis)) {
        return qsti_fail(
            ctx, QST_ERR_USAGE,
            "basis: \"%s\" is not complete: not every gate on one qubit can be made of it; add u, r, rx and "
            "ry, or rz (p, u1) with one of sx, rx, ry, h",
            names);
    }
    basis.is_rotation = basis.entangler != QST_GATE_COUNT && qst_gate_describe(basis.entangler)->n_angles == 1;
    *out = basis;
    return QST_OK;
}
