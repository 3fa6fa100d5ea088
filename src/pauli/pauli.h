/* pauli.h: circuits with noise, exactly: density matrices as real Pauli coefficients, samples in lanes. */
#ifndef QSTI_PAULI_PAULI_H
#define QSTI_PAULI_PAULI_H

#include "noise/engine.h"

/* At most 10 qubits. Arithmetic is in double whatever opts.precision is. Gradients are exact also where a channel has
 * no inverse. Errors: ERR_LIMIT with the bytes when a gradient takes more than opts.memory_limit even with the fewest
 * kept states; ERR_UNSUPPORTED for amplitudes as outputs; those of qsti_noise_behind(). */
qsti_engine_create_fn qsti_pauli_create;

#endif
