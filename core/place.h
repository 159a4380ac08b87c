// Tiles are built: where points are, and what the first four steps say of them; and their gradients go back to a grid.
#pragma once

#include "tile.h"

namespace gridsample::GRIDSAMPLE_ISA {

// What building tiles takes beside them: what the axes are, and each axis' coordinates and what becomes of them.
template <class Real>
struct Placing {
    Axis<float> narrow[max_axes];  // for positions in single precision, or
    Axis<double> wide[max_axes];   // in double
    alignas(64) char coordinate[max_axes][tile_points * sizeof(double)];  // of the positions' type
    alignas(64) Real t[max_axes][tile_points], slope[max_axes][tile_points];
    alignas(64) std::int32_t undefined[max_axes][tile_points];

    explicit Placing(const Job& job) {
        for (int axis = 0; axis < job.axes; ++axis) {
            narrow[axis] = Axis<float>(job, axis);
            wide[axis] = Axis<double>(job, axis);
        }
    }

    template <class Position>
    const Axis<Position>& axis(int axis) const {
        if constexpr (std::is_same_v<Position, float>) return narrow[axis];
        if constexpr (std::is_same_v<Position, double>) return wide[axis];
    }
};

// Locate, fold and taps on an axis (place.cpp): turn its coordinates p, in their place, into the first taps' indices and
// the distances t from their anchors; find dp/dg, the fold's sign included; say which are undefined. What follows from
// those is of no use, but finite.
template <class Position, class Real>
void place(const Job& job, int axis, const Axis<Position>& as, Position* p, std::int32_t* first, Real* t, Real* slope,
           std::int32_t* undefined);

// The weights of all axes, and of the rows.
template <class Real>
void weigh(const Job& job, const Form& form, const Placing<Real>& placing, Tile<Real>& tile);

// All of the first four steps, for `count` points from `begin` on (tile.cpp).
template <class Real>
void build(const Job& job, const Form& form, std::int64_t batch, std::int64_t begin, int count, Placing<Real>& placing,
           Tile<Real>& tile);

// Find which rows of the outermost axis a built tile touches.
template <class Real>
void find_touched(const Job& job, const Form& form, Tile<Real>& tile);

// Write the gradient of a tile's points.
template <class Real>
void write_gradient(const Job& job, std::int64_t batch, std::int64_t begin, int count, RowsOf<const Real> gradient);

// For each run of a part's points, the rows of the outermost axis that they may touch.
void reach(const Job& job, const Part& part, Rows* reaches);

// Ask for what comes after some numbers `step` elements from each other.
template <class Value>
GRIDSAMPLE_INLINE void prefetch_run(const Value* from, std::int64_t step, int n) {
    for (int j = 0; j < n; j += 8) GRIDSAMPLE_PREFETCH(from + step * (j + 3 * tile_points));
}

// Numbers `step` elements from each other, widened; the step known to the compiler where that lets it shuffle.
template <class Value, class Real>
GRIDSAMPLE_INLINE void read_run(const Value* from, std::int64_t step, int n, Real* to) {
    prefetch_run(from, step, n);
    if (step == 1) {
        for (int j = 0; j < n; ++j) to[j] = static_cast<Real>(widen(from[j]));
    } else if (step == 2) {
        for (int j = 0; j < n; ++j) to[j] = static_cast<Real>(widen(from[2 * j]));
    } else if (step == 3) {
        for (int j = 0; j < n; ++j) to[j] = static_cast<Real>(widen(from[3 * j]));
    } else {
        for (int j = 0; j < n; ++j) to[j] = static_cast<Real>(widen(from[step * j]));
    }
}

// Calls visit(i, n, offset, stride) for runs of points i ... i + n that lie evenly in memory.
template <class Visit>
GRIDSAMPLE_INLINE void for_each_run(const Job& job, const std::int64_t* stride, std::int64_t begin, int count,
                                    const Visit& visit) {
    const int last = job.point_axes - 1;
    for (int i = 0; i < count;) {
        std::int64_t rest = begin + i, offset = 0;
        for (int axis = last; axis > 0; --axis) {
            offset += rest % job.shape[axis] * stride[axis];
            rest /= job.shape[axis];
        }
        offset += rest * stride[0];
        const std::int64_t in_row = last > 0 ? (begin + i) % job.shape[last] : begin + i;
        const std::int64_t left = job.shape[last] - in_row;
        const int n = left < count - i ? static_cast<int>(left) : count - i;
        visit(i, n, offset, stride[last]);
        i += n;
    }
}

}  // namespace gridsample::GRIDSAMPLE_ISA
