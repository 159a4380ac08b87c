// A tile: some consecutive points of a grid, with all that the first four steps say of them.
//
// The taps of a point form `rows` runs of `Taps` neighbours along x, the axis that is usually contiguous. Where every
// tap lies inside the array, the point is *interior*: its taps are where the first is, plus steps that are the same for
// all points, so nothing more than `base` is needed to find them. For the others each tap's index is resolved.
#pragma once

#include <cstdlib>

#include "loads.h"
#include "steps.h"

namespace gridsample::GRIDSAMPLE_ISA {

constexpr int tile_points = 128;  // a multiple of every vector's length; what a tile holds fits in the first cache

constexpr int power(int base, int exponent) { return exponent == 0 ? 1 : base * power(base, exponent - 1); }

// Rows of the outermost axis, at least one: all that a tile's points with these first taps touch are among them, but for
// those that are undefined.
Rows rows_touched(const Options& options, std::int64_t size, const std::int32_t* first, const std::int32_t* undefined);

// The same of `count` points whose other coordinates need not be known.
template <class Real>
Rows rows_touched(const Job& job, const Axis<Real>& outermost, std::int64_t batch, std::int64_t begin, int count);

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

// The other way: write the gradient of `count` points from `begin` on (tile.cpp).
template <class Real, int Axes>
void write_gradient(const Job& job, std::int64_t batch, std::int64_t begin, int count,
                    const Real (&gradient)[Axes][tile_points]);

// ---- The tile ---------------------------------------------------------------------------------------------------------

// Where its points are.
template <class Real, int Axes>
struct Places {
    static constexpr int width = lanes<Real>;
    static constexpr std::uint32_t all = (1u << width) - 1;

    std::int64_t begin;  // the first point's number
    int count;
    bool any_undefined;
    alignas(64) std::int32_t first[Axes][tile_points];
    alignas(64) std::int32_t undefined[tile_points];  // -1 where a point is so, as in the next two
    alignas(64) std::int32_t interior[tile_points];
    alignas(64) std::int32_t reached[tile_points];  // has a tap that is inside
    alignas(64) std::int64_t base[tile_points];     // of interior points
    std::uint32_t inside[tile_points / width];      // of each vector of points: which are interior, a bit for each
    bool touches[tile_points / width];              // whether any of them has a tap that is inside
    std::int64_t stride[Axes];

    // From `first`, and what is undefined on each axis.
    void classify(const Options& options, const Axis<Real>* axes, const std::int32_t (*undefined_on)[tile_points]);
};

// One set of weights is kept for samples or, with `Slopes`, one for the derivative along each axis.
template <class Real, int Axes, int Taps, bool Slopes>
struct Tile : Places<Real, Axes> {
    using Where = Places<Real, Axes>;
    using Where::width, Where::first, Where::undefined, Where::base, Where::inside, Where::touches, Where::stride;
    static constexpr int sets = Slopes ? Axes : 1;
    static constexpr int raised_orders = Slopes ? 2 : 1;  // the asked order, and the next
    static constexpr int taps = Taps, rows = power(Taps, Axes - 1);

    alignas(64) Real tap_weight[Slopes ? 2 : 1][Taps][tile_points];  // along x: for set 0, for the other sets
    alignas(64) Real row_weight[sets][rows][tile_points];
    // Set only for vectors that are not all interior and touch something: each tap's index, -1 outside.
    alignas(64) std::int32_t index[Axes][Taps][tile_points];
    // For those, where taps outside are left out: as for interior points, Taps neighbours along x are loaded for each
    // row, from the nearest place that is inside; masks say which rows and which of the loaded are taps, and the weights
    // are shifted accordingly.
    bool at_edges;
    alignas(64) std::int64_t edge_base[rows][tile_points];
    alignas(64) Mask<Real> edge_row[rows][tile_points];
    alignas(64) Mask<Real> edge_tap[Taps][tile_points];
    alignas(64) Real edge_weight[Slopes ? 2 : 1][Taps][tile_points];
    std::int64_t row_step[rows];

    // The first four steps, for `count` points from `begin` on (tile.cpp).
    void build(const Job& job, const Axis<Real>* axes, std::int64_t batch, std::int64_t begin, int count);

    // The weight along x of set s.
    const Real* along_x(int s, int tap) const { return tap_weight[s > 0][tap]; }

    // The weight along x, not its derivative.
    const Real* plain_x(int tap) const { return tap_weight[Slopes][tap]; }

    // The offset of a tap by its resolved index, or `nowhere`.
    GRIDSAMPLE_INLINE std::int64_t resolved(int point, int row, int tap) const {
        std::int32_t k = index[0][tap][point], outside = k;
        std::int64_t offset = k * stride[0];
        for (int axis = 1, digits = row; axis < Axes; ++axis, digits /= Taps) {
            k = index[axis][digits % Taps][point];
            outside |= k;
            offset += k * stride[axis];
        }
        return outside < 0 ? nowhere : offset;
    }

    // The index on the outermost axis of a tap; x itself where there is no other.
    GRIDSAMPLE_INLINE std::int32_t outermost(int point, int row, int tap, bool is_interior) const {
        const int k = Axes == 1 ? tap : row / power(Taps, Axes > 1 ? Axes - 2 : 0);
        return is_interior ? first[Axes - 1][point] + k : index[Axes - 1][k][point];
    }

    // Ask for the pixels of a plane that the interior points will read.
    template <class Value>
    void prefetch(const Value* plane) const {
        if constexpr (rows <= 4) {
            for (int i = 0; i < this->count; i += rows > 2 ? 2 : 1) {
                for (int row = 0; row < rows; ++row) GRIDSAMPLE_PREFETCH(plane + base[i] + row_step[row]);
            }
        }
    }

private:
    void weigh_rows(const Axis<Real>* axes, Real (*t)[tile_points], Real (*slope)[tile_points]);
    void resolve_vector(const Job& job, const Axis<Real>* axes, int i);
    void find_edges(const Axis<Real>* axes, int i);
};

}  // namespace gridsample::GRIDSAMPLE_ISA
