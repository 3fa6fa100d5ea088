/* dense_noise.h: noise on small density matrices by sums over Kraus operators, for tests: nothing of src/ computes
 * here.
 */
#ifndef QSTILL_TESTS_DENSE_NOISE_H
#define QSTILL_TESTS_DENSE_NOISE_H

#include "noise/engine.h"
#include "ref/ref.h"
#include "support/support.h"

#define DENSE_MAX_QUBITS 3

/* A complex matrix (2^n, 2^n), not only states: channels are linear. Element (i, j) stands at i + j 2^n. */
typedef struct dense {
    size_t n;
    ref_complex rho[1 << (2 * DENSE_MAX_QUBITS)];
} dense;

void dense_random(ref_rng *rng, size_t n, dense *out);
/* rho -> sum_k K rho K^dagger, operators (n_operators, 2^k, 2^k) row-major on qubits[0..k). */
void dense_kraus(dense *at, const ref_complex *operators, size_t n_operators, size_t k, const size_t *qubits);
void dense_gate(dense *at, const char *gate, const double *angles, const size_t *qubits);
/* An elementary channel by its definition in noise/noise.h. */
void dense_event(dense *at, const qsti_noise_event *event);
double dense_distance(const dense *a, const dense *b);

#define MOST_EVENTS 40
typedef struct event_list {
    size_t n;
    qsti_noise_event events[MOST_EVENTS];
} event_list;
/* The events behind the only gate of a circuit on `n` qubits. */
qst_status events_behind(qst_ctx *ctx, const qst_noise *noise, double strength, size_t n, qst_gate gate,
                         const size_t *qubits, event_list *out);
void dense_events(dense *at, const event_list *list);

/* A model of one rule. */
qst_noise *noise_of(qst_ctx *ctx, const qst_noise_rule *rule);

#endif
