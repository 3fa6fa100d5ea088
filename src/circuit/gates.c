/* gates.c: the gate table and the look-up of names. Unknown names are never guessed. */
#include <string.h>

#include <qstill/circuit.h>

static const qst_gate_info gate_table[] = {
#define QST_GATE(name, n_qubits, n_angles, cx_equivalents, about) {#name, n_qubits, n_angles, cx_equivalents, about},
#include <qstill/gates.def>
#undef QST_GATE
};

/* Names of stdgates.inc and the language itself for gates that the table has under another name. */
static const struct {
    const char *name;
    qst_gate gate;
} aliases[] = {{"CX", QST_GATE_cx}, {"U", QST_GATE_u}, {"phase", QST_GATE_p}, {"cphase", QST_GATE_cp}};

const qst_gate_info *qst_gate_describe(qst_gate gate)
{
    return gate < QST_GATE_COUNT ? &gate_table[gate] : NULL;
}

bool qst_gate_find(const char *name, qst_gate *out)
{
    for (int gate = 0; gate < QST_GATE_COUNT; gate++) {
        if (strcmp(gate_table[gate].name, name) == 0) {
            *out = (qst_gate)gate;
            return true;
        }
    }
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
        if (strcmp(aliases[i].name, name) == 0) {
            *out = aliases[i].gate;
            return true;
        }
    }
    return false;
}
