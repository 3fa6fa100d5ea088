/* place_cases.h: devices, circuits and values for the tests of placing. */
#ifndef QSTILL_TESTS_PLACE_CASES_H
#define QSTILL_TESTS_PLACE_CASES_H

#include <qstill/place.h>
#include <qstill/simulate.h>

#include "support/support.h"

/* IBM's files in tests/golden/devices. */
qst_device *cases_ibm(qst_ctx *ctx, const char *name);

/* A device with random errors on every qubit and edge. Pairs are its edges; `entangler` stands from the first to the
 * second alone where it is ecr, else in both directions (cz: once). Each edge is dead with this probability. */
qst_device *cases_random_device(qst_ctx *ctx, uint64_t seed, size_t n_qubits, const size_t (*pairs)[2], size_t n_pairs,
                                const char *entangler, double dead);
/* The edges of a generic device; how many. */
size_t cases_pairs(qst_ctx *ctx, size_t n_qubits, qst_topology topology, size_t (*out)[2]);

/* RY, RX, RZ layers with weights and features between rings, lines or other entanglers, and constant gates. */
qst_circuit *cases_circuit(qst_ctx *ctx, size_t n_qubits, const char *entanglement, size_t reps);

/* Values and gradients by weights of the placed circuit are those of the circuit, within 1e-12. */
void cases_assert_same(qst_ctx *ctx, const qst_circuit *circuit, const qst_placed *placed, const char *const *words,
                       size_t n_words, size_t n_classes);
/* Gates stand on pairs that the device has, none dead; figures fit what the circuit is. */
void cases_assert_fits(const qst_device *device, const qst_placed *placed);

#endif
