/* sim_case.h: a circuit with its readout and program, numbers to run it on, and comparison with the reference; for all
 * tests of the simulator. */
#ifndef QSTILL_TESTS_SIM_CASE_H
#define QSTILL_TESTS_SIM_CASE_H

#include <qstill/simulate.h>

#include "ref/ref.h"
#include "support/support.h"

#define SIM_PI 3.14159265358979323846

/* Fails the test, with a printed explanation, unless worst <= tolerance; NaN fails. */
#define sim_assert_within(worst, tolerance, ...)                                      \
    do {                                                                              \
        double sim_worst_ = (worst);                                                  \
        if (!(sim_worst_ <= (tolerance))) {                                           \
            print_error("difference %.3g > %.3g: ", sim_worst_, (double)(tolerance)); \
            print_error(__VA_ARGS__);                                                 \
            print_error("\n");                                                        \
            fail();                                                                   \
        }                                                                             \
    } while (0)

/* max |a_i - b_i|; infinity when one is NaN. */
double sim_distance(const double *a, const double *b, size_t n);
/* The same, each difference divided by max(1, |b_i|). */
double sim_relative_distance(const double *a, const double *b, size_t n);
double sim_complex_distance(const double complex *a, const double complex *b, size_t n);

/* --- circuits ----------------------------------------------------------------------------------------------------- */

/* Builds circuits by one line a gate; a failure ends the test. */
typedef struct sim_builder {
    qst_ctx *ctx;
    qst_circuit_builder *builder;
} sim_builder;
sim_builder sim_begin(qst_ctx *ctx, size_t n_qubits, size_t n_features, size_t n_weights, qst_preparation preparation);
void sim_add(sim_builder *to, qst_gate gate, const size_t *qubits, const qst_angle *angles);
/* A gate with constant angles. */
void sim_add_fixed(sim_builder *to, qst_gate gate, const size_t *qubits, const double *angles);
qst_circuit *sim_finish(sim_builder *from);

/* u(...) with random constant angles on every qubit, and CX from each to the next when there is one. */
void sim_scramble(sim_builder *to, size_t n_qubits, ref_rng *rng);

/* --- cases -------------------------------------------------------------------------------------------------------- */

typedef struct sim_case {
    qst_ctx *ctx;
    qst_circuit *circuit;
    qst_readout *readout;
    qst_program *program;
    qst_preparation preparation;
    size_t n_qubits, n_features, n_weights, n_outputs;
} sim_case;

/* Takes circuit and readout; the program is compiled as usual, or with these options. */
sim_case sim_open(qst_ctx *ctx, qst_circuit *circuit, qst_readout *readout, qst_precision precision);
sim_case sim_open_with(qst_ctx *ctx, qst_circuit *circuit, qst_readout *readout, const qst_compile_opts *opts);
/* The same circuit and readout compiled otherwise. */
void sim_recompile(sim_case *of, const qst_compile_opts *opts);
void sim_close(sim_case *from);

/* A readout of words divided by blanks ("z zz 0.5*XX"). */
qst_readout *sim_words(qst_ctx *ctx, size_t n_qubits, const char *words, size_t n_classes);
/* Number 0..SIM_READOUTS-1: random Pauli sums, each kind of word, and outcomes grouped in every way. */
#define SIM_READOUTS 8
qst_readout *sim_readout(qst_ctx *ctx, size_t number, size_t n_qubits, uint64_t seed);
/* What no output of it can exceed: random sums are of up to three terms with coefficients in -2..2. */
double sim_readout_bound(size_t number);

/* Samples of a case with random values, and room for results; cotangents are in -1..1. */
typedef struct sim_run {
    size_t n_rows;
    double *weights, *x, *cotangent;      /* (P), (B, d), (B, K) */
    double *values, *out_weights, *out_x; /* (B, K), (P), (B, d) */
} sim_run;
sim_run sim_draw(const sim_case *of, uint64_t seed, size_t n_rows);
void sim_run_free(sim_run *run);

qst_const_matrix sim_x(const sim_case *of, const sim_run *run);
qst_const_matrix sim_cotangent(const sim_case *of, const sim_run *run);
qst_matrix sim_values(const sim_case *of, const sim_run *run);
qst_matrix sim_out_x(const sim_case *of, const sim_run *run);

/* Fill values; fill values, out_weights and out_x; fill out_weights and out_x by parameter shift. */
void sim_forward(const sim_case *of, sim_run *run);
void sim_vjp(const sim_case *of, sim_run *run);
void sim_shift(const sim_case *of, sim_run *run, bool want_x);
/* sim_vjp() by way of qst_program_step(), with sums over rows and outputs: how many there are, cotangent * value, and
 * how many blocks. */
#define SIM_SUMS 3
void sim_step(const sim_case *of, sim_run *run, double *out_sums);
/* The function of a block that sim_step() uses; its user is this. */
typedef struct sim_step_work {
    const sim_case *of;
    sim_run *run;
} sim_step_work;
void sim_step_block(void *user, const qst_block *block);

/* What the reference says the values are: out (B, K). */
void sim_reference_values(const sim_case *of, const sim_run *run, double *out);

/* The largest difference between the program's and the reference's state for the first row. */
double sim_state_error(const sim_case *of, const sim_run *run);

/* malloc, zeroed, never NULL. */
void *sim_allocate(size_t count, size_t item_bytes);

#endif
