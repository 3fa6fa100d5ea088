/* basis.h: the gates that a device has, and what circuits are made of in them. */
#ifndef QSTI_TRANSPILE_BASIS_H
#define QSTI_TRANSPILE_BASIS_H

#include <qstill/circuit.h>

/* How a unitary of one qubit is written: U up to a phase = what the comment says, right-most first. */
typedef enum qsti_local_scheme {
    QSTI_LOCAL_U,   /* U(theta, phi, lambda) */
    QSTI_LOCAL_ZSX, /* RZ SX RZ SX RZ, one SX or X where that is enough [mckay2017] */
    QSTI_LOCAL_ZX,  /* RZ RX RZ */
    QSTI_LOCAL_ZY,  /* RZ RY RZ */
    QSTI_LOCAL_XY,  /* RX RY RX */
    QSTI_LOCAL_R,   /* R R, or RZ R where there is an RZ */
    QSTI_LOCAL_ZH   /* RZ H RZ H RZ */
} qsti_local_scheme;

typedef struct qsti_basis {
    bool has[QST_GATE_COUNT];
    qsti_local_scheme local;
    qst_gate diagonal;  /* rz, p, u1, or GATE_COUNT */
    qst_gate universal; /* u3 or u, of QSTI_LOCAL_U */
    qst_gate entangler; /* cx cz ecr rzz rxx ryy rzx cp cu1, or GATE_COUNT */
    bool is_rotation;   /* the entangler has an angle */
} qsti_basis;

/* Reads "rz,sx,x,cx". Errors: ERR_USAGE for a name that is no gate (with the nearest), an empty list, and a set from
 * which not every unitary of one qubit can be made. Whether an entangler is there is for the caller to ask. */
qst_status qsti_basis_read(qst_ctx *ctx, const char *names, qsti_basis *out);

#endif
