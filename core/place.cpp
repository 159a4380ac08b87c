// Locate, fold, and taps, on all points of a tile. Which kernel and boundary an axis has is looked up once for each tile;
// the loops over points have no branches, so that the compiler makes vector code of them: comparisons are written as
// maxima, minima and selections, since GCC makes slow code of combined conditions.

#include "place.h"

#include <limits>

namespace gridsample::GRIDSAMPLE_ISA {

namespace {

constexpr int farthest = 8;  // how far outside a position may lie before only its side matters

// ---- locate, fold, and the first tap --------------------------------------------------------------------------------

// The remainder of a position by the period, of the position's sign. Exact, as std::fmod is.
template <class Position>
GRIDSAMPLE_INLINE Position near_remainder(Position position, Position period) {
    const Position distance = std::fabs(position);
    Position rest = distance - std::floor(distance / period) * period;
    rest = rest < 0 ? rest + period : rest;  // where the quotient was rounded over a whole number
    rest = rest >= period ? rest - period : rest;
    return position < 0 ? -rest : rest;
}

// Positions from coordinates, in their place, with the remainder by the period taken; say which are undefined. (The axis
// comes by value: written reals cannot be a part of it.)
template <class Position>
void reduce(const Axis<Position> axis, Position* p, std::int32_t* undefined) {
    for (int i = 0; i < tile_points; ++i) {
        const Position everywhere = (p[i] + axis.offset) * axis.scale - axis.shift;
        const bool finite = std::fabs(everywhere) <= std::numeric_limits<Position>::max();
        undefined[i] = finite ? 0 : -1;
        p[i] = finite ? everywhere : Position(0);
    }
    // Positions below this reduce exactly with a division: the products of whole numbers it takes are all exact.
    const Position limit = static_cast<Position>(std::int64_t{1} << std::numeric_limits<Position>::digits) - axis.period;
    std::int32_t beyond_period = 0, beyond_limit = 0;  // whether any is; a maximum of reals would be taken one by one
    for (int i = 0; i < tile_points; ++i) {
        beyond_period |= std::fabs(p[i]) < axis.period ? 0 : -1;
        beyond_limit |= std::fabs(p[i]) < limit ? 0 : -1;
    }
    if (!beyond_period) return;  // each is its own remainder
    if (!beyond_limit) {
        for (int i = 0; i < tile_points; ++i) p[i] = near_remainder(p[i], axis.period);
    } else {
        for (int i = 0; i < tile_points; ++i) p[i] = std::fmod(p[i], axis.period);
    }
}

template <Anchor anchor, class Position>
GRIDSAMPLE_INLINE Position whole_part(Position position) {
    return anchor == Anchor::below ? std::floor(position) : std::rint(position);
}

// Of positions up to a period to either side, where those of two arrays' lengths are no 32-bit numbers: the index nearer
// to the array that means the same pixel. One by one, since such axes are rare.
template <Anchor anchor, class Position, class Real>
void place_on_long_axis(const Axis<Position>& axis, std::int64_t period, int before, const Position* p, std::int32_t* first,
                        Real* t, Real* slope) {
    for (int i = 0; i < tile_points; ++i) {
        const Position whole = whole_part<anchor>(p[i]);
        std::int64_t index = static_cast<std::int64_t>(whole);
        index -= index > period / 2 ? period : 0;
        index += index < -period / 2 ? period : 0;
        first[i] = static_cast<std::int32_t>(index) - before;
        t[i] = static_cast<Real>(p[i] - whole);
        slope[i] = static_cast<Real>(axis.scale);
    }
}

template <class Boundary, bool folds, Anchor anchor, class Position, class Real>
void place_as(const Axis<Position> axis, int before, Position* __restrict p, std::int32_t* __restrict first,
              Real* __restrict t, Real* __restrict slope, std::int32_t* __restrict undefined) {
    if constexpr (is_periodic<Boundary>) reduce(axis, p, undefined);
    if constexpr (is_periodic<Boundary> && Boundary::folds && !folds) {
        const std::int64_t period = Boundary::period(axis.size);
        if (period > INT32_MAX - max_taps) return place_on_long_axis<anchor>(axis, period, before, p, first, t, slope);
    }
    const Position low = -farthest, high = at_least<Position>(axis.size - 1 + farthest);
    const std::int32_t last = static_cast<std::int32_t>(axis.size - 1);
    for (int i = 0; i < tile_points; ++i) {
        Position position = p[i], sign = 1;
        if constexpr (!is_periodic<Boundary>) {
            const Position everywhere = (position + axis.offset) * axis.scale - axis.shift;
            undefined[i] = everywhere != everywhere ? -1 : 0;
            position = everywhere > low ? everywhere : low;  // what is not a number goes to the low end
            position = position < high ? position : high;
            sign = position == everywhere ? Position(1) : Position(0);
        }
        if constexpr (is_periodic<Boundary> && !Boundary::folds) {  // what repeats without reflecting has no sign
            position = position < 0 ? position + axis.period : position;
        }
        if constexpr (folds) {
            sign = Boundary::reflect(position, axis.last);  // and clamped, where the derivative of that is 0
            sign = position > 0 ? sign : Position(0);
            sign = position < axis.last ? sign : Position(0);
            position = position > 0 ? position : Position(0);
            position = position < axis.last ? position : axis.last;
        }
        const Position whole = whole_part<anchor>(position);
        std::int32_t anchored = static_cast<std::int32_t>(whole);
        if constexpr (folds) anchored = anchored < last ? anchored : last;  // where the last position lies above it
        first[i] = anchored - before;
        t[i] = static_cast<Real>(position - whole);
        slope[i] = static_cast<Real>(sign * axis.scale);
    }
}

}  // namespace

template <class Position, class Real>
void place(const Job& job, int axis, const Axis<Position>& as, Position* p, std::int32_t* first, Real* t, Real* slope,
           std::int32_t* undefined) {
    const AxisOptions& options = job.options.axis[axis];
    const KernelRecord& kernel = kernel_records[options.kernel];
    visit(Boundaries(), options.boundary, [&](auto boundary) {
        using Boundary = decltype(boundary);
        const auto run = [&](auto folds) {
            constexpr bool fold = Boundary::folds && folds();
            if (kernel.anchor == Anchor::below) {
                place_as<Boundary, fold, Anchor::below>(as, kernel.before, p, first, t, slope, undefined);
            } else {
                place_as<Boundary, fold, Anchor::nearest>(as, kernel.before, p, first, t, slope, undefined);
            }
        };
        if (kernel.folds) {
            run(std::true_type());
        } else {
            run(std::false_type());
        }
    });
}

// ---- taps: their weights --------------------------------------------------------------------------------------------

namespace {

template <class Kernel, int order, class Real>
void weigh_as(const Real* parameters, const Real* t, const Real* slope, RowsOf<Real> weight) {
    Real parameter[max_parameters];
    std::copy(parameters, parameters + max_parameters, parameter);
    for (int i = 0; i < tile_points; ++i) {
        Real w[Kernel::taps], factor = 1;
        Kernel::template weights<order>(t[i], parameter, w);
        for (int raise = 0; raise < order; ++raise) factor *= slope[i];
        for (int k = 0; k < Kernel::taps; ++k) weight[k][i] = order == 0 ? w[k] : w[k] * factor;
    }
}

template <class Kernel, int order = 0, class Real>
void weigh(int asked, const Real* parameters, const Real* t, const Real* slope, RowsOf<Real> weight) {
    if (asked == order) return weigh_as<Kernel, order>(parameters, t, slope, weight);
    if constexpr (order + 1 < Kernel::orders) {
        return weigh<Kernel, order + 1>(asked, parameters, t, slope, weight);
    } else {  // derivatives of polynomials that are 0; others are refused before they come here
        for (int k = 0; k < Kernel::taps; ++k) std::fill_n(weight[k], tile_points, Real(0));
    }
}

}  // namespace

template <class Real>
void weigh(const Job& job, const Form& form, const Placing<Real>& placing, Tile<Real>& tile) {
    for (int axis = 0; axis < form.axes; ++axis) {
        const AxisOptions& options = job.options.axis[axis];
        Real parameters[max_parameters];
        for (int p = 0; p < max_parameters; ++p) parameters[p] = static_cast<Real>(options.parameters[p]);
        for (int raised = 0; raised < (form.slopes ? 2 : 1); ++raised) {
            visit(Kernels(), options.kernel, [&](auto kernel) {
                weigh<decltype(kernel)>(job.order[axis] + raised, parameters, placing.t[axis], placing.slope[axis],
                                        tile.weight + form.weight_at[axis][raised]);
            });
        }
    }
    if (form.axes < 3 || form.row_weight_at < 0) return;
    for (int s = 0; s < form.sets; ++s) {
        for (int row = 0; row < form.rows; ++row) {
            const Real* along_y = tile.weight[form.weight_at[1][form.raised(s, 1)] + form.tap_of(row, 1)];
            const Real* along_z = tile.weight[form.weight_at[2][form.raised(s, 2)] + form.tap_of(row, 2)];
            Real* product = tile.weight[form.row_weight_at + s * form.rows + row];
            for (int i = 0; i < tile_points; ++i) product[i] = along_y[i] * along_z[i];
        }
    }
}

#define GRIDSAMPLE_INSTANTIATE(Position, Real)                                                                       \
    template void place<Position, Real>(const Job&, int, const Axis<Position>&, Position*, std::int32_t*, Real*, Real*, \
                                        std::int32_t*);
GRIDSAMPLE_INSTANTIATE(float, float)
GRIDSAMPLE_INSTANTIATE(double, float)
GRIDSAMPLE_INSTANTIATE(double, double)
template void weigh<float>(const Job&, const Form&, const Placing<float>&, Tile<float>&);
template void weigh<double>(const Job&, const Form&, const Placing<double>&, Tile<double>&);

}  // namespace gridsample::GRIDSAMPLE_ISA
