/* lanes_template.h: the kernels of kernels.h for one precision, REAL, one kind of amplitude, COMPONENTS (2: re and im,
 * 1: re alone), and one vector width, QSTI_VECTOR_BYTES.
 *
 * No include guard: lanes.c includes it once per precision and kind. The kernels are in
 *
 *   tile_template.h      gates, forward and backward
 *   diagonal_template.h  diagonal rotations, one by one and merged to tables
 *   product_template.h   product states, scatter and gather
 *   readout_template.h   probabilities, Paulis, overlaps, lanes
 */
#include "kernels/line_template.h"

#include "kernels/tile_template.h"

#include "kernels/diagonal_template.h"

#include "kernels/product_template.h"

#include "kernels/readout_template.h"

extern const qsti_kernels NAME(qsti_kernels);
const qsti_kernels NAME(qsti_kernels) = {
    .lanes = LANES,
    .amplitude_bytes = sizeof(AMP),
    .real = COMPONENTS == 1,
    .sincos = sincos_lines,
    .prepare[QSTI_FORM_Y] = {NAME(prepare_y_1), NAME(prepare_y_2), NAME(prepare_y_3)},
    .tile[QSTI_FORM_Y] = {NAME(tile_y_1), NAME(tile_y_2), NAME(tile_y_3)},
    .untile[QSTI_FORM_Y] = {NAME(untile_y_1), NAME(untile_y_2), NAME(untile_y_3)},
#if COMPONENTS == 2
    .prepare[QSTI_FORM_X] = {NAME(prepare_x_1), NAME(prepare_x_2), NAME(prepare_x_3)},
    .tile[QSTI_FORM_X] = {NAME(tile_x_1), NAME(tile_x_2), NAME(tile_x_3)},
    .untile[QSTI_FORM_X] = {NAME(untile_x_1), NAME(untile_x_2), NAME(untile_x_3)},
    .prepare[QSTI_FORM_GENERAL] = {NAME(prepare_general_1), NAME(prepare_general_2), NAME(prepare_general_3)},
    .tile[QSTI_FORM_GENERAL] = {NAME(tile_general_1), NAME(tile_general_2), NAME(tile_general_3)},
    .untile[QSTI_FORM_GENERAL] = {NAME(untile_general_1), NAME(untile_general_2), NAME(untile_general_3)},
#endif
    .phase = NAME(phase),
    .unphase = NAME(unphase),
    .table = NAME(table),
    .untable = NAME(untable),
    .lane_table = NAME(lane_table),
    .lane_untable = NAME(lane_untable),
    .probabilities = NAME(probabilities),
    .walsh = NAME(walsh),
    .weigh = NAME(weigh),
    .pauli_value = NAME(pauli_value),
    .pauli_add = NAME(pauli_add),
    .overlap = NAME(overlap),
    .grow = NAME(grow),
    .shrink = NAME(shrink),
    .scatter = NAME(scatter),
    .gather = NAME(gather),
    .to_lines = NAME(to_lines),
    .spread = NAME(spread),
    .get_lane = NAME(get_lane),
    .set_lane = NAME(set_lane),
    .get_parts = NAME(get_parts),
    .set_parts = NAME(set_parts),
};

#include "kernels/line_template_end.h"
