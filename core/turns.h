// Where a pixel's channels are neighbours in memory but a sample's are not, as when a transformer samples its tokens, a
// tile's samples are turned on the way: here its channels lie next to each other, point by point.
#pragma once

#include "blocks.h"

namespace gridsample::GRIDSAMPLE_ISA {

// Some channels of a block's samples, in turn as many as are turned together, or all where they need not be.
template <class Real>
struct Turn {
    using Rows = Real (*)[most_turned];
    Rows rows;  // null where they need not be
    std::int64_t begin, end;

    std::int64_t channels() const { return end - begin; }
};

// Calls visit(turn) for the channels of a part. `as_they_are`: whether samples need not be turned where they lie so.
template <class Real, class Visit>
void for_each_turn(const Job& job, const Part& part, Bench<Real>& bench, bool as_they_are, const Visit& visit) {
    if (job.samples.channel_stride != 1) {
        job.note(Path::turned);
    } else if (as_they_are) {
        return visit(Turn<Real>{nullptr, part.channel_begin, part.channel_end});
    }
    for (std::int64_t c = part.channel_begin; c < part.channel_end; c += most_turned) {
        visit(Turn<Real>{bench.turned, c, std::min(part.channel_end, c + most_turned)});
    }
}

// Calls visit(i, the turn's channels of point i's sample) for a tile's points.
template <class Value, class Real, class Visit>
GRIDSAMPLE_INLINE void for_each_sample(const Job& job, const Turn<Real>& turn, Value* samples, const Tile<Real>& tile,
                                       const Visit& visit) {
    if (turn.rows) {
        for (int i = 0; i < tile.count; ++i) visit(i, turn.rows[i]);
    } else {
        for_each_point(job, samples, tile.begin, tile.count, visit);
    }
}

// Where the rows of a vector's points begin, from the first one's on.
template <class Real>
struct RowBegins {
    std::int64_t at[lanes<Real>];
    RowBegins() {
        for (int lane = 0; lane < lanes<Real>; ++lane) at[lane] = lane * most_turned;
    }
};

// Fill the rows from a tile's samples, which sample(channel) finds.
template <class Real, class Sample>
void turn_to_rows(const Job& job, const Turn<Real>& turn, const Tile<Real>& tile, Real (*values)[tile_points],
                  const Sample& sample) {
    constexpr int L = lane_length<Real>, width = lanes<Real>;
    const RowBegins<Real> begins;
    if (!turn.rows) return;
    for (std::int64_t c = 0; c < turn.channels(); c += L) {
        for (int k = 0; k < L; ++k) {
            if (c + k < turn.channels()) read_samples(job, sample(turn.begin + c + k), tile, values[k]);
        }
        for (int i = 0; i < tile.count; i += width) {
            Vec<Real> of_channel[L], packed[L];
            for (int k = 0; k < L; ++k) of_channel[k] = load(values[k] + i);
            pack<Real, L>(of_channel, packed);
            repeat<L>([&](auto g) { store_packed<Real, L, g>(turn.rows[i] + c, begins.at, packed[g]); });
        }
    }
}

// The inverse: calls write(channel, samples of the tile's points).
template <class Real, class Write>
void turn_to_planes(const Turn<Real>& turn, const Tile<Real>& tile, Real (*values)[tile_points], const Write& write) {
    constexpr int L = lane_length<Real>, width = lanes<Real>;
    const RowBegins<Real> begins;
    if (!turn.rows) return;
    for (std::int64_t c = 0; c < turn.channels(); c += L) {
        for (int i = 0; i < tile.count; i += width) {
            Vec<Real> of_channel[L], packed[L];
            repeat<L>([&](auto g) { packed[g] = load_packed<Real, L, g>(turn.rows[i] + c, begins.at); });
            unpack<Real, L>(packed, of_channel);
            for (int k = 0; k < L; ++k) store(values[k] + i, of_channel[k]);
        }
        for (int k = 0; k < L && c + k < turn.channels(); ++k) write(turn.begin + c + k, values[k]);
    }
}

}  // namespace gridsample::GRIDSAMPLE_ISA
