// Blocks of tiles: building them, and asking for memory ahead of its use.
#pragma once

#include <algorithm>
#include <new>

#include "tile.h"

namespace gridsample::GRIDSAMPLE_ISA {

// Some tiles worked off together: all their points for one plane, then for the next, so that what they touch of a plane
// stays in the cache. They take a small part of the second cache themselves.
template <class Points>
class Block {
public:
    Block(std::int64_t points, std::int64_t memory)
        : capacity_(std::min<std::int64_t>((points + tile_points - 1) / tile_points, memory / sizeof(Points))),
          tiles_(capacity_ > 1 ? static_cast<Points*>(::operator new(capacity_ * sizeof(Points), alignment, std::nothrow))
                               : nullptr) {
        if (!tiles_) capacity_ = 1;
    }
    Block(const Block&) = delete;
    Block& operator=(const Block&) = delete;
    ~Block() { ::operator delete(tiles_, alignment); }

    int capacity() const { return static_cast<int>(capacity_); }
    Points& operator[](int i) { return tiles_ ? tiles_[i] : single_; }

private:
    static constexpr std::align_val_t alignment{64};
    Points single_;
    std::int64_t capacity_;
    Points* tiles_;
};

// Calls visit(tiles, how many) for the blocks of a part.
template <class Points, class Real, int Axes, class Visit>
void for_each_block(const Job& job, const Part& part, const Visit& visit) {
    Axis<Real> axes[Axes];
    for (int axis = 0; axis < Axes; ++axis) axes[axis] = Axis<Real>(job, axis);
    Block<Points> tiles(part.point_end - part.point_begin, part.memory);
    for (std::int64_t begin = part.point_begin; begin < part.point_end;) {
        int count = 0;
        for (; count < tiles.capacity() && begin < part.point_end; begin += tile_points) {
            if (part.reaches && !part.band.meet(part.reaches[begin / part.points_a_reach])) continue;
            const int points = static_cast<int>(std::min<std::int64_t>(part.point_end - begin, tile_points));
            tiles[count++].build(job, axes, part.grid_batch, begin, points);
        }
        if (count) visit(tiles, count);
    }
}

// Whether the planes that are worked off together do not stay in the second cache, so that it pays to ask for a later
// tile's pixels while this one is worked off: processors do not foresee the order in which a turned grid visits memory.
template <class Pixel>
bool worth_prefetching(const Job& job, const Part& part) {
    std::int64_t bytes = (part.channel_end - part.channel_begin) * static_cast<std::int64_t>(sizeof(Pixel));
    for (int axis = 0; axis < job.options.axes; ++axis) bytes *= job.field.size[axis];
    return bytes > 1024 * 1024;
}

// Calls visit(tile) for the tiles of a block on one plane, or on pixels of some channels. `next` comes after it, if any.
template <class Points, class Pixel, class Visit>
GRIDSAMPLE_INLINE void for_each_tile(Block<Points>& tiles, int count, const Pixel* plane, const Pixel* next,
                                     bool prefetch, const Visit& visit) {
    constexpr int ahead = 2;
    for (int t = 0; t < count; ++t) {
        if (prefetch && t + ahead < count) {
            tiles[t + ahead].prefetch(plane);
        } else if (prefetch && next) {
            tiles[(t + ahead) % count].prefetch(next);
        }
        visit(tiles[t]);
    }
}

// Which way each vector of a tile goes.
template <class Points>
void note_vectors(const Job& job, const Points& tile) {
    for (int i = 0; job.watched && i < tile.count; i += Points::width) {
        if (tile.inside[i / Points::width] == Points::all) {
            job.note(Path::interior);
        } else if (tile.touches[i / Points::width]) {
            job.note(tile.at_edges ? Path::edges : Path::resolved);
        }
    }
}

}  // namespace gridsample::GRIDSAMPLE_ISA
