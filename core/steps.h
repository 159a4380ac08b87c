// The five steps on one axis, as in the Python definitions: locate, fold, taps, resolve (blend is in blend.h).
//
// Small functions on single values. The loops that apply them to a tile of points have no branches, so the compiler
// turns them into vector code for each instruction set.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "arrays.h"
#include "simd.h"

namespace gridsample::GRIDSAMPLE_ISA {

constexpr int farthest = 8;  // how far outside a position may lie before only its side matters

constexpr bool periodic(Boundary b) { return b == Boundary::mirror || b == Boundary::symmetric; }

// Nearest and Linear fold the position; the others resolve each tap.
constexpr bool folds(Kernel k) { return k != Kernel::keys; }

constexpr int taps_of(Kernel k) { return k == Kernel::nearest ? 1 : k == Kernel::linear ? 2 : 4; }

template <class Real>
struct Axis {
    std::int64_t size, stride;
    Real scale, shift;  // locate
    Real last;          // size - 1
    Real period;
    int order;  // of the derivative

    Axis() = default;
    Axis(const Job& job, int axis)
        : size(job.field.size[axis]),
          stride(job.field.stride[axis]),
          scale(static_cast<Real>(job.options.align_corners ? (size - 1) / 2.0 : size / 2.0)),
          shift(static_cast<Real>(job.options.align_corners ? 0.0 : 0.5)),
          last(static_cast<Real>(size - 1)),
          period(static_cast<Real>(job.options.boundary == Boundary::symmetric ? 2 * size
                                   : size > 1                                  ? 2 * (size - 1)
                                                                               : 1)),
          order(job.options.order[axis]) {}
};

// ---- locate ---------------------------------------------------------------------------------------------------------

template <class Real>
GRIDSAMPLE_INLINE Real locate(Real coordinate, const Axis<Real>& axis) {
    return (coordinate + 1) * axis.scale - axis.shift;
}

template <Boundary B, class Real>
GRIDSAMPLE_INLINE bool undefined(Real position) {
    return periodic(B) ? !(std::fabs(position) <= std::numeric_limits<Real>::max()) : position != position;
}

// Positions below this reduce exactly with a division: the products of whole numbers it takes are all exact.
template <class Real>
GRIDSAMPLE_INLINE Real exact_limit(const Axis<Real>& axis) {
    return static_cast<Real>(std::int64_t{1} << std::numeric_limits<Real>::digits) - axis.period;
}

// The remainder of a position by the period, of the position's sign. Exact, as std::fmod is.
template <class Real>
GRIDSAMPLE_INLINE Real near_remainder(Real position, const Axis<Real>& axis) {
    const Real distance = std::fabs(position);
    Real rest = distance - std::floor(distance / axis.period) * axis.period;
    rest = rest < 0 ? rest + axis.period : rest;  // where the quotient was rounded over a whole number
    rest = rest >= axis.period ? rest - axis.period : rest;
    return position < 0 ? -rest : rest;
}

// What is not a number goes to the low end.
template <class Real>
GRIDSAMPLE_INLINE Real clamp_nearby(Real position, const Axis<Real>& axis) {
    const Real low = -farthest, high = axis.last + farthest;
    position = position > low ? position : low;
    return position < high ? position : high;
}

// ---- fold -----------------------------------------------------------------------------------------------------------

// Moves a position inside the array; returns the derivative of that map, 0 where it is clamped. (With zeros, positions
// stay.)
template <Boundary B, class Real>
GRIDSAMPLE_INLINE Real fold(Real& position, const Axis<Real>& axis) {
    static_assert(B != Boundary::zeros);
    Real sign = 1;
    if constexpr (B == Boundary::mirror) {
        sign = position < 0 ? Real(-1) : Real(1);
        position = std::fabs(position);
        const bool beyond = position > axis.last;
        position = beyond ? 2 * axis.last - position : position;
        sign = beyond ? -sign : sign;
    }
    if constexpr (B == Boundary::symmetric) {
        const bool below = position < Real(-0.5);
        position = below ? -1 - position : position;
        sign = below ? Real(-1) : Real(1);
        const bool beyond = position > axis.last + Real(0.5);
        position = beyond ? (2 * axis.last + 1) - position : position;
        sign = beyond ? -sign : sign;
    }
    sign = position > 0 ? sign : Real(0);
    sign = position < axis.last ? sign : Real(0);
    position = position > 0 ? position : Real(0);
    position = position < axis.last ? position : axis.last;
    return sign;
}

// ---- taps -----------------------------------------------------------------------------------------------------------

// Keys' kernel with a = -0.75: the piece for |x| <= 1 and the piece for 1 < |x| < 2, and their derivatives.
template <int order, class Real>
GRIDSAMPLE_INLINE Real keys_inner(Real x) {
    constexpr Real a = Real(-0.75);
    if constexpr (order == 0) return ((a + 2) * x - (a + 3)) * x * x + 1;
    if constexpr (order == 1) return (3 * (a + 2) * x - 2 * (a + 3)) * x;
    if constexpr (order == 2) return 6 * (a + 2) * x - 2 * (a + 3);
    if constexpr (order == 3) return 6 * (a + 2);
    return 0;
}
template <int order, class Real>
GRIDSAMPLE_INLINE Real keys_outer(Real x) {
    constexpr Real a = Real(-0.75);
    if constexpr (order == 0) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
    if constexpr (order == 1) return (3 * a * x - 10 * a) * x + 8 * a;
    if constexpr (order == 2) return 6 * a * x - 10 * a;
    if constexpr (order == 3) return 6 * a;
    return 0;
}

// The weights at distance t from the pixel at or before the position. `slope` is dp/dg, the fold's sign included.
template <Kernel K, int order, class Real>
GRIDSAMPLE_INLINE void weights(Real t, Real slope, Real* weight) {
    if constexpr (K == Kernel::nearest) {
        weight[0] = order == 0 ? 1 : 0;
    } else if constexpr (K == Kernel::linear) {
        weight[0] = order == 0 ? 1 - t : order == 1 ? -slope : Real(0);
        weight[1] = order == 0 ? t : order == 1 ? slope : Real(0);
    } else {
        constexpr Real sign = order % 2 ? -1 : 1;
        Real factor = 1;
        for (int i = 0; i < order; ++i) factor *= slope;
        weight[0] = keys_outer<order>(t + 1) * factor;
        weight[1] = keys_inner<order>(t) * factor;
        weight[2] = keys_inner<order>(1 - t) * sign * factor;
        weight[3] = keys_outer<order>(2 - t) * sign * factor;
    }
}

// ---- resolve --------------------------------------------------------------------------------------------------------

// The index in range, or -1 outside. `index` lies within one period or the reach.
template <Boundary B>
GRIDSAMPLE_INLINE std::int32_t resolve(std::int32_t index, std::int32_t size) {
    if constexpr (B == Boundary::border) {
        index = index < 0 ? 0 : index;
        return index >= size ? size - 1 : index;
    } else if constexpr (B == Boundary::zeros) {
        return static_cast<std::uint32_t>(index) < static_cast<std::uint32_t>(size) ? index : -1;
    } else {
        const std::int64_t n = size, period = B == Boundary::symmetric ? 2 * n : n > 1 ? 2 * (n - 1) : 1;
        std::int64_t i = index % period;
        i = i < 0 ? i + period : i;
        return static_cast<std::int32_t>(i < n ? i : (B == Boundary::symmetric ? 2 * n - 1 : 2 * (n - 1)) - i);
    }
}

}  // namespace gridsample::GRIDSAMPLE_ISA
