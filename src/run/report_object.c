/* report_object.c: a report as callers of the library hold it. */
#include "run/run.h"

#include <string.h>

qst_status qsti_report_wrap(qst_ctx *ctx, const json_t *json, const char *folder, bool holds, qst_report **out)
{
    qst_status status = QST_OK;
    qst_report *report = NULL;
    size_t length = 0;
    QSTI_TRY(QSTI_NEW(ctx, 1, &report));
    report->ctx = ctx;
    report->holds = holds;
    QSTI_TRY(qsti_json_text(ctx, json, &report->json, &length));
    QSTI_TRY(qsti_report_page(ctx, json, &report->page));
    if (folder != NULL)
        QSTI_TRY(qsti_strdup(ctx, folder, &report->folder));
    *out = report;
    report = NULL;
done:
    qst_report_free(report);
    return status;
}

void qst_report_free(qst_report *report)
{
    if (report == NULL)
        return;
    qst_ctx *ctx = report->ctx;
    qsti_free(ctx, report->json);
    qsti_free(ctx, report->page);
    qsti_free(ctx, report->folder);
    qsti_free(ctx, report);
}

const char *qst_report_json(const qst_report *report)
{
    return report->json;
}

const char *qst_report_page(const qst_report *report)
{
    return report->page;
}

const char *qst_report_folder(const qst_report *report)
{
    return report->folder;
}

bool qst_report_holds(const qst_report *report)
{
    return report->holds;
}

void qst_text_free(qst_ctx *ctx, char *text)
{
    qsti_free(ctx, text);
}
