/* network_images.h: frames, patches and pools of network_kernels.h for one precision, REAL. No include guard:
 * network_lanes.c includes it once per precision. */

/* --- frames ------------------------------------------------------------------------------------------------------- */

/* Rows are short: the last eight are copied whole, some of them twice. The empty statement keeps a compiler from seeing
 * a memmove() in the loop, whose call costs more than the row. */
INLINE void NAME(copy_row)(const REAL *restrict from, size_t n, REAL *restrict to)
{
    if (n < 8) {
        for (size_t x = 0; x < n; x++)
            to[x] = from[x];
        return;
    }
    for (size_t x = 0; x + 8 < n; x += 8) {
        *(NAME(oct) *)(to + x) = *(const NAME(oct) *)(from + x);
        __asm__ volatile("" ::: "memory");
    }
    *(NAME(oct) *)(to + n - 8) = *(const NAME(oct) *)(from + n - 8);
}

static void NAME(frame)(const void *image, const qsti_frame *frame, void *out)
{
    const REAL *from = image;
    for (size_t c = 0; c < frame->channels; c++) {
        for (size_t y = 0; y < frame->height; y++) {
            REAL *to = (REAL *)out + c * frame->plane + (frame->top + y * frame->step[0]) * frame->pitch + frame->left;
            if (frame->step[1] == 1)
                NAME(copy_row)(from, frame->width, to);
            else
                for (size_t x = 0; x < frame->width; x++)
                    to[x * frame->step[1]] = from[x];
            from += frame->width;
        }
    }
}

static void NAME(unframe)(const void *in, const qsti_frame *frame, void *image)
{
    REAL *to = image;
    for (size_t c = 0; c < frame->channels; c++) {
        for (size_t y = 0; y < frame->height; y++) {
            NAME(copy_row)((const REAL *)in + c * frame->plane + y * frame->pitch, frame->width, to);
            to += frame->width;
        }
    }
}

static void NAME(patches)(const void *in, const size_t *offsets, size_t n, size_t height, size_t width, size_t pitch,
                          const size_t stride[2], void *out, size_t out_step)
{
    for (size_t k = 0; k < n; k++) {
        REAL *to = (REAL *)out + k * out_step;
        for (size_t y = 0; y < height; y++) {
            const REAL *from = (const REAL *)in + offsets[k] + y * stride[0] * pitch;
            for (size_t x = 0; x < width; x++)
                to[y * width + x] = from[x * stride[1]];
        }
    }
}

static void NAME(flip)(const double *in, size_t n_out, size_t n_in, size_t taps, void *out)
{
    for (size_t o = 0; o < n_out; o++)
        for (size_t c = 0; c < n_in; c++)
            for (size_t t = 0; t < taps; t++)
                ((REAL *)out)[(c * n_out + o) * taps + t] = (REAL)in[(o * n_in + c) * taps + taps - 1 - t];
}

/* --- pools -------------------------------------------------------------------------------------------------------- */

/* The part of an image under window (y, x). */
typedef struct NAME(view) {
    size_t top, bottom, left, right;
} NAME(view);

INLINE NAME(view) NAME(view_at)(const qsti_window *window, size_t y, size_t x)
{
    size_t top = y * window->stride[0], left = x * window->stride[1]; /* in the padded image */
    size_t bottom = top + window->kernel[0], right = left + window->kernel[1];
    size_t pad_y = window->padding[0], pad_x = window->padding[1];
    NAME(view)
    view = {
        .top = top > pad_y ? top - pad_y : 0,
        .bottom = bottom > pad_y ? bottom - pad_y : 0,
        .left = left > pad_x ? left - pad_x : 0,
        .right = right > pad_x ? right - pad_x : 0,
    };
    view.bottom = view.bottom < window->height ? view.bottom : window->height;
    view.right = view.right < window->width ? view.right : window->width;
    return view;
}

/* Windows of 2 x 2 side by side, the usual ones, go by whole rows. */
INLINE bool NAME(is_halving)(const qsti_window *window)
{
    return window->kernel[0] == 2 && window->kernel[1] == 2 && window->stride[0] == 2 && window->stride[1] == 2 &&
           window->padding[0] == 0 && window->padding[1] == 0;
}

/* The numbers with even and odd index. */
INLINE NAME(quad) NAME(evens)(NAME(oct) v)
{
    return __builtin_shufflevector(v, v, 0, 2, 4, 6);
}

INLINE NAME(quad) NAME(odds)(NAME(oct) v)
{
    return __builtin_shufflevector(v, v, 1, 3, 5, 7);
}

typedef __typeof__((NAME(quad)){0} > (NAME(quad)){0}) NAME(mask);

INLINE NAME(quad) NAME(choose)(NAME(mask) mask, NAME(quad) a, NAME(quad) b)
{
    return (NAME(quad))(((NAME(mask))a & mask) | ((NAME(mask))b & ~mask));
}

/* What is no number stays none. */
INLINE NAME(quad) NAME(larger)(NAME(quad) a, NAME(quad) b)
{
    return NAME(choose)((a >= b) | ~(a <= (REAL)INFINITY), a, b);
}

/* Four windows of 2 x 2 from two rows. */
INLINE void NAME(max_four)(const REAL *above, const REAL *below, REAL *out)
{
    NAME(oct) top = *(const NAME(oct) *)above, bottom = *(const NAME(oct) *)below;
    NAME(quad) first = NAME(larger)(NAME(evens)(top), NAME(odds)(top));
    NAME(quad) second = NAME(larger)(NAME(evens)(bottom), NAME(odds)(bottom));
    *(NAME(quad) *)out = NAME(larger)(first, second);
}

INLINE void NAME(max_halves)(const REAL *above, const REAL *below, size_t n, REAL *out)
{
    if (n < 4) {
        for (size_t x = 0; x < n; x++) {
            REAL best = above[2 * x], others[3] = {above[2 * x + 1], below[2 * x], below[2 * x + 1]};
            for (size_t i = 0; i < 3; i++)
                best = best >= others[i] || best != best ? best : others[i];
            out[x] = best;
        }
        return;
    }
    for (size_t x = 0; x + 4 < n; x += 4)
        NAME(max_four)(above + 2 * x, below + 2 * x, out + x);
    NAME(max_four)(above + 2 * (n - 4), below + 2 * (n - 4), out + n - 4);
}

INLINE REAL NAME(max_of)(const REAL *image, const qsti_window *window, NAME(view) view)
{
    REAL best = -(REAL)INFINITY;
    for (size_t y = view.top; y < view.bottom; y++) {
        for (size_t x = view.left; x < view.right; x++) {
            REAL value = image[y * window->width + x];
            best = value > best || value != value ? value : best;
        }
    }
    return best;
}

static void NAME(max_pool)(const void *in, const qsti_window *window, void *out)
{
    REAL *to = out;
    bool halving = NAME(is_halving)(window);
    for (size_t c = 0; c < window->channels; c++) {
        const REAL *image = (const REAL *)in + c * window->height * window->width;
        for (size_t y = 0; y < window->out_height; y++, to += window->out_width) {
            if (halving) {
                const REAL *above = image + 2 * y * window->width;
                NAME(max_halves)(above, above + window->width, window->out_width, to);
                continue;
            }
            for (size_t x = 0; x < window->out_width; x++)
                to[x] = NAME(max_of)(image, window, NAME(view_at)(window, y, x));
        }
    }
}

/* *left where a value is the window's best, which then has been given away; else 0. */
INLINE NAME(quad) NAME(give)(NAME(quad) value, NAME(quad) best, NAME(quad) * left)
{
    NAME(mask) is_best = value == best;
    NAME(quad) given = (NAME(quad))((NAME(mask)) * left & is_best);
    *left = (NAME(quad))((NAME(mask)) * left & ~is_best);
    return given;
}

INLINE void NAME(max_four_back)(const REAL *above, const REAL *below, const REAL *out, const REAL *d_out, REAL *d_above,
                                REAL *d_below)
{
    NAME(oct) top = *(const NAME(oct) *)above, bottom = *(const NAME(oct) *)below;
    NAME(quad) best = *(const NAME(quad) *)out, left = *(const NAME(quad) *)d_out;
    NAME(quad) a = NAME(give)(NAME(evens)(top), best, &left), b = NAME(give)(NAME(odds)(top), best, &left);
    NAME(quad) c = NAME(give)(NAME(evens)(bottom), best, &left), d = NAME(give)(NAME(odds)(bottom), best, &left);
    *(NAME(oct) *)d_above = __builtin_shufflevector(a, b, 0, 4, 1, 5, 2, 6, 3, 7);
    *(NAME(oct) *)d_below = __builtin_shufflevector(c, d, 0, 4, 1, 5, 2, 6, 3, 7);
}

INLINE void NAME(max_halves_back)(const REAL *above, const REAL *below, const REAL *out, const REAL *d_out, size_t n,
                                  REAL *d_above, REAL *d_below)
{
    if (n < 4) {
        for (size_t x = 0; x < n; x++) {
            const REAL values[4] = {above[2 * x], above[2 * x + 1], below[2 * x], below[2 * x + 1]};
            REAL *const places[4] = {d_above + 2 * x, d_above + 2 * x + 1, d_below + 2 * x, d_below + 2 * x + 1};
            bool is_given = false;
            for (size_t i = 0; i < 4; i++) {
                bool is_first = values[i] == out[x] && !is_given;
                *places[i] = is_first ? d_out[x] : 0;
                is_given = is_given || is_first;
            }
        }
        return;
    }
    for (size_t x = 0; x < n; x += 4) {
        size_t at = x + 4 < n ? x : n - 4;
        NAME(max_four_back)(above + 2 * at, below + 2 * at, out + at, d_out + at, d_above + 2 * at, d_below + 2 * at);
    }
}

INLINE void NAME(give_to_first)(const REAL *image, const qsti_window *window, NAME(view) view, REAL best, REAL gradient,
                                REAL *d_image)
{
    for (size_t y = view.top; y < view.bottom; y++) {
        for (size_t x = view.left; x < view.right; x++) {
            if (image[y * window->width + x] == best) {
                d_image[y * window->width + x] += gradient;
                return;
            }
        }
    }
}

static void NAME(max_pool_back)(const void *in, const void *out, const void *d_out, const qsti_window *window,
                                void *d_in)
{
    const REAL *best = out, *gradient = d_out;
    size_t size = window->height * window->width, width = window->width;
    bool halving = NAME(is_halving)(window), covered = window->height % 2 == 0 && width % 2 == 0;
    if (!halving || !covered)
        memset(d_in, 0, window->channels * size * sizeof(REAL));
    for (size_t c = 0; c < window->channels; c++) {
        const REAL *image = (const REAL *)in + c * size;
        REAL *d_image = (REAL *)d_in + c * size;
        for (size_t y = 0; y < window->out_height; y++) {
            if (halving)
                NAME(max_halves_back)
            (image + 2 * y * width, image + (2 * y + 1) * width, best, gradient, window->out_width,
             d_image + 2 * y * width, d_image + (2 * y + 1) * width);
            for (size_t x = 0; x < window->out_width && !halving; x++)
                NAME(give_to_first)(image, window, NAME(view_at)(window, y, x), best[x], gradient[x], d_image);
            best += window->out_width;
            gradient += window->out_width;
        }
    }
}

static void NAME(avg_pool)(const void *in, const qsti_window *window, void *out)
{
    REAL *to = out, share = 1 / (REAL)(window->kernel[0] * window->kernel[1]);
    for (size_t c = 0; c < window->channels; c++) {
        const REAL *image = (const REAL *)in + c * window->height * window->width;
        for (size_t i = 0; i < window->out_height * window->out_width; i++) {
            NAME(view) view = NAME(view_at)(window, i / window->out_width, i % window->out_width);
            REAL sum = 0;
            for (size_t y = view.top; y < view.bottom; y++)
                for (size_t x = view.left; x < view.right; x++)
                    sum += image[y * window->width + x];
            *to++ = sum * share;
        }
    }
}

static void NAME(avg_pool_back)(const void *d_out, const qsti_window *window, void *d_in)
{
    const REAL *gradient = d_out;
    REAL share = 1 / (REAL)(window->kernel[0] * window->kernel[1]);
    size_t size = window->height * window->width;
    memset(d_in, 0, window->channels * size * sizeof(REAL));
    for (size_t c = 0; c < window->channels; c++) {
        REAL *d_image = (REAL *)d_in + c * size;
        for (size_t i = 0; i < window->out_height * window->out_width; i++) {
            NAME(view) view = NAME(view_at)(window, i / window->out_width, i % window->out_width);
            REAL part = *gradient++ * share;
            for (size_t y = view.top; y < view.bottom; y++)
                for (size_t x = view.left; x < view.right; x++)
                    d_image[y * window->width + x] += part;
        }
    }
}
