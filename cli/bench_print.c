/* bench_print.c: rows of measurements as a table or as JSON. */
#include "bench.h"

const char *bench_precision_name(qst_precision precision)
{
    return precision == QST_SINGLE ? "single" : "double";
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

static void print_machine_lines(const bench_call *call)
{
    int n_threads = qst_ctx_threads(call->session->ctx);
    bool any = call->has_peaks[QST_DOUBLE] || call->has_peaks[QST_SINGLE];
    cli_print(call->out, "%s, %d thread%s%s\n", qst_isa_name(), n_threads, n_threads == 1 ? "" : "s",
              any ? "; this machine's peaks, in this run:" : "");
    for (int p = 0; p < 2; p++) {
        const qst_peaks *peaks = &call->peaks[p];
        if (call->has_peaks[p]) {
            cli_print(call->out, "  %s  %.1f GF/s; in place %.1f GB/s in L2, %.1f GB/s in memory\n",
                      bench_precision_name((qst_precision)p), 2e-9 * peaks->multiply_adds, 1e-9 * peaks->bytes_l2,
                      1e-9 * peaks->bytes_memory);
        }
    }
}

void bench_rows_begin(bench_rows *rows, bench_call *call, const char *kind, size_t n_rows, const char *head)
{
    *rows = (bench_rows){.out = call->out, .json = call->json, .is_array = call->all_kinds || n_rows > 1};
    if (!rows->json) {
        if (!call->machine_is_shown) {
            print_machine_lines(call);
            call->machine_is_shown = true;
        }
        cli_print(rows->out, "\n%s\n", head);
        return;
    }
    if (call->all_kinds) {
        cli_print(rows->out, ",\n \"%s\": ", kind);
    }
    if (rows->is_array) {
        cli_print(rows->out, "[");
    }
}

void bench_rows_end(bench_rows *rows)
{
    if (rows->json && rows->is_array) {
        cli_print(rows->out, "]");
    }
}

void bench_row_begin(bench_rows *rows)
{
    rows->n_fields = 0;
    if (rows->json) {
        cli_print(rows->out, "%s{", rows->n_rows ? ",\n  " : "");
    }
    rows->n_rows++;
}

void bench_row_end(bench_rows *rows)
{
    cli_print(rows->out, rows->json ? "}" : "\n");
    fflush(rows->out->file);
}

static void put_name(bench_rows *rows, const char *name)
{
    cli_print(rows->out, "%s\"%s\": ", rows->n_fields++ ? ", " : "", name);
}

void bench_put_number(bench_rows *rows, const char *name, double value)
{
    put_name(rows, name);
    cli_print_number(rows->out, value);
}

void bench_put_whole(bench_rows *rows, const char *name, size_t value)
{
    put_name(rows, name);
    cli_print(rows->out, "%zu", value);
}

void bench_put_truth(bench_rows *rows, const char *name, bool value)
{
    put_name(rows, name);
    cli_print(rows->out, value ? "true" : "false");
}

void bench_put_text(bench_rows *rows, const char *name, const char *value)
{
    put_name(rows, name);
    cli_print_json_string(rows->out, value);
}

/* --- the machine
 * ------------------------------------------------------------------------------------------------------ */

void bench_print_machine(const bench_call *call)
{
    bench_rows fields = {.out = call->out, .json = true};
    bench_row_begin(&fields);
    bench_put_text(&fields, "isa", qst_isa_name());
    bench_put_whole(&fields, "threads", (size_t)qst_ctx_threads(call->session->ctx));
    for (int p = 0; p < 2; p++) {
        if (!call->has_peaks[p]) {
            continue;
        }
        const qst_peaks *peaks = &call->peaks[p];
        char name[32];
        snprintf(name, sizeof name, "%s_gflops", bench_precision_name((qst_precision)p));
        bench_put_number(&fields, name, 2e-9 * peaks->multiply_adds);
        snprintf(name, sizeof name, "%s_l2_gb_per_s", bench_precision_name((qst_precision)p));
        bench_put_number(&fields, name, 1e-9 * peaks->bytes_l2);
        snprintf(name, sizeof name, "%s_memory_gb_per_s", bench_precision_name((qst_precision)p));
        bench_put_number(&fields, name, 1e-9 * peaks->bytes_memory);
    }
    bench_row_end(&fields);
}
