// The first four steps on all points of a tile, one axis at a time: loops without branches over the small functions of
// steps.h, which the compiler makes vector code of.
#pragma once

#include "tile.h"

namespace gridsample::GRIDSAMPLE_ISA {

// locate, and take the remainder by the period. (The axis comes by value: written reals cannot be a part of it.)
template <Boundary B, class Real>
void reduce(const Axis<Real> axis, Real* coordinate_to_position, std::int32_t* undefined_) {
    Real* p = coordinate_to_position;
    for (int i = 0; i < tile_points; ++i) {
        const Real everywhere = locate(p[i], axis);
        undefined_[i] = undefined<B>(everywhere) ? -1 : 0;
        p[i] = undefined<B>(everywhere) ? Real(0) : everywhere;
    }
    const Real limit = exact_limit(axis);
    std::int32_t beyond_period = 0, beyond_limit = 0;  // whether any is; a maximum of reals would be taken one by one
    for (int i = 0; i < tile_points; ++i) {
        beyond_period |= std::fabs(p[i]) < axis.period ? 0 : -1;
        beyond_limit |= std::fabs(p[i]) < limit ? 0 : -1;
    }
    if (!beyond_period) return;  // each is its own remainder
    if (!beyond_limit) {
        for (int i = 0; i < tile_points; ++i) p[i] = near_remainder(p[i], axis);
    } else {
        for (int i = 0; i < tile_points; ++i) p[i] = std::fmod(p[i], axis.period);
    }
}

// locate and fold: turn coordinates into distances t from the pixel at or before the position; find the first tap, and
// dp/dg, the fold's sign included; say which are undefined. What follows from those is of no use, but finite.
template <Kernel K, Boundary B, class Real>
void place_as(const Axis<Real>& axis, Real* coordinate_to_t, std::int32_t* first, Real* slope, std::int32_t* undefined_) {
    Real* p = coordinate_to_t;
    if constexpr (periodic(B)) reduce<B>(axis, p, undefined_);
    for (int i = 0; i < tile_points; ++i) {
        Real position = p[i];
        if constexpr (periodic(B)) {
            slope[i] = axis.scale;
        } else {
            const Real everywhere = locate(position, axis);
            undefined_[i] = undefined<B>(everywhere) ? -1 : 0;
            position = clamp_nearby(everywhere, axis);
            slope[i] = position == everywhere ? axis.scale : Real(0);
        }
        if constexpr (folds(K) && B != Boundary::zeros) slope[i] = fold<B>(position, axis) * axis.scale;
        const Real below = std::floor(position);
        first[i] = static_cast<std::int32_t>(K == Kernel::nearest ? std::rint(position) : below) - (K == Kernel::keys);
        p[i] = position - below;
    }
}

template <Kernel K, class Real>
void place(Boundary boundary, const Axis<Real>& axis, Real* coordinate_to_t, std::int32_t* first, Real* slope,
           std::int32_t* undefined_) {
    switch (boundary) {
        case Boundary::zeros:
            return place_as<K, Boundary::zeros>(axis, coordinate_to_t, first, slope, undefined_);
        case Boundary::border:
            return place_as<K, Boundary::border>(axis, coordinate_to_t, first, slope, undefined_);
        case Boundary::mirror:
            return place_as<K, Boundary::mirror>(axis, coordinate_to_t, first, slope, undefined_);
        case Boundary::symmetric:
            return place_as<K, Boundary::symmetric>(axis, coordinate_to_t, first, slope, undefined_);
    }
}

template <Kernel K, int order, class Real>
void weigh_as(const Real* t, const Real* slope, Real (*weight)[tile_points]) {
    for (int i = 0; i < tile_points; ++i) {
        Real w[taps_of(K)];
        weights<K, order>(t[i], slope[i], w);
        for (int k = 0; k < taps_of(K); ++k) weight[k][i] = w[k];
    }
}

template <Kernel K, class Real>
void weigh(int order, const Real* t, const Real* slope, Real (*weight)[tile_points]) {
    switch (order) {
        case 0:
            return weigh_as<K, 0>(t, slope, weight);
        case 1:
            return weigh_as<K, 1>(t, slope, weight);
        case 2:
            return weigh_as<K, 2>(t, slope, weight);
        case 3:
            return weigh_as<K, 3>(t, slope, weight);
        default:
            return weigh_as<K, 4>(t, slope, weight);
    }
}

template <int Taps>
constexpr Kernel kernel_of = Taps == 1 ? Kernel::nearest : Taps == 2 ? Kernel::linear : Kernel::keys;

// Whether taps outside are left out: what a fold leaves outside has no weight.
inline bool leaves_out(const Options& options) { return folds(options.kernel) || options.boundary == Boundary::zeros; }

// resolve: each tap's index, or -1 outside, for the vector of points at i.
template <Boundary B, int Taps, int width>
void resolve_as(std::int32_t size, const std::int32_t* first, std::int32_t (*index)[tile_points], int i) {
    for (int k = 0; k < Taps; ++k) {
        for_each_lane<width>([&](int lane) { index[k][i + lane] = resolve<B>(first[i + lane] + k, size); });
    }
}

template <int Taps, int width>
void resolve_taps(const Options& options, std::int64_t size, const std::int32_t* first,
                  std::int32_t (*index)[tile_points], int i) {
    const std::int32_t n = static_cast<std::int32_t>(size);
    switch (leaves_out(options) ? Boundary::zeros : options.boundary) {
        case Boundary::zeros:
            return resolve_as<Boundary::zeros, Taps, width>(n, first, index, i);
        case Boundary::border:
            return resolve_as<Boundary::border, Taps, width>(n, first, index, i);
        case Boundary::mirror:
            return resolve_as<Boundary::mirror, Taps, width>(n, first, index, i);
        case Boundary::symmetric:
            return resolve_as<Boundary::symmetric, Taps, width>(n, first, index, i);
    }
}

}  // namespace gridsample::GRIDSAMPLE_ISA
