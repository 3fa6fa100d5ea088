/* density.h: what a run on a device gave. */
#ifndef QSTI_SIM_DENSITY_H
#define QSTI_SIM_DENSITY_H

#include <complex.h>

#include "sim/noisy_circuit.h"

struct qst_density {
    qst_ctx *ctx;
    const qst_assembly *assembly;
    const qst_device *device;
    double temperature_mk;
    qst_readout_model readout;
    qsti_noisy_circuit circuit;
    double complex *matrix; /* (2^k, 2^k) row-major */
};

#endif
