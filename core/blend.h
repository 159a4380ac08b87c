// The inner loops: step 5, `blend`, for one tile of points in vectors, on one plane after another or on a few channels at
// once. A *plane* is one channel of one batch entry. (splat.h has the transpose; pixels.h, vectors of channels.)
#pragma once

#include <algorithm>

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

// For the vector of points at i, all of them interior: the sum over the taps, for each set of weights. With `edges`, for
// any vector of a tile that is at_edges: what is loaded but no tap counts as 0.
template <bool contiguous, bool edges, class Value, class Real, int Axes, int Taps, bool Slopes>
GRIDSAMPLE_INLINE void blend(const Value* plane, const Tile<Real, Axes, Taps, Slopes>& tile, int i, Vec<Real>* result) {
    using T = Tile<Real, Axes, Taps, Slopes>;
    using P = Packing<Real, Taps, contiguous>;
    constexpr int Q = P::Q, sets = T::sets;
    const auto mask = [&](const Mask<Real>* from) { return load_as<Vec<Real>>(from + i); };
    Vec<Real> sum[sets][P::chunks][Q];
    for (int row = 0; row < T::rows; ++row) {
        const Value* taps = edges ? plane : plane + tile.row_step[row];
        const std::int64_t* base = (edges ? tile.edge_base[row] : tile.base) + i;
        Vec<Real> weight[sets];
        for (int s = 0; s < sets; ++s) weight[s] = load(tile.row_weight[s][row] + i);
        repeat<P::chunks>([&](auto h) {
            repeat<Q>([&](auto g) {
                Vec<Real> values = load_packed<Real, Q, g>(taps + h * Q * tile.stride[0], base);
                if constexpr (edges && Axes > 1) values = keep<Real>(values, expand<Real, Q, g>(mask(tile.edge_row[row])));
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
                const Real* weights = edges ? tile.edge_weight[s > 0][h * Q + k] : tile.along_x(s, h * Q + k);
                const Vec<Real> w = load(weights + i);
                const Vec<Real> tap = edges ? keep<Real>(taps[k], mask(tile.edge_tap[h * Q + k])) : taps[k];
                result[s] = h + k == 0 ? w * tap : fma(w, tap, result[s]);
            }
        }
    }
}

// The same from resolved indices: taps outside are left out. The operations and their order are those of `blend`, so a
// point's value does not depend on its neighbours.
template <class Value, class Real, int Axes, int Taps, bool Slopes>
GRIDSAMPLE_INLINE void blend_resolved(const Value* plane, const Tile<Real, Axes, Taps, Slopes>& tile, int i,
                                      Vec<Real>* result) {
    using T = Tile<Real, Axes, Taps, Slopes>;
    constexpr int sets = T::sets, width = T::width;
    Vec<Real> sum[sets][Taps];
    for (int row = 0; row < T::rows; ++row) {
        for (int k = 0; k < Taps; ++k) {
            alignas(vector_bytes) std::int64_t offset[width];
            for (int lane = 0; lane < width; ++lane) offset[lane] = tile.resolved(i + lane, row, k);
            const Vec<Real> values = load_where<Real>(plane, offset);
            for (int s = 0; s < sets; ++s) {
                if constexpr (Axes == 1) {
                    sum[s][k] = values;
                } else {
                    const Vec<Real> w = load(tile.row_weight[s][row] + i);
                    sum[s][k] = row == 0 ? w * values : fma(w, values, sum[s][k]);
                }
            }
        }
    }
    for (int s = 0; s < sets; ++s) {
        for (int k = 0; k < Taps; ++k) {
            const Vec<Real> w = load(tile.along_x(s, k) + i);
            result[s] = k == 0 ? w * sum[s][k] : fma(w, sum[s][k], result[s]);
        }
    }
}

// For a vector of points that are not all interior.
template <bool contiguous, class Value, class Real, int Axes, int Taps, bool Slopes>
GRIDSAMPLE_NOINLINE void blend_outer(const Value* plane, const Tile<Real, Axes, Taps, Slopes>& tile, int i,
                                     Vec<Real>* result) {
    if (tile.at_edges) {
        blend<contiguous, true>(plane, tile, i, result);
    } else {
        blend_resolved(plane, tile, i, result);
    }
}

template <bool contiguous, class Value, class Real, int Axes, int Taps>
void pull_plane(const Value* plane, const Tile<Real, Axes, Taps, false>& tile, Real* samples) {
    constexpr int width = lanes<Real>;
    for (int i = 0; i < tile.count; i += width) {
        Vec<Real> values;
        if (tile.inside[i / width] == tile.all) {
            blend<contiguous, false>(plane, tile, i, &values);
        } else if (tile.touches[i / width]) {
            blend_outer<contiguous>(plane, tile, i, &values);
        } else {
            values = Vec<Real>{};
        }
        store(samples + i, values);
    }
}

template <bool contiguous, class Value, class Real, int Axes, int Taps>
void slope_outer(const Value* plane, const Tile<Real, Axes, Taps, true>& tile, int i, const Real* values,
                    Real (*gradient)[tile_points]) {
    constexpr int width = lanes<Real>;
    Vec<Real> slope[Axes];
    blend_outer<contiguous>(plane, tile, i, slope);
    for (int a = 0; a < Axes; ++a) {
        Real sum[width];
        store(sum, fma(load(values + i), slope[a], load(gradient[a] + i)));
        for (int lane = 0; lane < width; ++lane) {  // a value without taps has no part, be it NaN
            if (tile.reached[i + lane]) gradient[a][i + lane] = sum[lane];
        }
    }
}

// Add to `gradient`, for each axis, the slopes times the values.
template <bool contiguous, class Value, class Real, int Axes, int Taps>
void slope_plane(const Value* plane, const Tile<Real, Axes, Taps, true>& tile, const Real* values,
                 Real (*gradient)[tile_points]) {
    constexpr int width = lanes<Real>;
    for (int i = 0; i < tile.count; i += width) {
        if (tile.inside[i / width] == tile.all) {
            Vec<Real> slope[Axes];
            const Vec<Real> v = load(values + i);
            blend<contiguous, false>(plane, tile, i, slope);
            for (int a = 0; a < Axes; ++a) store(gradient[a] + i, fma(v, slope[a], load(gradient[a] + i)));
        } else if (tile.touches[i / width]) {
            slope_outer<contiguous>(plane, tile, i, values, gradient);
        }
    }
}

// ---- A few channels that are neighbours in memory: loaded together, in place of taps --------------------------------

// They come in one load or two, of which the last may read past the pixel.
template <class Real>
constexpr std::int64_t few_channels = 2 * lane_length<Real>;

// The highest offset that is read of a tile's interior points, if so many channels of their pixels are read.
template <class Real, int Axes, int Taps, bool Slopes>
std::int64_t highest_read(const Tile<Real, Axes, Taps, Slopes>& tile, std::int64_t channels) {
    constexpr std::int64_t Q = lane_length<Real>;
    std::int64_t highest = 0, row = 0;
    for (int i = 0; i < tile_points; ++i) highest = tile.base[i] > highest ? tile.base[i] : highest;
    for (int r = 0; r < tile.rows; ++r) row = tile.row_step[r] > row ? tile.row_step[r] : row;
    return highest + row + std::max<std::int64_t>(0, (Taps - 1) * tile.stride[0]) + (channels + Q - 1) / Q * Q - 1;
}

// For the vector of points at i, all of them interior: the sums of as many channels as a load brings, from `pixels` on.
// The operations and their order are those of `blend`.
template <class Value, class Real, int Axes, int Taps, bool Slopes>
GRIDSAMPLE_INLINE void blend_channels(const Value* pixels, const Tile<Real, Axes, Taps, Slopes>& tile, int i,
                                      Vec<Real> (*result)[lane_length<Real>]) {
    using T = Tile<Real, Axes, Taps, Slopes>;
    constexpr int Q = lane_length<Real>, sets = T::sets;
    Vec<Real> packed[sets][Q];
    repeat<Q>([&](auto g) {
        for (int k = 0; k < Taps; ++k) {
            Vec<Real> sum[sets];
            for (int row = 0; row < T::rows; ++row) {
                const Value* from = pixels + tile.row_step[row] + k * tile.stride[0];
                const Vec<Real> values = load_packed<Real, Q, g>(from, tile.base + i);
                for (int s = 0; s < sets; ++s) {
                    if constexpr (Axes == 1) {
                        sum[s] = values;
                    } else {
                        const Vec<Real> w = expand<Real, Q, g>(load(tile.row_weight[s][row] + i));
                        sum[s] = row == 0 ? w * values : fma(w, values, sum[s]);
                    }
                }
            }
            for (int s = 0; s < sets; ++s) {
                const Vec<Real> w = expand<Real, Q, g>(load(tile.along_x(s, k) + i));
                packed[s][g] = k == 0 ? w * sum[s] : fma(w, sum[s], packed[s][g]);
            }
        }
    });
    for (int s = 0; s < sets; ++s) unpack<Real, Q>(packed[s], result[s]);
}

template <class Value, class Real, int Axes, int Taps>
void pull_channels(const Value* pixels, const Tile<Real, Axes, Taps, false>& tile, int channels,
                   Real (*samples)[tile_points]) {
    constexpr int width = lanes<Real>, Q = lane_length<Real>;
    for (int i = 0; i < tile.count; i += width) {
        Vec<Real> values[1][Q];
        for (int c = 0; c < channels; ++c) {
            if (tile.inside[i / width] == tile.all) {
                if (c % Q == 0) blend_channels(pixels + c, tile, i, values);
            } else if (tile.touches[i / width]) {
                blend_outer<false>(pixels + c, tile, i, &values[0][c % Q]);
            } else {
                values[0][c % Q] = Vec<Real>{};
            }
            store(samples[c] + i, values[0][c % Q]);
        }
    }
}

// Add to `gradient`, for each axis and channel after channel, the slopes times the values.
template <class Value, class Real, int Axes, int Taps>
void slope_channels(const Value* pixels, const Tile<Real, Axes, Taps, true>& tile, int channels,
                    const Real (*values)[tile_points], Real (*gradient)[tile_points]) {
    constexpr int width = lanes<Real>, Q = lane_length<Real>;
    for (int i = 0; i < tile.count; i += width) {
        Vec<Real> slope[Axes][Q];
        for (int c = 0; c < channels; ++c) {
            if (tile.inside[i / width] == tile.all) {
                if (c % Q == 0) blend_channels(pixels + c, tile, i, slope);
                const Vec<Real> v = load(values[c] + i);
                for (int a = 0; a < Axes; ++a) store(gradient[a] + i, fma(v, slope[a][c % Q], load(gradient[a] + i)));
            } else if (tile.touches[i / width]) {
                slope_outer<false>(pixels + c, tile, i, values[c], gradient);
            }
        }
    }
}

}  // namespace gridsample::GRIDSAMPLE_ISA
