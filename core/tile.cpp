// Tiles: what their footprints have in common, where their points are, read and classified, and what is known of each tap.

#include <cstdlib>
#include <cstring>

#include "place.h"

namespace gridsample::GRIDSAMPLE_ISA {

namespace {

// ---- resolve --------------------------------------------------------------------------------------------------------

// A tap's index, or -1 outside, for one vector of points; an undefined place has no taps.
template <class Boundary, int width>
GRIDSAMPLE_INLINE void resolve_tap(int tap, std::int32_t size, const std::int32_t* __restrict first,
                                   const std::int32_t* __restrict undefined, std::int32_t* __restrict index) {
    for_each_lane<width>([&](int lane) { index[lane] = Boundary::resolve(first[lane] + tap, size) | undefined[lane]; });
}

// All taps on all axes, for the vector of points at i.
template <class Real>
void resolve_vector(const Job& job, const Form& form, Tile<Real>& tile, int i) {
    for (int axis = 0; axis < form.axes; ++axis) {
        const std::int32_t size = static_cast<std::int32_t>(job.field.size[axis]);
        const int boundary = form.leaves_out[axis] ? place_of<Zeros>(Boundaries()) : job.options.axis[axis].boundary;
        visit(Boundaries(), boundary, [&](auto rule) {
            for (int k = 0; k < form.taps[axis]; ++k) {
                resolve_tap<decltype(rule), Tile<Real>::width>(k, size, tile.first[axis] + i, tile.undefined + i,
                                                               tile.index[form.tap_at[axis] + k] + i);
            }
        });
    }
}

// What lets all taps of a row be loaded together, for one vector of points: of one axis, and then of rows.
template <int width>
struct Edge {
    alignas(64) std::int64_t offset[width];
    alignas(64) std::int32_t outside[width];  // negative if so

    // Of the axes but x: from the index of a tap.
    GRIDSAMPLE_INLINE void from_index(const std::int32_t* __restrict index, std::int64_t stride) {
        for_each_lane<width>([&](int lane) {
            outside[lane] = index[lane];
            offset[lane] = (index[lane] < 0 ? 0 : index[lane]) * stride;
        });
    }

    template <class Mask, class... Edges>
    GRIDSAMPLE_INLINE void to_row(std::int64_t* __restrict base, Mask* __restrict is_row, const Edges&... others) const {
        for_each_lane<width>([&](int lane) { base[lane] = (offset[lane] + ... + others.offset[lane]); });
        for_each_lane<width>([&](int lane) { is_row[lane] = (outside[lane] | ... | others.outside[lane]) < 0 ? 0 : -1; });
    }
};

// Along x: the taps begin at the nearest place from which all are inside, and are shifted so far from there.
template <class S, class Real>
GRIDSAMPLE_INLINE void shift_taps(const Form& form, Tile<Real>& tile, int i, const std::int32_t* __restrict shift) {
    constexpr int width = Tile<Real>::width, taps = S::taps;
    for (int loaded = 0; loaded < taps; ++loaded) {
        Mask<Real>* __restrict is_tap = tile.edge_tap[loaded] + i;
        for_each_lane<width>([&](int lane) {
            const std::uint32_t k = static_cast<std::uint32_t>(loaded - shift[lane]);
            is_tap[lane] = k < static_cast<std::uint32_t>(taps) ? -1 : 0;
        });
        for (int raised = 0; raised < (form.slopes ? 2 : 1); ++raised) {
            const RowsOf<Real> along_x = tile.along_x(form, raised);
            Real* __restrict weight = tile.edge_weight[raised * taps + loaded] + i;
            for_each_lane<width>([&](int lane) {
                const std::int32_t tap = loaded - shift[lane];
                Real w = 0;
                for (int k = 0; k < taps; ++k) {
                    const Real of_tap = along_x[k][i + lane];  // read in any case, which needs no mask
                    w = tap == k ? of_tap : w;
                }
                weight[lane] = w;
            });
        }
    }
}

template <class S, class Real>
void find_edges(const Job& job, const Form& form, Tile<Real>& tile, int i) {
    constexpr int width = Tile<Real>::width;
    const std::int32_t last = static_cast<std::int32_t>(job.field.size[0]) - S::taps;
    const std::int64_t stride = form.stride[0];
    const std::int32_t *__restrict first = tile.first[0] + i, *__restrict undefined = tile.undefined + i;
    alignas(64) std::int32_t shift[width];
    Edge<width> x, along[max_axes][S::rows];
    for_each_lane<width>([&](int lane) {
        std::int32_t begin = first[lane];
        begin = begin < 0 ? 0 : begin;
        begin = begin > last ? last : begin;
        shift[lane] = undefined[lane] ? S::taps : first[lane] - begin;
        x.offset[lane] = begin * stride;
        x.outside[lane] = 0;
    });
    shift_taps<S>(form, tile, i, shift);
    for (int axis = 1; axis < form.axes; ++axis) {
        for (int k = 0; k < form.taps[axis]; ++k) {
            along[axis][k].from_index(tile.index[form.tap_at[axis] + k] + i, form.stride[axis]);
        }
    }
    for (int row = 0; row < S::rows; ++row) {
        std::int64_t* base = tile.edge_base[row] + i;
        Mask<Real>* is_row = tile.edge_row[row] + i;
        if (form.axes == 1) x.to_row(base, is_row);
        if (form.axes == 2) x.to_row(base, is_row, along[1][row]);
        if (form.axes == 3) x.to_row(base, is_row, along[1][form.tap_of(row, 1)], along[2][form.tap_of(row, 2)]);
    }
}

// ---- The tile -------------------------------------------------------------------------------------------------------

// Rows of the outermost axis, at least one: all that points with these first taps touch are among them, but for those
// that are undefined.
Rows rows_touched(const Form& form, std::int64_t size, const std::int32_t* first, const std::int32_t* undefined) {
    const int axis = form.axes - 1;
    const std::int32_t n = static_cast<std::int32_t>(size);
    std::int32_t lowest = INT32_MAX, highest = INT32_MIN;
    for (int i = 0; i < tile_points; ++i) {
        const std::int32_t defined = first[i] & ~undefined[i];
        lowest = std::min(lowest, defined | (INT32_MAX & undefined[i]));
        highest = std::max(highest, defined | (INT32_MIN & undefined[i]));
    }
    if (lowest > highest) return {0, 1};
    highest += form.taps[axis] - 1;
    if (!form.leaves_out[axis] && (lowest < 0 || highest >= n)) return {0, n};
    const std::int32_t begin = std::clamp(lowest, 0, n - 1);
    return {begin, std::clamp(highest + 1, begin + 1, n)};
}

// From the first taps, and what is undefined on each axis.
template <int axes, class Real>
void classify(const Job& job, const Form& form, const std::int32_t (*undefined_on)[tile_points], Tile<Real>& tile) {
    std::int32_t any = 0;
    for (int i = 0; i < tile_points; ++i) {
        std::int32_t undefined = undefined_on[0][i];
        for (int axis = 1; axis < axes; ++axis) undefined |= undefined_on[axis][i];
        tile.undefined[i] = undefined;
        any |= undefined;
    }
    tile.any_undefined = any != 0;
    for (int i = tile.count; i < tile_points; ++i) tile.undefined[i] = -1;
    // How many indices the first tap can have if all are inside, or any; once resolved, all are.
    std::uint32_t within[axes], around[axes], more[axes];
    std::int32_t all_inside[axes];
    const std::int32_t* first[axes];
    std::int64_t span = 0, stride[axes];
    for (int axis = 0; axis < axes; ++axis) {
        const std::int64_t size = job.field.size[axis];
        const int taps = form.taps[axis];
        more[axis] = static_cast<std::uint32_t>(taps - 1);
        within[axis] = size < taps ? 0 : static_cast<std::uint32_t>(size - taps + 1);
        around[axis] = size > 0 ? static_cast<std::uint32_t>(size + taps - 1) : 0;
        all_inside[axis] = form.leaves_out[axis] ? 0 : -1;
        first[axis] = tile.first[axis];
        stride[axis] = form.stride[axis];
        span += std::llabs(stride[axis]) * size;
    }
    for (int i = 0; i < tile_points; ++i) {
        std::int32_t in = ~tile.undefined[i], near = in;
        for (int axis = 0; axis < axes; ++axis) {
            const std::uint32_t lowest = static_cast<std::uint32_t>(first[axis][i]), highest = lowest + more[axis];
            in &= lowest < within[axis] ? -1 : 0;
            near &= all_inside[axis] | (highest < around[axis] ? -1 : 0);
        }
        tile.interior[i] = in;
        tile.reached[i] = near;
    }
    if (span <= INT32_MAX) {
        for (int i = 0; i < tile_points; ++i) {
            std::uint32_t offset = 0;  // outside it may wrap
            for (int axis = 0; axis < axes; ++axis) {
                offset += static_cast<std::uint32_t>(first[axis][i]) * static_cast<std::uint32_t>(stride[axis]);
            }
            tile.base[i] = static_cast<std::int32_t>(offset) & tile.interior[i];
        }
    } else {
        for (int i = 0; i < tile_points; ++i) {
            std::int64_t offset = 0;
            for (int axis = 0; axis < axes; ++axis) offset += first[axis][i] * stride[axis];
            tile.base[i] = offset & tile.interior[i];
        }
    }
    constexpr int width = Tile<Real>::width;
    for (int i = 0; i < tile_points; i += width) {
        tile.inside[i / width] = signs<width>(tile.interior + i);
        tile.touches[i / width] = signs<width>(tile.reached + i) != 0;
    }
}

// ---- Coordinates, from a grid, and gradients, to one ------------------------------------------------------------------

// Read coordinates of `count` points: some components, from the given one on.
template <class Value, int components, class Position>
void read_as(const Job& job, std::int64_t batch, int component, std::int64_t begin, int count,
             Position (*coordinate)[tile_points]) {
    const std::int64_t apart = job.grid.channel_stride;
    const Value* grid = reinterpret_cast<const Value*>(job.grid.data) + batch * job.grid.batch_stride + component * apart;
    for_each_run(job, job.grid.stride, begin, count, [&](int i, int n, std::int64_t offset, std::int64_t step) {
        const Value* from = grid + offset;
        if (components > 1 && apart == 1 && step == components) {
            prefetch_run(from, step, n);
            for (int j = 0; j < n; ++j) {
                for (int c = 0; c < components; ++c) {
                    coordinate[c][i + j] = static_cast<Position>(widen(from[j * components + c]));
                }
            }
        } else {
            for (int c = 0; c < components; ++c) read_run(from + c * apart, step, n, coordinate[c] + i);
        }
    });
    for (int c = 0; c < components; ++c) {
        for (int i = count; i < tile_points; ++i) coordinate[c][i] = 0;
    }
}

// Calls f(number of axes, a constant).
template <class F>
void with_axes(int axes, const F& f) {
    static_assert(max_axes == 3);
    if (axes == 1) f(std::integral_constant<int, 1>());
    if (axes == 2) f(std::integral_constant<int, 2>());
    if (axes == 3) f(std::integral_constant<int, 3>());
}

template <class Position, class Real>
void place_all(const Job& job, const Form& form, std::int64_t batch, Placing<Real>& placing, Tile<Real>& tile) {
    const auto coordinate = reinterpret_cast<Position(*)[tile_points]>(placing.coordinate);
    visit(job.grid.dtype, [&](auto dtype) {
        with_axes(form.axes, [&](auto axes) {
            read_as<typename decltype(dtype)::Value, axes()>(job, batch, 0, tile.begin, tile.count, coordinate);
        });
    });
    for (int axis = 0; axis < form.axes; ++axis) {
        place(job, axis, placing.template axis<Position>(axis), coordinate[axis], tile.first[axis], placing.t[axis],
              placing.slope[axis], placing.undefined[axis]);
    }
}

template <class Value, int components, class Real>
void write_as(const Job& job, std::int64_t batch, std::int64_t begin, int count, RowsOf<const Real> gradient) {
    const std::int64_t entry = job.gradient.batch == 1 ? 0 : batch, apart = job.gradient.channel_stride;
    Value* grid = reinterpret_cast<Value*>(job.gradient.data) + entry * job.gradient.batch_stride;
    for_each_run(job, job.gradient.stride, begin, count, [&](int i, int n, std::int64_t offset, std::int64_t step) {
        Value* to = grid + offset;
        if (apart == 1 && step == components) {
            for (int j = 0; j < n; ++j) {
                for (int c = 0; c < components; ++c) to[j * components + c] = narrow<Value>(gradient[c][i + j]);
            }
        } else {
            for (int c = 0; c < components; ++c) {
                for (int j = 0; j < n; ++j) to[j * step + c * apart] = narrow<Value>(gradient[c][i + j]);
            }
        }
    });
}

template <class Position>
void reach_as(const Job& job, const Part& part, const Form& form, Rows* reaches) {
    const int outermost = job.axes - 1;
    const Axis<Position> axis(job, outermost);
    for (std::int64_t begin = part.point_begin; begin < part.point_end; begin += tile_points) {
        const int count = static_cast<int>(std::min<std::int64_t>(part.point_end - begin, tile_points));
        alignas(64) Position coordinate[1][tile_points], t[tile_points], slope[tile_points];
        alignas(64) std::int32_t first[tile_points], undefined[tile_points];
        visit(job.grid.dtype, [&](auto dtype) {
            read_as<typename decltype(dtype)::Value, 1>(job, part.grid_begin, outermost, begin, count, coordinate);
        });
        place(job, outermost, axis, coordinate[0], first, t, slope, undefined);
        for (int i = count; i < tile_points; ++i) undefined[i] = -1;
        const Rows touched = rows_touched(form, axis.size, first, undefined);
        Rows& reach = reaches[begin / part.points_a_reach];
        if (begin % part.points_a_reach == 0) {
            reach = touched;
        } else {
            reach = {std::min(reach.begin, touched.begin), std::max(reach.end, touched.end)};
        }
    }
}

}  // namespace

Form::Form(const Job& job, bool with_slopes) : axes(job.axes), rows(1), sets(0), slopes(with_slopes), vanishes(false) {
    total_taps = total_weights = 0;
    for (int axis = 0; axis < axes; ++axis) {
        const KernelRecord& kernel = kernel_records[job.options.axis[axis].kernel];
        const BoundaryRecord& boundary = boundary_records[job.options.axis[axis].boundary];
        const bool flat = kernel.polynomial && kernel.orders == 1;  // between pixels
        taps[axis] = kernel.taps;
        leaves_out[axis] = boundary.leaves_out || (kernel.folds && boundary.folds);  // what a fold leaves has no weight
        stride[axis] = job.field.stride[axis];
        tap_at[axis] = total_taps;
        total_taps += kernel.taps;
        for (int raised = 0; raised < (slopes ? 2 : 1); ++raised, total_weights += kernel.taps) {
            weight_at[axis][raised] = total_weights;
        }
        if (axis > 0) rows *= kernel.taps;
        if (flat && job.order[axis] > 0) vanishes = true;
        if (slopes && !flat) slope_axis[sets++] = axis;
    }
    if (!slopes) sets = 1;
    for (int row = 0; row < rows; ++row) {
        row_step[row] = 0;
        for (int axis = 1, rest = row; axis < axes; rest /= taps[axis++]) {
            tap_along[axis - 1][row] = static_cast<std::int8_t>(rest % taps[axis]);
            row_step[row] += rest % taps[axis] * stride[axis];
        }
    }
    shape = -1;
    int place = 0;
    for_each(Shapes(), [&](auto one) {
        using S = decltype(one);
        if (taps[0] == S::taps && rows == S::rows && (!slopes || sets == S::slopes)) shape = place;
        ++place;
    });
    row_weight_at = -1;
    if (shape >= 0 && axes == 2) row_weight_at = weight_at[1][0];  // what is asked comes before what is raised
    if (shape >= 0 && axes == 3) {
        row_weight_at = total_weights;
        total_weights += sets * rows;
    }
    has_edges = shape >= 0 && leaves_out[0] && job.field.size[0] >= taps[0];
}

template <class Real>
void build(const Job& job, const Form& form, std::int64_t batch, std::int64_t begin, int count, Placing<Real>& placing,
           Tile<Real>& tile) {
    constexpr int width = Tile<Real>::width;
    tile.begin = begin;
    tile.count = count;
    if constexpr (std::is_same_v<Real, float>) {
        if (has_double_positions(job)) {
            place_all<double>(job, form, batch, placing, tile);
        } else {
            place_all<float>(job, form, batch, placing, tile);
        }
    } else {
        place_all<double>(job, form, batch, placing, tile);
    }
    with_axes(form.axes, [&](auto axes) { classify<axes()>(job, form, placing.undefined, tile); });
    weigh(job, form, placing, tile);
    for (int i = 0; i < count; i += width) {
        if (tile.inside[i / width] == tile.all || !tile.touches[i / width]) continue;
        resolve_vector(job, form, tile, i);
        if (form.has_edges) visit(Shapes(), form.shape, [&](auto shape) { find_edges<decltype(shape)>(job, form, tile, i); });
    }
    if (!form.slopes) return;
    for (int axis = 0; axis < form.axes; ++axis) std::fill_n(tile.gradient[axis], tile_points, Real(0));
}

template <class Real>
void find_touched(const Job& job, const Form& form, Tile<Real>& tile) {
    tile.touched = rows_touched(form, job.field.size[form.axes - 1], tile.first[form.axes - 1], tile.undefined);
}

template <class Real>
void write_gradient(const Job& job, std::int64_t batch, std::int64_t begin, int count, RowsOf<const Real> gradient) {
    visit(job.gradient.dtype, [&](auto dtype) {
        with_axes(job.axes, [&](auto axes) {
            write_as<typename decltype(dtype)::Value, axes()>(job, batch, begin, count, gradient);
        });
    });
}

void reach(const Job& job, const Part& part, Rows* reaches) {
    const Form form(job, false);
    if (has_double_positions(job)) {
        reach_as<double>(job, part, form, reaches);
    } else {
        reach_as<float>(job, part, form, reaches);
    }
}

#define GRIDSAMPLE_INSTANTIATE(Real)                                                                                  \
    template void build<Real>(const Job&, const Form&, std::int64_t, std::int64_t, int, Placing<Real>&, Tile<Real>&); \
    template void find_touched<Real>(const Job&, const Form&, Tile<Real>&);                                           \
    template void write_gradient<Real>(const Job&, std::int64_t, std::int64_t, int, RowsOf<const Real>);
GRIDSAMPLE_INSTANTIATE(float)
GRIDSAMPLE_INSTANTIATE(double)

}  // namespace gridsample::GRIDSAMPLE_ISA
