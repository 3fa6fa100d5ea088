/* jump_relax.c: the unravelling of relaxation (jump_plan.h has the two ways).
 *
 * With rho00' = A rho00 + p0 a rho11, rho11' = p1 a rho00 + B rho11, rho01' = c rho01: the part without a jump is the
 * sum of K rho K over diagonal K, whose Gram matrix [[A, c], [c, B]] is split here into rank-one parts. Both ways are
 * the channel exactly; test_jump_relax.c holds their superoperators against device.h. Numbers near 1 are carried by
 * what they lack: up = 1 - A, down = 1 - B, lost = 1 - c; A B - c^2 = 2 lost - up - down + up down - lost^2, and of MIX
 * 1 - s = (lost^2 - up down) / (2 lost - up - down).
 */
#include <math.h>

#include "jumps/jump_plan.h"

/* More events than that a place, and the damping of all lanes is cheaper. */
#define MIX_EVENTS 0.125

static double positive(double value)
{
    return value > 0 ? value : 0;
}

/* Events with probability `event`; what of them is no jump is diag(sqrt(A - s), sqrt(B - s)). */
static void mix(double up, double down, double lost, double event, qsti_jump_relax *out)
{
    double a = positive(event - up), b = positive(event - down), z = positive(lost - event) / 2;
    out->no_event = 1 - event;
    out->no_change = positive(1 - event - z);
    out->kraus[0] = (qsti_jump_kraus){.weight0 = a, .weight1 = b, .k00 = sqrt(a), .k11 = sqrt(b)};
}

/* K0 keeps all of the coherence and all of the level that loses more; the other level's rest is an operator of its own.
 */
static void damp(double up, double down, double lost, qsti_jump_relax *out)
{
    bool zero = up > down; /* |0> loses more */
    double more = zero ? up : down, c = 1 - lost, small = 1 - more, large = c * c / small;
    double event = (more - lost) * (c + small) / small;                             /* c^2 / small - small */
    double rest = positive(2 * lost - up - down + up * down - lost * lost) / small; /* (A B - c^2) / small */
    out->no_event = out->no_change = small;
    out->damps = true;
    out->damp[zero] = 1;
    out->damp[!zero] = sqrt(small / large);
    if (zero) {
        out->kraus[0] = (qsti_jump_kraus){.weight1 = event, .k00 = sqrt(small), .k11 = sqrt(large)};
        out->kraus[3] = (qsti_jump_kraus){.weight1 = rest, .k11 = 1};
    } else {
        out->kraus[0] = (qsti_jump_kraus){.weight0 = event, .k00 = sqrt(large), .k11 = sqrt(small)};
        out->kraus[3] = (qsti_jump_kraus){.weight0 = rest, .k00 = 1};
    }
}

void qsti_jump_relax_make(const qst_relaxation *relaxation, qsti_jump_relax *out)
{
    double up = relaxation->excited * relaxation->a, down = (1 - relaxation->excited) * relaxation->a;
    double more = fmax(up, down), least = (up + down - up * down) / (1 + sqrt((1 - up) * (1 - down)));
    double lost = fmax(1 - relaxation->c, least), gap = 2 * lost - up - down;
    double event = lost >= more ? more : gap > 0 ? (lost * lost - up * down) / gap : 1;
    out->damps = false;
    out->kraus[3] = (qsti_jump_kraus){0};
    if (lost >= more || event <= MIX_EVENTS)
        mix(up, down, lost, event, out);
    else
        damp(up, down, lost, out);
    out->kraus[1] = (qsti_jump_kraus){.weight1 = down, .k01 = 1};
    out->kraus[2] = (qsti_jump_kraus){.weight0 = up, .k10 = 1};
}
