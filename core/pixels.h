// Blend and its transposes where the channels of a pixel are neighbours in memory and fill vectors: point by point.
#pragma once

#include "tile.h"

namespace gridsample::GRIDSAMPLE_ISA {

// The taps of one point that are inside, with their weights or, with `Slopes`, the derivatives along each axis.
template <class Real, int Axes, int Taps, bool Slopes>
struct Footprint {
    static constexpr int size = power(Taps, Axes), sets = Slopes ? Axes : 1;
    int taps = 0;
    std::int64_t offset[size];
    Real weight[sets][size];

    template <class Tile>
    GRIDSAMPLE_INLINE Footprint(const Tile& tile, int i, const Rows& band) {
        if (!tile.touches[i / Tile::width]) return;
        if (tile.interior[i]) {
            for (int row = 0; row < Tile::rows; ++row) {
                for (int k = 0; k < Taps; ++k) {
                    if (!band.hold(tile.outermost(i, row, k, true))) continue;
                    add(tile, i, row, k, tile.base[i] + tile.row_step[row] + k * tile.stride[0]);
                }
            }
            return;
        }
        for (int row = 0; row < Tile::rows; ++row) {
            for (int k = 0; k < Taps; ++k) {
                const std::int64_t at = tile.resolved(i, row, k);
                if (at != nowhere && band.hold(tile.outermost(i, row, k, false))) add(tile, i, row, k, at);
            }
        }
    }

    template <class Tile>
    GRIDSAMPLE_INLINE void add(const Tile& tile, int i, int row, int k, std::int64_t at) {
        offset[taps] = at;
        for (int s = 0; s < sets; ++s) {
            const Real along_x = Slopes ? tile.along_x(s, k)[i] : tile.plain_x(k)[i];
            weight[s][taps] = Axes == 1 ? along_x : tile.row_weight[s][row][i] * along_x;
        }
        ++taps;
    }
};

// Ask for all that a later point of a tile will read, if it is interior.
template <class Value, class Tile>
GRIDSAMPLE_INLINE void prefetch_pixel(const Value* pixels, const Tile& tile, int i, std::int64_t channels) {
    constexpr std::int64_t line = 64 / sizeof(Value);
    if (i >= tile_points || !tile.interior[i]) return;
    for (int row = 0; row < Tile::rows; ++row) {
        for (int k = 0; k < Tile::taps; ++k) {
            const Value* pixel = pixels + tile.base[i] + tile.row_step[row] + k * tile.stride[0];
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

template <class Value, class Real, int Axes, int Taps>
GRIDSAMPLE_INLINE void pull_pixel(const Value* pixels, const Footprint<Real, Axes, Taps, false>& footprint,
                                  std::int64_t channels, Value* samples) {
    for (std::int64_t c = 0; c < channels; c += lanes<Real>) {
        Vec<Real> sum{};
        for (int k = 0; k < footprint.taps; ++k) {
            const Vec<Real> values = load_some<Real>(pixels + footprint.offset[k] + c, channels - c);
            sum = fma(broadcast(footprint.weight[0][k]), values, sum);
        }
        store_some<Real>(samples + c, sum, channels - c);
    }
}

template <class Sum, class Value, class Real, int Axes, int Taps>
GRIDSAMPLE_INLINE void push_pixel(Sum* pixels, const Footprint<Real, Axes, Taps, false>& footprint,
                                  std::int64_t channels, const Value* values) {
    for (std::int64_t c = 0; c < channels; c += lanes<Real>) {
        const Vec<Real> v = load_some<Real>(values + c, channels - c);
        for (int k = 0; k < footprint.taps; ++k) {
            Sum* to = pixels + footprint.offset[k] + c;
            const Vec<Real> sum = load_some<Real>(to, channels - c) + broadcast(footprint.weight[0][k]) * v;
            store_some<Real>(to, sum, channels - c);
        }
    }
}

template <class Value, class Samples, class Real, int Axes, int Taps>
GRIDSAMPLE_INLINE void slope_pixel(const Value* pixels, const Footprint<Real, Axes, Taps, true>& footprint,
                                   std::int64_t channels, const Samples* values, Real* gradient) {
    for (int k = 0; k < footprint.taps; ++k) {
        Vec<Real> sum{};
        for (std::int64_t c = 0; c < channels; c += lanes<Real>) {
            sum = fma(load_some<Real>(values + c, channels - c),
                      load_some<Real>(pixels + footprint.offset[k] + c, channels - c), sum);
        }
        Real parts[lanes<Real>], dot = 0;
        store(parts, sum);
        for (int lane = 0; lane < lanes<Real>; ++lane) dot += parts[lane];
        for (int a = 0; a < Axes; ++a) gradient[a] = fma(footprint.weight[a][k], dot, gradient[a]);
    }
}

}  // namespace gridsample::GRIDSAMPLE_ISA
