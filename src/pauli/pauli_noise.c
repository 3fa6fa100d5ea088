/* pauli_noise.c: the channels behind gates as elements, and their numbers at other strengths.
 *
 * A Pauli channel multiplies c_Q by its eigenvalue for Q; relaxation takes X and Y to c X and c Y and Z to (1 - a) Z +
 * a (1 - 2 p1) I; a coherent error is a rotation. At another strength the same channels come in the same order, those
 * that do nothing left out. */
#include "pauli/pauli_engine.h"

#include <string.h>

/* I X Y Z -> our digits, I X Z Y: its own inverse. */
static const uint8_t digit_of[4] = {0, 1, 3, 2};

/* Index over our digits -> index of the noise module. */
static size_t their_index(size_t ours, size_t n_qubits)
{
    size_t out = 0;
    for (size_t k = 0; k < n_qubits; k++)
        out |= (size_t)digit_of[ours >> 2 * k & 3] << 2 * k;
    return out;
}

static size_t count_of_numbers(uint8_t kind, size_t n_qubits)
{
    return kind == QSTI_NOISE_PAULI        ? (size_t)1 << 2 * n_qubits
           : kind == QSTI_NOISE_RELAXATION ? QSTI_RELAXATION_NUMBERS
                                           : 0;
}

static uint32_t pauli_of(const qsti_noise_event *event)
{
    uint32_t pauli = 0;
    for (size_t k = 0; k < event->n_qubits && event->kind == QSTI_NOISE_ROTATION; k++)
        pauli |= (uint32_t)((event->x >> k & 1) | (event->z >> k & 1) << 1) << 2 * event->qubits[k];
    return pauli;
}

/* The numbers of an event; `from` NULL: of one that does nothing. */
static void set_numbers(qsti_pauli_engine *engine, const qsti_pauli_event *event, const qsti_noise_event *from)
{
    double *numbers = engine->numbers + event->values, eigenvalues[64];
    size_t n = count_of_numbers(event->kind, event->n_qubits);
    switch ((qsti_noise_kind)event->kind) {
    case QSTI_NOISE_PAULI:
        if (from != NULL)
            qsti_pauli_eigenvalues(from->probability, event->n_qubits, eigenvalues);
        for (size_t i = 0; i < n; i++)
            numbers[i] = from == NULL ? 1 : eigenvalues[their_index(i, event->n_qubits)];
        break;
    case QSTI_NOISE_RELAXATION:
        numbers[QSTI_COHERENCE] = from == NULL ? 1 : from->relaxation.c;
        numbers[QSTI_DECAY] = from == NULL ? 1 : 1 - from->relaxation.a;
        numbers[QSTI_PULL] = from == NULL ? 0 : from->relaxation.a * (1 - 2 * from->relaxation.excited);
        break;
    case QSTI_NOISE_ROTATION:
        engine->rotations[event->rotation].constant = from == NULL ? 0 : from->angle;
        break;
    }
}

/* --- compiling ---------------------------------------------------------------------------------------------------- */

typedef struct adding {
    qsti_pauli_engine *engine;
    size_t operation;
} adding;

static qst_status place_event(qsti_pauli_engine *engine, uint32_t index)
{
    qst_status status = QST_OK;
    qsti_pauli_event *event = &engine->events[index];
    qsti_pauli_element element = {.kind = QSTI_PAULI_CHANNEL, .index = index};
    uint32_t qubits = 0;
    for (size_t k = 0; k < event->n_qubits; k++)
        qubits |= (uint32_t)1 << event->qubits[k];
    if (event->kind == QSTI_NOISE_RELAXATION)
        element.kind = QSTI_PAULI_RELAXATION;
    if (event->kind == QSTI_NOISE_ROTATION) {
        element = (qsti_pauli_element){
            .kind = QSTI_PAULI_ROTATION, .pauli = event->pauli, .index = (uint32_t)engine->n_rotations};
        event->rotation = element.index;
        for (size_t k = 0; k < event->n_qubits; k++)
            if ((event->pauli >> 2 * event->qubits[k] & 3) == 0)
                qubits &= ~((uint32_t)1 << event->qubits[k]);
        QSTI_TRY(QSTI_GROW(engine->ctx, engine->n_rotations + 1, &engine->rotations));
        engine->rotations[engine->n_rotations++] = (qsti_pauli_rotation){.slot = (uint32_t)engine->n_shared++};
    }
    QSTI_TRY(qsti_pauli_place(engine, &element, qubits));
done:
    return status;
}

static qst_status add_event(void *user, const qsti_noise_event *from)
{
    const adding *at = user;
    qsti_pauli_engine *engine = at->engine;
    qst_status status = QST_OK;
    qsti_pauli_event event = {.operation = (uint32_t)at->operation,
                              .kind = (uint8_t)from->kind,
                              .n_qubits = (uint8_t)from->n_qubits,
                              .pauli = pauli_of(from),
                              .values = (uint32_t)engine->n_numbers};
    size_t n = count_of_numbers(event.kind, event.n_qubits);
    if (from->kind == QSTI_NOISE_ROTATION && event.pauli == 0)
        return QST_OK;
    for (size_t k = 0; k < from->n_qubits; k++)
        event.qubits[k] = (uint8_t)from->qubits[k];
    QSTI_TRY(QSTI_GROW(engine->ctx, engine->n_numbers + n, &engine->numbers));
    QSTI_TRY(QSTI_GROW(engine->ctx, engine->n_events + 1, &engine->events));
    engine->n_numbers += n;
    engine->events[engine->n_events++] = event;
    engine->n_relaxations += from->kind == QSTI_NOISE_RELAXATION;
    QSTI_TRY(place_event(engine, (uint32_t)(engine->n_events - 1)));
    set_numbers(engine, &engine->events[engine->n_events - 1], from);
done:
    return status;
}

qst_status qsti_pauli_add_noise(qsti_pauli_engine *engine, size_t operation)
{
    adding at = {engine, operation};
    return qsti_noise_behind(engine->noise, engine->strength, engine->circuit, operation, add_event, &at);
}

/* --- another strength --------------------------------------------------------------------------------------------- */

typedef struct setting {
    qsti_pauli_engine *engine;
    size_t operation, at; /* the next event */
    bool write;
} setting;

static bool same(const qsti_pauli_event *event, const qsti_noise_event *from)
{
    bool is = event->kind == from->kind && event->n_qubits == from->n_qubits && event->pauli == pauli_of(from);
    for (size_t k = 0; is && k < from->n_qubits; k++)
        is = event->qubits[k] == from->qubits[k];
    return is;
}

static qst_status set_event(void *user, const qsti_noise_event *from)
{
    setting *set = user;
    qsti_pauli_engine *engine = set->engine;
    if (from->kind == QSTI_NOISE_ROTATION && pauli_of(from) == 0)
        return QST_OK;
    for (; set->at < engine->n_events && engine->events[set->at].operation == set->operation; set->at++) {
        if (!same(&engine->events[set->at], from))
            continue;
        if (set->write)
            set_numbers(engine, &engine->events[set->at], from);
        set->at++;
        return QST_OK;
    }
    return qsti_fail(engine->ctx, QST_ERR_UNSUPPORTED,
                     "gate %zu has a channel that does nothing at strength 1: other strengths are not to be had",
                     set->operation);
}

static qst_status walk_events(qsti_pauli_engine *engine, double strength, bool write)
{
    qst_status status = QST_OK;
    setting set = {.engine = engine, .write = write};
    for (size_t o = 0; o < engine->circuit->n_operations; o++) {
        set.operation = o;
        while (set.at < engine->n_events && engine->events[set.at].operation < o)
            set.at++;
        QSTI_TRY(qsti_noise_behind(engine->noise, strength, engine->circuit, o, set_event, &set));
    }
done:
    return status;
}

qst_status qsti_pauli_set_strength(void *inside, double strength)
{
    qst_status status = QST_OK;
    qsti_pauli_engine *engine = inside;
    if (strength == engine->strength)
        return QST_OK;
    QSTI_TRY(walk_events(engine, strength, false));
    for (size_t i = 0; i < engine->n_events; i++)
        set_numbers(engine, &engine->events[i], NULL);
    QSTI_TRY(walk_events(engine, strength, true));
    engine->strength = strength;
    qsti_pauli_tables_fill(engine);
done:
    return status;
}
