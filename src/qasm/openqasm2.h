/* openqasm2.h: between the grammar, the scanner and the rest of the reader of OpenQASM 2. */
#ifndef QSTI_QASM_OPENQASM2_H
#define QSTI_QASM_OPENQASM2_H

#include "qasm/reading.h"

#define QSTI_QASM_PI            3.14159265358979323846
#define QSTI_QASM2_MAX_EXPECTED 5

/* For the scanner. The token's place; the token is remembered for messages. */
qsti_qasm_at qsti_qasm2_token(qsti_qasm_reading *reading, const char *bytes, uint32_t n_bytes);
/* One more parenthesis is open. False, with the message given, at the limit. */
bool qsti_qasm2_nest(qsti_qasm_reading *reading, qsti_qasm_at at);
/* The last token begins with a capital letter. */
void qsti_qasm2_fail_capital(qsti_qasm_reading *reading, qsti_qasm_at at);

/* For the grammar. */
void qsti_qasm2_note_statement(qsti_qasm_reading *reading);
qst_status qsti_qasm2_check_version(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_at at_number,
                                    qsti_qasm_word number);
qst_status qsti_qasm2_include(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_at at_name, qsti_qasm_word name);
qst_status qsti_qasm2_declare(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name, qsti_qasm_at at_size,
                              qsti_qasm_word size, bool is_bits);
qst_status qsti_qasm2_add_element(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name, bool is_bits,
                                  qsti_qasm_at at_index, qsti_qasm_word index);
qst_status qsti_qasm2_begin_condition(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name,
                                      qsti_qasm_at at_value, qsti_qasm_word value);
qst_status qsti_qasm2_variable(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name);
/* asin, acos and atan are functions of Qiskit's: names like others, which a parameter may hide. */
qst_status qsti_qasm2_find_function(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name,
                                    qst_operator *out);
void qsti_qasm2_fail_syntax(qsti_qasm_reading *reading, qsti_qasm_at at, bool is_end, const char *const *expected,
                            size_t n_expected);
void qsti_qasm2_fail_nesting(qsti_qasm_reading *reading, qsti_qasm_at at);

#endif
