// What the inner loops go by: the shape that they are compiled for, if any, and a tile's weights and steps.
#pragma once

#include "tile.h"

namespace gridsample::GRIDSAMPLE_ISA {

template <class S>
constexpr bool is_fixed = S::rows > 0;

// Sets of weights: how many there may be.
template <class S, bool slopes>
constexpr int most_sets = slopes ? S::slopes : 1;

// A tile's weights and steps, as a value of the loops' own: so that the compiler sees that no store of samples changes it.
template <class S, bool slopes, class Real>
struct Rules {
    const Form& form;
    const Tile<Real>& tile;
    const RowsOf<Real> weight, row_weight;
    std::int64_t step, row_step[is_fixed<S> ? S::rows : 1];

    GRIDSAMPLE_INLINE Rules(const Form& of, const Tile<Real>& on)
        : form(of), tile(on), weight(on.weight), row_weight(on.weight + std::max(0, of.row_weight_at)), step(of.stride[0]) {
        for (int row = 0; row < S::rows; ++row) row_step[row] = of.row_step[row];
    }

    // The weights along x in set s; a shape that loops are compiled for has a slope along x, and has it first.
    GRIDSAMPLE_INLINE const Real* along_x(const RowsOf<Real> weights, int s, int tap) const {
        if constexpr (is_fixed<S>) return weights[(slopes && s == 0 ? S::taps : 0) + tap];
        return weights[form.weight_at[0][slopes && form.raised(s, 0)] + tap];
    }
    // The weights of a row: of the vector of points at i, or of one point.
    GRIDSAMPLE_INLINE Vec<Real> of_row(int s, int row, int i) const {
        return row_product(s, row, [&](const Real* from) { return load(from + i); });
    }
    GRIDSAMPLE_INLINE Real of_row_at(int s, int row, int point) const {
        return row_product(s, row, [&](const Real* from) { return from[point]; });
    }
    GRIDSAMPLE_INLINE std::int64_t step_of(int row) const { return is_fixed<S> ? row_step[row] : form.row_step[row]; }
    GRIDSAMPLE_INLINE int rows() const { return is_fixed<S> ? S::rows : form.rows; }
    GRIDSAMPLE_INLINE int taps() const { return is_fixed<S> ? S::taps : form.taps[0]; }
    GRIDSAMPLE_INLINE int sets() const { return slopes && !is_fixed<S> ? form.sets : most_sets<S, slopes>; }

private:
    template <class Load>
    GRIDSAMPLE_INLINE auto row_product(int s, int row, const Load& load) const {
        if constexpr (is_fixed<S>) return load(row_weight[s * S::rows + row]);
        return tile.row_weight(form, slopes ? s : asked, row, load);
    }
};

}  // namespace gridsample::GRIDSAMPLE_ISA
