/* predict_measured.h: `qstill predict` where the model's circuit is measured: --device, --noise, --shots. */
#ifndef CLI_PREDICT_MEASURED_H
#define CLI_PREDICT_MEASURED_H

#include <qstill/model.h>

#include "session.h"

/* Zero-initialise. */
typedef struct cli_measured {
    qst_device *device;
    qst_noise *noise;
    size_t *layout, *region;
    double *scales;
    qst_predictor *predictor;
    qst_matrix variances; /* (B, C) of the scores; NULL data: there are none */
    uint64_t *shots;      /* (B) */
} cli_measured;

/* Whether the line asks for it. */
bool cli_wants_measured(const cli_line *line);

/* Refuses options that would do nothing, and numbers out of range; a file of --out that is one of the device's. */
qst_status cli_check_measured(cli_session *session);

/* Scores (B, C) of raw inputs. */
qst_status cli_measured_scores(cli_session *session, qst_model *model, qst_const_matrix raw, cli_measured *measured,
                               qst_matrix out);
void cli_measured_clear(cli_measured *measured);

/* Members of the JSON object, each behind a comma. */
void cli_print_measured_json(cli_session *session, const cli_measured *measured, qst_const_matrix scores);

#endif
