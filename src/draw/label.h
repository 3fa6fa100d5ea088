/* label.h: what stands in and beside the boxes of a drawing: the action behind an instruction, names and angles. */
#ifndef QSTI_DRAW_LABEL_H
#define QSTI_DRAW_LABEL_H

#include <qstill/assembly.h>

#include "base/text.h"

/* How an angle of an action comes from one of its instruction: sign * angle[from] + shift. */
typedef struct qsti_action_angle {
    size_t from;
    double sign, shift;
} qsti_action_angle;

/* What an instruction does once its controls and its inverse are taken apart: "ctrl @ cx" is x with two controls,
 * "inv @ rx(t)" is rx(-t). */
typedef struct qsti_action {
    qst_instruction instruction;
    bool is_gate;                                  /* of gates.def; else a call, or no gate at all */
    qst_gate gate;                                 /* without its controls */
    bool dagger;                                   /* the inverse of what has no name of its own for it */
    size_t n_controls;                             /* of the leading qubits */
    qsti_action_angle angles[QST_MAX_GATE_ANGLES]; /* is_gate */
} qsti_action;

/* of_qasm2: a call of a definition with the name of a gate of Qiskit's qelib1.inc is that gate. */
void qsti_action_of(const qst_assembly *assembly, bool of_qasm2, size_t index, qsti_action *out);

/* Whether it is a phase of the whole state, which stands on no wire. */
bool qsti_action_is_phase(const qsti_action *action);

/* Appends a name that a stranger gave: at most 64 characters, nothing that moves the cursor. ascii: other characters
 * become their number, "u03b8". */
void qsti_label_name(qsti_text *out, const char *name, bool ascii);

/* How numbers are written. */
typedef struct qsti_number_form {
    bool ascii;   /* "pi" instead of the letter */
    int digits;   /* that are significant, for what is no fraction of pi */
    int decimals; /* >= 0: that many behind the point instead, and no fractions of pi */
} qsti_number_form;

/* A number as Qiskit's drawings write it: a fraction of pi, or the inverse of one, with numerator and denominator up to
 * 99, when there is one within 1e-9. */
void qsti_label_number(qsti_text *out, double value, const qsti_number_form *form);

/* Angle number `index` of an action. */
void qsti_label_angle(qsti_text *out, const qst_assembly *assembly, const qsti_action *action, size_t index,
                      const qsti_number_form *form);

/* "(pi/2,0.3)", or nothing for no angles; `between` stands between them. */
void qsti_label_angles(qsti_text *out, const qst_assembly *assembly, const qsti_action *action, const char *between,
                       const qsti_number_form *form);

/* Characters of the first n_bytes bytes of a UTF-8 string. */
size_t qsti_label_width(const char *text, size_t n_bytes);

#endif
