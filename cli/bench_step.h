/* bench_step.h: what a step of training works on, for the kinds that measure one. */
#ifndef CLI_BENCH_STEP_H
#define CLI_BENCH_STEP_H

#include "bench.h"

#define BENCH_STEP_SUMS 8 /* partial sums of the loss, so that they need not wait for each other */

/* As given; data NULL: at random. */
typedef struct bench_step_files {
    qst_tensor inputs, weights, targets;
} bench_step_files;

/* Targets stand by output, since a block wants neighbouring samples of one output. Zero-initialise. */
typedef struct bench_step_case {
    qst_tensor inputs, weights, targets; /* (B, n), (L, n, 3), (B, n); freed by free() */
    double *targets_by_output;           /* (n, B) */
    double *gradient;                    /* (L, n, 3) */
    double sums[BENCH_STEP_SUMS];
    size_t n_outputs, n_rows;
    qst_program *program; /* the caller's, to be set */
    uint64_t draw;        /* of noise: counted up */
} bench_step_case;

/* --inputs, --weights, --targets. Free with bench_step_files_free(). */
qst_status bench_step_read(cli_session *session, bench_step_files *out);
void bench_step_files_free(cli_session *session, bench_step_files *files);
/* Sizes that were not said are those of the files. */
void bench_step_take_sizes(const cli_line *line, const bench_step_files *files, bench_grid *grid);

/* What is not in the files is random: docs/benchmarks.md. Clear in every case. */
qst_status bench_step_create(cli_session *session, const bench_step_files *files, size_t n_qubits, size_t n_layers,
                             size_t batch, bench_step_case *of);
void bench_step_clear(bench_step_case *of);

/* One step of the program of a case, a bench_work_fn. */
qst_status bench_step_run(void *arg);
/* That of the last step. */
double bench_step_loss(const bench_step_case *of);

#endif
