// Blend and its transposes where the channels of a pixel are neighbours in memory and fill vectors: point by point.
#pragma once

#include "rules.h"

namespace gridsample::GRIDSAMPLE_ISA {

// The taps of one point that are inside, with their weights or, with `slopes`, the derivatives along each axis.
template <class Real>
class Footprint {
public:
    static constexpr int most = max_taps * max_rows;

    int taps;
    std::int64_t offset[most];
    Real weight[max_axes][most];

    // Of the band's rows, or of all where that is null.
    template <class S, bool slopes>
    GRIDSAMPLE_INLINE void find(const Rules<S, slopes, Real>& rules, int i, const Rows* band) {
        const Tile<Real>& tile = rules.tile;
        int found = 0;
        if (tile.touches[i / tile.width]) {
            const bool interior = tile.is_inside(i);
            for (int row = 0; row < rules.rows(); ++row) {
                const std::int64_t in_row =
                    interior ? tile.base[i] + rules.step_of(row) : tile.row_offset(rules.form, i, row);
                if (in_row == nowhere) continue;
                for (int k = 0; k < rules.taps(); ++k) {
                    const std::int64_t along = interior ? k : tile.index[k][i];
                    if (along < 0 || (band && !band->hold(tile.outermost(rules.form, i, row, k, interior)))) continue;
                    offset[found] = in_row + along * rules.step;
                    for (int s = 0; s < rules.sets(); ++s) {
                        const Real along_x = rules.along_x(rules.weight, s, k)[i];
                        weight[s][found] = rules.rows() == 1 ? along_x : rules.of_row_at(s, row, i) * along_x;
                    }
                    ++found;
                }
            }
        }
        taps = found;
    }
};

// Ask for all that a later point of a tile will read, if it is interior.
template <class Value, class Real>
GRIDSAMPLE_INLINE void prefetch_pixel(const Value* pixels, const Form& form, const Tile<Real>& tile, int i,
                                      std::int64_t channels) {
    constexpr std::int64_t line = 64 / sizeof(Value);
    if (i >= tile.count || !tile.is_inside(i)) return;
    for (int row = 0; row < form.rows; ++row) {
        for (int k = 0; k < form.taps[0]; ++k) {
            const Value* pixel = pixels + tile.base[i] + form.row_step[row] + k * form.stride[0];
            for (std::int64_t c = 0; c < channels; c += line) GRIDSAMPLE_PREFETCH(pixel + c);
        }
    }
}

// Loads and stores of a whole vector of channels, or of the last few.
template <class Real>
struct Whole {
    template <class Value>
    GRIDSAMPLE_INLINE Vec<Real> load(const Value* from) const {
        return load_widened<Real>(from);
    }
    template <class Value>
    GRIDSAMPLE_INLINE void store(Value* to, const Vec<Real>& v) const {
        store_narrowed<Value, Real>(to, v);
    }
};

template <class Real>
struct Last {
    std::int64_t count;

    template <class Value>
    GRIDSAMPLE_INLINE Vec<Real> load(const Value* from) const {
        Value values[lanes<Real>] = {};
        for (std::int64_t i = 0; i < count; ++i) values[i] = from[i];
        return load_widened<Real>(values);
    }
    template <class Value>
    GRIDSAMPLE_INLINE void store(Value* to, const Vec<Real>& v) const {
        Value values[lanes<Real>];
        store_narrowed<Value, Real>(values, v);
        for (std::int64_t i = 0; i < count; ++i) to[i] = values[i];
    }
};

// Calls visit(first channel, how to load and store) for vectors of channels.
template <class Real, class Visit>
GRIDSAMPLE_INLINE void for_each_vector(std::int64_t channels, const Visit& visit) {
    std::int64_t c = 0;
    for (; c + lanes<Real> <= channels; c += lanes<Real>) visit(c, Whole<Real>());
    if (c < channels) visit(c, Last<Real>{channels - c});
}

// Of the fill values of as many channels, each sample has a share.
template <class Value, class Real, class Sample>
GRIDSAMPLE_INLINE void pull_pixel(const Value* pixels, const Footprint<Real>& footprint, std::int64_t channels, Real share,
                                  const Real* fill, Sample* samples) {
    const int taps = footprint.taps;
    for_each_vector<Real>(channels, [&](std::int64_t c, auto memory) {
        Vec<Real> sum{};
        if (fill) sum = broadcast(share) * memory.load(fill + c);
        for (int k = 0; k < taps; ++k) {
            sum = fma(broadcast(footprint.weight[0][k]), memory.load(pixels + footprint.offset[k] + c), sum);
        }
        memory.store(samples + c, sum);
    });
}

template <class Real>
GRIDSAMPLE_INLINE void push_pixel(Real* pixels, const Footprint<Real>& footprint, std::int64_t channels,
                                  const Real* values) {
    const int taps = footprint.taps;
    for_each_vector<Real>(channels, [&](std::int64_t c, auto memory) {
        const Vec<Real> v = memory.load(values + c);
        for (int k = 0; k < taps; ++k) {
            Real* to = pixels + footprint.offset[k] + c;
            memory.store(to, memory.load(to) + broadcast(footprint.weight[0][k]) * v);
        }
    });
}

// Add to the gradient of a tile's point i.
template <class Value, class Real>
GRIDSAMPLE_INLINE void slope_pixel(const Value* pixels, const Form& form, const Footprint<Real>& footprint,
                                   std::int64_t channels, const Real* values, const Tile<Real>& tile, int i) {
    const int taps = footprint.taps;
    for (int k = 0; k < taps; ++k) {
        const Value* pixel = pixels + footprint.offset[k];
        Vec<Real> sum{};
        for_each_vector<Real>(channels, [&](std::int64_t c, auto memory) {
            sum = fma(memory.load(values + c), memory.load(pixel + c), sum);
        });
        Real parts[lanes<Real>], dot = 0;
        store(parts, sum);
        for (int lane = 0; lane < lanes<Real>; ++lane) dot += parts[lane];
        for (int s = 0; s < form.sets; ++s) {
            Real& gradient = tile.gradient[form.slope_axis[s]][i];
            gradient = fma(footprint.weight[s][k], dot, gradient);
        }
    }
}

}  // namespace gridsample::GRIDSAMPLE_ISA
