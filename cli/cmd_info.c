/* cmd_info.c: `qstill info`: what this program is and what it uses of the machine. */
#include <unistd.h>

#include "session.h"

/* --- the processor ------------------------------------------------------------------------------------------------ */

typedef struct processor_feature {
    const char *name;
    bool found;
} processor_feature;

#if defined(__x86_64__)
#define FEATURE(name)                           \
    {                                           \
        name, __builtin_cpu_supports(name) != 0 \
    }
static size_t processor_features(processor_feature out[8])
{
    __builtin_cpu_init();
    const processor_feature features[] = {FEATURE("sse4.2"),   FEATURE("avx"),     FEATURE("avx2"),
                                          FEATURE("fma"),      FEATURE("avx512f"), FEATURE("avx512dq"),
                                          FEATURE("avx512bw"), FEATURE("avx512vl")};
    size_t n_features = sizeof features / sizeof *features;
    for (size_t f = 0; f < n_features; f++) {
        out[f] = features[f];
    }
    return n_features;
}
#else
static size_t processor_features(processor_feature out[8])
{
    (void)out;
    return 0;
}
#endif

/* --- the two forms ------------------------------------------------------------------------------------------------ */

typedef struct machine_info {
    processor_feature features[8];
    size_t n_features;
    long n_cores;
    char *openvino; /* its version; NULL: not found */
} machine_info;

static void gather(cli_session *session, machine_info *out)
{
    if (qst_openvino_find(session->ctx, &out->openvino) != QST_OK) {
        out->openvino = NULL;
    }
    out->n_features = processor_features(out->features);
    out->n_cores = sysconf(_SC_NPROCESSORS_ONLN);
}

static void print_json(cli_session *session, const machine_info *machine)
{
    cli_result *out = &session->out;
    cli_print(out, "{\"version\": \"%s\",\n \"kernels\": \"%s\",\n \"cpu_features\": [", qst_version(), qst_isa_name());
    bool more = false;
    for (size_t f = 0; f < machine->n_features; f++) {
        if (machine->features[f].found) {
            cli_print(out, "%s\"%s\"", more ? ", " : "", machine->features[f].name);
            more = true;
        }
    }
    cli_print(out, "],\n \"cores\": %ld,\n \"threads\": %d,\n \"precisions\": [\"double\", \"single\"],\n",
              machine->n_cores, qst_ctx_threads(session->ctx));
    cli_print(out, " \"data_sets\": {");
    const qst_builtin_set *sets;
    size_t n_sets = qst_builtin_sets(&sets);
    for (size_t d = 0; d < n_sets; d++) {
        bool found = qst_builtin_is_found(session->ctx, sets[d].name);
        cli_print(out, "%s\"%s\": %s", d ? ", " : "", sets[d].name, found ? "true" : "false");
    }
    cli_print(out, "},\n \"openvino\": ");
    if (machine->openvino) {
        cli_print_json_string(out, machine->openvino);
    } else {
        cli_print(out, "null");
    }
    cli_print(out, "}\n");
}

static void print_page(cli_session *session, const machine_info *machine)
{
    cli_result *out = &session->out;
    cli_print(out, "qstill       %s\n", qst_version());
    cli_print(out, "kernels      %s\n", qst_isa_name());
    cli_print(out, "processor    %ld cores", machine->n_cores);
    for (size_t f = 0; f < machine->n_features; f++) {
        cli_print(out, "%s%s", machine->features[f].found ? ", " : "",
                  machine->features[f].found ? machine->features[f].name : "");
    }
    cli_print(out, "\nthreads      %d\n", qst_ctx_threads(session->ctx));
    cli_print(out, "precision    double; training also in single\n");
    const qst_builtin_set *sets;
    size_t n_sets = qst_builtin_sets(&sets);
    for (size_t d = 0; d < n_sets; d++) {
        cli_print(out, "%-12s %-14s", d ? "" : "data sets", sets[d].name);
        if (qst_builtin_is_found(session->ctx, sets[d].name)) {
            cli_print(out, "%zu x %zu, %zu classes\n", sets[d].n_rows, sets[d].n_features, sets[d].n_classes);
        } else {
            cli_print(out, "not found: %s\n", sets[d].about);
        }
    }
    cli_print(out, "OpenVINO     %s\n", machine->openvino ? machine->openvino : "not found: pip install openvino");
}

qst_status cmd_info(cli_session *session)
{
    machine_info machine = {.n_features = 0};
    gather(session, &machine);
    if (cli_given(&session->line, CLI_OPT_json)) {
        print_json(session, &machine);
    } else {
        print_page(session, &machine);
    }
    qst_openvino_free(session->ctx, machine.openvino);
    return QST_OK;
}
