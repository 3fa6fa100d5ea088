/* bench.h: the measurements of `qstill bench`, one file a kind, and what they share. */
#ifndef CLI_BENCH_H
#define CLI_BENCH_H

#include "session.h"

/* --- one call ----------------------------------------------------------------------------------------------------- */

typedef struct bench_call {
    cli_session *session;
    cli_result *out; /* standard output, or with --json a text in memory */
    double seconds;  /* to spend on a row */
    double start_s;  /* processor time of this process before the command began */
    bool json;
    bool all_kinds;        /* rows are members of one object */
    bool machine_is_shown; /* above the first table */
    unsigned optimize_off;
    bool has_peaks[2];
    qst_peaks peaks[2]; /* by qst_precision, measured when first asked for */
} bench_call;

/* The values of a parameter to go through. */
typedef struct bench_list {
    size_t values[CLI_MAX_COUNTS], n;
} bench_list;

/* What to measure; the kinds take what concerns them. */
typedef struct bench_grid {
    bench_list qubits, layers, batch;
    qst_precision precisions[2];
    size_t n_precisions;
} bench_grid;

/* The kinds. Each prints its rows as they are done. */
qst_status bench_train(bench_call *call, const bench_grid *grid);
qst_status bench_state(bench_call *call, const bench_grid *grid);
qst_status bench_e2e(bench_call *call, const bench_grid *grid);
qst_status bench_network(bench_call *call, const bench_grid *grid);
qst_status bench_noise(bench_call *call, const bench_grid *grid);

/* --- measuring: bench_measure.c ----------------------------------------------------------------------------------- */

/* The machine's peaks in this precision, of this run. */
qst_status bench_peaks(bench_call *call, qst_precision precision, const qst_peaks **out);

typedef qst_status bench_work_fn(void *arg);

typedef struct bench_time {
    double least_ms, median_ms;
    size_t n; /* repetitions */
} bench_time;

/* Warms up, then runs `work` again and again for call->seconds, at least 3 times. Errors: those of the work, and
 * ERR_INTERRUPTED. */
qst_status bench_repeat(const bench_call *call, bench_work_fn *work, void *arg, bench_time *out);

/* Milliseconds since some fixed point. */
double bench_now_ms(void);

/* values[0..n) uniform in [low, high): splitmix64 from `seed`, its upper 53 bits / 2^53. */
void bench_random(uint64_t seed, double low, double high, double *values, size_t n);
/* The next number of splitmix64. */
uint64_t bench_random_next(uint64_t *state);

/* --- circuits: bench_circuits.c ----------------------------------------------------------------------------------- */

/* Each layer: RY(feature q) on each q, RX RY RZ by weights (layer, q, 0..2) on each q, CX(q, q+1 mod n) for q = 0..n-1
 * (none for one qubit); all <Z_k>. */
qst_status bench_circuit_train(qst_ctx *ctx, size_t n_qubits, size_t n_layers, qst_circuit **out_circuit,
                               qst_readout **out_readout);

/* The circuits of wide states, without features: --kind hea and qv. */
typedef enum bench_state_kind { BENCH_HEA, BENCH_QV, BENCH_STATE_KIND_COUNT } bench_state_kind;

typedef struct bench_state_info {
    const char *name;
    size_t n_angles; /* weights of a unit: of a qubit in hea, of a pair in qv */
    bool pairs;      /* a layer has n / 2 units, not n */
} bench_state_info;
extern const bench_state_info bench_state_kinds[BENCH_STATE_KIND_COUNT];

/* What a layer holds. */
size_t bench_state_units(bench_state_kind kind, size_t n_qubits);

/* hea: each layer RY(w[l,q,0]), RZ(w[l,q,1]) on each q, then CZ(q, q+1). qv: each layer a random order of the qubits
 * (fixed by n_qubits) and on each two neighbours in it an SU(4) with 15 weights: u3, u3, rxx, ryy, rzz, u3, u3. */
qst_status bench_circuit_state(qst_ctx *ctx, bench_state_kind kind, size_t n_qubits, size_t n_layers,
                               qst_circuit **out);
/* <Z_0>, or the sum of all <Z_q>. */
qst_status bench_observable(qst_ctx *ctx, size_t n_qubits, bool sum, qst_readout **out);

/* --- arrays from files: bench_arrays.c ---------------------------------------------------------------------------- */

/* The array of an option when it was given; else data NULL. */
qst_status bench_read_array(cli_session *session, cli_option option, qst_tensor *out);
/* A size that was not said is that of a file; 0: there is none. */
void bench_take_size(const cli_line *line, cli_option option, size_t from_file, bench_list *list);
/* The product of the shape. */
size_t bench_count(const qst_tensor *shape);
/* Gives `array`, whose shape is set, new memory (free()) with the values of the file, or without one random ones in
 * [-bound, bound). Errors: ERR_MISMATCH when the file has another shape; one of two dimensions, as CSV has them, may
 * hold all behind the first as columns. */
qst_status bench_fill_array(cli_session *session, cli_option option, const qst_tensor *file, uint64_t seed,
                            double bound, qst_tensor *array);
/* Writes it to --gradient-out, when that was given. */
qst_status bench_write_gradient(cli_session *session, const qst_tensor *gradient);

/* --- printing: bench_print.c -------------------------------------------------------------------------------------- */

/* The rows of one kind. */
typedef struct bench_rows {
    cli_result *out;
    bool json, is_array;
    size_t n_rows, n_fields; /* so far; of the row */
} bench_rows;

/* With the first row come `head`, above it the machine when it was not shown yet; with --json several rows are an
 * array, and what there is of a kind is a member of the whole when all kinds run. */
void bench_rows_begin(bench_rows *rows, bench_call *call, const char *kind, size_t n_rows, const char *head);
void bench_rows_end(bench_rows *rows);
/* One row: with --json fields between begin and end; else a line of the table, printed by the kind. */
void bench_row_begin(bench_rows *rows);
void bench_put_number(bench_rows *rows, const char *name, double value);
void bench_put_whole(bench_rows *rows, const char *name, size_t value);
void bench_put_truth(bench_rows *rows, const char *name, bool value);
void bench_put_text(bench_rows *rows, const char *name, const char *value);
void bench_row_end(bench_rows *rows);
/* The machine as a JSON object: instruction set, threads, and the peaks that are known. */
void bench_print_machine(const bench_call *call);

const char *bench_precision_name(qst_precision precision);

#endif
