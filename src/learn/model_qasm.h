/* model_qasm.h: the circuit of a saved model as OpenQASM, for other tools; never read back. */
#ifndef QSTI_LEARN_MODEL_QASM_H
#define QSTI_LEARN_MODEL_QASM_H

#include "learn/model.h"

/* Writes FOLDER/circuit.qasm, OpenQASM 3 with an input for each weight and each feature. No file for models without a
 * circuit, and none where the features are prepared as a state, whose gates they would have to be. Errors: ERR_SYSTEM,
 * ERR_MEMORY. */
qst_status qsti_model_write_qasm(const qst_model *model, const char *folder);

#endif
