/* c_source.c: see c_source.h. */
#include "deploy/c_source.h"

#include <string.h>

#define LINE_COLUMNS 110

static const struct {
    const char *name;
    qsti_c_kernel needs;
} kernels[] = {
#define QSTI_C_KERNEL(name, needs) {#name, QSTI_C_##needs},
#include "deploy/c_kernels.def"
#undef QSTI_C_KERNEL
};

void qsti_c_init(qsti_c_source *source, qst_ctx *ctx)
{
    *source = (qsti_c_source){.ctx = ctx};
    qsti_text_init(&source->tables, ctx);
    qsti_text_init(&source->gates, ctx);
    qsti_text_init(&source->body, ctx);
}

void qsti_c_clear(qsti_c_source *source)
{
    qsti_text_clear(&source->tables);
    qsti_text_clear(&source->gates);
    qsti_text_clear(&source->body);
}

/* --- functions ---------------------------------------------------------------------------------------------------- */

const char *qsti_c_use(qsti_c_source *source, qsti_c_kernel kernel)
{
    for (qsti_c_kernel needed = kernel; !source->uses[needed]; needed = kernels[needed].needs) {
        source->uses[needed] = true;
    }
    return kernels[kernel].name;
}

void qsti_c_add_kernels(const qsti_c_source *source, bool main_function, qsti_text *out)
{
    const char *text = (const char *)qsti_student_text;
    for (size_t k = 0; k < QSTI_C_KERNEL_COUNT; k++) {
        const char *first = strchr(strstr(text, "/*@ "), '\n') + 1, *next = strstr(first, "/*@ ");
        bool is_main = k == QSTI_C_main;
        if (main_function ? is_main : source->uses[k] && !is_main) {
            qsti_text_add_bytes(out, first, (size_t)(next - first));
        }
        text = next;
    }
}

/* --- values ------------------------------------------------------------------------------------------------------- */

void qsti_c_number(double value, char out[40])
{
    qsti_format_double(value, out);
    if (strpbrk(out, ".e") == NULL) {
        memcpy(out + strlen(out), ".0", 3);
    }
}

void qsti_c_table(qsti_text *text, const char *name, const double *values, size_t n)
{
    char number[40];
    size_t column = LINE_COLUMNS;
    qsti_text_add(text, "static const double %s[%zu] = {", name, n);
    for (size_t i = 0; i < n; i++) {
        qsti_c_number(values[i], number);
        column += strlen(number) + 2;
        if (column > LINE_COLUMNS) {
            qsti_text_add(text, "\n   ");
            column = 5 + strlen(number);
        }
        qsti_text_add(text, " %s,", number);
    }
    qsti_text_add(text, "\n};\n\n");
}

void qsti_c_string(qsti_text *text, const char *string)
{
    qsti_text_add(text, "\"");
    for (const char *c = string; *c; c++) {
        bool is_plain = *c >= ' ' && *c <= '~' && *c != '"' && *c != '\\' && *c != '?';
        qsti_text_add(text, is_plain ? "%c" : "\\%03o", (unsigned char)*c);
    }
    qsti_text_add(text, "\"");
}
