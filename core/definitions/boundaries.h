// What lies beyond the edge of an axis, as in the Python definitions: for each boundary `resolve`, a rule on an index,
// and `reflect`, what a fold does to a position before it is clamped.
//
// To add one: a struct here, and an entry in `Boundaries`.
//
//     period(size)      of a rule that repeats; 0 of one that does not
//     folds             whether nearest and linear sampling fold the position itself
//     leaves_out        whether nothing lies outside
//     reflect(p, last)  brings a position within one period into the array, up to the outer half pixel; returns the sign
//     resolve(i, size)  the index in range, or -1 outside; `i` lies within one period or the reach
#pragma once

#include <cmath>
#include <cstdint>

#include "../inlining.h"
#include "list.h"

namespace gridsample {

struct Zeros {
    static constexpr const char* name = "zeros";
    static constexpr bool folds = false, leaves_out = true;
    static constexpr std::int64_t period(std::int64_t) { return 0; }

    static GRIDSAMPLE_INLINE std::int32_t resolve(std::int32_t index, std::int32_t size) {
        return static_cast<std::uint32_t>(index) < static_cast<std::uint32_t>(size) ? index : -1;
    }
};

struct Border {
    static constexpr const char* name = "border";
    static constexpr bool folds = true, leaves_out = false;
    static constexpr std::int64_t period(std::int64_t) { return 0; }

    template <class Position>
    static GRIDSAMPLE_INLINE Position reflect(Position&, Position) {
        return 1;
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
    static constexpr bool folds = true, leaves_out = false;
    static constexpr std::int64_t period(std::int64_t size) { return size > 1 ? 2 * (size - 1) : 1; }

    template <class Position>
    static GRIDSAMPLE_INLINE Position reflect(Position& position, Position last) {
        const Position sign = position < 0 ? Position(-1) : Position(1);
        position = std::fabs(position);
        const bool beyond = position > last;
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
    static constexpr bool folds = true, leaves_out = false;
    static constexpr std::int64_t period(std::int64_t size) { return 2 * size; }

    template <class Position>
    static GRIDSAMPLE_INLINE Position reflect(Position& position, Position last) {
        const bool below = position < Position(-0.5);
        position = below ? -1 - position : position;
        const Position sign = below ? Position(-1) : Position(1);
        const bool beyond = position > last + Position(0.5);
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
    static constexpr bool folds = false, leaves_out = false;
    static constexpr std::int64_t period(std::int64_t size) { return size; }

    static GRIDSAMPLE_INLINE std::int32_t resolve(std::int32_t index, std::int32_t size) {
        return static_cast<std::int32_t>(within_period(index, size));
    }
};

using Boundaries = List<Zeros, Border, Mirror, Symmetric, Wrap>;

template <class B>
constexpr bool is_periodic = B::period(2) > 0;

struct BoundaryRecord {
    const char* name;
    bool folds, leaves_out;

    template <class B>
    constexpr explicit BoundaryRecord(B) : name(B::name), folds(B::folds), leaves_out(B::leaves_out) {
        static_assert(!(B::folds && B::leaves_out), "what is folded has no outside");
    }
};

inline constexpr Table<BoundaryRecord, Boundaries> boundary_records;

}  // namespace gridsample
