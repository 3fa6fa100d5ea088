/* channel.c: the table of channels, the ranges of their numbers, and what they are on one qubit.
 *
 *   phase_damping       the coherences times sqrt(1 - lambda): Z with probability (1 - sqrt(1 - lambda))/2
 *   amplitude_damping   relaxation with a = gamma, c = sqrt(1 - gamma)
 *   thermal_relaxation  relaxation with a = 1 - exp(-time/t1), c = exp(-time/t2)
 */
#include <math.h>

#include "circuit/names.h"
#include "noise/noise_model.h"

/* What a sum of probabilities may be above 1 by rounding. */
#define SLACK 1e-12

static const qst_channel_info channels[QST_CHANNEL_COUNT] = {
#define QST_CHANNEL(id, n_numbers, about) [QST_CHANNEL_##id] = {#id, n_numbers, about},
#include <qstill/channels.def>
#undef QST_CHANNEL
};

const qst_channel_info *qst_channel_describe(qst_channel_kind kind)
{
    return &channels[kind];
}

qst_status qst_channel_find(qst_ctx *ctx, const char *name, qst_channel_kind *out)
{
    const char *names[QST_CHANNEL_COUNT];
    size_t found = 0;
    for (size_t c = 0; c < QST_CHANNEL_COUNT; c++)
        names[c] = channels[c].name;
    qst_status status = qsti_name_find(ctx, "channel", name, names, QST_CHANNEL_COUNT, &found);
    if (status == QST_OK)
        *out = (qst_channel_kind)found;
    return status;
}

/* --- ranges ------------------------------------------------------------------------------------------------------- */

double qsti_depolarizing_most(size_t n_qubits)
{
    double n_paulis = ldexp(1, 2 * (int)n_qubits);
    return n_paulis / (n_paulis - 1);
}

typedef struct checking {
    qst_ctx *ctx;
    const qst_channel *channel;
} checking;

static qst_status check_range(const checking *at, size_t number, const char *name, double low, double high)
{
    double value = at->channel->numbers[number];
    if (value >= low && value <= high)
        return QST_OK;
    const char *channel = channels[at->channel->kind].name;
    if (high == INFINITY)
        return qsti_fail(at->ctx, QST_ERR_USAGE, "channel %s: %s = %g is not %g or more", channel, name, value, low);
    return qsti_fail(at->ctx, QST_ERR_USAGE, "channel %s: %s = %g is not in %g..%g", channel, name, value, low, high);
}

static qst_status check_pauli(const checking *at)
{
    const double *p = at->channel->numbers;
    qst_status status = QST_OK;
    QSTI_TRY(check_range(at, 0, "x", 0, 1));
    QSTI_TRY(check_range(at, 1, "y", 0, 1));
    QSTI_TRY(check_range(at, 2, "z", 0, 1));
    if (p[0] + p[1] + p[2] > 1 + SLACK)
        status = qsti_fail(at->ctx, QST_ERR_USAGE, "channel pauli: x + y + z = %g is more than 1", p[0] + p[1] + p[2]);
done:
    return status;
}

static qst_status check_thermal(const checking *at)
{
    const double *numbers = at->channel->numbers;
    qst_status status = QST_OK;
    for (size_t k = 0; k < 2; k++) {
        if (!(numbers[k] > 0))
            return qsti_fail(at->ctx, QST_ERR_USAGE, "channel thermal_relaxation: t%zu = %g is not above 0", k + 1,
                             numbers[k]);
    }
    if (numbers[1] > 2 * numbers[0] * (1 + SLACK))
        return qsti_fail(at->ctx, QST_ERR_USAGE, "channel thermal_relaxation: t2 = %g is more than 2 t1 = %g",
                         numbers[1], 2 * numbers[0]);
    QSTI_TRY(check_range(at, 2, "time", 0, INFINITY));
    QSTI_TRY(check_range(at, 3, "excited", 0, 1));
    if (isinf(numbers[2]))
        status = qsti_fail(at->ctx, QST_ERR_USAGE, "channel thermal_relaxation: time is not finite");
done:
    return status;
}

qst_status qsti_channel_check(qst_ctx *ctx, const qst_channel *channel)
{
    const checking at = {ctx, channel};
    qst_status status = QST_OK;
    switch (channel->kind) {
    case QST_CHANNEL_depolarizing:
        return check_range(&at, 0, "p", 0, qsti_depolarizing_most(1));
    case QST_CHANNEL_pauli:
        return check_pauli(&at);
    case QST_CHANNEL_bit_flip:
    case QST_CHANNEL_phase_flip:
    case QST_CHANNEL_bit_phase_flip:
        return check_range(&at, 0, "p", 0, 1);
    case QST_CHANNEL_amplitude_damping:
        status = check_range(&at, 0, "gamma", 0, 1);
        return status != QST_OK ? status : check_range(&at, 1, "excited", 0, 1);
    case QST_CHANNEL_phase_damping:
        return check_range(&at, 0, "lambda", 0, 1);
    case QST_CHANNEL_thermal_relaxation:
        return check_thermal(&at);
    case QST_CHANNEL_over_rotation:
    case QST_CHANNEL_rotation_x:
    case QST_CHANNEL_rotation_y:
    case QST_CHANNEL_rotation_z:
        if (isfinite(channel->numbers[0]))
            return QST_OK;
        return qsti_fail(ctx, QST_ERR_USAGE, "channel %s: angle = %g is not finite", channels[channel->kind].name,
                         channel->numbers[0]);
    case QST_CHANNEL_COUNT:
        break;
    }
    return qsti_fail(ctx, QST_ERR_USAGE, "channel %d: there are 0..%d", (int)channel->kind, QST_CHANNEL_COUNT - 1);
}

/* --- events ------------------------------------------------------------------------------------------------------- */

static void set_paulis(qsti_noise_event *event, double x, double y, double z)
{
    event->kind = QSTI_NOISE_PAULI;
    event->probability[0] = fmax(0, 1 - x - y - z);
    event->probability[1] = x;
    event->probability[2] = y;
    event->probability[3] = z;
}

static void set_rotation(qsti_noise_event *event, uint8_t x, uint8_t z, double angle)
{
    event->kind = QSTI_NOISE_ROTATION;
    event->x = x;
    event->z = z;
    event->angle = angle;
}

static void set_relaxation(qsti_noise_event *event, double a, double c, double excited)
{
    event->kind = QSTI_NOISE_RELAXATION;
    event->relaxation = (qst_relaxation){.a = a, .c = c, .excited = excited};
}

void qsti_channel_event(const qst_channel *channel, size_t qubit, qsti_noise_event *out)
{
    const double *numbers = channel->numbers;
    *out = (qsti_noise_event){.n_qubits = 1, .qubits = {qubit}};
    switch (channel->kind) {
    case QST_CHANNEL_pauli:
        set_paulis(out, numbers[0], numbers[1], numbers[2]);
        break;
    case QST_CHANNEL_bit_flip:
        set_paulis(out, numbers[0], 0, 0);
        break;
    case QST_CHANNEL_phase_flip:
        set_paulis(out, 0, 0, numbers[0]);
        break;
    case QST_CHANNEL_bit_phase_flip:
        set_paulis(out, 0, numbers[0], 0);
        break;
    case QST_CHANNEL_phase_damping: /* (1 - sqrt(1 - l))/2 without cancellation */
        set_paulis(out, 0, 0, numbers[0] / (2 * (1 + sqrt(1 - numbers[0]))));
        break;
    case QST_CHANNEL_amplitude_damping:
        set_relaxation(out, numbers[0], sqrt(1 - numbers[0]), numbers[1]);
        break;
    case QST_CHANNEL_thermal_relaxation:
        set_relaxation(out, -expm1(-numbers[2] / numbers[0]), exp(-numbers[2] / fmin(numbers[1], 2 * numbers[0])),
                       numbers[3]);
        break;
    case QST_CHANNEL_rotation_x:
        set_rotation(out, 1, 0, numbers[0]);
        break;
    case QST_CHANNEL_rotation_y:
        set_rotation(out, 1, 1, numbers[0]);
        break;
    case QST_CHANNEL_rotation_z:
        set_rotation(out, 0, 1, numbers[0]);
        break;
    case QST_CHANNEL_depolarizing: /* on all qubits together, and by the gate: not of one qubit */
    case QST_CHANNEL_over_rotation:
    case QST_CHANNEL_COUNT:
        break;
    }
}
