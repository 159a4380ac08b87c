// The transpose of `blend`: values times weights, added to the pixels of a plane.
#pragma once

#include "blend.h"

namespace gridsample::GRIDSAMPLE_ISA {

// Some vectors of points, all of them interior: the product of each tap's weight and the point's value, in the order in
// which the taps lie in memory, then the sums. Neighbouring points share pixels, and a load that overlaps a recent store
// only in part has to wait for it: so points of different vectors follow each other.
template <bool contiguous, class Real, int Axes, int Taps>
struct Products {
    using P = Packing<Real, Taps, contiguous && (Axes > 1)>;  // on a single axis the band cuts between taps
    static constexpr int Q = P::Q, L = P::L, chunks = P::chunks, width = lanes<Real>;
    static constexpr int rows = power(Taps, Axes - 1);
    static constexpr int bytes_each = width * rows * Taps * static_cast<int>(sizeof(Real));
    static constexpr int most = std::max(1, std::min(tile_points / width, 16 * 1024 / bytes_each));

    int count = 0;
    int begin[most];  // of each vector: its first point
    alignas(64) Real product[most * rows * chunks * Q * width];

    bool full() const { return count == most; }

    template <class Tile>
    GRIDSAMPLE_INLINE void add(const Tile& tile, int i, const Real* values) {
        const Vec<Real> v = load(values + i);
        Real* to = product + count * rows * chunks * Q * width;
        begin[count++] = i;
        repeat<chunks>([&](auto h) {
            Vec<Real> along_x[Q], packed[Q];
            for (int k = 0; k < Q; ++k) along_x[k] = load(tile.plain_x(h * Q + k) + i);
            pack<Real, Q>(along_x, packed);
            for (int row = 0; row < rows; ++row) {
                const Vec<Real> weighted = Axes == 1 ? v : load(tile.row_weight[0][row] + i) * v;
                Real* registers = to + (row * chunks + h) * Q * width;
                repeat<Q>([&](auto g) { store(registers + g * width, packed[g] * expand<Real, Q, g>(weighted)); });
            }
        });
    }

    template <bool checked, class Sum, class Tile>
    GRIDSAMPLE_INLINE void push(Sum* plane, const Tile& tile, const Rows& band) {
        std::int64_t step[rows][chunks];
        for (int row = 0; row < rows; ++row) {
            for (int h = 0; h < chunks; ++h) step[row][h] = tile.row_step[row] + h * Q * tile.stride[0];
        }
        for (int lane = 0; lane < width; ++lane) {
            const Real* from = product + packed_at(lane);
            for (int v = 0; v < count; ++v, from += rows * Taps * width) {
                const int point = begin[v] + lane;
                Sum* to = plane + tile.base[point];
                for (int row = 0; row < rows; ++row) {
                    for (int h = 0; h < chunks; ++h) {
                        if (checked && !band.hold(tile.outermost(point, row, h, true))) continue;
                        add_chunk<Q>(to + step[row][h], from + (row * chunks + h) * Q * width);
                    }
                }
            }
        }
        count = 0;
    }

    // Where the packed taps of a lane's point begin, in Q registers.
    static constexpr int packed_at(int lane) {
        const int within = lane % L;
        return within / (L / Q) * width + lane / L * L + within % (L / Q) * Q;
    }
};

// The points of one vector from their resolved taps.
template <class Sum, class Real, int Axes, int Taps, bool Slopes>
void push_resolved(Sum* plane, const Tile<Real, Axes, Taps, Slopes>& tile, int i, const Real* values, const Rows& band) {
    using T = Tile<Real, Axes, Taps, Slopes>;
    for (int point = i; point < i + T::width; ++point) {
        for (int row = 0; row < T::rows; ++row) {
            const Real weighted = Axes == 1 ? values[point] : tile.row_weight[0][row][point] * values[point];
            for (int k = 0; k < Taps; ++k) {
                const std::int64_t offset = tile.resolved(point, row, k);
                if (offset == nowhere || !band.hold(tile.outermost(point, row, k, false))) continue;
                plane[offset] = static_cast<Sum>(plane[offset] + tile.plain_x(k)[point] * weighted);
            }
        }
    }
}

// The order in which a pixel receives its values depends on the tile alone, never on the band.
template <bool contiguous, bool checked, class Sum, class Real, int Axes, int Taps, bool Slopes>
void push_plane(Sum* plane, const Tile<Real, Axes, Taps, Slopes>& tile, const Real* values, const Rows& band) {
    constexpr int width = lanes<Real>;
    Products<contiguous, Real, Axes, Taps> products;
    for (int i = 0; i < tile.count; i += width) {
        if (!tile.touches[i / width]) continue;
        if (tile.inside[i / width] != tile.all) {
            push_resolved(plane, tile, i, values, band);
        } else {
            products.add(tile, i, values);
            if (products.full()) products.template push<checked>(plane, tile, band);
        }
    }
    products.template push<checked>(plane, tile, band);
}

}  // namespace gridsample::GRIDSAMPLE_ISA
