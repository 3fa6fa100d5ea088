/* layer_conv.c: convolutions of images as products, sample by sample.
 *
 *   z[o][y][x] = b[o] + sum over c, i, j of W[o][c][i][j] x[c][y s + i - p][x s + j - p]
 *
 * The image is put into a frame of zeros whose rows are `pitch` apart. With stride 1 the operand of W[o][k], k = (c, i,
 * j), is then the frame from offset c plane + i pitch + j on, for all positions y pitch + x at once: a product whose
 * operands overlap. Positions between the rows of the output are computed too and left out when it is copied.
 *
 * Back: dz in a frame of its own, its values s apart, and W with its kernels turned by half a turn give dx by the same
 * product, with stride 1 whatever s is; dW[o][k] is the dot product of dz and the frame from offset k on, over the
 * samples of the tile, for which the zeros between the rows of dz count nothing. The two frames have one pitch. With s
 * > 1 forward and dW go over copied patches.
 */
#include "net/engine.h"

/* --- the plan ----------------------------------------------------------------------------------------------------- */

void qsti_conv_plan_sizes(const qsti_engine *engine, qsti_engine_layer *layer)
{
    const qst_layer *of = &layer->at.layer;
    qsti_shape in = layer->at.in, out = layer->at.out;
    qsti_conv_plan *plan = &layer->conv;
    size_t lanes = engine->kernels->lanes, kernel_y = of->kernel[0], kernel_x = of->kernel[1];
    size_t padded_y = in.height + 2 * of->padding[0], padded_x = in.width + 2 * of->padding[1];
    size_t full_y = in.height + kernel_y - 1, full_x = in.width + kernel_x - 1; /* of dz, for dx */
    size_t pitch = padded_x > full_x ? padded_x : full_x;
    plan->is_strided = of->stride[0] > 1 || of->stride[1] > 1;
    plan->taps = kernel_y * kernel_x;
    plan->n_inner = in.channels * plan->taps;
    plan->n_back = out.channels * plan->taps;
    plan->image =
        (qsti_frame){in.channels, in.height,      in.width,       qsti_round_up(padded_y * pitch, lanes) + lanes,
                     pitch,       of->padding[0], of->padding[1], {1, 1}};
    plan->gradient = (qsti_frame){out.channels,
                                  out.height,
                                  out.width,
                                  qsti_round_up(full_y * pitch, lanes) + lanes,
                                  pitch,
                                  kernel_y - 1 - of->padding[0],
                                  kernel_x - 1 - of->padding[1],
                                  {of->stride[0], of->stride[1]}};
    plan->patch_row = qsti_round_up(out.height * out.width, lanes);
    plan->small = (qsti_frame){out.channels, out.height, out.width, plan->patch_row, out.width, 0, 0, {1, 1}};
    /* A product runs to the end of its last panel: room for that behind the last frame. */
    size_t slack = 2 * engine->kernels->columns;
    plan->image_size = in.channels * plan->image.plane + slack;
    plan->gradient_size = out.channels * plan->gradient.plane + slack;
    plan->patch_size = (plan->n_inner + out.channels) * plan->patch_row + slack;
    size_t positions = plan->is_strided ? out.height * out.width : (out.height - 1) * pitch + out.width;
    plan->product_row = qsti_round_up(positions, lanes);
    plan->back_row = qsti_round_up((in.height - 1) * pitch + in.width, lanes);
    plan->out = (qsti_frame){
        out.channels, out.height, out.width, plan->product_row, plan->is_strided ? out.width : pitch, 0, 0, {1, 1}};
    plan->back = (qsti_frame){in.channels, in.height, in.width, plan->back_row, pitch, 0, 0, {1, 1}};
}

void qsti_conv_plan_offsets(qsti_engine *engine, const qsti_engine_layer *layer)
{
    const qsti_conv_plan *plan = &layer->conv;
    size_t kernel_x = layer->at.layer.kernel[1];
    for (size_t k = 0; k < plan->n_inner; k++) {
        size_t c = k / plan->taps, tap = k % plan->taps;
        engine->offsets[plan->offsets + k] =
            c * plan->image.plane + tap / kernel_x * plan->image.pitch + tap % kernel_x;
        engine->offsets[plan->patch_offsets + k] = k * plan->patch_row;
    }
    for (size_t k = 0; k < plan->n_back; k++) {
        size_t o = k / plan->taps, tap = k % plan->taps;
        engine->offsets[plan->back_offsets + k] =
            o * plan->gradient.plane + tap / kernel_x * plan->gradient.pitch + tap % kernel_x;
    }
}

void qsti_conv_pack(const qsti_engine *engine, const qsti_engine_task *task, const double *weights)
{
    const qsti_engine_layer *layer = &engine->layers[task->layer];
    size_t n_out = layer->at.out.channels, n_in = layer->at.in.channels, n = n_out * layer->conv.n_inner;
    const double *w = weights + layer->at.weights;
    if (task->is_back) {
        engine->kernels->flip(w, n_out, n_in, layer->conv.taps, qsti_at(engine, engine->packed, layer->packed_back));
        return;
    }
    engine->kernels->from_doubles(w, n, qsti_at(engine, engine->packed, layer->packed));
    engine->kernels->from_doubles(w + n, n_out, qsti_at(engine, engine->packed, layer->start));
}

/* --- at work ------------------------------------------------------------------------------------------------------ */

/* Sample `sample` of the tile in its frame; for strided layers its patches too. */
static const void *prepare_image(const qsti_layer_call *call, size_t sample)
{
    const qsti_engine *engine = call->engine;
    const qsti_conv_plan *plan = &call->layer->conv;
    void *arena = qsti_arena(engine, call->worker);
    size_t place = sample % QSTI_CONV_SAMPLES;
    void *image = qsti_at(engine, arena, plan->images + place * plan->image_size);
    engine->kernels->frame(qsti_at(engine, call->in, sample * engine->groups[call->layer->in].stride), &plan->image,
                           image);
    if (!plan->is_strided)
        return image;
    void *patches = qsti_at(engine, arena, plan->patches + place * plan->patch_size);
    engine->kernels->patches(image, engine->offsets + plan->offsets, plan->n_inner, plan->out.height, plan->out.width,
                             plan->image.pitch, call->layer->at.layer.stride, patches, plan->patch_row);
    return patches;
}

void qsti_conv_rows(const qsti_layer_call *call)
{
    const qsti_engine *engine = call->engine;
    const qsti_engine_layer *layer = call->layer;
    const qsti_conv_plan *plan = &layer->conv;
    void *z = qsti_at(engine, qsti_arena(engine, call->worker), engine->product);
    for (size_t sample = 0; sample < call->n_rows; sample++) {
        const qsti_product product = {
            .n_rows = layer->at.out.channels,
            .n_inner = plan->n_inner,
            .n_columns = plan->product_row,
            .a = qsti_at(engine, engine->packed, layer->packed),
            .a_row = plan->n_inner,
            .a_step = 1,
            .b = prepare_image(call, sample),
            .offsets = engine->offsets + (plan->is_strided ? plan->patch_offsets : plan->offsets),
            .row_start = qsti_at(engine, engine->packed, layer->start),
            .out = z,
            .out_row = plan->product_row,
        };
        engine->kernels->product(&product);
        engine->kernels->unframe(z, &plan->out, qsti_at(engine, call->out, sample * engine->groups[layer->out].stride));
    }
}

/* dx of a sample whose dz is in its frame. */
static void give_back(const qsti_layer_call *call, size_t sample, const void *gradient)
{
    const qsti_engine *engine = call->engine;
    const qsti_engine_layer *layer = call->layer;
    const qsti_conv_plan *plan = &layer->conv;
    void *d_x = qsti_at(engine, qsti_arena(engine, call->worker), engine->product);
    const qsti_product product = {
        .n_rows = layer->at.in.channels,
        .n_inner = plan->n_back,
        .n_columns = plan->back_row,
        .a = qsti_at(engine, engine->packed, layer->packed_back),
        .a_row = plan->n_back,
        .a_step = 1,
        .b = gradient,
        .offsets = engine->offsets + plan->back_offsets,
        .out = d_x,
        .out_row = plan->back_row,
    };
    engine->kernels->product(&product);
    engine->kernels->unframe(d_x, &plan->back, qsti_at(engine, call->d_in, sample * engine->groups[layer->in].stride));
}

/* dz of a sample into its frame, and for strided layers beside its patches; gives the frame. */
static const void *prepare_gradient(const qsti_layer_call *call, size_t sample)
{
    const qsti_engine *engine = call->engine;
    const qsti_conv_plan *plan = &call->layer->conv;
    void *arena = qsti_arena(engine, call->worker);
    size_t place = sample % QSTI_CONV_SAMPLES, behind = plan->n_inner * plan->patch_row;
    const void *d_out = qsti_at(engine, call->d_out, sample * engine->groups[call->layer->out].stride);
    void *gradient = qsti_at(engine, arena, plan->gradients + place * plan->gradient_size);
    if (!plan->is_strided || call->d_in != NULL)
        engine->kernels->frame(d_out, &plan->gradient, gradient);
    if (plan->is_strided)
        engine->kernels->frame(d_out, &plan->small,
                               qsti_at(engine, arena, plan->patches + place * plan->patch_size + behind));
    return gradient;
}

/* dW += the part of the samples whose frames are there. */
static void add_weights(const qsti_layer_call *call, size_t n_samples)
{
    const qsti_engine *engine = call->engine;
    const qsti_conv_plan *plan = &call->layer->conv;
    void *arena = qsti_arena(engine, call->worker);
    size_t corner = plan->gradient.top * plan->gradient.pitch + plan->gradient.left;
    qsti_dots dots = {
        .n_rows = call->layer->at.out.channels,
        .n_inner = plan->n_inner,
        .n_columns = plan->product_row,
        .n_samples = n_samples,
        .a = qsti_at(engine, arena, plan->gradients + corner),
        .a_row = plan->gradient.plane,
        .a_sample = plan->gradient_size,
        .b = qsti_at(engine, arena, plan->images),
        .offsets = engine->offsets + plan->offsets,
        .b_sample = plan->image_size,
        .out = call->sums + call->layer->sums,
    };
    if (plan->is_strided) {
        dots.a = qsti_at(engine, arena, plan->patches + plan->n_inner * plan->patch_row);
        dots.a_row = plan->patch_row;
        dots.b = qsti_at(engine, arena, plan->patches);
        dots.offsets = engine->offsets + plan->patch_offsets;
        dots.a_sample = dots.b_sample = plan->patch_size;
    }
    engine->kernels->dots(&dots);
}

void qsti_conv_rows_back(const qsti_layer_call *call)
{
    const qsti_engine *engine = call->engine;
    const qsti_engine_layer *layer = call->layer;
    size_t n_out = layer->at.out.channels;
    for (size_t sample = 0; sample < call->n_rows; sample++) {
        prepare_image(call, sample);
        const void *gradient = prepare_gradient(call, sample);
        if (call->d_in != NULL)
            give_back(call, sample, gradient);
        size_t there = sample % QSTI_CONV_SAMPLES + 1;
        if (there == QSTI_CONV_SAMPLES || sample + 1 == call->n_rows)
            add_weights(call, there);
    }
    engine->kernels->channel_sums(call->d_out, NULL, NULL, call->n_rows, engine->groups[layer->out].stride, n_out,
                                  layer->at.out.height * layer->at.out.width,
                                  call->sums + layer->sums + n_out * layer->conv.n_inner, NULL);
}
