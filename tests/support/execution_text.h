/* execution_text.h: circuits written down in a test as OpenQASM, and what their outcomes came to. */
#ifndef QSTILL_TESTS_EXECUTION_TEXT_H
#define QSTILL_TESTS_EXECUTION_TEXT_H

#include <qstill/execute.h>
#include <qstill/qasm.h>

#include "support/support.h"

#define HEAD "OPENQASM 2.0;\ninclude \"qelib1.inc\";\n"

static inline qst_assembly *parse(qst_ctx *ctx, const char *text)
{
    qst_assembly *assembly = NULL;
    assert_ok(ctx, qst_qasm_parse(ctx, "test", text, strlen(text), NULL, NULL, &assembly));
    return assembly;
}

/* The probability of the outcome that is written as `key`; 0 when it did not come. */
static inline double probability(const qst_outcomes *outcomes, const char *key)
{
    char text[128];
    for (size_t i = 0; i < qst_outcomes_number(outcomes); i++) {
        qst_outcomes_key(outcomes, i, text);
        if (strcmp(text, key) == 0) {
            return qst_outcomes_probability(outcomes, i);
        }
    }
    return 0;
}

#endif
