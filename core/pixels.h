// Blend and its transposes where the channels of a pixel are neighbours in memory and fill vectors: point by point.
#pragma once

#include "rules.h"

namespace gridsample::GRIDSAMPLE_ISA {

// The taps of one point that are inside, with their weights or, with `slopes`, the derivatives along each axis.
template <class Real>
class Footprint {
public:
    static constexpr int most = max_taps * max_rows;

    int taps;
    std::int64_t offset[most];
    Real weight[max_axes][most];

    // Of the band's rows, or of all where that is null.
    template <class S, bool slopes>
    GRIDSAMPLE_INLINE void find(const Rules<S, slopes, Real>& rules, int i, const Rows* band) {
        const Tile<Real>& tile = rules.tile;
        int found = 0;
        if (tile.touches[i / tile.width]) {
            const bool interior = tile.interior[i];
            for (int row = 0; row < rules.rows(); ++row) {
                const std::int64_t in_row =
                    interior ? tile.base[i] + rules.step_of(row) : tile.row_offset(rules.form, i, row);
                if (in_row == nowhere) continue;
                for (int k = 0; k < rules.taps(); ++k) {
                    const std::int64_t along = interior ? k : tile.index[k][i];
                    if (along < 0 || (band && !band->hold(tile.outermost(rules.form, i, row, k, interior)))) continue;
                    offset[found] = in_row + along * rules.step;
                    for (int s = 0; s < rules.sets(); ++s) {
                        const Real along_x = rules.along_x(rules.weight, s, k)[i];
                        weight[s][found] = rules.rows() == 1 ? along_x : rules.of_row_at(s, row, i) * along_x;
                    }
                    ++found;
                }
            }
        }
        taps = found;
    }
};

// Ask for all that a later point of a tile will read, if it is interior.
template <class Value, class Real>
GRIDSAMPLE_INLINE void prefetch_pixel(const Value* pixels, const Form& form, const Tile<Real>& tile, int i,
                                      std::int64_t channels) {
    constexpr std::int64_t line = 64 / sizeof(Value);
    if (i >= tile_points || !tile.interior[i]) return;
    for (int row = 0; row < form.rows; ++row) {
        for (int k = 0; k < form.taps[0]; ++k) {
            const Value* pixel = pixels + tile.base[i] + form.row_step[row] + k * form.stride[0];
            for (std::int64_t c = 0; c < channels; c += line) GRIDSAMPLE_PREFETCH(pixel + c);
        }
    }
}

template <class Real, class Value>
GRIDSAMPLE_INLINE Vec<Real> load_some(const Value* from, std::int64_t n) {
    if (n >= lanes<Real>) return load_widened<Real>(from);
    Value values[lanes<Real>] = {};
    for (std::int64_t i = 0; i < n; ++i) values[i] = from[i];
    return load_widened<Real>(values);
}

template <class Real, class Value>
GRIDSAMPLE_INLINE void store_some(Value* to, const Vec<Real>& v, std::int64_t n) {
    if (n >= lanes<Real>) return store_narrowed<Value, Real>(to, v);
    Value values[lanes<Real>];
    store_narrowed<Value, Real>(values, v);
    for (std::int64_t i = 0; i < n; ++i) to[i] = values[i];
}

template <class Value, class Real>
GRIDSAMPLE_INLINE void pull_pixel(const Value* pixels, const Footprint<Real>& footprint, std::int64_t channels,
                                  Value* samples) {
    for (std::int64_t c = 0; c < channels; c += lanes<Real>) {
        Vec<Real> sum{};
        for (int k = 0; k < footprint.taps; ++k) {
            const Vec<Real> values = load_some<Real>(pixels + footprint.offset[k] + c, channels - c);
            sum = fma(broadcast(footprint.weight[0][k]), values, sum);
        }
        store_some<Real>(samples + c, sum, channels - c);
    }
}

template <class Real>
GRIDSAMPLE_INLINE void push_pixel(Real* pixels, const Footprint<Real>& footprint, std::int64_t channels,
                                  const Real* values) {
    for (std::int64_t c = 0; c < channels; c += lanes<Real>) {
        const Vec<Real> v = load_some<Real>(values + c, channels - c);
        for (int k = 0; k < footprint.taps; ++k) {
            Real* to = pixels + footprint.offset[k] + c;
            const Vec<Real> sum = load_some<Real>(to, channels - c) + broadcast(footprint.weight[0][k]) * v;
            store_some<Real>(to, sum, channels - c);
        }
    }
}

// Add to the gradient of a tile's point i.
template <class Value, class Real>
GRIDSAMPLE_INLINE void slope_pixel(const Value* pixels, const Form& form, const Footprint<Real>& footprint,
                                   std::int64_t channels, const Value* values, const Tile<Real>& tile, int i) {
    Real gradient[max_axes];
    for (int s = 0; s < form.sets; ++s) gradient[s] = tile.gradient[form.slope_axis[s]][i];
    for (int k = 0; k < footprint.taps; ++k) {
        Vec<Real> sum{};
        for (std::int64_t c = 0; c < channels; c += lanes<Real>) {
            sum = fma(load_some<Real>(values + c, channels - c),
                      load_some<Real>(pixels + footprint.offset[k] + c, channels - c), sum);
        }
        Real parts[lanes<Real>], dot = 0;
        store(parts, sum);
        for (int lane = 0; lane < lanes<Real>; ++lane) dot += parts[lane];
        for (int s = 0; s < form.sets; ++s) gradient[s] = fma(footprint.weight[s][k], dot, gradient[s]);
    }
    for (int s = 0; s < form.sets; ++s) tile.gradient[form.slope_axis[s]][i] = gradient[s];
}

}  // namespace gridsample::GRIDSAMPLE_ISA
