// Tiles are built: where points are, and what the first four steps say of them; and their gradients go back to a grid.
#pragma once

#include "axis.h"
#include "tile.h"

namespace gridsample::GRIDSAMPLE_ISA {

// What building tiles takes beside them: what the axes are, what weighs their taps, and coordinates.
template <class Real>
struct Placing {
    // The weights along an axis: asked and, for slopes, raised by one order.
    struct Weights {
        int kernel, order;
        Real parameters[max_parameters];
    };

    Axis<float> narrow[max_axes];  // for positions in single precision, or
    Axis<double> wide[max_axes];   // in double
    Weights weights[max_axes];
    alignas(64) char coordinate[max_axes][tile_points * sizeof(double)];  // of the positions' type
    bool in_double;
    // What places a tile whose coordinates were read: of several loops, the one for a job's options.
    using PlaceTile = void (*)(const Job&, const Form&, Placing&, Tile<Real>&);
    PlaceTile place_tile;
    bool common = false;  // whether that is compiled for them

    Placing(const Job& job, const Form& form);

    template <class Position>
    const Axis<Position>* axes() const {
        if constexpr (std::is_same_v<Position, float>) return narrow;
        if constexpr (std::is_same_v<Position, double>) return wide;
    }
};

// All of the first four steps, for `count` points from `begin` on (place.cpp).
template <class Real>
void build(const Job& job, const Form& form, std::int64_t batch, std::int64_t begin, int count, Placing<Real>& placing,
           Tile<Real>& tile);

// For each run of a part's points, the rows of the outermost axis that they may touch.
void reach(const Job& job, const Part& part, Rows* reaches);

// Of a vector of points that are not all interior: which have taps inside, and what is known of each (edges.cpp).
template <class Real>
void find_outer(const Job& job, const Form& form, Tile<Real>& tile, int i);

// Find which rows of the outermost axis a built tile touches (tile.cpp).
template <class Real>
void find_touched(const Job& job, const Form& form, Tile<Real>& tile);

// The rows of an axis, at least one, among which are all that taps touch whose first ones have indices from `lowest` to
// `highest`, of which there may be none.
Rows rows_touched(const Form& form, int axis, std::int64_t size, std::int32_t lowest, std::int32_t highest);

// Coordinates of `count` points from `begin` on: all components, or the one of an axis (coordinates.cpp).
template <class Position>
void read_coordinates(const Job& job, std::int64_t batch, std::int64_t begin, int count, RowsOf<Position> coordinate);
template <class Position>
void read_coordinate(const Job& job, std::int64_t batch, int axis, std::int64_t begin, int count, Position* coordinate);

// Write the gradient of a tile's points.
template <class Real>
void write_gradient(const Job& job, std::int64_t batch, std::int64_t begin, int count, RowsOf<const Real> gradient);

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

// Whether an array's points are all equally far from each other in memory.
inline bool are_even(const Job& job, const std::int64_t* stride) {
    bool even = true;
    for (int axis = 1; axis < job.point_axes; ++axis) even = even && stride[axis - 1] == job.shape[axis] * stride[axis];
    return even;
}

// Calls visit(i, n, offset, stride) for runs of points i ... i + n that lie evenly in memory.
template <class Visit>
GRIDSAMPLE_INLINE void for_each_run(const Job& job, const std::int64_t* stride, std::int64_t begin, int count,
                                    const Visit& visit) {
    const int last = job.point_axes - 1;
    const bool even = are_even(job, stride);
    std::int64_t index[max_point_axes], rest = begin, offset = even ? begin * stride[last] : 0;
    for (int axis = last; axis >= 0 && !even; --axis) {
        index[axis] = axis > 0 ? rest % job.shape[axis] : rest;
        offset += index[axis] * stride[axis];
        rest /= job.shape[axis];
    }
    for (int i = 0; i < count;) {
        const int left = count - i, n = even ? left : static_cast<int>(std::min<std::int64_t>(job.shape[last] - index[last], left));
        visit(i, n, offset, stride[last]);
        i += n;
        if (even) return;
        index[last] += n;
        offset += n * stride[last];
        for (int axis = last; axis > 0 && index[axis] == job.shape[axis]; --axis) {
            offset += stride[axis - 1] - job.shape[axis] * stride[axis];
            index[axis] = 0;
            ++index[axis - 1];
        }
    }
}

}  // namespace gridsample::GRIDSAMPLE_ISA
