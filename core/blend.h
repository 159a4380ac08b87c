// The inner loops: step 5, `blend`, for one tile of points in vectors, on one plane after another or on a few channels at
// once. A *plane* is one channel of one batch entry. (push.cpp has the transpose; pixels.h, vectors of channels.)
#pragma once

#include "rules.h"

namespace gridsample::GRIDSAMPLE_ISA {

template <int count, class Body>
GRIDSAMPLE_INLINE void repeat(const Body& body) {
    if constexpr (count > 0) {
        repeat<count - 1>(body);
        body(std::integral_constant<int, count - 1>());
    }
}

// Calls visit(Q, first tap) for the taps of a row in turn, as many together as lie in a 128-bit lane: Q, a constant.
// `contiguous` says whether neighbours along x are neighbours in memory.
template <class S, bool contiguous, class Real, class Visit>
GRIDSAMPLE_INLINE void for_each_chunk(const Form& form, const Visit& visit) {
    constexpr int L = contiguous ? lane_length<Real> : 1;
    if constexpr (is_fixed<S>) {
        constexpr int Q = S::taps < L ? S::taps : L;
        static_assert(S::taps % Q == 0, "all taps of a row must be loaded");
        repeat<S::taps / Q>([&](auto chunk) { visit(std::integral_constant<int, Q>(), chunk() * Q); });
    } else {
        int tap = 0;
        if constexpr (L >= 4) {
            for (; form.taps[0] - tap >= 4; tap += 4) visit(std::integral_constant<int, 4>(), tap);
        }
        if constexpr (L >= 2) {
            for (; form.taps[0] - tap >= 2; tap += 2) visit(std::integral_constant<int, 2>(), tap);
        }
        for (; tap < form.taps[0]; ++tap) visit(std::integral_constant<int, 1>(), tap);
    }
}

// ---- Plane by plane: samples and slopes -----------------------------------------------------------------------------

// What is loaded of a vector of points: the taps of interior ones; as many pixels as there are taps, of which those that
// are none count as 0; or of which each tap is one.
enum class Loads { interior, masked, chosen };

// For the vector of points at i: the sum over the taps on each of some planes, for each set of weights.
template <bool contiguous, Loads loads, int planes, class Value, class S, bool slopes, class Real>
GRIDSAMPLE_INLINE void blend(const Value* const* plane, const Rules<S, slopes, Real>& rules, int i,
                             Vec<Real> (*result)[most_sets<S, slopes>]) {
    const Tile<Real>& tile = rules.tile;
    const int rows = rules.rows(), sets = rules.sets();
    constexpr bool edges = loads != Loads::interior;
    const auto mask = [&](const Mask<Real>* from) { return load_as<Vec<Real>>(from + i); };
    // Taps are chosen among all that are loaded together, or else loaded where they are.
    constexpr bool whole = loads != Loads::chosen || S::taps <= lane_length<Real>;
    for_each_chunk<S, contiguous && whole, Real>(rules.form, [&](auto together, int first_tap) {
        constexpr int Q = together();
        constexpr bool placed = loads == Loads::chosen && Q < S::taps;
        Vec<Real> sum[planes][most_sets<S, slopes>][Q];
        for (int row = 0; row < rows; ++row) {
            const std::int64_t step = (edges ? 0 : rules.step_of(row)) + (placed ? 0 : first_tap * rules.step);
            const std::int64_t* base = (edges ? tile.edge_base[row] : tile.base) + i;
            alignas(64) std::int64_t at_place[lanes<Real>];
            if constexpr (placed) {
                const Mask<Real>* place = tile.edge_tap[first_tap] + i;
                for (int lane = 0; lane < lanes<Real>; ++lane) at_place[lane] = base[lane] + place[lane] * rules.step;
                base = at_place;
            }
            Vec<Real> weight[most_sets<S, slopes>];
            for (int s = 0; rows > 1 && s < sets; ++s) weight[s] = rules.of_row(s, row, i);
            repeat<Q>([&](auto g) {
                repeat<planes>([&](auto p) {
                    Vec<Real> values = load_packed<Real, Q, g>(plane[p] + step, base);
                    if constexpr (edges) values = keep<Real>(values, expand<Real, Q, g>(mask(tile.edge_row[row])));
                    for (int s = 0; s < sets; ++s) {
                        Vec<Real>& to = sum[p][s][g];
                        if (rows == 1) {
                            to = values;
                        } else {
                            const Vec<Real> w = expand<Real, Q, g>(weight[s]);
                            to = row == 0 ? w * values : fma(w, values, to);
                        }
                    }
                });
            });
        }
        repeat<planes>([&](auto p) {
            for (int s = 0; s < sets; ++s) {
                Vec<Real> taps[Q];
                unpack<Real, Q>(sum[p][s], taps);
                for (int k = 0; k < Q; ++k) {
                    const int tap = first_tap + k;
                    constexpr bool masked = loads == Loads::masked;
                    const Vec<Real> w = load(rules.along_x(masked ? tile.edge_weight : rules.weight, s, tap) + i);
                    Vec<Real> value = taps[k];
                    if constexpr (masked) value = keep<Real>(value, mask(tile.edge_tap[tap]));
                    if constexpr (loads == Loads::chosen && !placed) value = choose<Real>(tile.edge_tap[tap] + i, taps, Q);
                    result[p][s] = tap == 0 ? w * value : fma(w, value, result[p][s]);
                }
            }
        });
    });
}

// The same from resolved indices: taps outside are left out. The operations and their order are those of `blend`, so a
// point's value does not depend on its neighbours.
template <class Value, class Real>
void blend_resolved(const Value* plane, const Form& form, const Tile<Real>& tile, int i, Vec<Real>* result) {
    constexpr int width = Tile<Real>::width;
    Vec<Real> sum[max_axes][max_taps];
    for (int row = 0; row < form.rows; ++row) {
        alignas(vector_bytes) std::int64_t in_row[width], offset[width];
        for (int lane = 0; lane < width; ++lane) in_row[lane] = tile.row_offset(form, i + lane, row);
        Vec<Real> weight[max_axes];
        for (int s = 0; form.rows > 1 && s < form.sets; ++s) {
            weight[s] = tile.row_weight(form, s, row, [&](const Real* from) { return load(from + i); });
        }
        for (int k = 0; k < form.taps[0]; ++k) {
            for (int lane = 0; lane < width; ++lane) {
                const std::int32_t index = tile.index[k][i + lane];
                offset[lane] = index < 0 || in_row[lane] == nowhere ? nowhere : in_row[lane] + index * form.stride[0];
            }
            const Vec<Real> values = load_where<Real>(plane, offset);
            for (int s = 0; s < form.sets; ++s) {
                Vec<Real>& to = sum[s][k];
                if (form.rows == 1) {
                    to = values;
                } else {
                    to = row == 0 ? weight[s] * values : fma(weight[s], values, to);
                }
            }
        }
    }
    for (int s = 0; s < form.sets; ++s) {
        for (int k = 0; k < form.taps[0]; ++k) {
            const Vec<Real> w = load(tile.along_x(form, form.raised(s, 0))[k] + i);
            result[s] = k == 0 ? w * sum[s][k] : fma(w, sum[s][k], result[s]);
        }
    }
}

// For a vector of points that are not all interior.
template <class S, bool slopes, bool contiguous, class Value, class Real>
GRIDSAMPLE_NOINLINE void blend_outer(const Value* plane, const Form& form, const Tile<Real>& tile, int i,
                                     Vec<Real>* result) {
    if constexpr (is_fixed<S>) {
        if (tile.loads_edges[i / Tile<Real>::width]) {
            Vec<Real> sums[1][most_sets<S, slopes>];
            const Rules<S, slopes, Real> rules(form, tile);
            if (form.chooses) {
                blend<contiguous, Loads::chosen, 1>(&plane, rules, i, sums);
            } else {
                blend<contiguous, Loads::masked, 1>(&plane, rules, i, sums);
            }
            std::copy(sums[0], sums[0] + most_sets<S, slopes>, result);
            return;
        }
    }
    blend_resolved(plane, form, tile, i, result);
}

// Samples of some planes: a point's taps are found once for all of them. Vector by vector, the pixels of a later tile are
// asked for, if there is such.
template <class S, bool contiguous, int planes, class Value, class Real>
void pull_planes(const Value* const* from, const Form& form, const Tile<Real>& tile, const Tile<Real>* later,
                 Real* const* to) {
    constexpr int width = lanes<Real>;
    const Rules<S, false, Real> rules(form, tile);
    const Value* plane[planes];
    Real* samples[planes];
    std::copy(from, from + planes, plane);
    std::copy(to, to + planes, samples);
    for (int i = 0, count = tile.count; i < count; i += width) {
        for (int p = 0; later && p < planes; ++p) later->template prefetch<S>(rules.row_step, plane[p], i, width);
        if (tile.inside[i / width] == tile.all) {
            Vec<Real> values[planes][1];
            blend<contiguous, Loads::interior, planes>(plane, rules, i, values);
            repeat<planes>([&](auto p) { store(samples[p] + i, values[p][0]); });
        } else {
            for (int p = 0; p < planes; ++p) {
                Vec<Real> outer{};  // in memory, where the others are not
                if (tile.touches[i / width]) blend_outer<S, false, contiguous>(plane[p], form, tile, i, &outer);
                store(samples[p] + i, outer);
            }
        }
    }
}

template <class S, bool contiguous, class Value, class Real>
void slope_outer(const Value* plane, const Form& form, const Tile<Real>& tile, int i, const Real* values) {
    constexpr int width = lanes<Real>;
    Vec<Real> slope[max_axes];
    blend_outer<S, true, contiguous>(plane, form, tile, i, slope);
    for (int s = 0; s < form.sets; ++s) {
        Real sum[width], *gradient = tile.gradient[form.slope_axis[s]];
        store(sum, fma(load(values + i), slope[s], load(gradient + i)));
        for (int lane = 0; lane < width; ++lane) {  // a value without taps has no part, be it NaN
            if (tile.reached[i + lane]) gradient[i + lane] = sum[lane];
        }
    }
}

// Add to the tile's gradient, for each axis, the slopes times the values.
template <class S, bool contiguous, class Value, class Real>
void slope_plane(const Value* plane, const Form& form, const Tile<Real>& tile, const Real* values) {
    constexpr int width = lanes<Real>;
    const Rules<S, true, Real> rules(form, tile);
    Real* gradient[S::slopes];
    for (int s = 0; s < rules.sets(); ++s) gradient[s] = tile.gradient[form.slope_axis[s]];
    for (int i = 0; i < tile.count; i += width) {
        if (tile.inside[i / width] == tile.all) {
            Vec<Real> slope[1][S::slopes];
            const Vec<Real> v = load(values + i);
            blend<contiguous, Loads::interior, 1>(&plane, rules, i, slope);
            for (int s = 0; s < rules.sets(); ++s) store(gradient[s] + i, fma(v, slope[0][s], load(gradient[s] + i)));
        } else if (tile.touches[i / width]) {
            slope_outer<S, contiguous>(plane, form, tile, i, values);
        }
    }
}

}  // namespace gridsample::GRIDSAMPLE_ISA
