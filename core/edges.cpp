// Resolve: what is known of each tap of points that are not interior, for a vector of them.

#include "place.h"

namespace gridsample::GRIDSAMPLE_ISA {

namespace {

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

// Along x, where no tap is outside: from where as many pixels are loaded as there are taps, and which of them each tap is.
// False where a point's taps are too far from each other, as at the seam of what is wrapped.
template <class S, class Real>
bool choose_taps(const Form& form, Tile<Real>& tile, int i, std::int32_t last, std::int32_t* __restrict begin) {
    constexpr int width = Tile<Real>::width, taps = S::taps;
    const std::int32_t* __restrict undefined = tile.undefined + i;
    std::int32_t highest[width] = {}, far = 0;
    std::fill_n(begin, width, last);
    for (int k = 0; k < taps; ++k) {
        const std::int32_t* __restrict index = tile.index[form.tap_at[0] + k] + i;
        for_each_lane<width>([&](int lane) {
            const std::int32_t defined = undefined[lane] ? 0 : index[lane];
            begin[lane] = defined < begin[lane] ? defined : begin[lane];
            highest[lane] = defined > highest[lane] ? defined : highest[lane];
        });
    }
    for_each_lane<width>([&](int lane) { far |= highest[lane] - begin[lane] >= taps; });
    for (int k = 0; k < taps; ++k) {
        const std::int32_t* __restrict index = tile.index[form.tap_at[0] + k] + i;
        Mask<Real>* __restrict place = tile.edge_tap[k] + i;
        for_each_lane<width>([&](int lane) { place[lane] = undefined[lane] ? 0 : index[lane] - begin[lane]; });
    }
    return !far;
}

template <class S, class Real>
bool find_edges(const Job& job, const Form& form, Tile<Real>& tile, int i) {
    constexpr int width = Tile<Real>::width;
    const std::int32_t last = static_cast<std::int32_t>(job.field.size[0]) - S::taps;
    const std::int64_t stride = form.stride[0];
    const std::int32_t *__restrict first = tile.first[0] + i, *__restrict undefined = tile.undefined + i;
    alignas(64) std::int32_t shift[width], begin[width];
    Edge<width> x, along[max_axes][S::rows];
    if (form.chooses) {
        if (!choose_taps<S>(form, tile, i, last, begin)) return false;
    } else {
        for_each_lane<width>([&](int lane) {
            begin[lane] = first[lane] < 0 ? 0 : first[lane];
            begin[lane] = begin[lane] > last ? last : begin[lane];
            shift[lane] = undefined[lane] ? S::taps : first[lane] - begin[lane];
        });
        shift_taps<S>(form, tile, i, shift);
    }
    for_each_lane<width>([&](int lane) {
        x.offset[lane] = begin[lane] * stride;
        x.outside[lane] = undefined[lane];
    });
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
    return true;
}

// Of which points of a vector all is the fill value: places that are filled, and those with all taps outside along an axis
// that fills. Whether that is all there is to say of them, undefined ones apart.
template <class Real>
bool are_all_filled(const Job& job, const Form& form, const Tile<Real>& tile, int i, std::int32_t* __restrict all) {
    constexpr int width = Tile<Real>::width;
    std::int32_t others = 0;
    std::fill_n(all, width, 0);
    for (int axis = 0; axis < form.axes; ++axis) {
        if (!form.fills_along[axis]) continue;
        const std::int32_t before = form.taps[axis] - 1, *__restrict first = tile.first[axis] + i;
        const std::uint32_t around = static_cast<std::uint32_t>(job.field.size[axis] + before);
        for_each_lane<width>([&](int lane) {
            all[lane] |= static_cast<std::uint32_t>(first[lane] + before) < around ? 0 : -1;
        });
    }
    const std::int32_t *__restrict undefined = tile.undefined + i, *__restrict beyond = form.fills_places ? tile.beyond[0] + i : nullptr;
    for_each_lane<width>([&](int lane) {
        const std::int32_t fills = beyond ? beyond[lane] : 0;
        all[lane] = (all[lane] & ~undefined[lane]) | fills;
        others |= ~(all[lane] | undefined[lane]);
    });
    return others == 0;
}

// How much of a vector's samples, or slopes, is the fill value: the weights of the taps that hold it, or all, where all do.
// An axis' weights sum to `whole`, so where some taps along it hold the fill value, it is known what the others weigh.
template <class Real>
void find_share(const Job& job, const Form& form, Tile<Real>& tile, int i) {
    constexpr int width = Tile<Real>::width;
    const std::int32_t* undefined = tile.undefined + i;
    alignas(64) std::int32_t all[width];
    const bool are_all = are_all_filled(job, form, tile, i, all);
    for (int s = 0; s < form.sets; ++s) {
        Real total = 1;
        Real share[width] = {}, rest[width];                                     // of the axes so far, and
        std::int32_t has_share[width] = {}, has_weight[width];  // whether any weight of theirs is not 0
        std::fill_n(rest, width, Real(1));
        std::fill_n(has_weight, width, 1);
        for (int axis = 0; axis < form.axes; ++axis) {
            const int raised = form.raised(s, axis);
            const Real whole = form.sums_to_one[axis][raised];
            const std::int32_t* first = tile.first[axis] + i;
            const std::uint32_t size = static_cast<std::uint32_t>(job.field.size[axis]);
            total *= whole;
            Real filled[width] = {};
            std::int32_t fills[width] = {}, weighs[width] = {};
            for (int k = 0; !are_all && k < form.taps[axis]; ++k) {
                const Real* weight = tile.weight[form.weight_at[axis][raised] + k] + i;
                for_each_lane<width>([&](int lane) {
                    const bool fill = form.fills_along[axis] && static_cast<std::uint32_t>(first[lane] + k) >= size;
                    filled[lane] += fill ? weight[lane] : 0;
                    weighs[lane] |= weight[lane] != 0;
                    fills[lane] |= fill && weight[lane] != 0;
                });
            }
            for_each_lane<width>([&](int lane) {
                share[lane] = share[lane] * whole + rest[lane] * filled[lane];
                rest[lane] *= whole - filled[lane];
                has_share[lane] = (has_share[lane] & weighs[lane]) | (has_weight[lane] & fills[lane]);
                has_weight[lane] &= weighs[lane];
            });
        }
        Real* __restrict to = tile.share[s] + i;
        std::int32_t* __restrict has = tile.has_share[s] + i;
        const std::int32_t has_total = total != 0;
        for_each_lane<width>([&](int lane) {
            to[lane] = all[lane] ? total : undefined[lane] ? 0 : share[lane];
            has[lane] = all[lane] ? has_total : undefined[lane] ? 0 : has_share[lane];
        });
    }
    job.note(Path::filled);
}

}  // namespace

template <class Real>
void find_outer(const Job& job, const Form& form, Tile<Real>& tile, int i) {
    constexpr int width = Tile<Real>::width;
    std::int32_t *reached = tile.reached + i, *undefined = tile.undefined + i;
    std::int32_t any = 0;
    for_each_lane<width>([&](int lane) {
        reached[lane] = ~undefined[lane];
        const std::int32_t fills = form.fills_places ? tile.beyond[0][i + lane] : 0;
        any |= i + lane < tile.count ? undefined[lane] & ~fills : 0;
    });
    if (form.fills) find_share(job, form, tile, i);
    tile.any_undefined |= any != 0;
    for (int axis = 0; axis < form.axes; ++axis) {
        if (!form.leaves_out[axis]) continue;  // once resolved, all taps are inside
        // How many indices the first tap can have if any is inside.
        const std::int32_t before = form.taps[axis] - 1, *first = tile.first[axis] + i;
        const std::int64_t size = job.field.size[axis];
        const std::uint32_t around = size > 0 ? static_cast<std::uint32_t>(size + before) : 0;
        for_each_lane<width>([&](int lane) {
            reached[lane] &= static_cast<std::uint32_t>(first[lane] + before) < around ? -1 : 0;
        });
    }
    tile.touches[i / width] = signs<width>(reached) != 0;
    if (!tile.touches[i / width]) return;
    resolve_vector(job, form, tile, i);
    tile.loads_edges[i / width] = false;
    if (!form.has_edges) return;
    visit(Shapes(), form.shape, [&](auto shape) {
        tile.loads_edges[i / width] = find_edges<decltype(shape)>(job, form, tile, i);
    });
}

template void find_outer<float>(const Job&, const Form&, Tile<float>&, int);
template void find_outer<double>(const Job&, const Form&, Tile<double>&, int);

}  // namespace gridsample::GRIDSAMPLE_ISA
