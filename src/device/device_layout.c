/* device_layout.c: see device_layout.h.
 *
 * Search: the qubits of a piece in the order of a walk from one of its ends; each takes one of the four places beside
 * one of its neighbours that is beside all of them, and goes back where there is none, up to a number of steps. Else
 * stress majorization [gansner2005]: x_i <- mean over j of x_j + d_ij (x_i - x_j)/|x_i - x_j|, weights 1/d_ij^2, from a
 * circle, where d_ij is the distance in the map.
 */
#include "device/device_layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_STEPS  200000 /* of the search */
#define MOST_PIECE  256    /* qubits that are placed by search or stress */
#define MOST_STRESS 1024   /* qubits of a device whose pieces are placed by stress */
#define SWEEPS      200

/* --- neighbours --------------------------------------------------------------------------------------------------- */

typedef struct map {
    qst_ctx *ctx;
    size_t n;
    size_t *first, *to; /* neighbours of q: to[first[q]..first[q + 1]) */
} map;

static void map_clear(map *m)
{
    qsti_free(m->ctx, m->first);
    qsti_free(m->ctx, m->to);
}

static qst_status map_make(const qst_device *device, map *m)
{
    size_t *at = NULL;
    qst_status status = QST_OK;
    *m = (map){.ctx = device->ctx, .n = device->n_qubits};
    QSTI_TRY(QSTI_NEW(m->ctx, m->n + 1, &m->first));
    QSTI_TRY(QSTI_NEW(m->ctx, 2 * device->n_edges, &m->to));
    QSTI_TRY(QSTI_NEW(m->ctx, m->n, &at));
    for (size_t e = 0; e < device->n_edges; e++) {
        m->first[device->edges[e].a + 1]++;
        m->first[device->edges[e].b + 1]++;
    }
    for (size_t q = 0; q < m->n; q++) {
        m->first[q + 1] += m->first[q];
        at[q] = m->first[q];
    }
    for (size_t e = 0; e < device->n_edges; e++) {
        m->to[at[device->edges[e].a]++] = device->edges[e].b;
        m->to[at[device->edges[e].b]++] = device->edges[e].a;
    }
done:
    qsti_free(device->ctx, at);
    return status;
}

/* The qubits reached from `from`, nearest first; distance[] is SIZE_MAX for all others before and after. */
static size_t walk(const map *m, size_t from, size_t *order, size_t *distance)
{
    size_t n = 1;
    order[0] = from;
    distance[from] = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = m->first[order[i]]; k < m->first[order[i] + 1]; k++) {
            size_t next = m->to[k];
            if (distance[next] == SIZE_MAX) {
                distance[next] = distance[order[i]] + 1;
                order[n++] = next;
            }
        }
    }
    return n;
}

/* --- a square grid ------------------------------------------------------------------------------------------------ */

typedef struct cell {
    int x, y;
} cell;

typedef struct search {
    const map *m;
    const size_t *order; /* (n) the piece */
    size_t n;
    cell *cells; /* by qubit */
    bool *placed;
    int *tried;                 /* (n) by place in the order */
    size_t *reached, *distance; /* work of the stress; all distances are SIZE_MAX */
} search;

static const cell directions[] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};

static bool fits(const search *s, size_t place, cell c)
{
    size_t q = s->order[place];
    for (size_t k = s->m->first[q]; k < s->m->first[q + 1]; k++) {
        size_t neighbour = s->m->to[k];
        if (s->placed[neighbour] && abs(s->cells[neighbour].x - c.x) + abs(s->cells[neighbour].y - c.y) != 1) {
            return false;
        }
    }
    for (size_t i = 0; i < place; i++) {
        if (s->cells[s->order[i]].x == c.x && s->cells[s->order[i]].y == c.y) {
            return false;
        }
    }
    return true;
}

/* The next place for a qubit, beside its first neighbour that has one. */
static bool advance(search *s, size_t place)
{
    size_t q = s->order[place], from = SIZE_MAX;
    for (size_t k = s->m->first[q]; k < s->m->first[q + 1] && from == SIZE_MAX; k++) {
        from = s->placed[s->m->to[k]] ? s->m->to[k] : SIZE_MAX;
    }
    while (s->tried[place] < 4) {
        cell step = directions[s->tried[place]++];
        cell c = {s->cells[from].x + step.x, s->cells[from].y + step.y};
        if (fits(s, place, c)) {
            s->cells[q] = c;
            s->placed[q] = true;
            return true;
        }
    }
    return false;
}

/* Whether all found a place; else none of the piece has one. */
static bool embed(search *s)
{
    size_t place = 1, steps = 0;
    s->cells[s->order[0]] = (cell){0, 0};
    s->placed[s->order[0]] = true;
    memset(s->tried, 0, s->n * sizeof *s->tried);
    while (place < s->n && place > 0 && steps < MOST_STEPS) {
        steps += place;
        if (advance(s, place)) {
            place++;
            if (place < s->n) {
                s->tried[place] = 0;
            }
        } else if (--place > 0) {
            s->placed[s->order[place]] = false;
        }
    }
    if (place == s->n) {
        return true;
    }
    for (size_t i = 0; i < s->n; i++) {
        s->placed[s->order[i]] = false;
    }
    return false;
}

/* --- stress ------------------------------------------------------------------------------------------------------- */

static void move(double *positions, const size_t *order, const double *distances, size_t n, size_t i)
{
    double sum[2] = {0, 0}, weights = 0, *own = positions + 2 * order[i];
    for (size_t j = 0; j < n; j++) {
        const double *other = positions + 2 * order[j];
        double d = distances[i * n + j], dx = own[0] - other[0], dy = own[1] - other[1];
        double length = fmax(hypot(dx, dy), 1e-9);
        if (j != i) {
            sum[0] += (other[0] + d * dx / length) / (d * d);
            sum[1] += (other[1] + d * dy / length) / (d * d);
            weights += 1 / (d * d);
        }
    }
    own[0] = sum[0] / weights;
    own[1] = sum[1] / weights;
}

static qst_status relax_stress(const search *s, double *positions)
{
    double *distances = NULL;
    size_t n = s->n;
    qst_status status = QSTI_NEW(s->m->ctx, n * n, &distances);
    for (size_t i = 0; status == QST_OK && i < n; i++) {
        double turn = 6.283185307179586 * (double)i / (double)n;
        positions[2 * s->order[i]] = (double)n / 6 * cos(turn);
        positions[2 * s->order[i] + 1] = (double)n / 6 * sin(turn);
        walk(s->m, s->order[i], s->reached, s->distance);
        for (size_t j = 0; j < n; j++) {
            distances[i * n + j] = (double)s->distance[s->order[j]];
        }
        for (size_t j = 0; j < n; j++) {
            s->distance[s->order[j]] = SIZE_MAX;
        }
    }
    for (size_t sweep = 0; status == QST_OK && sweep < SWEEPS; sweep++) {
        for (size_t i = 0; i < n; i++) {
            move(positions, s->order, distances, n, i);
        }
    }
    qsti_free(s->m->ctx, distances);
    return status;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

/* Moves a piece to the right of what is there, its top at 0; returns where the next begins. */
static double shift(const size_t *order, size_t n, double left, double *positions)
{
    double low_x = INFINITY, low_y = INFINITY, high_x = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        low_x = fmin(low_x, positions[2 * order[i]]);
        low_y = fmin(low_y, positions[2 * order[i] + 1]);
        high_x = fmax(high_x, positions[2 * order[i]]);
    }
    for (size_t i = 0; i < n; i++) {
        positions[2 * order[i]] += left - low_x;
        positions[2 * order[i] + 1] -= low_y;
    }
    return ceil(left + high_x - low_x) + 1;
}

static qst_status place_piece(search *s, double *positions)
{
    if (s->n <= MOST_PIECE && embed(s)) {
        for (size_t i = 0; i < s->n; i++) {
            positions[2 * s->order[i]] = s->cells[s->order[i]].x;
            positions[2 * s->order[i] + 1] = s->cells[s->order[i]].y;
        }
        return QST_OK;
    }
    if (s->n <= MOST_PIECE && s->m->n <= MOST_STRESS) {
        return relax_stress(s, positions);
    }
    size_t width = (size_t)ceil(sqrt((double)s->n));
    for (size_t i = 0; i < s->n; i++) {
        positions[2 * s->order[i]] = (double)(i % width);
        size_t row = i / width;
        positions[2 * s->order[i] + 1] = (double)row;
    }
    return QST_OK;
}

/* The piece of `from`, in the order of a walk from one of its ends, so that a line stays one. */
static size_t walk_piece(const map *m, size_t from, size_t *order, size_t *distance)
{
    size_t n = walk(m, from, order, distance), start = from, least = SIZE_MAX;
    for (size_t i = 0; i < n; i++) {
        size_t q = order[i], degree = m->first[q + 1] - m->first[q];
        if (degree < least || (degree == least && q < start)) {
            start = q;
            least = degree;
        }
        distance[q] = SIZE_MAX;
    }
    return walk(m, start, order, distance);
}

static qst_status place_all(const map *m, double *positions)
{
    size_t *order = NULL, *distance = NULL;
    search s = {.m = m};
    double left = 0;
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(m->ctx, m->n, &order));
    QSTI_TRY(QSTI_NEW(m->ctx, m->n, &distance));
    QSTI_TRY(QSTI_NEW(m->ctx, m->n, &s.cells));
    QSTI_TRY(QSTI_NEW(m->ctx, m->n, &s.placed));
    QSTI_TRY(QSTI_NEW(m->ctx, m->n, &s.tried));
    QSTI_TRY(QSTI_NEW(m->ctx, m->n, &s.reached));
    QSTI_TRY(QSTI_NEW(m->ctx, m->n, &s.distance));
    memset(distance, 0xff, m->n * sizeof *distance);
    memset(s.distance, 0xff, m->n * sizeof *distance);
    s.order = order;
    for (size_t q = 0; q < m->n; q++) {
        if (distance[q] == SIZE_MAX) {
            s.n = walk_piece(m, q, order, distance);
            QSTI_TRY(place_piece(&s, positions));
            left = shift(order, s.n, left, positions);
        }
    }
done:
    qsti_free(m->ctx, order);
    qsti_free(m->ctx, distance);
    qsti_free(m->ctx, s.cells);
    qsti_free(m->ctx, s.placed);
    qsti_free(m->ctx, s.tried);
    qsti_free(m->ctx, s.reached);
    qsti_free(m->ctx, s.distance);
    return status;
}

qst_status qsti_device_layout(const qst_device *device, double **out)
{
    double *positions = NULL;
    map m = {.ctx = device->ctx};
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(device->ctx, 2 * device->n_qubits, &positions));
    for (size_t q = 0; q < device->n_qubits; q++) {
        positions[2 * q] = device->qubits[q].x;
        positions[2 * q + 1] = device->qubits[q].y;
    }
    if (!device->placed) {
        QSTI_TRY(map_make(device, &m));
        QSTI_TRY(place_all(&m, positions));
    }
    *out = positions;
    positions = NULL;
done:
    map_clear(&m);
    qsti_free(device->ctx, positions);
    return status;
}
