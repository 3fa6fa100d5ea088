/* bench_e2e.c: `qstill bench e2e`: a whole small training, from the data set to the accuracy on held-out data.
 *
 * Handwritten digits, ten classes, 8 principal components on 8 qubits, 4 layers of RY by the features, rotations and a
 * ring of CX, a linear head on all <Z_k>; Adam, batches of 64, 20 epochs. It is `qstill data` and `qstill teacher` of a
 * recipe, artefacts written and read again, and the accuracy on the test part, each time in a fresh context; what the
 * process took to start is added. */
#include <ftw.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

static const char *const settings[] = {
    "seeds=1",
    "data.source=digits",
    "data.preprocess=[{pca: 8}, standardize, {scale: 0.7}]",
    "data.test=0.2",
    "data.validation=0",
    "distill.temperature=1",
    "distill.alpha=0.5",
    "teacher.qubits=8",
    "teacher.encoding=angle_y",
    "teacher.repeat_encoding=true",
    "teacher.ansatz=strongly_entangling",
    "teacher.layers=4",
    "teacher.outputs=[z]",
    "teacher.head=linear",
    "teacher.train={optimizer: adam, learning_rate: 0.03, schedule: constant, batch: 64, epochs: 20, select: last}",
};
#define N_SETTINGS (sizeof settings / sizeof *settings)

/* The least of all repetitions, of each part and of the sum. */
typedef struct e2e_work {
    bench_call *call;
    qst_precision precision;
    char folder[4096]; /* a temporary one; each repetition fills it and empties it */
    double data_ms, train_ms, test_ms;
    double accuracy;
} e2e_work;

/* --- a temporary folder ------------------------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *at)
{
    (void)about, (void)kind, (void)at;
    return remove(path);
}

static void remove_folder(const char *path)
{
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static qst_status make_folder(bench_call *call, char out[4096])
{
    const char *parent = getenv("TMPDIR");
    snprintf(out, 4000, "%s/qstill-bench-XXXXXX", parent && parent[0] ? parent : "/tmp");
    if (mkdtemp(out) != NULL) {
        return QST_OK;
    }
    qst_status status = cli_fail_errno(&call->session->message, "%s: a temporary folder cannot be made", out);
    out[0] = '\0';
    return status;
}

/* --- the job ------------------------------------------------------------------------------------------------------ */

static qst_status load_recipe(qst_ctx *ctx, qst_precision precision, qst_recipe **out)
{
    const char *sets[N_SETTINGS + 1];
    memcpy(sets, settings, sizeof settings);
    sets[N_SETTINGS] = precision == QST_SINGLE ? "precision=single" : "precision=double";
    return qst_recipe_load(ctx, NULL, sets, N_SETTINGS + 1, out);
}

static double share_right(const double *scores, size_t n_classes, const int64_t *labels, const uint8_t *splits,
                          size_t n_rows)
{
    size_t n_right = 0, n_test = 0;
    for (size_t row = 0; row < n_rows; row++) {
        size_t best = 0;
        for (size_t c = 1; c < n_classes; c++) {
            best = scores[row * n_classes + c] > scores[row * n_classes + best] ? c : best;
        }
        n_test += splits[row] == QST_TEST;
        n_right += splits[row] == QST_TEST && best == (size_t)labels[row];
    }
    return (double)n_right / (double)n_test;
}

static qst_status test_model(bench_call *call, qst_ctx *ctx, const char *data, const char *folder, double *out)
{
    qst_dataset *dataset = NULL;
    qst_model *model = NULL;
    qst_matrix scores = {.data = NULL};
    qst_status status;
    CLI_TRY(qst_dataset_load(ctx, data, &dataset));
    CLI_TRY(qst_model_load(ctx, folder, &model));
    qst_const_matrix x = qst_dataset_features(dataset);
    CLI_TRY(cli_matrix_create(call->session, x.n_rows, qst_dataset_classes(dataset), &scores));
    CLI_TRY(qst_model_scores(model, x, scores));
    *out = share_right(scores.data, scores.n_cols, qst_dataset_labels(dataset), qst_dataset_splits(dataset), x.n_rows);
done:
    free(scores.data);
    qst_model_free(model);
    qst_dataset_free(dataset);
    return status;
}

static void keep_least(double *least, double start, double end)
{
    *least = *least > 0 && *least < end - start ? *least : end - start;
}

static qst_status do_job(e2e_work *work, qst_ctx *ctx)
{
    char data[4200], model[4200], *text = NULL;
    qst_recipe *recipe = NULL;
    double times[4] = {bench_now_ms()};
    qst_status status;
    snprintf(data, sizeof data, "%s/data", work->folder);
    snprintf(model, sizeof model, "%s/model", work->folder);
    CLI_TRY(load_recipe(ctx, work->precision, &recipe));
    CLI_TRY(qst_stage_data(recipe, data, &text));
    qst_text_free(ctx, text);
    text = NULL;
    times[1] = bench_now_ms();
    CLI_TRY(qst_stage_teacher(recipe, data, model, &text));
    times[2] = bench_now_ms();
    CLI_TRY(test_model(work->call, ctx, data, model, &work->accuracy));
    times[3] = bench_now_ms();
    keep_least(&work->data_ms, times[0], times[1]);
    keep_least(&work->train_ms, times[1], times[2]);
    keep_least(&work->test_ms, times[2], times[3]);
done:
    qst_text_free(ctx, text);
    qst_recipe_free(recipe);
    return status;
}

static qst_status run_job(void *arg)
{
    e2e_work *work = arg;
    cli_session *session = work->call->session;
    qst_ctx *ctx = NULL;
    qst_ctx_opts opts = {.n_threads = qst_ctx_threads(session->ctx), .interrupt = session->interrupt};
    qst_status status;
    CLI_TRY(make_folder(work->call, work->folder));
    CLI_TRY(qst_ctx_create(&opts, &ctx));
    CLI_TRY(do_job(work, ctx));
done:
    if (status != QST_OK && session->message.bytes[0] == '\0') {
        cli_fail(&session->message, status, "%s", ctx ? qst_ctx_message(ctx) : qst_status_meaning(status));
    }
    qst_ctx_free(ctx);
    if (work->folder[0]) {
        remove_folder(work->folder);
    }
    return status;
}

/* --- the kind ----------------------------------------------------------------------------------------------------- */

static void print_row(bench_rows *rows, const e2e_work *work, const bench_time *time)
{
    double start_s = work->call->start_s;
    bench_row_begin(rows);
    if (rows->json) {
        bench_put_number(rows, "s", start_s + 1e-3 * time->least_ms);
        bench_put_number(rows, "start_s", start_s);
        bench_put_number(rows, "data_s", 1e-3 * work->data_ms);
        bench_put_number(rows, "train_s", 1e-3 * work->train_ms);
        bench_put_number(rows, "test_s", 1e-3 * work->test_ms);
        bench_put_number(rows, "accuracy", work->accuracy);
        bench_put_whole(rows, "qubits", 8);
        bench_put_whole(rows, "layers", 4);
        bench_put_whole(rows, "batch", 64);
        bench_put_whole(rows, "epochs", 20);
        bench_put_text(rows, "precision", bench_precision_name(work->precision));
        bench_put_whole(rows, "threads", (size_t)qst_ctx_threads(work->call->session->ctx));
        bench_put_text(rows, "isa", qst_isa_name());
        bench_put_number(rows, "s_median", start_s + 1e-3 * time->median_ms);
        bench_put_whole(rows, "repetitions", time->n);
    } else {
        cli_print(rows->out, "%-9s %9.3f %9.3f %9.3f %9.3f %9.3f %9.3f %12.1f", bench_precision_name(work->precision),
                  start_s + 1e-3 * time->least_ms, start_s + 1e-3 * time->median_ms, start_s, 1e-3 * work->data_ms,
                  1e-3 * work->train_ms, 1e-3 * work->test_ms, 100 * work->accuracy);
    }
    bench_row_end(rows);
}

qst_status bench_e2e(bench_call *call, const bench_grid *grid)
{
    static const char head[] = "e2e         all (s)    median     start      data     train      test accuracy (%)";
    bench_rows rows = {.n_rows = 0};
    qst_status status = QST_OK;
    for (size_t p = 0; p < grid->n_precisions; p++) {
        e2e_work work = {.call = call, .precision = grid->precisions[p]};
        bench_time time;
        CLI_TRY(bench_repeat(call, run_job, &work, &time));
        if (p == 0) {
            bench_rows_begin(&rows, call, "e2e", grid->n_precisions, head);
        }
        print_row(&rows, &work, &time);
    }
    bench_rows_end(&rows);
done:
    return status;
}
