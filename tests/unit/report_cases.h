/* report_cases.h: invented results of a run, their report, and ways to look into it. */
#ifndef QSTILL_TESTS_REPORT_CASES_H
#define QSTILL_TESTS_REPORT_CASES_H

#include "support/support.h"

#include "verify/report.h"

enum { MAX_SEEDS = 10, MAX_SETTINGS = 3, ROWS = 450, CLASSES = 10, STRENGTHS = 5 };

/* What was measured on a device, of four models. */
typedef struct report_measured {
    qsti_device_facts facts;
    qsti_device_result results[MAX_SEEDS][4];
    uint8_t right[MAX_SEEDS][4][QSTI_COLUMN_COUNT][ROWS];
    double curves[4][STRENGTHS];
} report_measured;

typedef struct report_sample {
    qsti_setting_result settings[MAX_SETTINGS];
    qsti_seed_result seeds[MAX_SETTINGS][MAX_SEEDS];
    qsti_grid_cell grids[MAX_SETTINGS][MAX_SEEDS][4];
    uint8_t right[MAX_SETTINGS][MAX_SEEDS][QSTI_ROLE_COUNT][ROWS];
    qsti_run_facts facts;
    size_t n_settings;
    report_measured measured;
} report_sample;

void report_fill_role(qsti_role_result *role, uint8_t *right, size_t n_right, uint64_t seed);
void report_fill_setting(report_sample *all, size_t which, const char *name, size_t n_seeds, const size_t *n_right);
/* One of the further controls, with n_right rows right and some spread by seed. */
void report_fill_control(report_sample *all, size_t which, qst_control control, size_t n_right);
/* A device for a setting's teacher, student, control and noise_unaware, which it adds: on it n_right rows are right,
 * with some spread by seed. */
void report_fill_device(report_sample *all, size_t which, const size_t n_right[4]);
report_sample *report_sample_create(size_t n_seeds, size_t n_settings);
json_t *report_of(qst_ctx *ctx, const report_sample *all);
char *report_page_of(qst_ctx *ctx, const json_t *report);
void report_clean_up(qst_ctx *ctx, report_sample *all, json_t *report, char *page);
json_t *report_at(const json_t *report, const char *path);
double report_number(const json_t *report, const char *path);
const char *report_string(const json_t *report, const char *path);
bool report_is_null(const json_t *report, const char *path);
char *report_text_of(qst_ctx *ctx, const json_t *report);
qst_status report_require(qst_ctx *ctx, const report_sample *all, qsti_requirement requirement, json_t **report,
                          bool *holds);

#endif
