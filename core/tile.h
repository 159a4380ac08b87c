// A tile: some consecutive points of a grid, with all that the first four steps say of them.
//
// The taps of a point form `rows` runs of neighbours along x, the axis that is usually contiguous. Where every tap lies
// inside the array, the point is *interior*: its taps are where the first is, plus steps that are the same for all
// points, so nothing more than `base` is needed to find them. For the others each tap's index is resolved.
#pragma once

#include <algorithm>
#include <new>

#include "arrays.h"
#include "loads.h"

namespace gridsample::GRIDSAMPLE_ISA {

constexpr int tile_points = 128;  // a multiple of every vector's length; what a tile holds fits in the first cache

constexpr int max_rows = max_taps * max_taps;

// Positions are found in double precision where the grid or the values have that.
inline bool has_double_positions(const Job& job) {
    return job.grid.dtype == dtype_of<Float64> || record_of(job.samples.dtype).sum == dtype_of<Float64>;
}

// Shapes of footprints that loops are compiled for: so many rows of so many taps along x, for samples or for the slopes
// along so many axes. All others take loops whose ends are known at run time.
template <int Taps, int Rows, int Slopes>
struct Shape {
    static constexpr int taps = Taps, rows = Rows, slopes = Slopes;
};
struct AnyShape {
    static constexpr int taps = 0, rows = 0, slopes = max_axes;
};

using Shapes = List<Shape<1, 1, 0>, Shape<2, 1, 1>, Shape<2, 2, 2>, Shape<2, 4, 3>, Shape<4, 1, 1>, Shape<4, 4, 2>,
                    Shape<4, 16, 3>>;

// What the tiles of a job have in common: its options and strides, put in terms of taps, rows and sets of weights.
//
// One set of weights is kept for samples or, with `slopes`, one for the derivative along each axis that has one: sets of
// products of the axes' weights, of which each axis has the asked order and the next, `raised`, one.
struct Form {
    int axes, rows;
    int sets;
    int slope_axis[max_axes];  // along which a set is the derivative
    bool slopes;
    bool vanishes;  // is a derivative of what is constant between pixels
    int taps[max_axes];
    bool leaves_out[max_axes];                   // whether taps outside are
    bool fills;                                  // whether samples may have a share of a fill value that is not 0
    bool fills_places;                           // whether there may be places without taps that are not undefined
    bool fills_along[max_axes];                  // whether taps outside have it
    bool sums_to_one[max_axes][2];               // what an axis' weights do, asked and raised; else to 0
    int total_taps, total_weights;               // of all axes, in rows of a tile's memory
    int tap_at[max_axes];                        // where an axis' taps begin among those
    int weight_at[max_axes][2];                  // and its weights: asked and raised
    int row_weight_at;                           // and those of the rows, set by set; -1 where each is a product
    int shape;                                   // its place among those compiled for, or -1
    bool has_edges;      // whether vectors that are not all interior can be loaded as those are
    bool chooses;        // whether their taps along x, all of them inside, are chosen among what is loaded
    bool short_offsets;  // whether all of a plane's are 32-bit numbers
    std::int64_t stride[max_axes];
    std::int64_t row_step[max_rows];
    std::int8_t tap_along[max_axes - 1][max_rows];

    Form(const Job& job, bool slopes);

    // Whether set s has the axis' raised weights.
    GRIDSAMPLE_INLINE int raised(int s, int axis) const { return slopes && slope_axis[s] == axis; }

    // Of a row, which tap it is along another axis than x.
    GRIDSAMPLE_INLINE int tap_of(int row, int axis) const { return tap_along[axis - 1][row]; }

    // Of a tap, the one on the outermost axis.
    GRIDSAMPLE_INLINE int outermost_tap(int row, int tap) const { return axes == 1 ? tap : tap_of(row, axes - 1); }
};

constexpr int asked = -1;  // in the place of a set: the weights of samples, without a slope of its own

// The memory of `tile_points` numbers for each of several rows.
template <class Number>
using RowsOf = Number (*)[tile_points];

template <class Real>
struct Tile {
    static constexpr int width = lanes<Real>;
    static constexpr std::uint32_t all = (1u << width) - 1;

    std::int64_t begin;  // the first point's number
    int count;           // of points; what follows is known of whole vectors of them, up to the last that holds one
    bool any_undefined;
    bool strays;  // whether its points are on many rows, an order of pixels that processors do not foresee
    std::uint32_t inside[tile_points / width];   // of each vector of points: which are interior, a bit for each
    bool touches[tile_points / width];           // whether any of them has a tap that is inside
    bool loads_edges[tile_points / width];       // if so and not all are interior: whether it is loaded as edges are
    Rows touched;                                // of the outermost axis, perhaps
    alignas(64) std::int64_t base[tile_points];  // of interior points, else 0
    RowsOf<std::int32_t> first;                  // the first tap's index, for each axis
    RowsOf<Real> weight;
    // Set only for vectors that are not all interior: -1 where a point is undefined, or has a tap that is inside.
    alignas(64) std::int32_t undefined[tile_points];
    alignas(64) std::int32_t reached[tile_points];
    RowsOf<std::int32_t> beyond;  // if places are filled: -1 where this one is; then it is `undefined` too, having no taps
    RowsOf<Real> share;           // if samples are: the fill value's weight, for each set of weights,
    RowsOf<std::int32_t> has_share;  // and whether it has any (those of derivatives may sum to 0, which times NaN is NaN)
    // For those that touch something: each tap's index, -1 outside.
    RowsOf<std::int32_t> index;
    // For those that are loaded as interior points are: as many pixels along x as there are taps, for each row, from a
    // place that is inside. Masks say which rows are taps. Where taps outside along x are left out, others say which of
    // the loaded are taps, and the weights along x, asked and raised, are shifted accordingly; else each tap has its place
    // among the loaded, which may be those of others too.
    RowsOf<std::int64_t> edge_base;
    RowsOf<Mask<Real>> edge_row, edge_tap;
    RowsOf<Real> edge_weight;
    RowsOf<Real> gradient;  // for each axis, the sum so far

    GRIDSAMPLE_INLINE bool is_inside(int point) const { return inside[point / width] >> point % width & 1; }
    GRIDSAMPLE_INLINE bool is_undefined(const Form& form, int point) const {
        return inside[point / width] != all && undefined[point] && !(form.fills_places && beyond[0][point]);
    }

    // Whether the fill value has a share in a sample or a slope.
    GRIDSAMPLE_INLINE bool is_filled(const Form& form, int s, int point) const {
        return form.fills && inside[point / width] != all && has_share[s][point];
    }

    // The weight of a row in set s, or as asked: load(an axis' weights), multiplied.
    template <class Load>
    GRIDSAMPLE_INLINE auto row_weight(const Form& form, int s, int row, const Load& load) const {
        if (form.row_weight_at >= 0 && s != asked) return load(weight[form.row_weight_at + s * form.rows + row]);
        const auto along = [&](int axis) {
            const int raised = s != asked && form.raised(s, axis);
            return load(weight[form.weight_at[axis][raised] + form.tap_of(row, axis)]);
        };
        return form.axes == 2 ? along(1) : along(1) * along(2);
    }

    // Weights along x, asked or raised.
    GRIDSAMPLE_INLINE RowsOf<Real> along_x(const Form& form, bool raised) const {
        return weight + form.weight_at[0][raised];
    }

    // The index on the outermost axis of a tap.
    GRIDSAMPLE_INLINE std::int32_t outermost(const Form& form, int point, int row, int tap, bool is_interior) const {
        const int axis = form.axes - 1, k = form.outermost_tap(row, tap);
        return is_interior ? first[axis][point] + k : index[form.tap_at[axis] + k][point];
    }

    // The offset of a row's places of index 0 along x, or `nowhere`.
    GRIDSAMPLE_INLINE std::int64_t row_offset(const Form& form, int point, int row) const {
        std::int64_t offset = 0;
        for (int axis = 1; axis < form.axes; ++axis) {
            const std::int32_t k = index[form.tap_at[axis] + form.tap_of(row, axis)][point];
            if (k < 0) return nowhere;
            offset += k * form.stride[axis];
        }
        return offset;
    }

    // Ask for the pixels of a plane that the interior points from `begin` on will read, some rows of taps each. (Every row
    // of every point is worth it, but for the many of a cubic or a volume, and for bytes, of which a line holds many.)
    template <class S, class Value>
    GRIDSAMPLE_INLINE void prefetch(const std::int64_t* row_step, const Value* plane, int begin, int points) const {
        if constexpr (0 < S::rows && S::rows <= 4) prefetch_rows(S::rows, row_step, plane, begin, points);
    }
    template <class Value>
    GRIDSAMPLE_INLINE void prefetch_rows(int rows, const std::int64_t* row_step, const Value* plane, int begin, int points) const {
        const int step = rows > 2 || sizeof(Value) == 1 ? 2 : 1;
        for (int i = begin, end = std::min(begin + points, count); i < end; i += step) {
            for (int row = 0; row < rows; ++row) GRIDSAMPLE_PREFETCH(plane + row_step[row] + base[i]);
        }
    }
};

// Where a tile's parts lie in its memory.
template <class Real>
class Layout {
public:
    explicit Layout(const Form& form)
        : first_(take<std::int32_t>(form.axes)),
          weight_(take<Real>(form.total_weights)),
          beyond_(take<std::int32_t>(form.fills_places ? 1 : 0)),
          share_(take<Real>(form.fills ? form.sets : 0)),
          has_share_(take<std::int32_t>(form.fills ? form.sets : 0)),
          index_(take<std::int32_t>(form.total_taps)),
          edge_base_(take<std::int64_t>(form.has_edges ? form.rows : 0)),
          edge_row_(take<Mask<Real>>(form.has_edges ? form.rows : 0)),
          edge_tap_(take<Mask<Real>>(form.has_edges ? form.taps[0] : 0)),
          edge_weight_(take<Real>(form.has_edges && !form.chooses ? form.taps[0] * (form.slopes ? 2 : 1) : 0)),
          gradient_(take<Real>(form.slopes ? form.axes : 0)) {}

    std::size_t bytes() const { return bytes_; }

    Tile<Real>* place_tile(char* memory) const {
        Tile<Real>* tile = new (memory) Tile<Real>;
        tile->first = rows<std::int32_t>(memory, first_);
        tile->weight = rows<Real>(memory, weight_);
        tile->beyond = rows<std::int32_t>(memory, beyond_);
        tile->share = rows<Real>(memory, share_);
        tile->has_share = rows<std::int32_t>(memory, has_share_);
        tile->index = rows<std::int32_t>(memory, index_);
        tile->edge_base = rows<std::int64_t>(memory, edge_base_);
        tile->edge_row = rows<Mask<Real>>(memory, edge_row_);
        tile->edge_tap = rows<Mask<Real>>(memory, edge_tap_);
        tile->edge_weight = rows<Real>(memory, edge_weight_);
        tile->gradient = rows<Real>(memory, gradient_);
        return tile;
    }

private:
    std::size_t bytes_ = sizeof(Tile<Real>);
    std::size_t first_, weight_, beyond_, share_, has_share_, index_, edge_base_, edge_row_, edge_tap_, edge_weight_, gradient_;

    template <class Number>
    std::size_t take(int rows) {
        const std::size_t begin = bytes_;
        bytes_ += rows * sizeof(Number[tile_points]);
        return begin;
    }
    template <class Number>
    static RowsOf<Number> rows(char* memory, std::size_t at) {
        return reinterpret_cast<RowsOf<Number>>(memory + at);
    }
};

}  // namespace gridsample::GRIDSAMPLE_ISA
