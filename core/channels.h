// Blend where a few channels of a pixel are neighbours in memory: they are loaded together, in the place of taps.
#pragma once

#include "blend.h"

namespace gridsample::GRIDSAMPLE_ISA {

// They come in one load or two, of which the last may read past the pixel.
template <class Real>
constexpr std::int64_t few_channels = 2 * lane_length<Real>;

// The highest offset that is read of a tile's interior points, if so many channels of their pixels are read.
template <class Real>
std::int64_t highest_read(const Form& form, const Tile<Real>& tile, std::int64_t channels) {
    constexpr std::int64_t Q = lane_length<Real>;
    std::int64_t highest = 0, row = 0;
    for (int i = 0; i < tile.count; ++i) highest = tile.base[i] > highest ? tile.base[i] : highest;
    for (int r = 0; r < form.rows; ++r) row = form.row_step[r] > row ? form.row_step[r] : row;
    const std::int64_t along_x = (form.taps[0] - 1) * form.stride[0];
    return highest + row + std::max<std::int64_t>(0, along_x) + (channels + Q - 1) / Q * Q - 1;
}

// Whether none of a tile's pixels lies in the last row of the outermost axis, of rows that lie one after another: then
// something follows each.
template <class Real>
bool spares_last_row(const Job& job, const Form& form, const Tile<Real>& tile) {
    const int outermost = form.axes - 1;
    bool in_order = form.stride[outermost] >= lane_length<Real>;
    for (int axis = 0; axis < form.axes; ++axis) in_order = in_order && form.stride[axis] >= 0;
    const std::int32_t last = static_cast<std::int32_t>(job.field.size[outermost]) - form.taps[outermost];
    std::int32_t reaches = 0;
    for (int i = 0; i < tile.count; ++i) reaches |= tile.first[outermost][i] >= last ? 1 : 0;
    return in_order && !reaches;
}

// Whether a tile's pixels may be read with the elements that follow a pixel's channels.
template <class Real>
bool may_read_past(const Job& job, const Part& part, const Form& form, const Tile<Real>& tile) {
    if (spares_last_row(job, form, tile)) return true;
    std::int64_t last = job.field.channels - 1;  // the highest offset of an entry's pixels
    for (int axis = 0; axis < job.axes; ++axis) {
        last += std::max<std::int64_t>(0, (job.field.size[axis] - 1) * job.field.stride[axis]);
    }
    return part.channel_begin + highest_read(form, tile, part.channel_end - part.channel_begin) <= last;
}

// For the vector of points at i, all of them interior: the sums of as many channels as a load brings, from `pixels` on.
// The operations and their order are those of `blend`.
template <class Value, class S, bool slopes, class Real>
GRIDSAMPLE_INLINE void blend_channels(const Value* pixels, const Rules<S, slopes, Real>& rules, int i,
                                      Vec<Real> (*result)[lane_length<Real>]) {
    constexpr int Q = lane_length<Real>, most = most_sets<S, slopes>;
    const int rows = rules.rows(), sets = rules.sets();
    Vec<Real> packed[most][Q];
    repeat<Q>([&](auto g) {
        for (int k = 0; k < rules.taps(); ++k) {
            Vec<Real> sum[most];
            for (int row = 0; row < rows; ++row) {
                const Value* from = pixels + rules.step_of(row) + k * rules.step;
                const Vec<Real> values = load_packed<Real, Q, g>(from, rules.tile.base + i);
                for (int s = 0; s < sets; ++s) {
                    if (rows == 1) {
                        sum[s] = values;
                    } else {
                        const Vec<Real> w = expand<Real, Q, g>(rules.of_row(s, row, i));
                        sum[s] = row == 0 ? w * values : fma(w, values, sum[s]);
                    }
                }
            }
            for (int s = 0; s < sets; ++s) {
                const Vec<Real> w = expand<Real, Q, g>(load(rules.along_x(rules.weight, s, k) + i));
                packed[s][g] = k == 0 ? w * sum[s] : fma(w, sum[s], packed[s][g]);
            }
        }
    });
    for (int s = 0; s < sets; ++s) unpack<Real, Q>(packed[s], result[s]);
}

template <class S, class Value, class Real>
void pull_channels(const Value* pixels, const Form& form, const Tile<Real>& tile, int channels,
                   Real (*samples)[tile_points]) {
    constexpr int width = lanes<Real>, Q = lane_length<Real>;
    const Rules<S, false, Real> rules(form, tile);
    for (int i = 0; i < tile.count; i += width) {
        Vec<Real> values[1][Q];
        for (int c = 0; c < channels; ++c) {
            if (tile.inside[i / width] == tile.all) {
                if (c % Q == 0) blend_channels(pixels + c, rules, i, values);
            } else if (tile.touches[i / width]) {
                blend_outer<S, false, false>(pixels + c, form, tile, i, &values[0][c % Q]);
            } else {
                values[0][c % Q] = Vec<Real>{};
            }
            store(samples[c] + i, values[0][c % Q]);
        }
    }
}

// Add to the tile's gradient, for each axis and channel after channel, the slopes times the values.
template <class S, class Value, class Real>
void slope_channels(const Value* pixels, const Form& form, const Tile<Real>& tile, int channels,
                    const Real (*values)[tile_points]) {
    constexpr int width = lanes<Real>, Q = lane_length<Real>;
    const Rules<S, true, Real> rules(form, tile);
    Real* gradient[S::slopes];
    for (int s = 0; s < rules.sets(); ++s) gradient[s] = tile.gradient[form.slope_axis[s]];
    for (int i = 0; i < tile.count; i += width) {
        Vec<Real> slope[S::slopes][Q];
        for (int c = 0; c < channels; ++c) {
            if (tile.inside[i / width] == tile.all) {
                if (c % Q == 0) blend_channels(pixels + c, rules, i, slope);
                const Vec<Real> v = load(values[c] + i);
                for (int s = 0; s < rules.sets(); ++s) {
                    store(gradient[s] + i, fma(v, slope[s][c % Q], load(gradient[s] + i)));
                }
            } else if (tile.touches[i / width]) {
                slope_outer<S, false>(pixels + c, form, tile, i, values[c]);
            }
        }
    }
}

}  // namespace gridsample::GRIDSAMPLE_ISA
