// The inner loops: step 5, `blend`, and its transpose, for one tile of points.
//
// A *plane* is one channel of one batch entry. There are two ways through memory: plane by plane, with the points in
// vectors; and, where the channels of a pixel are neighbours in memory, point by point with the channels in vectors.
#pragma once

#include "tile.h"

namespace gridsample::GRIDSAMPLE_ISA {

template <int count, class Body>
GRIDSAMPLE_INLINE void repeat(const Body& body) {
    if constexpr (count > 0) {
        repeat<count - 1>(body);
        body(std::integral_constant<int, count - 1>());
    }
}

// How the taps of a row are loaded: Q together, in `chunks` goes. `contiguous` says whether neighbours are adjacent.
template <class Real, int Taps, bool contiguous>
struct Packing {
    static constexpr int L = lane_length<Real>;
    static constexpr int Q = contiguous ? (Taps < L ? Taps : L) : 1;
    static constexpr int chunks = Taps / Q;
};

// ---- Plane by plane: samples and slopes -----------------------------------------------------------------------------

// For the vector of points at i, all of them interior or harmless: the sum over the taps, for each set of weights.
template <bool contiguous, class Value, class Real, int Axes, int Taps, bool Slopes>
GRIDSAMPLE_INLINE void blend(const Value* plane, const Tile<Real, Axes, Taps, Slopes>& tile, int i, Vec<Real>* result) {
    using T = Tile<Real, Axes, Taps, Slopes>;
    using P = Packing<Real, Taps, contiguous>;
    constexpr int Q = P::Q, sets = T::sets;
    const std::int64_t* base = tile.base + i;
    Vec<Real> sum[sets][P::chunks][Q];
    for (int row = 0; row < T::rows; ++row) {
        const Value* taps = plane + tile.row_step[row];
        Vec<Real> weight[sets];
        for (int s = 0; s < sets; ++s) weight[s] = load(tile.row_weight[s][row] + i);
        repeat<P::chunks>([&](auto h) {
            repeat<Q>([&](auto g) {
                const Vec<Real> values = load_packed<Real, Q, g>(taps + h * Q * tile.stride[0], base);
                for (int s = 0; s < sets; ++s) {
                    Vec<Real>& to = sum[s][h][g];
                    if constexpr (Axes == 1) {
                        to = values;
                    } else {
                        const Vec<Real> w = expand<Real, Q, g>(weight[s]);
                        to = row == 0 ? w * values : fma(w, values, to);
                    }
                }
            });
        });
    }
    for (int s = 0; s < sets; ++s) {
        for (int h = 0; h < P::chunks; ++h) {
            Vec<Real> taps[Q];
            unpack<Real, Q>(sum[s][h], taps);
            for (int k = 0; k < Q; ++k) {
                const Vec<Real> w = load(tile.along_x(s, h * Q + k) + i);
                result[s] = h + k == 0 ? w * taps[k] : fma(w, taps[k], result[s]);
            }
        }
    }
}

// The same for one point whose taps were resolved one by one; returns whether it has any. The order of the operations
// is that of `blend`, so a point's value does not depend on its neighbours.
template <class Value, class Real, int Axes, int Taps, bool Slopes>
bool blend_point(const Value* plane, const Tile<Real, Axes, Taps, Slopes>& tile, int i, Real* result) {
    using T = Tile<Real, Axes, Taps, Slopes>;
    constexpr int sets = T::sets;
    std::int64_t offset[T::rows];
    tile.resolved_rows(i, offset);
    bool any = false;
    for (int s = 0; s < sets; ++s) result[s] = 0;
    for (int k = 0; k < Taps; ++k) {
        if (tile.index[0][k][i] < 0) continue;
        const Value* column = plane + tile.index[0][k][i] * tile.stride[0];
        Real sum[sets] = {};
        for (int row = 0; row < T::rows; ++row) {
            if (offset[row] == T::outside) continue;
            any = true;
            const Real value = static_cast<Real>(widen(column[offset[row]]));
            for (int s = 0; s < sets; ++s) sum[s] = Axes == 1 ? value : fma(tile.row_weight[s][row][i], value, sum[s]);
        }
        for (int s = 0; s < sets; ++s) result[s] = fma(tile.along_x(s, k)[i], sum[s], result[s]);
    }
    return any;
}

template <bool contiguous, class Value, class Real, int Axes, int Taps>
void pull_plane(const Value* plane, const Tile<Real, Axes, Taps, false>& tile, Real* samples) {
    constexpr int width = lanes<Real>;
    for (int i = 0; i < tile.count; i += width) {
        const std::uint32_t inside = tile.inside[i / width];
        Vec<Real> values{};
        if (inside) blend<contiguous>(plane, tile, i, &values);
        store(samples + i, values);
        if (inside == tile.all) continue;
        for (int j = i; j < i + width && j < tile.count; ++j) {
            if (!tile.interior[j]) blend_point(plane, tile, j, samples + j);
        }
    }
}

// Add to `gradient`, for each axis, the slopes times the values.
template <bool contiguous, class Value, class Real, int Axes, int Taps>
void slope_plane(const Value* plane, const Tile<Real, Axes, Taps, true>& tile, const Real* values,
                 Real (*gradient)[tile_points]) {
    constexpr int width = lanes<Real>;
    for (int i = 0; i < tile.count; i += width) {
        const std::uint32_t inside = tile.inside[i / width];
        Vec<Real> slope[Axes] = {};
        if (inside) blend<contiguous>(plane, tile, i, slope);
        if (inside == tile.all) {
            const Vec<Real> v = load(values + i);
            for (int a = 0; a < Axes; ++a) store(gradient[a] + i, fma(v, slope[a], load(gradient[a] + i)));
            continue;
        }
        for (int j = i; j < i + width && j < tile.count; ++j) {
            Real single[Axes];
            if (!tile.interior[j]) {
                if (!blend_point(plane, tile, j, single)) continue;
            } else {
                for (int a = 0; a < Axes; ++a) {
                    Real spilled[width];
                    store(spilled, slope[a]);
                    single[a] = spilled[j - i];
                }
            }
            for (int a = 0; a < Axes; ++a) gradient[a][j] = fma(values[j], single[a], gradient[a][j]);
        }
    }
}

// ---- Plane by plane: splats -----------------------------------------------------------------------------------------

struct Band {  // of the outermost axis
    std::int64_t begin, end;
    bool holds(std::int64_t index) const { return begin <= index && index < end; }
};

template <class Value, class Sum, class Real, int Axes, int Taps>
void splat_point(Sum* plane, const Tile<Real, Axes, Taps, false>& tile, int i, Value value, const Band& band) {
    using T = Tile<Real, Axes, Taps, false>;
    std::int64_t offset[T::rows];
    tile.resolved_rows(i, offset);
    for (int row = 0; row < T::rows; ++row) {
        if (offset[row] == T::outside) continue;
        if (Axes > 1 && !band.holds(tile.index[Axes - 1][row / power(Taps, Axes > 1 ? Axes - 2 : 0)][i])) continue;
        const Real weighted = Axes == 1 ? value : tile.row_weight[0][row][i] * value;
        for (int k = 0; k < Taps; ++k) {
            const std::int32_t x = tile.index[0][k][i];
            if (x < 0 || (Axes == 1 && !band.holds(x))) continue;
            Sum& to = plane[offset[row] + x * tile.stride[0]];
            to = static_cast<Sum>(to + tile.tap_weight[0][k][i] * weighted);
        }
    }
}

// The order in which a pixel receives its values depends on the tile alone, never on the band.
template <bool contiguous, class Sum, class Real, int Axes, int Taps>
void push_plane(Sum* plane, const Tile<Real, Axes, Taps, false>& tile, const Real* values, const Band& band) {
    using T = Tile<Real, Axes, Taps, false>;
    using P = Packing<Real, Taps, contiguous && (Axes > 1)>;
    constexpr int Q = P::Q, width = lanes<Real>;
    for (int i = 0; i < tile.count; i += width) {
        const std::uint32_t inside = tile.inside[i / width];
        if (inside) {
            const std::int64_t* base = tile.base + i;
            Vec<Real> packed[P::chunks][Q];
            for (int h = 0; h < P::chunks; ++h) {
                Vec<Real> along_x[Q];
                for (int k = 0; k < Q; ++k) along_x[k] = load(tile.tap_weight[0][h * Q + k] + i);
                pack<Real, Q>(along_x, packed[h]);
            }
            const Vec<Real> v = load(values + i);
            for (int row = 0; row < T::rows; ++row) {
                const Vec<Real> weighted = Axes == 1 ? v : load(tile.row_weight[0][row] + i) * v;
                repeat<P::chunks>([&](auto h) {
                    repeat<Q>([&](auto g) {
                        Sum* to = plane + tile.row_step[row] + h * Q * tile.stride[0];
                        add_packed<Real, Q, g>(to, base, packed[h][g] * expand<Real, Q, g>(weighted), [&](int point) {
                            return tile.interior[i + point] && band.holds(tile.outermost(i + point, row, h));
                        });
                    });
                });
            }
        }
        if (inside == tile.all) continue;
        for (int j = i; j < i + width && j < tile.count; ++j) {
            if (!tile.interior[j]) splat_point(plane, tile, j, values[j], band);
        }
    }
}

// ---- Point by point, channels in vectors ----------------------------------------------------------------------------

// The taps of one point that are inside, with their weights.
template <class Real, int Axes, int Taps, bool Slopes>
struct Footprint {
    static constexpr int size = power(Taps, Axes), sets = Slopes ? Axes : 1;
    int taps = 0;
    std::int64_t offset[size];
    Real weight[sets][size];

    GRIDSAMPLE_INLINE Footprint(const Tile<Real, Axes, Taps, Slopes>& tile, int i, const Band& band) {
        using T = Tile<Real, Axes, Taps, Slopes>;
        if (tile.interior[i]) {
            for (int row = 0; row < T::rows; ++row) {
                for (int k = 0; k < Taps; ++k) {
                    if (!band.holds(tile.outermost(i, row, k))) continue;
                    add(tile, i, row, k, tile.base[i] + tile.row_step[row] + k * tile.stride[0]);
                }
            }
            return;
        }
        std::int64_t rows[T::rows];
        tile.resolved_rows(i, rows);
        for (int row = 0; row < T::rows; ++row) {
            if (rows[row] == T::outside) continue;
            for (int k = 0; k < Taps; ++k) {
                const int outermost = Axes == 1 ? k : row / power(Taps, Axes > 1 ? Axes - 2 : 0);
                if (tile.index[0][k][i] < 0 || !band.holds(tile.index[Axes - 1][outermost][i])) continue;
                add(tile, i, row, k, rows[row] + tile.index[0][k][i] * tile.stride[0]);
            }
        }
    }

    GRIDSAMPLE_INLINE void add(const Tile<Real, Axes, Taps, Slopes>& tile, int i, int row, int k, std::int64_t at) {
        offset[taps] = at;
        for (int s = 0; s < sets; ++s) {
            weight[s][taps] = Axes == 1 ? tile.along_x(s, k)[i] : tile.row_weight[s][row][i] * tile.along_x(s, k)[i];
        }
        ++taps;
    }
};

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
