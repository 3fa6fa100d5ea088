/* pauli_table.c: runs of Clifford moves and Pauli channels as one permutation with scales:
 *
 *   c'[p] = scale[p] c[from[p]]
 *
 * A table of at most five qubits holds the digits of these alone; wider ones all coefficients, 12 bytes each, shared by
 * all lanes. The way back is the transpose. Tables behind which nothing comes are not made: the readout looks at what
 * its coefficients come from. */
#include "pauli/pauli_engine.h"

#define X_BITS 0x55555555U

static unsigned ones(uint32_t bits)
{
    return (unsigned)__builtin_popcount(bits);
}

/* U'QU of CX with control a, target b: x_b += x_a, z_a += z_b, the sign by [aaronson2004]. */
static uint32_t through_cx(uint32_t p, unsigned a, unsigned b, double *scale)
{
    uint32_t xa = p >> 2 * a & 1, za = p >> (2 * a + 1) & 1, xb = p >> 2 * b & 1, zb = p >> (2 * b + 1) & 1;
    if (xa & zb & (xb ^ za ^ 1))
        *scale = -*scale;
    return p ^ xa << 2 * b ^ zb << (2 * a + 1);
}

static uint32_t through_swap(uint32_t p, unsigned a, unsigned b)
{
    uint32_t difference = (p >> 2 * a ^ p >> 2 * b) & 3;
    return p ^ difference << 2 * a ^ difference << 2 * b;
}

/* c'_Q = cos t c_Q + s sin t c_Q', i P Q = s Q', where P and Q anticommute. */
static uint32_t through_quarter(uint32_t p, uint32_t pauli, unsigned turns, double *scale)
{
    uint32_t q = p ^ pauli;
    unsigned e = 1 + ones(pauli & (pauli >> 1) & X_BITS) + ones(p & (p >> 1) & X_BITS) +
                 3 * ones(q & (q >> 1) & X_BITS) + 2 * ones((pauli >> 1) & p & X_BITS);
    if (e & 1)
        return p;
    bool minus = turns % 2 == 0 ? turns == 2 : (turns == 3) != ((e & 2) != 0);
    if (minus)
        *scale = -*scale;
    return turns % 2 == 0 ? p : q;
}

uint32_t qsti_pauli_source(const qsti_pauli_engine *engine, const qsti_pauli_op *op, uint32_t p, double *scale)
{
    for (size_t i = op->count; i-- > 0;) {
        const qsti_pauli_element *element = &engine->elements[op->first + i];
        const qsti_pauli_event *event = NULL;
        size_t at = 0;
        switch ((qsti_pauli_kind)element->kind) {
        case QSTI_PAULI_CX:
            p = through_cx(p, element->a, element->b, scale);
            break;
        case QSTI_PAULI_SWAP:
            p = through_swap(p, element->a, element->b);
            break;
        case QSTI_PAULI_QUARTER:
            p = through_quarter(p, element->pauli, element->a, scale);
            break;
        case QSTI_PAULI_CHANNEL:
            event = &engine->events[element->index];
            for (size_t k = 0; k < event->n_qubits; k++)
                at |= (size_t)(p >> 2 * event->qubits[k] & 3) << 2 * k;
            *scale *= engine->numbers[event->values + at];
            break;
        case QSTI_PAULI_ROTATION:
        case QSTI_PAULI_RELAXATION:
            break;
        }
    }
    return p;
}

/* --- memory and entries ------------------------------------------------------------------------------------------- */

/* The coefficient with the digits of j on the table's qubits. */
static uint32_t spread(const qsti_pauli_op *op, size_t j)
{
    uint32_t out = 0;
    if (!op->local)
        return (uint32_t)j;
    for (size_t k = 0; k < op->n_digits; k++)
        out |= (uint32_t)(j >> 2 * k & 3) << 2 * op->digits[k];
    return out;
}

static qst_status create_table(qsti_pauli_engine *engine, qsti_pauli_op *op)
{
    qst_status status = QST_OK;
    op->local = ones(op->qubits) <= QSTI_LOCAL_QUBITS;
    for (size_t q = 0; q < engine->n_qubits && op->local; q++)
        if (op->qubits >> q & 1)
            op->digits[op->n_digits++] = (uint8_t)q;
    op->n = op->local ? (size_t)1 << 2 * op->n_digits : engine->n_coefficients;
    if (op->local)
        QSTI_TRY(QSTI_NEW(engine->ctx, 4 * op->n, &op->offsets));
    else
        QSTI_TRY(QSTI_NEW(engine->ctx, op->n, &op->from));
    QSTI_TRY(QSTI_NEW(engine->ctx, op->n, &op->scale));
done:
    return status;
}

qst_status qsti_pauli_tables_create(qsti_pauli_engine *engine)
{
    qst_status status = QST_OK;
    for (size_t i = 0; i < engine->n_passes; i++)
        if (engine->passes[i].kind == QSTI_OP_TABLE)
            QSTI_TRY(create_table(engine, &engine->ops[engine->passes[i].op[0]]));
done:
    return status;
}

/* The lines of a table of 8 lanes lie 8 doubles apart, of one lane 1. */
static void fill_table(const qsti_pauli_engine *engine, qsti_pauli_op *op)
{
    for (size_t j = 0; j < op->n; j++) {
        uint32_t to = spread(op, j);
        op->scale[j] = 1;
        uint32_t from = qsti_pauli_source(engine, op, to, &op->scale[j]);
        if (!op->local) {
            op->from[j] = from;
            continue;
        }
        op->offsets[j] = to * (size_t)QSTI_PAULI_LANES;
        op->offsets[op->n + j] = from * (size_t)QSTI_PAULI_LANES;
        op->offsets[2 * op->n + j] = to;
        op->offsets[3 * op->n + j] = from;
    }
}

static void fill_readout(qsti_pauli_engine *engine)
{
    for (size_t i = 0; i < engine->n_entries; i++) {
        qsti_pauli_entry *entry = &engine->entries[i];
        entry->index = entry->given_index;
        entry->factor = entry->given_factor;
        for (size_t t = 0; t < engine->n_trailing; t++)
            entry->index = qsti_pauli_source(engine, &engine->ops[engine->trailing[t]], entry->index, &entry->factor);
    }
}

void qsti_pauli_tables_fill(qsti_pauli_engine *engine)
{
    for (size_t i = 0; i < engine->n_passes; i++)
        if (engine->passes[i].kind == QSTI_OP_TABLE)
            fill_table(engine, &engine->ops[engine->passes[i].op[0]]);
    fill_readout(engine);
}

/* --- running ------------------------------------------------------------------------------------------------------ */

void qsti_pauli_table_run(const qsti_pauli_engine *engine, const qsti_pauli_op *op, size_t lanes, bool back,
                          const double *in, double *out)
{
    size_t n = engine->n_coefficients * lanes;
    if (!op->local) {
        (back ? engine->kernels->unpermute : engine->kernels->permute)(in, out, n, lanes, op->from, op->scale);
        return;
    }
    const size_t *to = op->offsets + (lanes == 1 ? 2 * op->n : 0), *from = to + op->n;
    qsti_pauli_local local = {.to = back ? from : to,
                              .from = back ? to : from,
                              .scale = op->scale,
                              .n_entries = op->n,
                              .n_digits = op->n_digits,
                              .run = lanes << 2 * op->digits[0]};
    for (size_t k = 0; k < op->n_digits; k++)
        local.strides[k] = lanes << 2 * op->digits[k];
    engine->kernels->permute_local(in, out, n, &local);
}
