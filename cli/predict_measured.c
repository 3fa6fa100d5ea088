/* predict_measured.c: options of `qstill predict` for a measured circuit -> qst_predictor, and what it tells. */
#include "predict_measured.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "circuit_noise.h"
#include "device_input.h"
#include "read_value.h"

#define MOST_SHOTS         (UINT64_C(1) << 31)
#define MOST_TRAJECTORIES  UINT64_C(1000000)
#define MOST_SCALES        16
#define USUAL_SIGNIFICANCE 0.05

static const double usual_scales[] = {1, 2, 3};

enum { MITIGATE_READOUT, MITIGATE_ZNE, MITIGATE_BOTH };

/* --- what was asked for ------------------------------------------------------------------------------------------- */

static bool mitigates(const cli_line *line, uint64_t what)
{
    const cli_value *given = &line->values[CLI_OPT_predict_mitigate];
    return given->given && (given->whole == what || given->whole == MITIGATE_BOTH);
}

static bool has_shots(const cli_line *line)
{
    return line->values[CLI_OPT_predict_shots].whole > 0;
}

static bool has_noise(const cli_line *line)
{
    return cli_given(line, CLI_OPT_device) || cli_given(line, CLI_OPT_noise);
}

bool cli_wants_measured(const cli_line *line)
{
    return has_noise(line) || cli_given(line, CLI_OPT_predict_shots);
}

static qst_status refuse(cli_session *session, cli_option option, const char *what)
{
    return cli_fail(&session->message, QST_ERR_USAGE, "--%s belongs to %s, which is not given",
                    cli_options[option].name, what);
}

/* Each of the options needs something: --device, --shots, ... */
typedef struct need {
    cli_option option;
    bool is_met;
    const char *what;
} need;

static qst_status check_needs(cli_session *session)
{
    const cli_line *line = &session->line;
    bool device = cli_given(line, CLI_OPT_device), noise = has_noise(line), shots = has_shots(line);
    bool zne = mitigates(line, MITIGATE_ZNE);
    const char *of_device = "--device", *of_noise = "--device or --noise", *of_shots = "--shots";
    const char *of_zne = "--mitigate zne or both";
    const need needs[] = {
        {CLI_OPT_layout, device, of_device},
        {CLI_OPT_place_region, device, of_device},
        {CLI_OPT_place_dead, device, of_device},
        {CLI_OPT_readout_model, device, of_device},
        {CLI_OPT_device_temperature, device, of_device},
        {CLI_OPT_device_conf, device, of_device},
        {CLI_OPT_device_time_1q, device, of_device},
        {CLI_OPT_device_time_2q, device, of_device},
        {CLI_OPT_device_age, device, of_device},
        {CLI_OPT_predict_mitigate, noise, of_noise},
        {CLI_OPT_predict_scales, zne, of_zne},
        {CLI_OPT_predict_extrapolate, zne, of_zne},
        {CLI_OPT_predict_choose, zne, of_zne},
        {CLI_OPT_predict_choose, shots, of_shots},
        {CLI_OPT_predict_adaptive, shots, of_shots},
        {CLI_OPT_predict_significance, cli_given(line, CLI_OPT_predict_adaptive), "--adaptive"},
        {CLI_OPT_predict_trajectories, noise, of_noise},
        {CLI_OPT_predict_twirl, noise, of_noise},
        {CLI_OPT_predict_seed, shots || noise, "--shots or noise by trajectories"},
    };
    for (size_t n = 0; n < sizeof needs / sizeof *needs; n++) {
        if (cli_given(line, needs[n].option) && !needs[n].is_met) {
            return refuse(session, needs[n].option, needs[n].what);
        }
    }
    return QST_OK;
}

static qst_status check_range(cli_session *session, cli_option option, uint64_t least, uint64_t most)
{
    const cli_value *value = &session->line.values[option];
    return !value->given || (value->whole >= least && value->whole <= most)
               ? QST_OK
               : cli_fail(&session->message, QST_ERR_USAGE, "--%s: %s is not a whole number in %" PRIu64 "..%" PRIu64,
                          cli_options[option].name, value->text, least, most);
}

qst_status cli_check_measured(cli_session *session)
{
    const cli_line *line = &session->line;
    const cli_value *devices = &line->values[CLI_OPT_device];
    const char *conf = cli_text(line, CLI_OPT_device_conf), *out = cli_text(line, CLI_OPT_out_file);
    double significance = line->values[CLI_OPT_predict_significance].number;
    qst_status status = QST_OK;
    CLI_TRY(check_needs(session));
    CLI_TRY(cli_check_noise(session));
    CLI_TRY(check_range(session, CLI_OPT_predict_shots, 0, MOST_SHOTS));
    CLI_TRY(check_range(session, CLI_OPT_predict_trajectories, 1, MOST_TRAJECTORIES));
    CLI_TRY(check_range(session, CLI_OPT_predict_adaptive, 2, line->values[CLI_OPT_predict_shots].whole));
    if (cli_given(line, CLI_OPT_predict_significance) && (significance <= 0 || significance >= 1)) {
        CLI_TRY(cli_fail(&session->message, QST_ERR_USAGE, "--significance: %g is not between 0 and 1", significance));
    }
    if (cli_given(line, CLI_OPT_layout) && cli_given(line, CLI_OPT_place_region)) {
        CLI_TRY(cli_fail(&session->message, QST_ERR_USAGE, "--region: not with --layout, which names the qubits"));
    }
    if (out && strcmp(out, "-") != 0) {
        CLI_TRY(cli_check_new_file(session, CLI_OPT_out_file, (const char *const *)devices->items, devices->n_items));
        CLI_TRY(cli_check_new_file(session, CLI_OPT_out_file, &conf, 1));
    }
done:
    return status;
}

/* --- the predictor ------------------------------------------------------------------------------------------------ */

/* "1,2,3"; their order and range are the library's. */
static qst_status read_scales(cli_session *session, cli_measured *measured, qst_mitigation *mitigation)
{
    const char *text = cli_text(&session->line, CLI_OPT_predict_scales);
    char *words = text ? strdup(text) : NULL, *next = words;
    bool wrong = false;
    size_t n = 0;
    if (text == NULL) {
        mitigation->scales = usual_scales;
        mitigation->n_scales = sizeof usual_scales / sizeof *usual_scales;
        return QST_OK;
    }
    measured->scales = calloc(MOST_SCALES, sizeof *measured->scales);
    if (measured->scales == NULL || words == NULL) {
        free(words);
        return cli_fail(&session->message, QST_ERR_MEMORY, "out of memory");
    }
    while (next && !wrong) {
        const char *word = strsep(&next, ",");
        wrong = n == MOST_SCALES || !cli_read_number(word, &measured->scales[n]);
        n += !wrong;
    }
    free(words);
    mitigation->scales = measured->scales;
    mitigation->n_scales = n;
    return wrong || n < 2 ? cli_fail(&session->message, QST_ERR_USAGE,
                                     "--scales: %s is not 2 to %d numbers separated by commas", text, MOST_SCALES)
                          : QST_OK;
}

static qst_status read_mitigation(cli_session *session, cli_measured *measured, qst_mitigation *out)
{
    const cli_line *line = &session->line;
    out->readout = mitigates(line, MITIGATE_READOUT);
    if (!mitigates(line, MITIGATE_ZNE)) {
        return QST_OK;
    }
    out->choose_scales = cli_given(line, CLI_OPT_predict_choose);
    out->extrapolation = (qst_extrapolation)line->values[CLI_OPT_predict_extrapolate].whole;
    return read_scales(session, measured, out);
}

static qst_status read_place(cli_session *session, cli_measured *measured, qst_place_opts *out)
{
    const cli_line *line = &session->line;
    const cli_value *files = &line->values[CLI_OPT_device];
    qst_status status = QST_OK;
    if (!files->given) {
        return QST_OK;
    }
    CLI_TRY(cli_read_qubits(session, CLI_OPT_layout, &measured->layout, &out->n_layout));
    CLI_TRY(cli_read_qubits(session, CLI_OPT_place_region, &measured->region, &out->n_region));
    CLI_TRY(cli_read_device_files(session, (const char *const *)files->items, files->n_items, &measured->device));
    out->layout = measured->layout;
    out->region = measured->region;
    out->allow_dead_edges = cli_given(line, CLI_OPT_place_dead);
    out->temperature_mk = line->values[CLI_OPT_device_temperature].number;
    out->readout = (qst_readout_model)line->values[CLI_OPT_readout_model].whole;
done:
    return status;
}

static void read_sampling(const cli_line *line, qst_predictor_opts *out)
{
    const cli_value *trajectories = &line->values[CLI_OPT_predict_trajectories];
    out->seed = line->values[CLI_OPT_predict_seed].whole;
    out->measure.shots = (size_t)line->values[CLI_OPT_predict_shots].whole;
    out->measure.twirl = cli_given(line, CLI_OPT_predict_twirl);
    out->measure.trajectories = (size_t)trajectories->whole;
    out->measure.noise_method = trajectories->given ? QST_NOISE_TRAJECTORIES : QST_NOISE_AUTO;
    out->n_looks = (size_t)line->values[CLI_OPT_predict_adaptive].whole;
    out->alpha = cli_given(line, CLI_OPT_predict_significance) ? line->values[CLI_OPT_predict_significance].number
                                                               : USUAL_SIGNIFICANCE;
}

/* Errors of readout of the qubits of the circuit that is run. */
static bool misreads(const cli_measured *measured, const qst_placed *placed, size_t n_qubits)
{
    const qst_noise *noise = placed ? qst_placed_noise(placed) : measured->noise;
    for (size_t q = 0; noise && q < n_qubits; q++) {
        double read[4];
        qst_noise_readout(noise, q, read);
        if (read[1] != 0 || read[2] != 0) {
            return true;
        }
    }
    return false;
}

/* Options that only the circuit and its noise show to do nothing. */
static qst_status check_effects(cli_session *session, const cli_measured *measured, size_t n_qubits)
{
    const cli_line *line = &session->line;
    qst_measurement_info info;
    qst_placed_info places;
    qst_measurement_describe(qst_predictor_measurement(measured->predictor), &info);
    if (info.placed) {
        qst_placed_describe(info.placed, &places);
        n_qubits = places.n_qubits;
    }
    bool by_trajectories = info.noise.method == QST_NOISE_TRAJECTORIES && info.noise.n_channels > 0;
    const need needs[] = {
        {CLI_OPT_predict_trajectories, by_trajectories, "noise behind gates"},
        {CLI_OPT_predict_twirl, info.noise.twirled, "trajectories of noise with relaxation"},
        {CLI_OPT_predict_seed, has_shots(line) || by_trajectories, "--shots or noise by trajectories"},
        {CLI_OPT_predict_mitigate, !mitigates(line, MITIGATE_READOUT) || misreads(measured, info.placed, n_qubits),
         "errors of readout"},
        {CLI_OPT_predict_mitigate, !mitigates(line, MITIGATE_ZNE) || info.noise.n_channels > 0, "noise behind gates"},
    };
    for (size_t n = 0; n < sizeof needs / sizeof *needs; n++) {
        if (cli_given(line, needs[n].option) && !needs[n].is_met) {
            return cli_fail(&session->message, QST_ERR_USAGE, "--%s %s: there is nothing for it here: it belongs to %s",
                            cli_options[needs[n].option].name,
                            line->values[needs[n].option].text ? line->values[needs[n].option].text : "",
                            needs[n].what);
        }
    }
    return QST_OK;
}

static qst_status make_predictor(cli_session *session, qst_model *model, cli_measured *measured)
{
    qst_predictor_opts opts = {.seed = 0};
    qst_model_size size;
    qst_status status = QST_OK;
    qst_model_measure(model, &size);
    if (!size.has_circuit) {
        return cli_fail(&session->message, QST_ERR_UNSUPPORTED,
                        "%.400s: a model of kind %s has no circuit that could be measured", session->line.argument,
                        qst_model_kind(model));
    }
    CLI_TRY(read_mitigation(session, measured, &opts.measure.mitigation));
    CLI_TRY(read_place(session, measured, &opts.measure.place));
    CLI_TRY(cli_read_noise(session, size.circuit.qubits, &measured->noise));
    read_sampling(&session->line, &opts);
    opts.measure.device = measured->device;
    opts.measure.noise = measured->noise;
    CLI_TRY(qst_predictor_create(model, &opts, &measured->predictor));
    CLI_TRY(check_effects(session, measured, size.circuit.qubits));
done:
    return status;
}

qst_status cli_measured_scores(cli_session *session, qst_model *model, qst_const_matrix raw, cli_measured *measured,
                               qst_matrix out)
{
    qst_status status = QST_OK;
    CLI_TRY(make_predictor(session, model, measured));
    measured->shots = calloc(raw.n_rows + 1, sizeof *measured->shots);
    if (measured->shots == NULL) {
        CLI_TRY(cli_fail(&session->message, QST_ERR_MEMORY, "out of memory"));
    }
    if (qst_predictor_has_variances(measured->predictor)) {
        CLI_TRY(cli_matrix_create(session, out.n_rows, out.n_cols, &measured->variances));
    }
    CLI_TRY(qst_predictor_scores(measured->predictor, raw, 0, out, measured->variances, measured->shots));
done:
    return status;
}

void cli_measured_clear(cli_measured *measured)
{
    qst_predictor_free(measured->predictor);
    qst_device_free(measured->device);
    qst_noise_free(measured->noise);
    free(measured->layout);
    free(measured->region);
    free(measured->scales);
    free(measured->shots);
    free(measured->variances.data);
}

/* --- what it tells ------------------------------------------------------------------------------------------------ */

static void print_rows(cli_result *out, const char *name, qst_const_matrix table, bool roots)
{
    cli_print(out, ",\n \"%s\": [", name);
    for (size_t row = 0; row < table.n_rows && out->error == 0; row++) {
        cli_print(out, "%s[", row ? ",\n  " : "\n  ");
        for (size_t c = 0; c < table.n_cols; c++) {
            double value = table.data[row * table.n_cols + c];
            cli_print(out, "%s", c ? ", " : "");
            cli_print_number(out, roots ? sqrt(value) : value);
        }
        cli_print(out, "]");
    }
    cli_print(out, "]");
}

/* places NULL: the qubits as they stand; else indices into them. */
static void print_qubits(cli_result *out, const char *name, const size_t *qubits, const size_t *places, size_t n)
{
    cli_print(out, ", \"%s\": [", name);
    for (size_t i = 0; i < n; i++) {
        cli_print(out, "%s%zu", i ? ", " : "", qubits[places ? places[i] : i]);
    }
    cli_print(out, "]");
}

static void print_placement(cli_result *out, const qst_device *device, const qst_placed *placed)
{
    qst_device_info about;
    qst_placed_info info;
    qst_device_describe(device, &about);
    qst_placed_describe(placed, &info);
    cli_print(out, ",\n \"placement\": {\"device\": ");
    cli_print_json_string(out, about.name);
    print_qubits(out, "qubits", info.qubits, NULL, info.n_qubits);
    print_qubits(out, "layout", info.qubits, info.initial, info.n_circuit_qubits);
    print_qubits(out, "final_layout", info.qubits, info.final, info.n_circuit_qubits);
    cli_print(out, ", \"fidelity\": ");
    cli_print_number(out, info.fidelity);
    cli_print(out, "}");
}

static void print_method(cli_result *out, const qst_noise_info *noise)
{
    bool drawn = noise->method == QST_NOISE_TRAJECTORIES;
    const char *name = drawn ? "trajectories" : noise->method == QST_NOISE_EXACT ? "exact" : "none";
    cli_print(out, ",\n \"method\": \"%s\"", name);
    if (drawn) {
        cli_print(out, ", \"trajectories\": %zu, \"twirled\": %s", noise->trajectories,
                  noise->twirled ? "true" : "false");
    }
}

static void print_shots(cli_session *session, const cli_measured *measured, size_t n_rows, size_t n_circuits)
{
    cli_result *out = &session->out;
    double total = 0;
    for (size_t i = 0; i < n_rows; i++) {
        total += (double)measured->shots[i];
    }
    cli_print(out,
              ",\n \"circuits_a_sample\": %zu, \"seed\": %" PRIu64 ", \"shots\": %.0f, \"mean_shots\": ", n_circuits,
              session->line.values[CLI_OPT_predict_seed].whole, total);
    cli_print_number(out, n_rows ? total / (double)n_rows : 0);
    cli_print(out, ", \"shots_a_row\": [");
    for (size_t i = 0; i < n_rows && out->error == 0; i++) {
        cli_print(out, "%s%" PRIu64, i ? ", " : "", measured->shots[i]);
    }
    cli_print(out, "]");
}

void cli_print_measured_json(cli_session *session, const cli_measured *measured, qst_const_matrix scores)
{
    cli_result *out = &session->out;
    qst_measurement_info info;
    qst_measurement_describe(qst_predictor_measurement(measured->predictor), &info);
    print_rows(out, "scores", scores, false);
    if (measured->variances.data && has_shots(&session->line)) {
        print_rows(out, "standard_errors", qst_const_view(measured->variances), true);
    }
    print_shots(session, measured, scores.n_rows, info.n_circuits);
    print_method(out, &info.noise);
    cli_print_noise_json(session);
    if (info.placed) {
        print_placement(out, measured->device, info.placed);
    }
}
