/* embedding.h: where on the device a form lies best: all ways to put its interactions on edges, compared. */
#ifndef QSTI_PLACE_EMBEDDING_H
#define QSTI_PLACE_EMBEDDING_H

#include "place/form.h"

typedef struct qsti_embedding {
    uint32_t *place; /* (n_wires) the device's qubit of each wire; NULL: there is no way */
    size_t native;   /* the form's, that runs there */
    double log;      /* of the expected fidelity */
    double second;   /* of the best on other qubits; -INFINITY: none */
    size_t n_scored; /* ways that were compared */
    bool complete;   /* there are no others that could be better */
} qsti_embedding;

/* Errors: those of qst_transpile(). Free out->place. */
qst_status qsti_embed(qsti_form *form, qsti_embedding *out);

#endif
