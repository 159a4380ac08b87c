// Tiles: where their points are, read and classified, and what is known of each tap (placing.h has the steps).

#include <algorithm>

#include "placing.h"
#include "tile.h"

namespace gridsample::GRIDSAMPLE_ISA {

namespace {

// Read coordinates of `count` points as reals: `Axes` components, from the given one on.
template <class Value, int Axes, class Real>
void read_as(const Job& job, std::int64_t batch, int axis, std::int64_t begin, int count, Real (*coordinate)[tile_points]) {
    const std::int64_t apart = job.grid.channel_stride;
    const Value* grid = reinterpret_cast<const Value*>(job.grid.data) + batch * job.grid.batch_stride + axis * apart;
    for_each_run(job, job.grid.stride, begin, count, [&](int i, int n, std::int64_t offset, std::int64_t step) {
        const Value* from = grid + offset;
        if (Axes > 1 && apart == 1 && step == Axes) {
            prefetch_run(from, step, n);
            for (int j = 0; j < n; ++j) {
                for (int a = 0; a < Axes; ++a) coordinate[a][i + j] = static_cast<Real>(widen(from[j * Axes + a]));
            }
        } else {
            for (int a = 0; a < Axes; ++a) read_run(from + a * apart, step, n, coordinate[a] + i);
        }
    });
    for (int a = 0; a < Axes; ++a) {
        for (int i = count; i < tile_points; ++i) coordinate[a][i] = 0;
    }
}

template <int Axes, class Real>
void read_coordinates(const Job& job, std::int64_t batch, int axis, std::int64_t begin, int count,
                      Real (*coordinate)[tile_points]) {
    switch (job.grid.dtype) {
        case DType::float16:
            return read_as<Half, Axes>(job, batch, axis, begin, count, coordinate);
        case DType::bfloat16:
            return read_as<BFloat16, Axes>(job, batch, axis, begin, count, coordinate);
        case DType::float32:
            return read_as<float, Axes>(job, batch, axis, begin, count, coordinate);
        case DType::float64:
            return read_as<double, Axes>(job, batch, axis, begin, count, coordinate);
    }
}

template <class Grid, class Real, int Axes>
void write_gradient_as(const Job& job, std::int64_t batch, std::int64_t begin, int count,
                       const Real (&gradient)[Axes][tile_points]) {
    const std::int64_t entry = job.gradient.batch == 1 ? 0 : batch;
    Grid* to = reinterpret_cast<Grid*>(job.gradient.data) + entry * job.gradient.batch_stride;
    const std::int64_t apart = job.gradient.channel_stride;
    for_each_run(job, job.gradient.stride, begin, count, [&](int i, int n, std::int64_t offset, std::int64_t step) {
        Grid* point = to + offset;
        if (apart == 1 && step == Axes) {
            for (int j = 0; j < n; ++j) {
                for (int axis = 0; axis < Axes; ++axis) point[j * Axes + axis] = narrow<Grid>(gradient[axis][i + j]);
            }
        } else {
            for (int axis = 0; axis < Axes; ++axis) {
                for (int j = 0; j < n; ++j) point[j * step + axis * apart] = narrow<Grid>(gradient[axis][i + j]);
            }
        }
    });
}

}  // namespace

Rows rows_touched(const Options& options, std::int64_t size, const std::int32_t* first, const std::int32_t* undefined) {
    const std::int32_t n = static_cast<std::int32_t>(size);
    std::int32_t lowest = INT32_MAX, highest = INT32_MIN;
    for (int i = 0; i < tile_points; ++i) {
        const std::int32_t defined = first[i] & ~undefined[i];
        lowest = std::min(lowest, defined | (INT32_MAX & undefined[i]));
        highest = std::max(highest, defined | (INT32_MIN & undefined[i]));
    }
    if (lowest > highest) return {0, 1};
    highest += taps_of(options.kernel) - 1;
    if (!leaves_out(options) && (lowest < 0 || highest >= n)) return {0, n};
    const std::int32_t begin = std::clamp(lowest, 0, n - 1);
    return {begin, std::clamp(highest + 1, begin + 1, n)};
}

template <class Real>
Rows rows_touched(const Job& job, const Axis<Real>& outermost, std::int64_t batch, std::int64_t begin, int count) {
    alignas(64) Real t[tile_points], slope[tile_points];
    alignas(64) std::int32_t first[tile_points], undefined[tile_points];
    read_coordinates<1>(job, batch, job.options.axes - 1, begin, count, &t);
    switch (job.options.kernel) {
        case Kernel::nearest:
            place<Kernel::nearest>(job.options.boundary, outermost, t, first, slope, undefined);
            break;
        case Kernel::linear:
            place<Kernel::linear>(job.options.boundary, outermost, t, first, slope, undefined);
            break;
        case Kernel::keys:
            place<Kernel::keys>(job.options.boundary, outermost, t, first, slope, undefined);
    }
    for (int i = count; i < tile_points; ++i) undefined[i] = -1;
    return rows_touched(job.options, outermost.size, first, undefined);
}

template <class Real, int Axes>
void write_gradient(const Job& job, std::int64_t batch, std::int64_t begin, int count,
                    const Real (&gradient)[Axes][tile_points]) {
    switch (job.gradient.dtype) {
        case DType::float16:
            return write_gradient_as<Half>(job, batch, begin, count, gradient);
        case DType::bfloat16:
            return write_gradient_as<BFloat16>(job, batch, begin, count, gradient);
        case DType::float32:
            return write_gradient_as<float>(job, batch, begin, count, gradient);
        case DType::float64:
            return write_gradient_as<double>(job, batch, begin, count, gradient);
    }
}

// ---- The tile ---------------------------------------------------------------------------------------------------------

template <class Real, int Axes>
void Places<Real, Axes>::classify(const Options& options, const Axis<Real>* axes,
                                  const std::int32_t (*undefined_on)[tile_points]) {
    std::int32_t any = 0;
    for (int i = 0; i < tile_points; ++i) {
        undefined[i] = undefined_on[0][i];
        for (int axis = 1; axis < Axes; ++axis) undefined[i] |= undefined_on[axis][i];
        any |= undefined[i];
    }
    any_undefined = any != 0;
    for (int i = count; i < tile_points; ++i) undefined[i] = -1;
    const std::int32_t taps = taps_of(options.kernel), all_inside = leaves_out(options) ? 0 : -1;  // once resolved
    std::uint32_t within[Axes], around[Axes];  // how many indices the first tap can have if all or any are inside
    const std::uint32_t more = static_cast<std::uint32_t>(taps - 1);
    std::int64_t span = 0;
    for (int axis = 0; axis < Axes; ++axis) {
        const std::int64_t size = axes[axis].size;
        within[axis] = size < taps ? 0 : static_cast<std::uint32_t>(size - taps + 1);
        around[axis] = size > 0 ? static_cast<std::uint32_t>(size + taps - 1) : 0;
        span += std::llabs(stride[axis]) * size;
    }
    for (int i = 0; i < tile_points; ++i) {
        std::int32_t in = ~undefined[i], near = ~undefined[i];
        for (int axis = 0; axis < Axes; ++axis) {
            const std::uint32_t lowest = static_cast<std::uint32_t>(first[axis][i]), highest = lowest + more;
            in &= lowest < within[axis] ? -1 : 0;
            near &= all_inside | (highest < around[axis] ? -1 : 0);
        }
        interior[i] = in;
        reached[i] = near;
    }
    if (span <= INT32_MAX) {
        for (int i = 0; i < tile_points; ++i) {
            std::uint32_t offset = 0;  // outside it may wrap
            for (int axis = 0; axis < Axes; ++axis) {
                offset += static_cast<std::uint32_t>(first[axis][i]) * static_cast<std::uint32_t>(stride[axis]);
            }
            base[i] = static_cast<std::int32_t>(offset) & interior[i];
        }
    } else {
        for (int i = 0; i < tile_points; ++i) {
            std::int64_t offset = 0;
            for (int axis = 0; axis < Axes; ++axis) offset += first[axis][i] * stride[axis];
            base[i] = offset & interior[i];
        }
    }
    for (int i = 0; i < tile_points; i += width) {
        inside[i / width] = signs<width>(interior + i);
        touches[i / width] = signs<width>(reached + i) != 0;
    }
}

template <class Real, int Axes, int Taps, bool Slopes>
void Tile<Real, Axes, Taps, Slopes>::build(const Job& job, const Axis<Real>* axes, std::int64_t batch,
                                         std::int64_t begin, int count) {
    alignas(64) Real t[Axes][tile_points], slope[Axes][tile_points];
    alignas(64) std::int32_t undefined_on[Axes][tile_points];
    this->begin = begin;
    this->count = count;
    read_coordinates<Axes>(job, batch, 0, begin, count, t);
    for (int axis = 0; axis < Axes; ++axis) {
        stride[axis] = axes[axis].stride;
        place<kernel_of<Taps>>(job.options.boundary, axes[axis], t[axis], first[axis], slope[axis], undefined_on[axis]);
    }
    Where::classify(job.options, axes, undefined_on);
    weigh_rows(axes, t, slope);
    for (int row = 0; row < rows; ++row) {
        row_step[row] = 0;
        for (int axis = 1, digits = row; axis < Axes; ++axis, digits /= Taps) {
            row_step[row] += digits % Taps * stride[axis];
        }
    }
    at_edges = axes[0].size >= Taps && leaves_out(job.options);
    for (int i = 0; i < count; i += width) {
        if (inside[i / width] == Where::all || !touches[i / width]) continue;
        resolve_vector(job, axes, i);
        if (at_edges) find_edges(axes, i);
    }
}

template <class Real, int Axes, int Taps, bool Slopes>
void Tile<Real, Axes, Taps, Slopes>::resolve_vector(const Job& job, const Axis<Real>* axes, int i) {
    for (int axis = 0; axis < Axes; ++axis) {
        resolve_taps<Taps, width>(job.options, axes[axis].size, first[axis], index[axis], i);
    }
    for (int k = 0; k < Taps; ++k) {  // an undefined place has no taps
        for_each_lane<width>([&](int lane) { index[0][k][i + lane] |= undefined[i + lane]; });
    }
}

template <class Real, int Axes, int Taps, bool Slopes>
void Tile<Real, Axes, Taps, Slopes>::weigh_rows(const Axis<Real>* axes, Real (*t)[tile_points],
                                              Real (*slope)[tile_points]) {
    constexpr Kernel kernel = kernel_of<Taps>;
    weigh<kernel>(axes[0].order + Slopes, t[0], slope[0], tap_weight[0]);
    if constexpr (Slopes) weigh<kernel>(axes[0].order, t[0], slope[0], tap_weight[1]);
    if constexpr (Axes == 2) {
        for (int s = 0; s < sets; ++s) weigh<kernel>(axes[1].order + s, t[1], slope[1], row_weight[s]);
    }
    if constexpr (Axes == 3) {
        alignas(64) Real y[raised_orders][Taps][tile_points], z[raised_orders][Taps][tile_points];
        for (int raised = 0; raised < raised_orders; ++raised) {
            weigh<kernel>(axes[1].order + raised, t[1], slope[1], y[raised]);
            weigh<kernel>(axes[2].order + raised, t[2], slope[2], z[raised]);
        }
        for (int s = 0; s < sets; ++s) {
            for (int row = 0; row < rows; ++row) {
                const Real *along_y = y[s == 1][row % Taps], *along_z = z[s == 2][row / Taps];
                for (int i = 0; i < tile_points; ++i) row_weight[s][row][i] = along_y[i] * along_z[i];
            }
        }
    }
}

template <class Real, int Axes, int Taps, bool Slopes>
void Tile<Real, Axes, Taps, Slopes>::find_edges(const Axis<Real>* axes, int i) {
    const std::int32_t last = static_cast<std::int32_t>(axes[0].size) - Taps;
    alignas(64) std::int32_t shift[width];
    alignas(64) std::int64_t base[width];
    for_each_lane<width>([&](int lane) {
        std::int32_t begin = first[0][i + lane];
        begin = begin < 0 ? 0 : begin;
        begin = begin > last ? last : begin;
        shift[lane] = undefined[i + lane] ? Taps : first[0][i + lane] - begin;
        base[lane] = begin * stride[0];
    });
    for (int loaded = 0; loaded < Taps; ++loaded) {
        for_each_lane<width>([&](int lane) {
            const std::uint32_t k = static_cast<std::uint32_t>(loaded - shift[lane]);
            edge_tap[loaded][i + lane] = k < Taps ? -1 : 0;
        });
        for (int set = 0; set < (Slopes ? 2 : 1); ++set) {
            for_each_lane<width>([&](int lane) {
                const std::int32_t tap = loaded - shift[lane];
                Real weight = 0;
                for (int k = 0; k < Taps; ++k) weight = tap == k ? tap_weight[set][k][i + lane] : weight;
                edge_weight[set][loaded][i + lane] = weight;
            });
        }
    }
    for (int row = 0; row < rows; ++row) {
        for_each_lane<width>([&](int lane) {
            std::int64_t at = base[lane];
            std::int32_t outside = 0;  // negative if so
            for (int axis = 1, digits = row; axis < Axes; ++axis, digits /= Taps) {
                const std::int32_t k = index[axis][digits % Taps][i + lane];
                outside |= k;
                at += (k < 0 ? 0 : k) * stride[axis];
            }
            edge_base[row][i + lane] = at;
            edge_row[row][i + lane] = outside >= 0 ? -1 : 0;
        });
    }
}

#define GRIDSAMPLE_INSTANTIATE_TILES(Real, Axes)                                                    \
    template struct Places<Real, Axes>;                                                             \
    template void write_gradient<Real, Axes>(const Job&, std::int64_t, std::int64_t, int,           \
                                             const Real (&)[Axes][tile_points]);                    \
    template struct Tile<Real, Axes, 1, false>;   \
    template struct Tile<Real, Axes, 1, true>;    \
    template struct Tile<Real, Axes, 2, false>;   \
    template struct Tile<Real, Axes, 2, true>;    \
    template struct Tile<Real, Axes, 4, false>;   \
    template struct Tile<Real, Axes, 4, true>;
#define GRIDSAMPLE_INSTANTIATE(Real)                                                                            \
    template Rows rows_touched<Real>(const Job&, const Axis<Real>&, std::int64_t, std::int64_t, int);           \
    GRIDSAMPLE_INSTANTIATE_TILES(Real, 1)                                                                       \
    GRIDSAMPLE_INSTANTIATE_TILES(Real, 2)                                                                       \
    GRIDSAMPLE_INSTANTIATE_TILES(Real, 3)
GRIDSAMPLE_INSTANTIATE(float)
GRIDSAMPLE_INSTANTIATE(double)

}  // namespace gridsample::GRIDSAMPLE_ISA
