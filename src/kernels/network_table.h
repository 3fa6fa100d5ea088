/* network_table.h: the table of network_kernels.h for one precision, REAL, and the end of its names. No include guard:
 * network_lanes.c includes it once per precision. */
extern const qsti_network_kernels NAME(qsti_network_kernels);
const qsti_network_kernels NAME(qsti_network_kernels) = {
    .real_bytes = sizeof(REAL),
    .lanes = LANES,
    .columns = PANEL_LINES * LANES,
    .product = NAME(product),
    .dots = NAME(dots),
    .from_doubles = NAME(from_doubles),
    .to_doubles = NAME(to_doubles),
    .pack = NAME(pack),
    .rows_to_lines = NAME(rows_to_lines),
    .lines_to_rows = NAME(lines_to_rows),
    .frame = NAME(frame),
    .unframe = NAME(unframe),
    .patches = NAME(patches),
    .flip = NAME(flip),
    .activate = {NAME(relu), NAME(leaky_relu), NAME(gelu), NAME(tanh), NAME(sigmoid)},
    .activate_back = {NAME(relu_back), NAME(leaky_relu_back), NAME(gelu_back), NAME(tanh_back), NAME(sigmoid_back)},
    .drop = NAME(drop),
    .max_pool = NAME(max_pool),
    .max_pool_back = NAME(max_pool_back),
    .avg_pool = NAME(avg_pool),
    .avg_pool_back = NAME(avg_pool_back),
    .channel_sums = NAME(channel_sums),
    .channel_scale = NAME(channel_scale),
};
#undef VECTOR
#undef LANES
#undef WIDTH
