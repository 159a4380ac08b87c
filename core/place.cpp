// Tiles are built in one pass over their vectors of points, each on all axes: what is known of a vector stays in registers
// until it is written. (axis.h places a vector on one axis.)

#include "place.h"

namespace gridsample::GRIDSAMPLE_ISA {

namespace {

// ---- taps: their weights --------------------------------------------------------------------------------------------

template <class Kernel, int order = 0, class Real>
GRIDSAMPLE_INLINE void weigh_as(int asked, const Real* parameters, const Vec<Real>& t, const Vec<Real>& slope,
                                RowsOf<Real> weight, int i) {
    if (asked == order) {
        Vec<Real> weights[Kernel::taps], factor = Vec<Real>{} + 1;
        Kernel::template weights<order>(t, parameters, weights);
        for (int raise = 0; raise < order; ++raise) factor *= slope;
        for (int k = 0; k < Kernel::taps; ++k) store<Real>(weight[k] + i, order == 0 ? weights[k] : weights[k] * factor);
    } else if constexpr (order + 1 < Kernel::orders) {
        weigh_as<Kernel, order + 1>(asked, parameters, t, slope, weight, i);
    } else {  // derivatives of polynomials that are 0; others are refused before they come here
        for (int k = 0; k < Kernel::taps; ++k) store<Real>(weight[k] + i, Vec<Real>{});
    }
}

}  // namespace

// Those of less common kernels lie apart from the loop, which stays short. (Not in the unnamed namespace: of a function
// that is this file's alone Clang 14 changes how vectors are passed, and gets those of 64 bytes wrong.)
template <class Kernel, class Real>
GRIDSAMPLE_NOINLINE void weigh_apart(int asked, const Real* parameters, const Vec<Real>& t, const Vec<Real>& slope,
                                    RowsOf<Real> weight, int i) {
    weigh_as<Kernel>(asked, parameters, t, slope, weight, i);
}

namespace {

template <class Known, class Real>
GRIDSAMPLE_INLINE void weigh(int kernel, int order, const Real* parameters, const Vec<Real>& t, const Vec<Real>& slope,
                             RowsOf<Real> weight, int i) {
    Known::with_kernel(kernel, [&](auto one) {
        using Kernel = decltype(one);
        if constexpr (place_of<Kernel>(List<Nearest, Linear, Keys>()) < 0) {
            weigh_apart<Kernel>(order, parameters, t, slope, weight, i);
        } else {
            weigh_as<Kernel>(order, parameters, t, slope, weight, i);
        }
    });
}

// Those of the rows of a volume, set by set.
template <class Real>
GRIDSAMPLE_INLINE void weigh_rows(const Form& form, Tile<Real>& tile, int i) {
    for (int s = 0; s < form.sets; ++s) {
        const RowsOf<Real> along_y = tile.weight + form.weight_at[1][form.raised(s, 1)];
        const RowsOf<Real> along_z = tile.weight + form.weight_at[2][form.raised(s, 2)];
        RowsOf<Real> product = tile.weight + form.row_weight_at + s * form.rows;
        for (int z = 0; z < form.taps[2]; ++z) {
            const Vec<Real> w = load(along_z[z] + i);
            for (int y = 0; y < form.taps[1]; ++y, ++product) store<Real>(*product + i, load(along_y[y] + i) * w);
        }
    }
}

// ---- The tile -------------------------------------------------------------------------------------------------------

// For the last vector of a tile: -1 for the lanes that hold none of its points.
template <class Real>
Ints<Real> past(int count) {
    std::int32_t lanes_past[lanes<Real>];
    for (int lane = 0; lane < lanes<Real>; ++lane) lanes_past[lane] = lane < count ? 0 : -1;
    return load_as<Ints<Real>>(lanes_past);
}

template <class Real>
GRIDSAMPLE_NOINLINE void find_long_offsets(const Form& form, Tile<Real>& tile, int i) {
    for (int lane = i; lane < i + Tile<Real>::width; ++lane) {
        tile.base[lane] = 0;
        for (int axis = 0; tile.is_inside(lane) && axis < form.axes; ++axis) {
            tile.base[lane] += tile.first[axis][lane] * form.stride[axis];
        }
    }
}

template <class Known, int axes, bool slopes, class Position, class Real>
void build_as(const Job& job, const Form& form, Placing<Real>& placing, Tile<Real>& tile) {
    constexpr int width = Tile<Real>::width;
    constexpr bool samples = !std::is_same_v<Known, Free>;  // and their slopes, but no derivatives, and no filled places
    const auto coordinate = reinterpret_cast<Position(*)[tile_points]>(placing.coordinate);
    const Axis<Position>* along = placing.template axes<Position>();
    const Ints<Real> none{}, every = ~none;
    for (int i = 0; i < tile.count; i += width) {
        Ints<Real> undefined{}, beyond{}, outside{}, offset{};
        if (i + width > tile.count) undefined = past<Real>(tile.count - i);
        for (int axis = 0; axis < axes; ++axis) {
            const Placed<Real> placed = place_for<Known, Real>(along[axis], coordinate[axis] + i);
            const std::int32_t last_first = static_cast<std::int32_t>(job.field.size[axis]) - form.taps[axis];
            store_ints<Real>(tile.first[axis] + i, placed.first);
            undefined |= placed.undefined;
            beyond |= placed.beyond;
            outside |= placed.first < 0 ? every : none;
            outside |= placed.first > last_first ? every : none;
            offset = low_sum<Real>(offset, low_product<Real>(placed.first, static_cast<std::int32_t>(form.stride[axis])));
            const auto& weights = placing.weights[axis];
            for (int raised = 0; raised < (slopes ? 2 : 1); ++raised) {
                weigh<Known, Real>(weights.kernel, (samples ? 0 : weights.order) + raised, weights.parameters, placed.t,
                                   placed.slope, tile.weight + form.weight_at[axis][raised], i);
            }
        }
        if (axes == 3 && form.row_weight_at >= 0) weigh_rows(form, tile, i);
        if (!samples && form.fills_places) {  // what is undefined on one axis is so whatever the others say
            beyond = job.options.filling.undefined ? beyond | undefined : beyond & ~undefined;
            undefined |= beyond;
            store_ints<Real>(tile.beyond[0] + i, beyond);
        }
        const Ints<Real> interior = ~(undefined | outside);
        store_widened<Real>(tile.base + i, offset & interior);
        tile.inside[i / width] = signs<Real>(interior);
        tile.touches[i / width] = true;
        if (!form.short_offsets) find_long_offsets(form, tile, i);
        if (tile.inside[i / width] != tile.all) {
            store_ints<Real>(tile.undefined + i, undefined);
            find_outer(job, form, tile, i);
        }
    }
}

// Kernels and boundaries that loops are compiled for, where all axes have the same; all others are asked for anew by each
// vector, on each axis.
using Common = List<Fixed<Linear, Zeros>, Fixed<Linear, Border>, Fixed<Nearest, Zeros>, Fixed<Nearest, Border>,
                    Fixed<Keys, Zeros>>;

// Whether all axes are placed as is known, and none is to be derived along. (Boundaries that do not repeat differ only in
// what they fold.)
template <class K, class B>
bool are_all(const Job& job, Fixed<K, B>) {
    bool all = !job.options.filling.fills_places();
    for (int axis = 0; axis < job.axes; ++axis) {
        const AxisOptions& options = job.options.axis[axis];
        all = all && options.kernel == place_of<K>(Kernels()) && job.order[axis] == 0;
        visit(Boundaries(), options.boundary, [&](auto other) {
            constexpr bool folds = K::folds && (B::folds || decltype(other)::folds);
            constexpr bool repeats = is_periodic<B> || is_periodic<decltype(other)>;
            all = all && (std::is_same_v<decltype(other), B> || !(folds || repeats));
        });
    }
    return all;
}

// Whether points go from row to row of pixels more often than a few times.
template <class Real>
bool strays(const Form& form, const Tile<Real>& tile) {
    constexpr int step = 16, few = 2;
    int moves = 0;
    for (int axis = 1; axis < form.axes; ++axis) {
        for (int i = step; i < tile.count; i += step) moves += tile.first[axis][i] != tile.first[axis][i - step];
    }
    return moves > few;
}

template <int axes, bool slopes, class Position, class Real>
void choose(const Job& job, Placing<Real>& placing) {
    if (job.axes != axes) return;
    placing.place_tile = build_as<Free, axes, slopes, Position, Real>;
    if constexpr (axes > 1) {
        for_each(Common(), [&](auto known) {
            if (!are_all(job, known)) return;
            placing.place_tile = build_as<decltype(known), axes, slopes, Position, Real>;
            placing.common = true;
        });
    }
}

template <class Position, class Real>
void choose(const Job& job, bool slopes, Placing<Real>& placing) {
    static_assert(max_axes == 3);
    if (slopes) {
        choose<1, true, Position>(job, placing);
        choose<2, true, Position>(job, placing);
        choose<3, true, Position>(job, placing);
    } else {
        choose<1, false, Position>(job, placing);
        choose<2, false, Position>(job, placing);
        choose<3, false, Position>(job, placing);
    }
}

template <class Position>
void reach_as(const Job& job, const Part& part, const Form& form, Rows* reaches) {
    constexpr int width = lanes<Position>;
    const int outermost = job.axes - 1;
    const Axis<Position> axis(job, outermost);
    for (std::int64_t begin = part.point_begin; begin < part.point_end; begin += tile_points) {
        const int count = static_cast<int>(std::min<std::int64_t>(part.point_end - begin, tile_points));
        alignas(64) Position coordinate[tile_points];
        read_coordinate(job, part.grid_begin, outermost, begin, count, coordinate);
        std::int32_t lowest = INT32_MAX, highest = INT32_MIN;
        for (int i = 0; i < count; i += width) {
            const Placed<Position> placed = place<Free>(axis, load(coordinate + i));
            std::int32_t first[width], undefined[width];
            store_ints<Position>(first, placed.first);
            store_ints<Position>(undefined, placed.undefined | placed.beyond);
            for (int lane = 0; lane < std::min(width, count - i); ++lane) {
                if (undefined[lane]) continue;
                lowest = std::min(lowest, first[lane]);
                highest = std::max(highest, first[lane]);
            }
        }
        const Rows touched = rows_touched(form, outermost, axis.size, lowest, highest);
        Rows& reach = reaches[begin / part.points_a_reach];
        if (begin % part.points_a_reach == 0) {
            reach = touched;
        } else {
            reach = {std::min(reach.begin, touched.begin), std::max(reach.end, touched.end)};
        }
    }
}

}  // namespace

template <class Real>
Placing<Real>::Placing(const Job& job, const Form& form) : in_double(has_double_positions(job)) {
    if constexpr (std::is_same_v<Real, float>) {
        if (!in_double) choose<float>(job, form.slopes, *this);
    }
    if (in_double) choose<double>(job, form.slopes, *this);
    for (int axis = 0; axis < job.axes; ++axis) {
        narrow[axis] = Axis<float>(job, axis);
        wide[axis] = Axis<double>(job, axis);
        const AxisOptions& options = job.options.axis[axis];
        weights[axis] = {options.kernel, job.order[axis], {}};
        std::copy(options.parameters, options.parameters + max_parameters, weights[axis].parameters);
    }
}

template <class Real>
void build(const Job& job, const Form& form, std::int64_t batch, std::int64_t begin, int count, Placing<Real>& placing,
           Tile<Real>& tile) {
    tile.begin = begin;
    tile.count = count;
    tile.any_undefined = false;
    if (placing.in_double) {
        read_coordinates(job, batch, begin, count, reinterpret_cast<RowsOf<double>>(placing.coordinate));
    } else {
        read_coordinates(job, batch, begin, count, reinterpret_cast<RowsOf<float>>(placing.coordinate));
    }
    if (placing.common) job.note(Path::common);
    placing.place_tile(job, form, placing, tile);
    tile.strays = strays(form, tile);
    if (!form.slopes) return;
    for (int axis = 0; axis < form.axes; ++axis) std::fill_n(tile.gradient[axis], tile_points, Real(0));
}

void reach(const Job& job, const Part& part, Rows* reaches) {
    const Form form(job, false);
    if (has_double_positions(job)) {
        reach_as<double>(job, part, form, reaches);
    } else {
        reach_as<float>(job, part, form, reaches);
    }
}

template struct Placing<float>;
template struct Placing<double>;
template void build<float>(const Job&, const Form&, std::int64_t, std::int64_t, int, Placing<float>&, Tile<float>&);
template void build<double>(const Job&, const Form&, std::int64_t, std::int64_t, int, Placing<double>&, Tile<double>&);

}  // namespace gridsample::GRIDSAMPLE_ISA
