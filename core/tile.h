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

// ---- The steps on a whole tile, one axis at a time (tile.cpp) ---------------------------------------------------------

// Read a component of the coordinates of `count` points as reals.
template <class Real>
void read_coordinates(const Job& job, std::int64_t batch, int axis, std::int64_t begin, int count, Real* coordinate);

// locate and fold: turn coordinates into distances t from the pixel at or before the position; find the first tap and
// dp/dg, the fold's sign included; mark what is undefined.
template <class Real>
void place(const Options& options, const Axis<Real>& axis, Real* coordinate_to_t, std::int32_t* first, Real* slope,
           std::int32_t* undefined);

// taps: the weights, or their derivatives.
template <class Real>
void weigh(Kernel kernel, int order, const Real* t, const Real* slope, Real (*weight)[tile_points]);

// resolve: each tap's index, or -1 outside, for `count` points from `begin` on.
void resolve_taps(const Options& options, std::int64_t size, const std::int32_t* first, int begin, int count,
                  std::int32_t (*index)[tile_points]);

// Rows of the outermost axis, at least one: all that points with these first taps touch are among them.
Rows rows_touched(const Options& options, std::int64_t size, const std::int32_t* first, int count);

// Numbers `step` elements from each other, widened; the step known to the compiler where that lets it shuffle. What
// comes after them is asked for.
template <class Value, class Real>
GRIDSAMPLE_INLINE void read_run(const Value* from, std::int64_t step, int n, Real* to) {
    for (int j = 0; j < n; j += 8) GRIDSAMPLE_PREFETCH(from + step * (j + 3 * tile_points));
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

// ---- The tile ---------------------------------------------------------------------------------------------------------

// One set of weights is kept for samples or, with `Slopes`, one for the derivative along each axis.
template <class Real, int Axes, int Taps, bool Slopes>
struct Tile {
    static constexpr int sets = Slopes ? Axes : 1;
    static constexpr int raised_orders = Slopes ? 2 : 1;  // the asked order, and the next
    static constexpr int rows = power(Taps, Axes - 1);
    static constexpr int width = lanes<Real>;
    static constexpr std::uint32_t all = (1u << width) - 1;

    std::int64_t begin;  // the first point's number
    int count;
    bool any_undefined;
    Rows touched;  // perhaps
    alignas(64) Real tap_weight[Slopes ? 2 : 1][Taps][tile_points];  // along x: for set 0, for the other sets
    alignas(64) Real row_weight[sets][rows][tile_points];
    alignas(64) std::int64_t base[tile_points];  // of interior points
    alignas(64) std::int32_t interior[tile_points];
    alignas(64) std::int32_t undefined[tile_points];
    alignas(64) std::int32_t first[Axes][tile_points];
    // Set only for vectors that are not all interior: each tap's index, -1 outside.
    alignas(64) std::int32_t index[Axes][Taps][tile_points];
    // For those, where taps outside are left out: as for interior points, Taps neighbours along x are loaded for each
    // row, from the nearest place that is inside; masks say which rows and which of the loaded are taps, and the weights
    // are shifted accordingly.
    bool at_edges;
    alignas(64) std::int64_t edge_base[rows][tile_points];
    alignas(64) Mask<Real> edge_row[rows][tile_points];
    alignas(64) Mask<Real> edge_tap[Taps][tile_points];
    alignas(64) Real edge_weight[Slopes ? 2 : 1][Taps][tile_points];
    std::uint32_t inside[tile_points / width];  // of each vector of points: which are interior, a bit for each
    bool touches[tile_points / width];          // whether any of them has a tap
    std::int64_t stride[Axes];
    std::int64_t row_step[rows];

    void build(const Job& job, const Axis<Real>* axes, std::int64_t batch, std::int64_t begin, int count);

    // The weight along x of set s.
    const Real* along_x(int s, int tap) const { return tap_weight[s > 0][tap]; }

    // The weight along x, not its derivative.
    const Real* plain_x(int tap) const { return tap_weight[Slopes][tap]; }

    // Whether a point of a vector that is not all interior has a tap that is inside.
    GRIDSAMPLE_INLINE bool has_taps(int point) const {
        std::int32_t on_all_axes = -1;
        for (int axis = 0; axis < Axes; ++axis) {
            std::int32_t outside_all = -1;  // negative where every tap is
            for (int k = 0; k < Taps; ++k) outside_all &= index[axis][k][point];
            on_all_axes &= ~outside_all;
        }
        return on_all_axes < 0;
    }

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
            for (int i = 0; i < count; i += rows > 2 ? 2 : 1) {
                for (int row = 0; row < rows; ++row) GRIDSAMPLE_PREFETCH(plane + base[i] + row_step[row]);
            }
        }
    }

private:
    void weigh_rows(const Job& job, const Axis<Real>* axes, Real (*t)[tile_points], Real (*slope)[tile_points]);
    void find_interior(const Axis<Real>* axes);
    void resolve_vector(const Job& job, const Axis<Real>* axes, int i);
    void find_edges(const Axis<Real>* axes, int i);
};

template <class Real, int Axes, int Taps, bool Slopes>
void Tile<Real, Axes, Taps, Slopes>::build(const Job& job, const Axis<Real>* axes, std::int64_t batch,
                                         std::int64_t begin_, int count_) {
    alignas(64) Real t[Axes][tile_points], slope[Axes][tile_points];
    begin = begin_;
    count = count_;
    for (int i = 0; i < tile_points; ++i) undefined[i] = i < count ? 0 : -1;
    for (int axis = 0; axis < Axes; ++axis) {
        stride[axis] = axes[axis].stride;
        read_coordinates<Real>(job, batch, axis, begin, count, t[axis]);
        place<Real>(job.options, axes[axis], t[axis], first[axis], slope[axis], undefined);
    }
    std::int32_t any = 0;
    for (int i = 0; i < count; ++i) any |= undefined[i];
    any_undefined = any != 0;
    weigh_rows(job, axes, t, slope);
    find_interior(axes);
    at_edges = axes[0].size >= Taps && (folds(job.options.kernel) || job.options.boundary == Boundary::zeros);
    for (int i = 0; i < count; i += width) {
        touches[i / width] = true;
        if (inside[i / width] != all) resolve_vector(job, axes, i);
    }
    touched = rows_touched(job.options, axes[Axes - 1].size, first[Axes - 1], count);
}

template <class Real, int Axes, int Taps, bool Slopes>
void Tile<Real, Axes, Taps, Slopes>::resolve_vector(const Job& job, const Axis<Real>* axes, int i) {
    for (int axis = 0; axis < Axes; ++axis) {
        resolve_taps(job.options, axes[axis].size, first[axis], i, width, index[axis]);
    }
    for (int k = 0; k < Taps; ++k) {  // an undefined place has no taps
        for (int lane = 0; lane < width; ++lane) index[0][k][i + lane] |= undefined[i + lane];
    }
    touches[i / width] = false;
    for (int lane = 0; lane < width; ++lane) touches[i / width] |= has_taps(i + lane);
    if (touches[i / width] && at_edges) find_edges(axes, i);
}

template <class Real, int Axes, int Taps, bool Slopes>
void Tile<Real, Axes, Taps, Slopes>::weigh_rows(const Job& job, const Axis<Real>* axes, Real (*t)[tile_points],
                                              Real (*slope)[tile_points]) {
    const Kernel kernel = job.options.kernel;
    weigh<Real>(kernel, axes[0].order + Slopes, t[0], slope[0], tap_weight[0]);
    if constexpr (Slopes) weigh<Real>(kernel, axes[0].order, t[0], slope[0], tap_weight[1]);
    if constexpr (Axes > 1) {
        alignas(64) Real weight[Axes - 1][raised_orders][Taps][tile_points];  // asked order, and the next
        for (int axis = 1; axis < Axes; ++axis) {
            for (int raised = 0; raised < raised_orders; ++raised) {
                weigh<Real>(kernel, axes[axis].order + raised, t[axis], slope[axis], weight[axis - 1][raised]);
            }
        }
        for (int s = 0; s < sets; ++s) {
            for (int row = 0; row < rows; ++row) {
                const Real* y = weight[0][s == 1][row % Taps];
                if constexpr (Axes == 2) {
                    std::memcpy(row_weight[s][row], y, sizeof(row_weight[s][row]));
                } else {
                    const Real* z = weight[Axes - 2][s == 2][row / Taps];
                    for (int i = 0; i < tile_points; ++i) row_weight[s][row][i] = y[i] * z[i];
                }
            }
        }
    }
}

template <class Real, int Axes, int Taps, bool Slopes>
void Tile<Real, Axes, Taps, Slopes>::find_interior(const Axis<Real>* axes) {
    for (int row = 0; row < rows; ++row) {
        row_step[row] = 0;
        for (int axis = 1, digits = row; axis < Axes; ++axis, digits /= Taps) {
            row_step[row] += digits % Taps * stride[axis];
        }
    }
    std::uint32_t places[Axes];  // how many indices the first tap can have
    std::int64_t span = 0;
    for (int axis = 0; axis < Axes; ++axis) {
        places[axis] = axes[axis].size < Taps ? 0 : static_cast<std::uint32_t>(axes[axis].size - Taps + 1);
        span += std::llabs(stride[axis]) * axes[axis].size;
    }
    for (int i = 0; i < tile_points; ++i) {
        std::int32_t in = ~undefined[i];
        for (int axis = 0; axis < Axes; ++axis) {
            in &= -static_cast<std::int32_t>(static_cast<std::uint32_t>(first[axis][i]) < places[axis]);
        }
        interior[i] = in;
    }
    if (span <= INT32_MAX) {
        for (int i = 0; i < tile_points; ++i) {
            std::int32_t offset = 0;
            for (int axis = 0; axis < Axes; ++axis) offset += first[axis][i] * static_cast<std::int32_t>(stride[axis]);
            base[i] = offset & interior[i];
        }
    } else {
        for (int i = 0; i < tile_points; ++i) {
            std::int64_t offset = 0;
            for (int axis = 0; axis < Axes; ++axis) offset += first[axis][i] * stride[axis];
            base[i] = offset & interior[i];
        }
    }
    for (int i = 0; i < tile_points; i += width) inside[i / width] = signs<width>(interior + i);
}

template <class Real, int Axes, int Taps, bool Slopes>
void Tile<Real, Axes, Taps, Slopes>::find_edges(const Axis<Real>* axes, int i) {
    const std::int32_t last = static_cast<std::int32_t>(axes[0].size) - Taps;
    std::int32_t shift[width];
    std::int64_t base[width];
    for (int lane = 0; lane < width; ++lane) {
        std::int32_t begin = first[0][i + lane];
        begin = begin < 0 ? 0 : begin;
        begin = begin > last ? last : begin;
        shift[lane] = undefined[i + lane] ? Taps : first[0][i + lane] - begin;
        base[lane] = begin * stride[0];
    }
    for (int loaded = 0; loaded < Taps; ++loaded) {
        for (int lane = 0; lane < width; ++lane) {
            const std::int32_t k = loaded - shift[lane];
            edge_tap[loaded][i + lane] = -static_cast<Mask<Real>>(k >= 0 && k < Taps);
        }
        for (int set = 0; set < (Slopes ? 2 : 1); ++set) {
            for (int lane = 0; lane < width; ++lane) {
                Real weight = 0;
                for (int k = 0; k < Taps; ++k) weight = loaded - shift[lane] == k ? tap_weight[set][k][i + lane] : weight;
                edge_weight[set][loaded][i + lane] = weight;
            }
        }
    }
    for (int row = 0; row < rows; ++row) {
        for (int lane = 0; lane < width; ++lane) {
            std::int64_t at = base[lane];
            std::int32_t outside = 0;  // negative if so
            for (int axis = 1, digits = row; axis < Axes; ++axis, digits /= Taps) {
                const std::int32_t k = index[axis][digits % Taps][i + lane];
                outside |= k;
                at += (k < 0 ? 0 : k) * stride[axis];
            }
            edge_base[row][i + lane] = at;
            edge_row[row][i + lane] = -static_cast<Mask<Real>>(outside >= 0);
        }
    }
}

}  // namespace gridsample::GRIDSAMPLE_ISA
