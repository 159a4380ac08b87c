// What lies beyond the edge of an axis, as in the Python definitions: for each boundary `resolve`, a rule on an index,
// and `reflect`, what a fold does to a position before it is clamped.
//
// To add one: a struct here, and an entry in `Boundaries`.
//
//     period(size)      of a rule that repeats; 0 of one that does not
//     folds             whether nearest and linear sampling fold the position itself
//     leaves_out        whether no pixel lies outside
//     fills             whether the fill value lies there
//     reflect(p, last)  brings positions within one period into the array, up to the outer half pixel; returns their sign.
//                       Of one or of vectors: conditions choose between numbers, and nothing branches
//     resolve(i, size)  the index in range, or -1 outside; `i` lies within one period or the reach
#pragma once

#include <cstdint>

#include "../inlining.h"
#include "list.h"

namespace gridsample {

struct Zeros {
    static constexpr const char* name = "zeros";
    static constexpr bool folds = false, leaves_out = true, fills = false;
    static constexpr std::int64_t period(std::int64_t) { return 0; }

    static GRIDSAMPLE_INLINE std::int32_t resolve(std::int32_t index, std::int32_t size) {
        return static_cast<std::uint32_t>(index) < static_cast<std::uint32_t>(size) ? index : -1;
    }
};

struct Fill : Zeros {
    static constexpr const char* name = "fill";
    static constexpr bool fills = true;
};

struct Border {
    static constexpr const char* name = "border";
    static constexpr bool folds = true, leaves_out = false, fills = false;
    static constexpr std::int64_t period(std::int64_t) { return 0; }

    template <class Positions>
    static GRIDSAMPLE_INLINE Positions reflect(Positions&, const Positions&) {
        return Positions{} + 1;
    }
    static GRIDSAMPLE_INLINE std::int32_t resolve(std::int32_t index, std::int32_t size) {
        index = index < 0 ? 0 : index;
        return index >= size ? size - 1 : index;
    }
};

// The index of a rule that repeats, from 0 on and below the period.
GRIDSAMPLE_INLINE std::int64_t within_period(std::int32_t index, std::int64_t period) {
    const std::int64_t rest = index % period;
    return rest < 0 ? rest + period : rest;
}

struct Mirror {  // about the centres of the edge pixels
    static constexpr const char* name = "mirror";
    static constexpr bool folds = true, leaves_out = false, fills = false;
    static constexpr std::int64_t period(std::int64_t size) { return size > 1 ? 2 * (size - 1) : 1; }

    template <class Positions>
    static GRIDSAMPLE_INLINE Positions reflect(Positions& position, const Positions& last) {
        const Positions one = Positions{} + 1, sign = position < 0 ? -one : one;
        position = position < 0 ? -position : position;
        const auto beyond = position > last;
        position = beyond ? 2 * last - position : position;
        return beyond ? -sign : sign;
    }
    static GRIDSAMPLE_INLINE std::int32_t resolve(std::int32_t index, std::int32_t size) {
        const std::int64_t n = size, i = within_period(index, period(n));
        return static_cast<std::int32_t>(i < n ? i : 2 * (n - 1) - i);
    }
};

struct Symmetric {  // about their outer edges
    static constexpr const char* name = "symmetric";
    static constexpr bool folds = true, leaves_out = false, fills = false;
    static constexpr std::int64_t period(std::int64_t size) { return 2 * size; }

    template <class Positions>
    static GRIDSAMPLE_INLINE Positions reflect(Positions& position, const Positions& last) {
        const Positions one = Positions{} + 1, half = one / 2;
        const auto below = position < -half;
        position = below ? -1 - position : position;
        const Positions sign = below ? -one : one;
        const auto beyond = position > last + half;
        position = beyond ? (2 * last + 1) - position : position;
        return beyond ? -sign : sign;
    }
    static GRIDSAMPLE_INLINE std::int32_t resolve(std::int32_t index, std::int32_t size) {
        const std::int64_t n = size, i = within_period(index, period(n));
        return static_cast<std::int32_t>(i < n ? i : 2 * n - 1 - i);
    }
};

struct Wrap {
    static constexpr const char* name = "wrap";
    static constexpr bool folds = false, leaves_out = false, fills = false;
    static constexpr std::int64_t period(std::int64_t size) { return size; }

    static GRIDSAMPLE_INLINE std::int32_t resolve(std::int32_t index, std::int32_t size) {
        return static_cast<std::int32_t>(within_period(index, size));
    }
};

using Boundaries = List<Zeros, Fill, Border, Mirror, Symmetric, Wrap>;

template <class B>
constexpr bool is_periodic = B::period(2) > 0;

struct BoundaryRecord {
    const char* name;
    bool folds, leaves_out, fills;

    template <class B>
    constexpr explicit BoundaryRecord(B) : name(B::name), folds(B::folds), leaves_out(B::leaves_out), fills(B::fills) {
        static_assert(!(B::folds && B::leaves_out), "what is folded has no outside");
        static_assert(B::leaves_out || !B::fills, "what has a pixel everywhere has no place to fill");
    }
};

inline constexpr Table<BoundaryRecord, Boundaries> boundary_records;

}  // namespace gridsample
