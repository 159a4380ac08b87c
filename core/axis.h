// Locate, fold, and the first tap: what becomes of a vector of coordinates on one axis. Which kernel and boundary the axis
// has is asked anew for each vector, which costs next to nothing since the answer is always the same.
#pragma once

#include <algorithm>
#include <limits>

#include "arrays.h"
#include "integers.h"

namespace gridsample::GRIDSAMPLE_ISA {

constexpr int farthest = 8;  // how far outside a position may lie before only its side matters

// The least position that is not below a whole number: long axes have more pixels than a float counts.
template <class Position>
Position at_least(std::int64_t whole) {
    const Position position = static_cast<Position>(whole);
    return static_cast<std::int64_t>(position) < whole ? std::nextafter(position, std::numeric_limits<Position>::infinity()) : position;
}

// What an axis is for its points' positions, which are found in a precision of their own.
template <class Position>
struct Axis {
    std::int64_t size;
    int boundary, before;
    bool folds;                     // whether the position itself is folded
    bool nearest;                   // the anchor is the nearest pixel, else the one below
    std::int64_t index_period;      // 0 where the boundary has none
    Position offset, scale, shift;  // locate; the scale is also dp/dg
    Position low, high;             // beyond which positions differ in nothing
    Position last;                  // size - 1, or the next position above
    Position period;
    Position margin;                // beyond the first and the last centre, past which places are filled

    Axis() = default;
    Axis(const Job& job, int axis) : size(job.field.size[axis]), boundary(job.options.axis[axis].boundary) {
        const KernelRecord& kernel = kernel_records[job.options.axis[axis].kernel];
        const Convention& convention = job.options.convention;
        before = kernel.before;
        folds = kernel.folds && boundary_records[boundary].folds;
        nearest = kernel.anchor == Anchor::nearest;
        offset = static_cast<Position>(convention.offset);
        scale = static_cast<Position>(convention.per_size * static_cast<double>(size) + convention.constant);
        shift = static_cast<Position>(convention.shift);
        low = -farthest;
        high = at_least<Position>(size - 1 + farthest);
        last = at_least<Position>(size - 1);
        visit(Boundaries(), boundary, [&](auto rule) { index_period = decltype(rule)::period(size); });
        period = static_cast<Position>(index_period);
        margin = static_cast<Position>(job.options.filling.margin);
    }

    // Whether two arrays' lengths of indices are no 32-bit numbers.
    bool is_long() const { return index_period > INT32_MAX - max_taps; }
};

// Where a vector of points is on an axis: the first taps' indices, the distances t from their anchors, dp/dg (the fold's
// sign included), and -1 for those that are undefined, and for those that are filled for being outside. What else is said
// of those is of no use, but finite.
template <class Real>
struct Placed {
    Ints<Real> first, undefined, beyond;
    Vec<Real> t, slope;
};

template <class Number>
GRIDSAMPLE_INLINE Number magnitude(const Number& v) {
    return v < 0 ? -v : v;
}

// The remainders of positions by the period, of the positions' signs. Exact, as std::fmod is.
template <class Position>
GRIDSAMPLE_NOINLINE void remainder(const Axis<Position>& axis, Position* positions) {
    // Positions below this reduce exactly with a division: the products of whole numbers it takes are all exact.
    const Position limit = static_cast<Position>(std::int64_t{1} << std::numeric_limits<Position>::digits) - axis.period;
    const Vec<Position> position = load(positions), distance = magnitude(position);
    if (signs<Position>(~to_mask<Position>(distance < broadcast(limit)))) {
        for (int lane = 0; lane < lanes<Position>; ++lane) positions[lane] = std::fmod(positions[lane], axis.period);
        return;
    }
    Vec<Position> rest = distance - floor_of<Position>(distance / axis.period) * axis.period;
    rest = rest < 0 ? rest + axis.period : rest;  // where the quotient was rounded over a whole number
    rest = rest >= axis.period ? rest - axis.period : rest;
    store<Position>(positions, position < 0 ? -rest : rest);
}

// Of positions up to a period to either side, where those of two arrays' lengths are no 32-bit numbers: the index nearer
// to the array that means the same pixel. One by one, since such axes are rare.
template <class Position>
GRIDSAMPLE_NOINLINE void first_on_long_axis(const Axis<Position>& axis, const Position* whole, std::int32_t* first) {
    const std::int64_t period = axis.index_period;
    for (int lane = 0; lane < lanes<Position>; ++lane) {
        std::int64_t index = static_cast<std::int64_t>(whole[lane]);
        index -= index > period / 2 ? period : 0;
        index += index < -period / 2 ? period : 0;
        first[lane] = static_cast<std::int32_t>(index) - axis.before;
    }
}

// What is known of an axis when loops are compiled: its kernel and its boundary, or nothing.
template <class K, class B>
struct Fixed {
    static constexpr bool folds = K::folds && B::folds, nearest = K::anchor == Anchor::nearest;

    template <class F>
    GRIDSAMPLE_INLINE static void with_kernel(int, const F& f) {
        f(K());
    }
    template <class F>
    GRIDSAMPLE_INLINE static void with_boundary(int, const F& f) {
        f(B());
    }
};
struct Free {
    template <class F>
    GRIDSAMPLE_INLINE static void with_kernel(int kernel, const F& f) {
        visit(Kernels(), kernel, f);
    }
    template <class F>
    GRIDSAMPLE_INLINE static void with_boundary(int boundary, const F& f) {
        visit(Boundaries(), boundary, f);
    }
};

template <class Boundary, class Position>
GRIDSAMPLE_INLINE Placed<Position> place_as(const Axis<Position>& axis, bool folds, bool nearest,
                                            const Vec<Position>& coordinate) {
    Placed<Position> placed;
    const Vec<Position> none{}, everywhere = (coordinate + axis.offset) * axis.scale - axis.shift;
    placed.beyond = Ints<Position>{};
    Vec<Position> position, sign = none + 1;
    if constexpr (is_periodic<Boundary>) {
        const auto finite = magnitude(everywhere) <= std::numeric_limits<Position>::max();
        placed.undefined = ~to_mask<Position>(finite);
        position = finite ? everywhere : none;
        if (signs<Position>(~to_mask<Position>(magnitude(position) < axis.period))) {  // else it is its own remainder
            Position positions[lanes<Position>];
            store(positions, position);
            remainder(axis, positions);
            position = load(positions);
        }
        if constexpr (!Boundary::folds) {  // what repeats without reflecting has no sign
            position = position < 0 ? position + axis.period : position;
        }
    } else {
        const Vec<Position> low = broadcast(axis.low), high = broadcast(axis.high);
        placed.undefined = to_mask<Position>(everywhere != everywhere);
        position = everywhere > low ? everywhere : low;  // what is not a number goes to the low end
        position = position < high ? position : high;
        sign = position == everywhere ? sign : none;
    }
    if constexpr (Boundary::folds) {
        if (folds) {
            const Vec<Position> last = broadcast(axis.last);
            sign = sign * Boundary::reflect(position, last);  // and clamped, where the derivative of that is 0
            sign = position > 0 ? sign : none;
            sign = position < last ? sign : none;
            position = position > 0 ? position : none;
            position = position < last ? position : last;
        }
    }
    const Vec<Position> whole = nearest ? nearest_of<Position>(position) : floor_of<Position>(position);
    placed.t = position - whole;
    placed.slope = sign * axis.scale;
    if constexpr (is_periodic<Boundary> && Boundary::folds) {
        if (!folds && axis.is_long()) {
            Position wholes[lanes<Position>];
            std::int32_t first[lanes<Position>];
            store(wholes, whole);
            first_on_long_axis(axis, wholes, first);
            placed.first = load_as<Ints<Position>>(first);
            return placed;
        }
    }
    Ints<Position> anchored = to_ints<Position>(whole);
    if (folds) {  // where the last position lies above the last index
        const Ints<Position> last = Ints<Position>{} + static_cast<std::int32_t>(axis.size - 1);
        anchored = anchored < last ? anchored : last;
    }
    placed.first = anchored - axis.before;
    return placed;
}

// Which positions are filled, for lying outside; so are infinite ones, under a boundary that repeats too.
template <class Position>
GRIDSAMPLE_INLINE void find_beyond(const Axis<Position>& axis, const Vec<Position>& coordinate, Placed<Position>& placed) {
    const Vec<Position> position = (coordinate + axis.offset) * axis.scale - axis.shift;
    placed.beyond = to_mask<Position>(position < -broadcast(axis.margin)) |
                    to_mask<Position>(position - broadcast(axis.last) > broadcast(axis.margin));
    placed.undefined &= ~placed.beyond;
}

template <class Known, class Position>
GRIDSAMPLE_INLINE Placed<Position> place(const Axis<Position>& axis, const Vec<Position>& coordinate) {
    Placed<Position> placed;
    Known::with_boundary(axis.boundary, [&](auto boundary) {
        if constexpr (std::is_same_v<Known, Free>) {
            const bool folds = decltype(boundary)::folds && axis.folds;
            placed = place_as<decltype(boundary)>(axis, folds, axis.nearest, coordinate);
            if (axis.margin < std::numeric_limits<Position>::infinity()) find_beyond(axis, coordinate, placed);
        } else {
            placed = place_as<decltype(boundary)>(axis, Known::folds, Known::nearest, coordinate);
        }
    });
    return placed;
}

// The same for as many points as fill a vector of other reals.
template <class Known, class Real, class Position>
GRIDSAMPLE_INLINE Placed<Real> place_for(const Axis<Position>& axis, const Position* coordinate) {
    const Placed<Position> low = place<Known>(axis, load(coordinate));
    if constexpr (std::is_same_v<Real, Position>) {
        return low;
    } else if constexpr (lanes<Real> == lanes<Position>) {
        return {low.first, low.undefined, low.beyond, static_cast<Real>(low.t), static_cast<Real>(low.slope)};
    } else {
        const Placed<Position> high = place<Known>(axis, load(coordinate + lanes<Position>));
        return {join(low.first, high.first), join(low.undefined, high.undefined), join(low.beyond, high.beyond),
                narrow_both(low.t, high.t), narrow_both(low.slope, high.slope)};
    }
}

}  // namespace gridsample::GRIDSAMPLE_ISA
