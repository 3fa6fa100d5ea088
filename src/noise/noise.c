/* noise.c: models of noise: rules, a device, errors of readout.
 *
 * Not here: what the channels are (channel.c, pauli_channel.c) and which of them stand behind a gate (noise_events.c).
 */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "noise/noise_model.h"

static qst_status create(qst_ctx *ctx, qst_noise **out)
{
    qst_status status = QSTI_NEW(ctx, 1, out);
    if (status == QST_OK)
        **out = (qst_noise){.ctx = ctx};
    return status;
}

qst_status qst_noise_create(qst_ctx *ctx, qst_noise **out)
{
    qst_noise *made = NULL;
    qst_status status = create(ctx, &made);
    if (status == QST_OK)
        *out = made;
    return status;
}

void qst_noise_free(qst_noise *noise)
{
    if (noise == NULL)
        return;
    for (size_t r = 0; r < noise->n_rules; r++) {
        qsti_free(noise->ctx, (void *)noise->rules[r].gates);
        qsti_free(noise->ctx, (void *)noise->rules[r].qubits);
    }
    qsti_free(noise->ctx, noise->rules);
    qsti_free(noise->ctx, noise->misreadings);
    qsti_free(noise->ctx, noise->layout);
    qsti_free(noise->ctx, noise);
}

/* --- rules -------------------------------------------------------------------------------------------------------- */

static qst_status check_rule(const qst_noise *noise, const qst_noise_rule *rule)
{
    for (size_t g = 0; rule->gates != NULL && g < rule->n_gates; g++) {
        if ((unsigned)rule->gates[g] >= QST_GATE_COUNT)
            return qsti_fail(noise->ctx, QST_ERR_USAGE, "rule of noise: gate %d: there are 0..%d", (int)rule->gates[g],
                             QST_GATE_COUNT - 1);
    }
    if (rule->gate_qubits > QST_MAX_GATE_QUBITS)
        return qsti_fail(noise->ctx, QST_ERR_USAGE, "rule of noise: gates on %zu qubits: they have at most %d",
                         rule->gate_qubits, QST_MAX_GATE_QUBITS);
    if (rule->each && rule->channel.kind == QST_CHANNEL_over_rotation)
        return qsti_fail(noise->ctx, QST_ERR_USAGE,
                         "channel over_rotation acts on the gate, not on each of its qubits");
    return qsti_channel_check(noise->ctx, &rule->channel);
}

qst_status qst_noise_add(qst_noise *noise, const qst_noise_rule *rule)
{
    qst_gate *gates = NULL;
    size_t *qubits = NULL;
    qst_status status = check_rule(noise, rule);
    if (status != QST_OK)
        return status;
    QSTI_TRY(QSTI_GROW(noise->ctx, noise->n_rules + 1, &noise->rules));
    if (rule->gates != NULL) {
        QSTI_TRY(QSTI_NEW(noise->ctx, rule->n_gates, &gates));
        memcpy(gates, rule->gates, rule->n_gates * sizeof *gates);
    }
    if (rule->qubits != NULL) {
        QSTI_TRY(QSTI_NEW(noise->ctx, rule->n_qubits, &qubits));
        memcpy(qubits, rule->qubits, rule->n_qubits * sizeof *qubits);
    }
    qst_noise_rule *made = &noise->rules[noise->n_rules++];
    *made = *rule;
    made->gates = gates;
    made->qubits = qubits;
    return QST_OK;
done:
    qsti_free(noise->ctx, gates);
    qsti_free(noise->ctx, qubits);
    return status;
}

qst_status qst_noise_add_readout(qst_noise *noise, size_t qubit, double m1p0, double m0p1)
{
    if (!(m1p0 >= 0 && m1p0 <= 1 && m0p1 >= 0 && m0p1 <= 1))
        return qsti_fail(noise->ctx, QST_ERR_USAGE, "errors of readout %g and %g: P(1 | 0) and P(0 | 1) are in 0..1",
                         m1p0, m0p1);
    qst_status status = QSTI_GROW(noise->ctx, noise->n_misreadings + 1, &noise->misreadings);
    if (status == QST_OK)
        noise->misreadings[noise->n_misreadings++] = (qsti_noise_misreading){qubit, m1p0, m0p1};
    return status;
}

/* --- a device ----------------------------------------------------------------------------------------------------- */

static qst_status check_layout(const qst_noise *noise)
{
    const qst_device *device = noise->device;
    for (size_t q = 0; q < noise->n_layout; q++) {
        if (noise->layout[q] >= device->n_qubits)
            return qsti_fail(noise->ctx, QST_ERR_USAGE, "layout: %zu is no qubit of device %s, which has 0..%zu",
                             noise->layout[q], device->name, device->n_qubits - 1);
        for (size_t other = 0; other < q; other++) {
            if (noise->layout[other] == noise->layout[q])
                return qsti_fail(noise->ctx, QST_ERR_USAGE, "layout: qubit %zu is there twice", noise->layout[q]);
        }
    }
    return QST_OK;
}

static qst_status find_noisy_gates(qst_noise *noise)
{
    qst_status status = QST_OK;
    if (!isfinite(noise->temperature_mk))
        return qsti_fail(noise->ctx, QST_ERR_USAGE, "temperature: %g mK is not a finite number", noise->temperature_mk);
    for (size_t gate = 0; status == QST_OK && gate < noise->device->n_gates; gate++) {
        qst_gate_noise entry = {0};
        status = qst_device_entry_noise(noise->device, gate, noise->temperature_mk, &entry);
        noise->has_noisy_gates = noise->has_noisy_gates || entry.depolarizing != 0;
        for (size_t q = 0; entry.relaxes && q < entry.n_qubits; q++)
            noise->has_noisy_gates = noise->has_noisy_gates || entry.relaxation[q].a != 0 || entry.relaxation[q].c != 1;
    }
    return status;
}

qst_status qst_noise_from_device(qst_ctx *ctx, const qst_device *device, const qst_noise_device_opts *opts,
                                 qst_noise **out)
{
    static const qst_noise_device_opts defaults = {0};
    qst_noise *made = NULL;
    qst_status status = QST_OK;
    opts = opts != NULL ? opts : &defaults;
    QSTI_TRY(create(ctx, &made));
    made->device = device;
    made->temperature_mk = opts->temperature_mk;
    made->readout = opts->readout;
    made->n_layout = opts->layout != NULL ? opts->n_layout : device->n_qubits;
    QSTI_TRY(QSTI_NEW(ctx, made->n_layout, &made->layout));
    for (size_t q = 0; q < made->n_layout; q++)
        made->layout[q] = opts->layout != NULL ? opts->layout[q] : q;
    if (opts->layout != NULL)
        QSTI_TRY(check_layout(made));
    QSTI_TRY(find_noisy_gates(made));
    *out = made;
    made = NULL;
done:
    qst_noise_free(made);
    return status;
}

/* --- copies ------------------------------------------------------------------------------------------------------- */

/* Which of the qubits is the model's `qubit`; SIZE_MAX: none. qubits NULL: itself. */
static size_t number_of(const size_t *qubits, size_t n, size_t qubit)
{
    if (qubits == NULL || qubit == QST_EVERY_QUBIT)
        return qubit;
    for (size_t q = 0; q < n; q++) {
        if (qubits[q] == qubit)
            return q;
    }
    return SIZE_MAX;
}

static qst_status copy_rule(qst_noise *to, const qst_noise_rule *rule, const size_t *qubits, size_t n)
{
    qst_status status = qst_noise_add(to, rule);
    if (status != QST_OK || rule->qubits == NULL)
        return status;
    qst_noise_rule *made = &to->rules[to->n_rules - 1];
    size_t *numbers = (size_t *)made->qubits, n_kept = 0;
    for (size_t k = 0; k < made->n_qubits; k++) {
        size_t number = number_of(qubits, n, numbers[k]);
        if (number != SIZE_MAX)
            numbers[n_kept++] = number;
    }
    made->n_qubits = n_kept;
    return QST_OK;
}

static qst_status copy_layout(qst_noise *to, const qst_noise *noise, const size_t *qubits, size_t n)
{
    to->n_layout = qubits != NULL ? n : noise->n_layout;
    qst_status status = QSTI_NEW(to->ctx, to->n_layout, &to->layout);
    for (size_t q = 0; status == QST_OK && q < to->n_layout; q++) {
        size_t number = qubits != NULL ? qubits[q] : q;
        if (number >= noise->n_layout)
            return qsti_fail(to->ctx, QST_ERR_MISMATCH, "qubit %zu: the layout on device %s has %zu", number,
                             noise->device->name, noise->n_layout);
        to->layout[q] = noise->layout[number];
    }
    return status;
}

qst_status qsti_noise_select(qst_ctx *ctx, const qst_noise *noise, const size_t *qubits, size_t n, qst_noise **out)
{
    qst_noise *made = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(create(ctx, &made));
    made->device = noise->device;
    made->temperature_mk = noise->temperature_mk;
    made->readout = noise->readout;
    made->has_noisy_gates = noise->has_noisy_gates;
    for (size_t r = 0; r < noise->n_rules; r++)
        QSTI_TRY(copy_rule(made, &noise->rules[r], qubits, n));
    for (size_t m = 0; m < noise->n_misreadings; m++) {
        const qsti_noise_misreading *other = &noise->misreadings[m];
        size_t number = number_of(qubits, n, other->qubit);
        if (other->qubit == QST_EVERY_QUBIT || number != SIZE_MAX)
            QSTI_TRY(qst_noise_add_readout(made, number, other->m1p0, other->m0p1));
    }
    if (noise->device != NULL)
        QSTI_TRY(copy_layout(made, noise, qubits, n));
    *out = made;
    made = NULL;
done:
    qst_noise_free(made);
    return status;
}

qst_status qsti_noise_copy(qst_ctx *ctx, const qst_noise *noise, qst_noise **out)
{
    return qsti_noise_select(ctx, noise, NULL, 0, out);
}

qst_status qst_noise_copy(const qst_noise *noise, qst_noise **out)
{
    return qsti_noise_copy(noise->ctx, noise, out);
}

/* --- whether there is any ----------------------------------------------------------------------------------------- */

static bool is_idle(const qst_channel *channel)
{
    qsti_noise_event event;
    if (channel->kind == QST_CHANNEL_depolarizing || channel->kind == QST_CHANNEL_over_rotation)
        return channel->numbers[0] == 0;
    qsti_channel_event(channel, 0, &event);
    return qsti_noise_is_idle(&event);
}

static bool reads_right(const qst_noise *noise, size_t qubit)
{
    double matrix[4];
    qst_noise_readout(noise, qubit, matrix);
    return matrix[1] == 0 && matrix[2] == 0;
}

bool qst_noise_is_none(const qst_noise *noise)
{
    bool none = !noise->has_noisy_gates && reads_right(noise, QST_EVERY_QUBIT);
    for (size_t r = 0; none && r < noise->n_rules; r++)
        none = is_idle(&noise->rules[r].channel);
    for (size_t q = 0; none && q < noise->n_layout; q++)
        none = reads_right(noise, q);
    for (size_t m = 0; none && m < noise->n_misreadings; m++)
        none = reads_right(noise, noise->misreadings[m].qubit);
    return none;
}
