// One instruction set, one type of values: slopes of samples. Compiled with GRIDSAMPLE_ISA and GRIDSAMPLE_VALUE defined.

#include "channels.h"
#include "operations.h"

namespace gridsample::GRIDSAMPLE_ISA {

namespace {

using Value = GRIDSAMPLE_VALUE;
using Real = RealOf<Value>;

// Calls f(shape) for those that have slopes.
template <class F>
void with_slopes(const Form& form, const F& f) {
    with_shape(form, [&](auto shape) {
        if constexpr (decltype(shape)::slopes > 0) f(shape);
    });
}

// Add what the fill value's share does to the gradient of a tile's points, for the values of one channel.
void add_fill(const Job& job, const Form& form, const Tile<Real>& tile, const Real* values, std::int64_t channel) {
    const Real fill = static_cast<Real>(job.options.filling.of(channel));
    for (int s = 0; form.fills && s < form.sets; ++s) {
        for (int i = 0; i < tile.count; ++i) {
            if (tile.is_filled(form, s, i)) tile.gradient[form.slope_axis[s]][i] += tile.share[s][i] * fill * values[i];
        }
    }
}

template <class S>
void of_plane(const Job& job, Block<Real>& tiles, const Tile<Real>& tile, std::int64_t n, std::int64_t c) {
    const Form& form = tiles.form;
    note_vectors(job, form, tile);
    Real* values = tiles.bench->values[0];
    read_samples(job, at<const Value>(job.samples, n, c), tile, values);
    const Value* plane = at<const Value>(job.field, n, c);
    if (form.stride[0] == 1) {
        slope_plane<S, true>(plane, form, tile, values);
    } else {
        slope_plane<S, false>(plane, form, tile, values);
    }
    add_fill(job, form, tile, values, c);
}

template <class S>
void of_few(const Job& job, const Part& part, Block<Real>& tiles, const Tile<Real>& tile, std::int64_t n) {
    if (!may_read_past(job, part, tiles.form, tile)) {
        for (std::int64_t c = part.channel_begin; c < part.channel_end; ++c) of_plane<S>(job, tiles, tile, n, c);
        return;
    }
    job.note(Path::few_channels);
    const int channels = static_cast<int>(part.channel_end - part.channel_begin);
    const auto values = tiles.bench->values;
    for (int c = 0; c < channels; ++c) {
        read_samples(job, at<const Value>(job.samples, n, part.channel_begin + c), tile, values[c]);
    }
    const Value* pixels = at<const Value>(job.field, n, part.channel_begin);
    slope_channels<S>(pixels, tiles.form, tile, channels, values);
    for (int c = 0; c < channels; ++c) add_fill(job, tiles.form, tile, values[c], part.channel_begin + c);
}

// Calls visit(shape, tile) for the tiles whose gradient the part sees to.
template <class Visit>
void for_each_owned(const Part& part, const Block<Real>& tiles, int count, const Value* pixels, bool prefetch,
                    const Visit& visit) {
    with_slopes(tiles.form, [&](auto shape) {
        for_each_tile<decltype(shape)>(tiles, count, pixels, prefetch, [&](const Tile<Real>& tile) {
            if (owns(part, tile)) visit(shape, tile);
        });
    });
}

}  // namespace

template <>
void Slopes<Value>::plane(const Job& job, const Part& part, Tiles& tiles, int count, std::int64_t n, std::int64_t channel,
                          bool prefetch) {
    for_each_owned(part, tiles, count, at<const Value>(job.field, n, channel), prefetch, [&](auto shape, auto& tile) {
        of_plane<decltype(shape)>(job, tiles, tile, n, channel);
    });
}

template <>
void Slopes<Value>::few(const Job& job, const Part& part, Tiles& tiles, int count, std::int64_t n, bool prefetch) {
    for_each_owned(part, tiles, count, at<const Value>(job.field, n, part.channel_begin), prefetch,
                   [&](auto shape, auto& tile) { of_few<decltype(shape)>(job, part, tiles, tile, n); });
}

template <>
void Slopes<Value>::many(const Job& job, const Part& part, Tiles& tiles, int t, std::int64_t n, const Turn<Real>& turn,
                         bool prefetch) {
    const Tile<Real>& tile = tiles[t];
    if (!owns(part, tile)) return;
    const Value* pixels = at<const Value>(job.field, n, turn.begin);
    const Real* samples = at<const Real>(job.samples, n, turn.begin);  // if they are reals; others are in the rows
    with_slopes(tiles.form, [&](auto shape) {
        const Rules<decltype(shape), true, Real> rules(tiles.form, tile);
        for_each_sample(job, turn, samples, tile, [&](int i, const Real* from) {
            if (prefetch) prefetch_pixel(pixels, tiles.form, tile, i + 4, turn.channels());
            tiles.bench->footprint.find(rules, i, nullptr);
            slope_pixel(pixels, tiles.form, tiles.bench->footprint, turn.channels(), from, tile, i);
            for (int s = 0; tiles.form.fills && s < tiles.form.sets; ++s) {
                if (!tile.is_filled(tiles.form, s, i)) continue;
                Real sum = 0;
                for (std::int64_t c = 0; c < turn.channels(); ++c) {
                    sum += static_cast<Real>(job.options.filling.of(turn.begin + c)) * from[c];
                }
                tile.gradient[tiles.form.slope_axis[s]][i] += tile.share[s][i] * sum;
            }
        });
    });
}

}  // namespace gridsample::GRIDSAMPLE_ISA
