/* cmd_bench.c: `qstill bench`: which kinds, at which sizes. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"

/* --- kinds -------------------------------------------------------------------------------------------------------- */

typedef enum bench_kind { KIND_TRAIN, KIND_STATE, KIND_E2E, KIND_NETWORK, KIND_NOISE, KIND_COUNT } bench_kind;

typedef struct kind_info {
    const char *name;
    qst_status (*run)(bench_call *call, const bench_grid *grid);
    bench_grid alone, among; /* what is measured by default: of one kind, and when all kinds run */
} kind_info;

#define LIST(...)                                                       \
    {                                                                   \
        {__VA_ARGS__}, sizeof((size_t[]){__VA_ARGS__}) / sizeof(size_t) \
    }
#define BOTH   {QST_DOUBLE, QST_SINGLE}, 2
#define DOUBLE {QST_DOUBLE}, 1
#define SINGLE {QST_SINGLE}, 1

static const kind_info kinds[KIND_COUNT] = {
    [KIND_TRAIN] =
        {
            .name = "train",
            .run = bench_train,
            .alone = {LIST(8), LIST(4), LIST(512), DOUBLE},
            .among = {LIST(4, 6, 8, 10, 12), LIST(4), LIST(64, 512), BOTH},
        },
    [KIND_STATE] =
        {
            .name = "state",
            .run = bench_state,
            .alone = {LIST(20), LIST(4), LIST(1), DOUBLE},
            .among = {LIST(20), LIST(4), LIST(1), BOTH}, /* qubits: bench_state.c has a list of cases */
        },
    [KIND_E2E] =
        {
            .name = "e2e",
            .run = bench_e2e,
            .alone = {LIST(8), LIST(4), LIST(64), DOUBLE},
            .among = {LIST(8), LIST(4), LIST(64), DOUBLE},
        },
    [KIND_NETWORK] =
        {
            .name = "network",
            .run = bench_network,
            .alone = {LIST(1), LIST(1), LIST(128), SINGLE},
            .among = {LIST(1), LIST(1), LIST(128), BOTH}, /* qubits and layers: bench_network.c has the networks */
        },
    [KIND_NOISE] =
        {
            .name = "noise",
            .run = bench_noise,
            .alone = {LIST(8), LIST(2), LIST(32), DOUBLE}, /* bench_noise.c has the sizes of each task */
            .among = {LIST(8), LIST(2), LIST(32), DOUBLE},
        },
};

#define TRAIN   (1u << KIND_TRAIN)
#define STATE   (1u << KIND_STATE)
#define NETWORK (1u << KIND_NETWORK)
#define NOISE   (1u << KIND_NOISE)
#define OTHERS  (TRAIN | STATE | NETWORK | 1u << KIND_E2E)

/* Which kinds an option concerns; those that are not here concern all. */
static const struct {
    cli_option option;
    unsigned kinds;
    enum { ANYWHERE, ONE_KIND, ONE_SIZE } fits; /* also where several kinds, or several sizes, are measured? */
} concerns[] = {
    {CLI_OPT_qubits, TRAIN | STATE | NOISE, ANYWHERE},
    {CLI_OPT_layers, TRAIN | STATE | NOISE, ANYWHERE},
    {CLI_OPT_batch, TRAIN | NETWORK | NOISE, ANYWHERE},
    {CLI_OPT_inputs, TRAIN | NOISE, ONE_SIZE},
    {CLI_OPT_targets, TRAIN | NOISE, ONE_SIZE},
    {CLI_OPT_weights, TRAIN | STATE | NOISE, ONE_SIZE},
    {CLI_OPT_gradient_file, TRAIN | STATE | NOISE, ONE_SIZE},
    {CLI_OPT_force, TRAIN | STATE | NOISE, ANYWHERE},
    {CLI_OPT_optimize, TRAIN | STATE, ANYWHERE},
    {CLI_OPT_no_light_cone, TRAIN | STATE, ANYWHERE},
    {CLI_OPT_precision, OTHERS, ANYWHERE},
    {CLI_OPT_noise_task, NOISE, ONE_KIND},
    {CLI_OPT_kind, STATE, ONE_KIND},
    {CLI_OPT_observable, STATE, ONE_KIND},
    {CLI_OPT_gradient, STATE, ONE_KIND},
};
#define N_CONCERNS (sizeof concerns / sizeof *concerns)

static qst_status find_kind(cli_session *session, const char *name, bench_kind *out)
{
    const char *names[KIND_COUNT];
    char list[64] = "";
    for (int k = 0; k < KIND_COUNT; k++) {
        names[k] = kinds[k].name;
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", k ? ", " : "", names[k]);
        if (strcmp(name, names[k]) == 0) {
            *out = (bench_kind)k;
            return QST_OK;
        }
    }
    const char *nearest = cli_nearest(name, names, KIND_COUNT);
    return cli_fail(&session->message, QST_ERR_USAGE, "bench: there is no kind \"%.200s\" (%s)%s%s%s", name, list,
                    nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
}

/* An option that the kind does not take is refused, not ignored. */
static qst_status check_options(cli_session *session, unsigned wanted)
{
    bool several = session->line.argument == NULL;
    for (size_t c = 0; c < N_CONCERNS; c++) {
        const char *name = cli_options[concerns[c].option].name;
        if (!cli_given(&session->line, concerns[c].option)) {
            continue;
        }
        if ((concerns[c].kinds & wanted) == 0) {
            return cli_fail(&session->message, QST_ERR_USAGE, "--%s: bench %s does not take it", name,
                            session->line.argument);
        }
        if (several && concerns[c].fits != ANYWHERE) {
            return cli_fail(&session->message, QST_ERR_USAGE, "--%s: name the kind, as in `qstill bench %s --%s ...`",
                            name,
                            concerns[c].kinds & TRAIN   ? "train"
                            : concerns[c].kinds & STATE ? "state"
                                                        : "noise",
                            name);
        }
    }
    return QST_OK;
}

/* --- sizes -------------------------------------------------------------------------------------------------------- */

static void take_list(const cli_line *line, cli_option option, bench_list *list)
{
    const cli_value *value = &line->values[option];
    if (value->given) {
        memcpy(list->values, value->counts, sizeof list->values);
        list->n = value->n_counts;
    }
}

static void take_sizes(const cli_line *line, bench_grid *grid)
{
    take_list(line, CLI_OPT_qubits, &grid->qubits);
    take_list(line, CLI_OPT_layers, &grid->layers);
    take_list(line, CLI_OPT_batch, &grid->batch);
    if (cli_given(line, CLI_OPT_precision)) {
        grid->precisions[0] = line->values[CLI_OPT_precision].whole ? QST_SINGLE : QST_DOUBLE;
        grid->n_precisions = 1;
    }
}

/* Files fit one size. */
static qst_status check_sizes(cli_session *session, const bench_grid *grid)
{
    if (grid->qubits.n * grid->layers.n * grid->batch.n == 1) {
        return QST_OK;
    }
    for (size_t c = 0; c < N_CONCERNS; c++) {
        if (concerns[c].fits == ONE_SIZE && cli_given(&session->line, concerns[c].option)) {
            return cli_fail(&session->message, QST_ERR_USAGE,
                            "--%s: only with one number each for --qubits, --layers and --batch",
                            cli_options[concerns[c].option].name);
        }
    }
    return QST_OK;
}

/* --- the command -------------------------------------------------------------------------------------------------- */

static qst_status run_kinds(bench_call *call, unsigned wanted)
{
    cli_session *session = call->session;
    qst_status status = QST_OK;
    bench_grid grids[KIND_COUNT];
    CLI_TRY(check_options(session, wanted));
    for (int k = 0; k < KIND_COUNT; k++) {
        grids[k] = call->all_kinds ? kinds[k].among : kinds[k].alone;
        take_sizes(&session->line, &grids[k]);
        if (wanted >> k & 1u) {
            CLI_TRY(check_sizes(session, &grids[k]));
        }
    }
    for (int p = 0; p < 2 && call->all_kinds; p++) {
        const qst_peaks *peaks;
        CLI_TRY(bench_peaks(call, (qst_precision)p, &peaks));
    }
    if (call->json && call->all_kinds) {
        cli_print(call->out, "{\"machine\": ");
        bench_print_machine(call);
    }
    for (int k = 0; k < KIND_COUNT; k++) {
        if (wanted >> k & 1u) {
            CLI_TRY(kinds[k].run(call, &grids[k]));
        }
    }
    if (call->json) {
        cli_print(call->out, call->all_kinds ? "}\n" : "\n");
    }
done:
    return status;
}

static double processor_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

qst_status cmd_bench(cli_session *session)
{
    const cli_line *line = &session->line;
    const char *inputs[] = {cli_text(line, CLI_OPT_inputs), cli_text(line, CLI_OPT_targets),
                            cli_text(line, CLI_OPT_weights)};
    const cli_option files[] = {CLI_OPT_inputs, CLI_OPT_targets, CLI_OPT_weights};
    bench_kind kind = KIND_TRAIN;
    unsigned wanted = (1u << KIND_COUNT) - 1;
    char *text = NULL;
    size_t length = 0;
    cli_result memory = {.file = NULL};
    bench_call call = {
        .session = session,
        .out = &session->out,
        .seconds = cli_given(line, CLI_OPT_seconds) ? line->values[CLI_OPT_seconds].number : 1,
        .start_s = processor_seconds(),
        .json = cli_given(line, CLI_OPT_json),
        .optimize_off = cli_optimize_off(line),
        .all_kinds = line->argument == NULL,
    };
    qst_status status = QST_OK;

    if (line->argument) {
        CLI_TRY(find_kind(session, line->argument, &kind));
        wanted = 1u << kind;
    }
    CLI_TRY(cli_check_stdin(session, files, sizeof files / sizeof *files));
    CLI_TRY(cli_check_output(session, CLI_OPT_gradient_file, inputs, sizeof inputs / sizeof *inputs));
    if (call.json) {
        memory.file = open_memstream(&text, &length);
        call.out = &memory;
        CLI_TRY(memory.file ? QST_OK : cli_fail(&session->message, QST_ERR_MEMORY, "out of memory"));
    }
    CLI_TRY(run_kinds(&call, wanted));
    if (call.json) {
        CLI_TRY(cli_result_close(&memory, &session->message));
        cli_print(&session->out, "%s", text);
    }
done:
    if (memory.file) {
        fclose(memory.file);
    }
    free(text);
    return status;
}
