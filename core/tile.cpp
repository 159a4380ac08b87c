// Tiles: what their footprints have in common, and which rows they touch.

#include <cstdlib>

#include "place.h"

namespace gridsample::GRIDSAMPLE_ISA {

Form::Form(const Job& job, bool with_slopes) : axes(job.axes), rows(1), sets(0), slopes(with_slopes), vanishes(false) {
    total_taps = total_weights = 0;
    fills_places = job.options.filling.fills_places();
    fills = fills_places;
    for (int axis = 0; axis < axes; ++axis) {
        const KernelRecord& kernel = kernel_records[job.options.axis[axis].kernel];
        const BoundaryRecord& boundary = boundary_records[job.options.axis[axis].boundary];
        const bool flat = kernel.polynomial && kernel.orders == 1;  // between pixels
        taps[axis] = kernel.taps;
        leaves_out[axis] = boundary.leaves_out || (kernel.folds && boundary.folds);  // what a fold leaves has no weight
        fills_along[axis] = boundary.fills;
        fills = fills || boundary.fills;
        for (int raised = 0; raised < 2; ++raised) sums_to_one[axis][raised] = job.order[axis] + raised == 0;
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
    fills = fills && job.options.filling.values;
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
    std::int64_t span = 0;
    for (int axis = 0; axis < axes; ++axis) span += std::llabs(stride[axis]) * job.field.size[axis];
    short_offsets = span <= INT32_MAX;
    has_edges = shape >= 0 && job.field.size[0] >= taps[0];
    chooses = !leaves_out[0];
}

Rows rows_touched(const Form& form, int axis, std::int64_t size, std::int32_t lowest, std::int32_t highest) {
    const std::int32_t n = static_cast<std::int32_t>(size);
    if (lowest > highest) return {0, 1};
    highest += form.taps[axis] - 1;
    if (!form.leaves_out[axis] && (lowest < 0 || highest >= n)) return {0, n};
    const std::int32_t begin = std::clamp(lowest, 0, n - 1);
    return {begin, std::clamp(highest + 1, begin + 1, n)};
}

template <class Real>
void find_touched(const Job& job, const Form& form, Tile<Real>& tile) {
    const int axis = form.axes - 1;
    Ints<Real> lowest = Ints<Real>{} + INT32_MAX, highest = Ints<Real>{} + INT32_MIN;
    for (int i = 0; i < tile.count; i += tile.width) {
        const Ints<Real> first = load_as<Ints<Real>>(tile.first[axis] + i);
        Ints<Real> low = first, high = first;
        if (tile.inside[i / tile.width] != tile.all) {
            const Ints<Real> undefined = load_as<Ints<Real>>(tile.undefined + i), defined = first & ~undefined;
            low = defined | (undefined & INT32_MAX);
            high = defined | (undefined & INT32_MIN);
        }
        lowest = low < lowest ? low : lowest;
        highest = high > highest ? high : highest;
    }
    std::int32_t lows[lanes<Real>], highs[lanes<Real>];
    store_ints<Real>(lows, lowest);
    store_ints<Real>(highs, highest);
    tile.touched = rows_touched(form, axis, job.field.size[axis], *std::min_element(lows, lows + lanes<Real>),
                                *std::max_element(highs, highs + lanes<Real>));
}

template void find_touched<float>(const Job&, const Form&, Tile<float>&);
template void find_touched<double>(const Job&, const Form&, Tile<double>&);

}  // namespace gridsample::GRIDSAMPLE_ISA
