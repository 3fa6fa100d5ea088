/* sample.c: basis states measured after a circuit.
 *
 * Shot i has the i-th number u_i of a stream of uniform numbers; its state is the one in whose part of the cumulative
 * sum of probabilities, in the order of the basis states, u_i times the whole sum lies. So shots are sorted and merged
 * with the sums: of pieces of consecutive states first, then of the states in the pieces that have shots. A pure
 * function of probabilities and seed, whatever the number of threads; O(2^n + shots log shots).
 */
#include "sim/sample.h"

#include <complex.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/threads.h"
#include "sim/noisy.h"
#include "sim/wide.h"

typedef struct shot {
    double at; /* in 0 .. the sum of all */
    size_t number;
} shot;

typedef struct sampling {
    qsti_probabilities_fn *fn;
    const void *user;
    size_t n;      /* states of a piece */
    double *sums;  /* (pieces + 1): of each, then of all before each */
    size_t *first; /* (pieces + 1): shots in front of each piece */
    shot *shots;
    uint32_t *out;
} sampling;

static int compare(const void *a, const void *b)
{
    const shot *s = a, *t = b;
    if (s->at != t->at)
        return s->at < t->at ? -1 : 1;
    return s->number < t->number ? -1 : s->number > t->number;
}

static void sum_piece(void *arg, size_t piece, int worker)
{
    const sampling *of = arg;
    double values[QSTI_SAMPLE_PIECE], sum = 0;
    (void)worker;
    of->fn(of->user, piece * of->n, of->n, values);
    for (size_t i = 0; i < of->n; i++)
        sum += values[i];
    of->sums[piece] = sum;
}

/* The states of one piece's shots. A state without probability gets none, whatever the sums are rounded to. */
static void place_shots(void *arg, size_t piece, int worker)
{
    const sampling *of = arg;
    double values[QSTI_SAMPLE_PIECE], sum = of->sums[piece];
    size_t last = 0, state = 0;
    (void)worker;
    if (of->first[piece] == of->first[piece + 1])
        return;
    of->fn(of->user, piece * of->n, of->n, values);
    for (size_t i = 0; i < of->n; i++)
        last = values[i] > 0 ? i : last;
    for (size_t s = of->first[piece]; s < of->first[piece + 1]; s++) {
        while (state < last && (values[state] <= 0 || of->shots[s].at >= sum + values[state]))
            sum += values[state++];
        of->out[of->shots[s].number] = (uint32_t)(piece * of->n + state);
    }
}

/* Sums of pieces -> sums of all in front of them, and how many shots these have. The last piece with any probability
 * takes what rounding leaves over. */
static void share_shots(sampling *of, size_t n_pieces, uint64_t seed, size_t n_shots)
{
    qsti_rng rng = qsti_rng_init(seed, QSTI_PURPOSE_SHOTS, 0, 0);
    double before = 0;
    size_t last = 0, next = 0;
    for (size_t piece = 0; piece < n_pieces; piece++) {
        double sum = of->sums[piece];
        last = sum > 0 ? piece : last;
        of->sums[piece] = before;
        before += sum;
    }
    of->sums[n_pieces] = before;
    for (size_t i = 0; i < n_shots; i++)
        of->shots[i] = (shot){qsti_rng_uniform(&rng) * before, i};
    qsort(of->shots, n_shots, sizeof *of->shots, compare);
    for (size_t piece = 0; piece < n_pieces; piece++) {
        of->first[piece] = next;
        while (next < n_shots && (piece == last || of->shots[next].at < of->sums[piece + 1]))
            next++;
    }
    of->first[n_pieces] = n_shots;
}

qst_status qsti_sample(qst_ctx *ctx, size_t dim, qsti_probabilities_fn *fn, const void *user, uint64_t seed,
                       size_t n_shots, uint32_t *out)
{
    qst_status status = QST_OK;
    sampling of = {.fn = fn, .user = user, .n = dim < QSTI_SAMPLE_PIECE ? dim : QSTI_SAMPLE_PIECE, .out = out};
    size_t n_pieces = dim / of.n;
    QSTI_TRY(QSTI_NEW(ctx, n_pieces + 1, &of.sums));
    QSTI_TRY(QSTI_NEW(ctx, n_pieces + 1, &of.first));
    QSTI_TRY(QSTI_NEW(ctx, n_shots, &of.shots));
    qsti_parallel_for(ctx, n_pieces, sum_piece, &of);
    share_shots(&of, n_pieces, seed, n_shots);
    qsti_parallel_for(ctx, n_pieces, place_shots, &of);
done:
    qsti_free(ctx, of.sums);
    qsti_free(ctx, of.first);
    qsti_free(ctx, of.shots);
    return status;
}

/* --- of a program ------------------------------------------------------------------------------------------------- */

static void from_amplitudes(const void *user, size_t first, size_t n, double *out)
{
    const double _Complex *amplitudes = user;
    for (size_t i = 0; i < n; i++) {
        double re = creal(amplitudes[first + i]), im = cimag(amplitudes[first + i]);
        out[i] = re * re + im * im;
    }
}

qst_status qst_program_sample(qst_program *program, const double *weights, const double *x, uint64_t seed,
                              size_t n_shots, uint32_t *out)
{
    qst_status status = QST_OK;
    double _Complex *amplitudes = NULL;
    qst_program *whole = NULL;
    QSTI_TRY(qsti_noisy_refuse(program, "samples of its state: measure.h has its shots"));
    QSTI_TRY(qsti_program_whole(program, &whole));
    QSTI_TRY(qsti_program_check(whole, weights, (qst_const_matrix){x, 1, whole->n_features}));
    if (whole->wide != NULL) {
        QSTI_TRY(qsti_wide_sample(whole, weights, x, seed, n_shots, out));
        goto done;
    }
    QSTI_TRY(QSTI_NEW(program->ctx, whole->dim, &amplitudes));
    QSTI_TRY(qst_program_state(whole, weights, x, amplitudes));
    QSTI_TRY(qsti_sample(program->ctx, whole->dim, from_amplitudes, amplitudes, seed, n_shots, out));
done:
    qsti_free(program->ctx, amplitudes);
    return status;
}
