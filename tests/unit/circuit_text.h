/* circuit_text.h: circuits and readouts as short texts, for the tests of templates. */
#ifndef QSTILL_TESTS_CIRCUIT_TEXT_H
#define QSTILL_TESTS_CIRCUIT_TEXT_H

#include "circuit/circuit.h"
#include "support/support.h"

/* "ry0(w0*x0+w1) cx0,1": gates with their qubits and, in brackets, their angles; coefficients of 1 are left out, others
 * have 4 digits. In a static buffer. */
static inline const char *circuit_text(const qst_circuit *circuit)
{
    static char text[16384];
    size_t at = 0;

#define PRINT(...) at += (size_t)snprintf(text + at, sizeof text - at, __VA_ARGS__)
    text[0] = '\0';
    for (size_t i = 0; i < circuit->n_operations && at + 512 < sizeof text; i++) {
        const qsti_operation *operation = &circuit->operations[i];
        const qst_gate_info *gate = qst_gate_describe((qst_gate)operation->gate);
        PRINT("%s%s", i ? " " : "", gate->name);
        for (int k = 0; k < gate->n_qubits; k++)
            PRINT("%s%d", k ? "," : "", operation->qubits[k]);
        for (int k = 0; k < gate->n_angles; k++) {
            PRINT("(");
            for (uint32_t t = 0; t < operation->angle[k].count; t++) {
                const qst_term *term = &circuit->terms[operation->angle[k].first + t];
                const qst_variable variables[] = {term->a, term->b};
                const char *sign = term->coefficient < 0 ? "" : t ? "+" : "";
                bool plain = term->coefficient == 1 && term->a != QST_ONE;
                PRINT("%s", sign);
                if (!plain)
                    PRINT("%.4g", term->coefficient);
                for (size_t v = 0; v < 2; v++) {
                    if (variables[v] != QST_ONE)
                        PRINT("%s%c%d", plain && v == 0 ? "" : "*", variables[v] > 0 ? 'w' : 'x',
                              variables[v] > 0 ? variables[v] - 1 : -variables[v] - 1);
                }
            }
            PRINT(")");
        }
    }
#undef PRINT
    return text;
}

#endif
