/* number.c: where the cosines of rotations and the coefficients of gates lie.
 *
 * Slots and lines are counted in the order in which rotations and gates stand, which tile.c makes that of the passes.
 * Per-lane rotations whose angles are the same polynomial share a slot: found in a table of hashes of their terms.
 * Those with a drawn sign have a slot each, behind them, and are made from the slot of their angle.
 */
#include <string.h>

#include "sim/program.h"

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15U;
    return hash ^ hash >> 32;
}

static uint64_t hash_of(const qst_program *program, qsti_span span)
{
    uint64_t hash = span.count;
    for (size_t i = span.first; i < span.first + span.count; i++) {
        uint64_t bits = 0;
        memcpy(&bits, &program->terms[i].coefficient, sizeof bits);
        hash = mix(mix(hash, bits), (uint64_t)(uint32_t)program->terms[i].a << 32 | (uint32_t)program->terms[i].b);
    }
    return hash;
}

static bool same_angle(const qst_program *program, qsti_span a, qsti_span b)
{
    for (size_t i = 0; i < a.count && a.count == b.count; i++) {
        const qst_term *s = &program->terms[a.first + i], *t = &program->terms[b.first + i];
        if (s->coefficient != t->coefficient || s->a != t->a || s->b != t->b)
            return false;
    }
    return a.count == b.count;
}

/* The slot of a per-lane rotation: that of an earlier one with its angle, or a new one. table[place] is 1 + a rotation,
 * or 0; there is always a free place. */
static uint32_t lane_slot(qst_program *program, uint32_t *table, size_t n_places, size_t r)
{
    qsti_span terms = program->rotations[r].terms;
    size_t place = (size_t)hash_of(program, terms) & (n_places - 1);
    for (; table[place] != 0; place = (place + 1) & (n_places - 1)) {
        const qsti_rotation *other = &program->rotations[table[place] - 1];
        if (same_angle(program, other->terms, terms))
            return other->angle_slot;
    }
    table[place] = (uint32_t)r + 1;
    return (uint32_t)program->n_per_lane++;
}

static qst_status number_rotations(qst_program *program)
{
    qst_status status = QST_OK;
    uint32_t *table = NULL;
    size_t n_lane = 0, n_places = 2;
    for (size_t r = 0; r < program->n_rotations; r++)
        n_lane += program->rotations[r].featured;
    while (n_places < 2 * n_lane)
        n_places *= 2;
    QSTI_TRY(QSTI_NEW(program->ctx, n_places, &table));
    program->n_shared = program->n_per_lane = 0;
    for (size_t r = 0; r < program->n_rotations; r++) {
        qsti_rotation *rotation = &program->rotations[r];
        if (rotation->featured)
            rotation->angle_slot = lane_slot(program, table, n_places, r);
        else
            rotation->angle_slot = (uint32_t)program->n_shared++;
        rotation->slot = rotation->angle_slot;
    }
    program->n_featured = program->n_per_lane;
    for (size_t r = 0; r < program->n_rotations; r++)
        if (program->rotations[r].drawn && program->rotations[r].per_lane)
            program->rotations[r].slot = (uint32_t)program->n_per_lane++;
done:
    qsti_free(program->ctx, table);
    return status;
}

qst_status qsti_program_number(qst_program *program)
{
    program->n_shared_lines = program->n_lane_lines = 0;
    for (size_t g = 0; g < program->n_gates; g++) {
        qsti_gate *gate = &program->gates[g];
        size_t *n = gate->per_lane ? &program->n_lane_lines : &program->n_shared_lines;
        gate->line = (uint32_t)*n;
        *n += (gate->control ? 2 : 1) * qsti_form_lines((qsti_form)gate->form);
    }
    return number_rotations(program);
}
