/* extract_kinds.c: what a teacher knows beside its scores: expectation values, states, input gradients.
 *
 * Input gradients of a circuit are exact, by the adjoint method [jones2020] through its head, in double: one sweep back
 * for each score. Of other models they are central differences,
 *
 *   ds_c/dx_j = (s_c(x + h e_j) - s_c(x - h e_j)) / 2h,   h = 1e-5 max(1, |x_j|)
 *
 * right to about ten digits.
 */
#include <math.h>
#include <string.h>

#include "data/model_binding.h"
#include "knowledge/extract.h"

#define STEP 1e-5

/* --- common ------------------------------------------------------------------------------------------------------- */

/* The knowledge is of this dataset and this teacher. */
static qst_status check(const qst_knowledge *knowledge, const qst_model *teacher, const qst_dataset *dataset)
{
    qst_status status = QST_OK;
    QSTI_TRY(qst_knowledge_check(knowledge, dataset));
    QSTI_TRY(qst_knowledge_check_teacher(knowledge, teacher));
    QSTI_TRY(qsti_dataset_check_model(dataset, teacher, "teacher"));
done:
    return status;
}

static qst_status need_circuit(const qst_model *teacher, const char *what)
{
    return qst_model_circuit(teacher) != NULL
               ? QST_OK
               : qsti_fail(teacher->ctx, QST_ERR_MISMATCH, "%s: the teacher is no circuit", what);
}

static qst_status allocate(qst_ctx *ctx, size_t n_rows, size_t n_values, const char *what, double **out)
{
    size_t n = 0;
    if (!qsti_mul(n_rows, n_values, &n))
        return qsti_fail(ctx, QST_ERR_LIMIT, "%s: %zu rows of %zu numbers are too many", what, n_rows, n_values);
    return QSTI_NEW(ctx, n, out);
}

/* --- observables -------------------------------------------------------------------------------------------------- */

/* Words as a readout of expectation values. */
static qst_status parse_words(qst_ctx *ctx, size_t n_qubits, const char *const *words, size_t n, qst_readout **out)
{
    qst_readout *readout = NULL;
    qst_status status = qst_readout_parse(ctx, n_qubits, words, n, 0, &readout);
    if (status != QST_OK)
        return qsti_fail_within(ctx, status, "observables");
    if (qst_readout_what(readout) != QST_READOUT_EXPECTATIONS) {
        qst_readout_free(readout);
        return qsti_fail(ctx, QST_ERR_USAGE, "observables: \"%s\" is no observable", words[0]);
    }
    *out = readout;
    return QST_OK;
}

qst_status qsti_observables_foresee(qst_ctx *ctx, size_t n_qubits, const char *const *words, size_t n_words)
{
    qst_readout *readout = NULL;
    qst_status status = parse_words(ctx, n_qubits, words, n_words, &readout);
    qst_readout_free(readout);
    return status;
}

static qst_status copy_words(qst_ctx *ctx, const char *const *words, size_t n, qsti_observables *out)
{
    qst_status status = QSTI_NEW(ctx, n, &out->words);
    for (size_t i = 0; i < n && status == QST_OK; i++) {
        status = qsti_strdup(ctx, words[i], &out->words[i]);
        out->n_words += status == QST_OK;
    }
    return status;
}

qst_status qsti_knowledge_add_observables(qst_knowledge *knowledge, const qst_model *teacher,
                                          const qst_dataset *dataset, const char *const *words, size_t n_words)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = knowledge->ctx;
    qst_readout *readout = NULL;
    qst_program *program = NULL;
    qsti_observables own = {0};
    QSTI_TRY(check(knowledge, teacher, dataset));
    QSTI_TRY(need_circuit(teacher, "observables"));
    const qst_circuit *circuit = qst_model_circuit(teacher);
    QSTI_TRY(parse_words(ctx, circuit->n_qubits, words, n_words, &readout));
    QSTI_TRY(copy_words(ctx, words, n_words, &own));
    own.n_values = qst_readout_outputs(readout);
    QSTI_TRY(allocate(ctx, knowledge->n_rows, own.n_values, "observables", &own.values));
    QSTI_TRY(qst_program_compile(ctx, circuit, readout, NULL, &program));
    QSTI_TRY(qst_program_forward(program, qst_model_weights(teacher), qst_dataset_features(dataset),
                                 (qst_matrix){own.values, knowledge->n_rows, own.n_values}));
    qsti_observables_clear(knowledge->ctx, &knowledge->observables);
    knowledge->observables = own;
    own = (qsti_observables){0};
done:
    qsti_observables_clear(ctx, &own);
    qst_program_free(program);
    qst_readout_free(readout);
    return status;
}

/* --- states ------------------------------------------------------------------------------------------------------- */

qst_status qsti_knowledge_add_states(qst_knowledge *knowledge, const qst_model *teacher, const qst_dataset *dataset)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = knowledge->ctx;
    qst_program *program = NULL;
    double *amplitudes = NULL;
    QSTI_TRY(check(knowledge, teacher, dataset));
    QSTI_TRY(need_circuit(teacher, "states"));
    const qst_circuit *circuit = qst_model_circuit(teacher);
    size_t n_values = (size_t)2 << circuit->n_qubits;
    QSTI_TRY(allocate(ctx, knowledge->n_rows, n_values, "states", &amplitudes));
    QSTI_TRY(qst_program_compile(ctx, circuit, qst_model_readout(teacher), NULL, &program));
    for (size_t i = 0; i < knowledge->n_rows; i++) {
        QSTI_TRY(qst_program_state(program, qst_model_weights(teacher), dataset->features + i * dataset->n_features,
                                   (double _Complex *)(amplitudes + i * n_values)));
        QSTI_TRY(qsti_check_interrupt(ctx));
    }
    qsti_free(ctx, knowledge->states.amplitudes);
    knowledge->states = (qsti_states){circuit->n_qubits, amplitudes};
    amplitudes = NULL;
done:
    qsti_free(ctx, amplitudes);
    qst_program_free(program);
    return status;
}

/* --- input gradients ---------------------------------------------------------------------------------------------- */

/* dscore_c/dvalues of a head, the same for every row. head: its weights. */
static void head_row(qst_head head, const double *weights, size_t c, size_t n_values, double *out)
{
    memset(out, 0, n_values * sizeof *out);
    if (head == QST_HEAD_linear)
        memcpy(out, weights + c * n_values, n_values * sizeof *out);
    else
        out[c] = head == QST_HEAD_scale ? exp(weights[0]) : 1;
}

typedef struct gradients {
    qst_ctx *ctx;
    qst_const_matrix x;
    size_t n_scores;
    double *out; /* (rows, n_scores, features) */
} gradients;

/* Score c's gradients (rows, d) into their places. */
static void scatter(const gradients *g, size_t c, const double *one)
{
    size_t d = g->x.n_cols;
    for (size_t i = 0; i < g->x.n_rows; i++)
        memcpy(g->out + (i * g->n_scores + c) * d, one + i * d, d * sizeof *one);
}

static qst_status by_adjoint(const gradients *g, const qst_model *teacher, const qsti_weight_source *source)
{
    qst_status status = QST_OK;
    qst_program *program = NULL;
    size_t n = g->x.n_rows, d = g->x.n_cols, k = source->n_values;
    double *cotangents = NULL, *of_weights = NULL, *one = NULL;
    QSTI_TRY(allocate(g->ctx, n, k, "input_gradients", &cotangents));
    QSTI_TRY(QSTI_NEW(g->ctx, source->circuit->n_weights, &of_weights));
    QSTI_TRY(allocate(g->ctx, n, d, "input_gradients", &one));
    QSTI_TRY(qst_program_compile(g->ctx, source->circuit, qst_model_readout(teacher), NULL, &program));
    for (size_t c = 0; c < g->n_scores; c++) {
        for (size_t i = 0; i < n; i++)
            head_row(source->head, source->weights + source->circuit->n_weights, c, k, cotangents + i * k);
        QSTI_TRY(qst_program_vjp(program, source->weights, g->x, (qst_const_matrix){cotangents, n, k}, of_weights,
                                 (qst_matrix){one, n, d}, (qst_matrix){0}));
        scatter(g, c, one);
        QSTI_TRY(qsti_check_interrupt(g->ctx));
    }
done:
    qsti_free(g->ctx, cotangents);
    qsti_free(g->ctx, of_weights);
    qsti_free(g->ctx, one);
    qst_program_free(program);
    return status;
}

static qst_status by_differences(const gradients *g, qst_model *teacher)
{
    qst_status status = QST_OK;
    size_t n = g->x.n_rows, d = g->x.n_cols, c = g->n_scores;
    double *x = NULL, *above = NULL, *below = NULL;
    QSTI_TRY(allocate(g->ctx, n, d, "input_gradients", &x));
    QSTI_TRY(allocate(g->ctx, n, c, "input_gradients", &above));
    QSTI_TRY(allocate(g->ctx, n, c, "input_gradients", &below));
    memcpy(x, g->x.data, n * d * sizeof *x);
    for (size_t j = 0; j < d; j++) {
        for (int side = 1; side >= -1; side -= 2) {
            for (size_t i = 0; i < n; i++)
                x[i * d + j] = g->x.data[i * d + j] + side * STEP * fmax(1, fabs(g->x.data[i * d + j]));
            QSTI_TRY(
                qst_model_scores(teacher, (qst_const_matrix){x, n, d}, (qst_matrix){side > 0 ? above : below, n, c}));
        }
        for (size_t i = 0; i < n; i++) {
            double twice = 2 * STEP * fmax(1, fabs(g->x.data[i * d + j]));
            for (size_t s = 0; s < c; s++)
                g->out[(i * c + s) * d + j] = (above[i * c + s] - below[i * c + s]) / twice;
            x[i * d + j] = g->x.data[i * d + j];
        }
        QSTI_TRY(qsti_check_interrupt(g->ctx));
    }
done:
    qsti_free(g->ctx, x);
    qsti_free(g->ctx, above);
    qsti_free(g->ctx, below);
    return status;
}

qst_status qsti_knowledge_add_input_gradients(qst_knowledge *knowledge, qst_model *teacher, const qst_dataset *dataset)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = knowledge->ctx;
    gradients g = {.ctx = ctx, .x = qst_dataset_features(dataset), .n_scores = knowledge->n_scores};
    qsti_weight_source source;
    size_t n_values = 0;
    QSTI_TRY(check(knowledge, teacher, dataset));
    if (!qsti_mul(g.n_scores, g.x.n_cols, &n_values))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_LIMIT, "input_gradients: %zu features are too many", g.x.n_cols));
    QSTI_TRY(allocate(ctx, g.x.n_rows, n_values, "input_gradients", &g.out));
    bool is_circuit = qsti_model_weight_source(teacher, &source);
    if (is_circuit && source.circuit->preparation == QST_PREPARE_BASIS)
        QSTI_TRY(qsti_fail(ctx, QST_ERR_MISMATCH, "input_gradients: a circuit that begins with bits has none"));
    if (is_circuit)
        QSTI_TRY(by_adjoint(&g, teacher, &source));
    else
        QSTI_TRY(by_differences(&g, teacher));
    qsti_free(ctx, knowledge->input_gradients.values);
    knowledge->input_gradients = (qsti_input_gradients){g.x.n_cols, g.out};
    g.out = NULL;
done:
    qsti_free(ctx, g.out);
    return status;
}
