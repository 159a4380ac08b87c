// Tiles: what their footprints have in common, where their points are, read and classified, and what is known of each tap.

#include <cstdlib>

#include "place.h"

namespace gridsample::GRIDSAMPLE_ISA {

namespace {

// ---- resolve --------------------------------------------------------------------------------------------------------

// Each tap's index on an axis, or -1 outside, for the vector of points at i.
template <int width>
void resolve_taps(int boundary, bool leaves_out, int taps, std::int64_t size, const std::int32_t* first,
                  RowsOf<std::int32_t> index, int i) {
    const std::int32_t n = static_cast<std::int32_t>(size);
    visit(Boundaries(), leaves_out ? place_of<Zeros>(Boundaries()) : boundary, [&](auto rule) {
        for (int k = 0; k < taps; ++k) {
            for_each_lane<width>([&](int lane) { index[k][i + lane] = decltype(rule)::resolve(first[i + lane] + k, n); });
        }
    });
}

// The same on all axes; an undefined place has no taps.
template <class Real>
void resolve_vector(const Job& job, const Form& form, Tile<Real>& tile, int i) {
    constexpr int width = Tile<Real>::width;
    for (int axis = 0; axis < form.axes; ++axis) {
        resolve_taps<width>(job.options.axis[axis].boundary, form.leaves_out[axis], form.taps[axis],
                            job.field.size[axis], tile.first[axis], tile.index + form.tap_at[axis], i);
    }
    for (int k = 0; k < form.taps[0]; ++k) {
        for_each_lane<width>([&](int lane) { tile.index[k][i + lane] |= tile.undefined[i + lane]; });
    }
}

template <class Real>
void find_edges(const Job& job, const Form& form, Tile<Real>& tile, int i) {
    constexpr int width = Tile<Real>::width;
    const int taps = form.taps[0];
    const std::int32_t last = static_cast<std::int32_t>(job.field.size[0]) - taps;
    alignas(64) std::int32_t shift[width];
    alignas(64) std::int64_t base[width];
    for_each_lane<width>([&](int lane) {
        std::int32_t begin = tile.first[0][i + lane];
        begin = begin < 0 ? 0 : begin;
        begin = begin > last ? last : begin;
        shift[lane] = tile.undefined[i + lane] ? taps : tile.first[0][i + lane] - begin;
        base[lane] = begin * form.stride[0];
    });
    for (int loaded = 0; loaded < taps; ++loaded) {
        for_each_lane<width>([&](int lane) {
            const std::uint32_t k = static_cast<std::uint32_t>(loaded - shift[lane]);
            tile.edge_tap[loaded][i + lane] = k < static_cast<std::uint32_t>(taps) ? -1 : 0;
        });
        for (int raised = 0; raised < (form.slopes ? 2 : 1); ++raised) {
            const RowsOf<Real> along_x = tile.along_x(form, raised);
            Real* to = tile.edge_weight[raised * taps + loaded];
            for_each_lane<width>([&](int lane) { to[i + lane] = 0; });
            for (int k = 0; k < taps; ++k) {
                for_each_lane<width>(
                    [&](int lane) { to[i + lane] = loaded - shift[lane] == k ? along_x[k][i + lane] : to[i + lane]; });
            }
        }
    }
    for (int row = 0; row < form.rows; ++row) {
        alignas(64) std::int64_t at[width];
        alignas(64) std::int32_t outside[width];  // negative if so
        for_each_lane<width>([&](int lane) {
            at[lane] = base[lane];
            outside[lane] = 0;
        });
        for (int axis = 1; axis < form.axes; ++axis) {
            const std::int32_t* index = tile.index[form.tap_at[axis] + form.tap_of(row, axis)];
            const std::int64_t stride = form.stride[axis];
            for_each_lane<width>([&](int lane) {
                const std::int32_t k = index[i + lane];
                outside[lane] |= k;
                at[lane] += (k < 0 ? 0 : k) * stride;
            });
        }
        for_each_lane<width>([&](int lane) {
            tile.edge_base[row][i + lane] = at[lane];
            tile.edge_row[row][i + lane] = outside[lane] >= 0 ? -1 : 0;
        });
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
template <class Real>
void classify(const Job& job, const Form& form, const std::int32_t (*undefined_on)[tile_points], Tile<Real>& tile) {
    std::int32_t any = 0;
    for (int i = 0; i < tile_points; ++i) tile.undefined[i] = undefined_on[0][i];
    for (int axis = 1; axis < form.axes; ++axis) {
        for (int i = 0; i < tile_points; ++i) tile.undefined[i] |= undefined_on[axis][i];
    }
    for (int i = 0; i < tile_points; ++i) any |= tile.undefined[i];
    tile.any_undefined = any != 0;
    for (int i = tile.count; i < tile_points; ++i) tile.undefined[i] = -1;
    for (int i = 0; i < tile_points; ++i) tile.interior[i] = tile.reached[i] = ~tile.undefined[i];
    std::int64_t span = 0;
    for (int axis = 0; axis < form.axes; ++axis) {
        const std::int64_t size = job.field.size[axis];
        const int taps = form.taps[axis];
        const std::uint32_t more = static_cast<std::uint32_t>(taps - 1);
        // how many indices the first tap can have if all are inside, or any
        const std::uint32_t within = size < taps ? 0 : static_cast<std::uint32_t>(size - taps + 1);
        const std::uint32_t around = size > 0 ? static_cast<std::uint32_t>(size + taps - 1) : 0;
        const std::int32_t all_inside = form.leaves_out[axis] ? 0 : -1;  // once resolved
        const std::int32_t* first = tile.first[axis];
        for (int i = 0; i < tile_points; ++i) {
            const std::uint32_t lowest = static_cast<std::uint32_t>(first[i]), highest = lowest + more;
            tile.interior[i] &= lowest < within ? -1 : 0;
            tile.reached[i] &= all_inside | (highest < around ? -1 : 0);
        }
        span += std::llabs(form.stride[axis]) * size;
    }
    for (int i = 0; i < tile_points; ++i) tile.base[i] = 0;
    if (span <= INT32_MAX) {
        alignas(64) std::uint32_t offset[tile_points] = {};  // outside it may wrap
        for (int axis = 0; axis < form.axes; ++axis) {
            const std::uint32_t stride = static_cast<std::uint32_t>(form.stride[axis]);
            for (int i = 0; i < tile_points; ++i) offset[i] += static_cast<std::uint32_t>(tile.first[axis][i]) * stride;
        }
        for (int i = 0; i < tile_points; ++i) tile.base[i] = static_cast<std::int32_t>(offset[i]) & tile.interior[i];
    } else {
        for (int axis = 0; axis < form.axes; ++axis) {
            for (int i = 0; i < tile_points; ++i) tile.base[i] += tile.first[axis][i] * form.stride[axis];
        }
        for (int i = 0; i < tile_points; ++i) tile.base[i] &= tile.interior[i];
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

// Calls f(value of the dtype, number of components).
template <class F>
void with_components(DType dtype, int axes, const F& f) {
    static_assert(max_axes == 3);
    visit(dtype, [&](auto definition) {
        const typename decltype(definition)::Value value{};
        if (axes == 1) f(value, std::integral_constant<int, 1>());
        if (axes == 2) f(value, std::integral_constant<int, 2>());
        if (axes == 3) f(value, std::integral_constant<int, 3>());
    });
}

template <class Position, class Real>
void place_all(const Job& job, const Form& form, std::int64_t batch, Placing<Real>& placing, Tile<Real>& tile) {
    const auto coordinate = reinterpret_cast<Position(*)[tile_points]>(placing.coordinate);
    with_components(job.grid.dtype, form.axes, [&](auto value, auto components) {
        read_as<decltype(value), components()>(job, batch, 0, tile.begin, tile.count, coordinate);
    });
    for (int axis = 0; axis < form.axes; ++axis) {
        place(job, axis, Axis<Position>(job, axis), coordinate[axis], tile.first[axis], placing.t[axis],
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
            read_as<typename decltype(dtype)::Value, 1>(job, part.grid_batch, outermost, begin, count, coordinate);
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
        for (int axis = 1; axis < axes; ++axis) row_step[row] += tap_of(row, axis) * stride[axis];
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
    classify(job, form, placing.undefined, tile);
    weigh(job, form, placing, tile);
    for (int i = 0; i < count; i += width) {
        if (tile.inside[i / width] == tile.all || !tile.touches[i / width]) continue;
        resolve_vector(job, form, tile, i);
        if (form.has_edges) find_edges(job, form, tile, i);
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
    with_components(job.gradient.dtype, job.axes, [&](auto value, auto components) {
        write_as<decltype(value), components()>(job, batch, begin, count, gradient);
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
