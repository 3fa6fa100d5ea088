/* sites.h: what acts behind the operations of a circuit that is compiled with noise: Pauli channels, whose errors are
 * drawn later, and fixed rotations.
 */
#ifndef QSTI_SIM_SITES_H
#define QSTI_SIM_SITES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QSTI_SITE_QUBITS 3
/* A qubit of a site that cannot reach the readout. */
#define QSTI_OUTSIDE UINT8_MAX

typedef struct qsti_site {
    uint32_t operation; /* behind which it acts */
    bool rotates;       /* exp(-i angle P / 2); else a Pauli channel */
    uint8_t n_qubits, qubits[QSTI_SITE_QUBITS];
    uint8_t x, z;     /* bit k for qubits[k]. Rotation: P. Channel: whether an error may have X or Y there, Z or Y */
    double angle;     /* rotation */
    uint32_t channel; /* its table (trajectories.c) */
} qsti_site;

/* In ascending order of operations; those of one operation in the order in which they act. */
typedef struct qsti_sites {
    qsti_site *all;
    size_t n;
} qsti_sites;

#endif
