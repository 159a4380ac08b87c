// Blocks of tiles: building them, and asking for memory ahead of its use; and how an operation finds its planes.
#pragma once

#include "pixels.h"
#include "place.h"
#include "scratch.h"

namespace gridsample::GRIDSAMPLE_ISA {

template <class T>
T* at(const Field& field, std::int64_t n, std::int64_t channel) {
    const std::int64_t entry = field.batch == 1 ? 0 : n;
    return reinterpret_cast<T*>(field.data) + entry * field.batch_stride + channel * field.channel_stride;
}

template <class T>
T* at(const PointArray& array, std::int64_t n, std::int64_t channel) {
    const std::int64_t entry = array.batch == 1 ? 0 : n;
    return reinterpret_cast<T*>(array.data) + entry * array.batch_stride + channel * array.channel_stride;
}

// Samples of a tile's points, widened.
template <class Value, class Real>
void read_samples(const Job& job, const Value* samples, const Tile<Real>& tile, Real* values) {
    for_each_run(job, job.samples.stride, tile.begin, tile.count,
                 [&](int i, int n, std::int64_t offset, std::int64_t step) { read_run(samples + offset, step, n, values + i); });
    for (int i = tile.count; i < tile_points; ++i) values[i] = 0;
}

// Whether a part is the one that sees to the gradient of a tile's points: of several bands that they touch, the one where
// their reach begins.
template <class Real>
bool owns(const Part& part, const Tile<Real>& tile) {
    return !part.reaches || part.band.hold(part.reaches[tile.begin / part.points_a_reach].begin);
}

// Calls visit(i, samples of point i) for a tile's points.
template <class Value, class Visit>
GRIDSAMPLE_INLINE void for_each_point(const Job& job, Value* samples, std::int64_t begin, int count, const Visit& visit) {
    for_each_run(job, job.samples.stride, begin, count, [&](int i, int n, std::int64_t offset, std::int64_t step) {
        for (int j = 0; j < n; ++j) visit(i + j, samples + offset + j * step);
    });
}

constexpr std::int64_t most_turned = 32;  // so many channels of a tile's samples are turned together (turns.h)

// What one thread needs beside tiles, to work on one of them.
template <class Real>
struct Bench {
    Bench(const Job& job, const Form& form) : placing(job, form) {}

    Placing<Real> placing;
    Footprint<Real> footprint;
    alignas(64) Real values[2 * lane_length<Real>][tile_points];  // of so many channels of a tile
    alignas(64) Real products[16 * 1024 / sizeof(Real)];  // of weights and values (push.cpp)
    alignas(64) Real turned[tile_points][most_turned];
};

// Some tiles worked off together: all their points for one plane, then for the next, so that what they touch of a plane
// stays in the cache. They take a small part of the second cache themselves, or at least one tile.
template <class Real>
class Block {
public:
    const Form form;
    Bench<Real>* bench;

    Block(const Job& job, const Part& part, bool slopes) : Block(job, part, slopes, part.memory) {}
    Block(const Job& job, const Part& part, bool slopes, std::int64_t memory) : form(job, slopes), layout_(form) {
        const std::int64_t points = part.point_end - part.point_begin, each = static_cast<std::int64_t>(layout_.bytes());
        const std::int64_t most = std::max<std::int64_t>(1, memory / each);
        capacity_ = static_cast<int>(std::min<std::int64_t>((points + tile_points - 1) / tile_points, most));
        const std::size_t tiles = layout_.bytes() * static_cast<std::size_t>(capacity_);
        char* owned = scratch(Scratch::tiles, sizeof(Bench<Real>) + tiles);
        bench = new (owned) Bench<Real>(job, form);
        tiles_ = owned + sizeof(Bench<Real>);
        for (int i = 0; i < capacity_; ++i) layout_.place_tile(tiles_ + i * layout_.bytes());
    }
    Block(const Block&) = delete;
    Block& operator=(const Block&) = delete;

    int capacity() const { return capacity_; }
    Tile<Real>& operator[](int i) const {
        return *std::launder(reinterpret_cast<Tile<Real>*>(tiles_ + i * layout_.bytes()));
    }

private:
    Layout<Real> layout_;
    int capacity_;
    char* tiles_;
};

// Some batch entries with one grid.
struct Entries {
    std::int64_t grid, begin, end;
};

// Calls visit(entries, how many tiles) for the blocks of a part.
template <class Real, class Visit>
void for_each_block(const Job& job, const Part& part, Block<Real>& tiles, const Visit& visit) {
    for (std::int64_t grid = part.grid_begin; grid < part.grid_end; ++grid) {
        Entries entries{grid, part.batch_begin, part.batch_end};
        if (job.grid.batch > 1) entries = {grid, grid, grid + 1};
        for (std::int64_t begin = part.point_begin; begin < part.point_end;) {
            int count = 0;
            for (; count < tiles.capacity() && begin < part.point_end; begin += tile_points) {
                if (part.reaches && !part.band.meet(part.reaches[begin / part.points_a_reach])) continue;
                const int points = static_cast<int>(std::min<std::int64_t>(part.point_end - begin, tile_points));
                build(job, tiles.form, grid, begin, points, tiles.bench->placing, tiles[count++]);
            }
            if (count) visit(entries, count);
        }
    }
}

// What all channels of a part take, of one entry.
template <class Pixel>
std::int64_t bytes_of_planes(const Job& job, const Part& part) {
    std::int64_t bytes = (part.channel_end - part.channel_begin) * static_cast<std::int64_t>(sizeof(Pixel));
    for (int axis = 0; axis < job.axes; ++axis) bytes *= job.field.size[axis];
    return bytes;
}

// Whether the planes that are worked off together do not stay in the second cache, so that it pays to ask for a later
// tile's pixels while this one is worked off: processors do not foresee the order in which a turned grid visits memory.
template <class Pixel>
bool worth_prefetching(const Job& job, const Part& part) {
    return bytes_of_planes<Pixel>(job, part) > 1024 * 1024;
}

// Calls visit(tile) for the tiles of a block on one plane, or on pixels of some channels.
template <class S, class Real, class Pixel, class Visit>
GRIDSAMPLE_INLINE void for_each_tile(const Block<Real>& tiles, int count, const Pixel* plane, bool prefetch,
                                     const Visit& visit) {
    constexpr int ahead = 2;
    std::int64_t row_step[max_rows];
    std::copy(tiles.form.row_step, tiles.form.row_step + tiles.form.rows, row_step);
    for (int t = 0; t < count; ++t) {
        if (prefetch && t + ahead < count && tiles[t + ahead].strays) {
            tiles[t + ahead].template prefetch<S>(row_step, plane, 0, tile_points);
        }
        visit(tiles[t]);
    }
}

// How the channels are gone through.
enum class Channels { one_by_one, few_together, in_vectors };

// Where the channels of a pixel are neighbours in memory: a few are loaded together, many fill vectors.
template <class Real>
Channels channels_way(const Job& job) {
    const std::int64_t count = job.field.channels;
    if (lanes<Real> == 1 || count == 1 || job.field.channel_stride != 1) return Channels::one_by_one;
    return count <= 2 * lane_length<Real> ? Channels::few_together : Channels::in_vectors;
}

// Calls f(shape) for the one that a form's loops are compiled for.
template <class F>
GRIDSAMPLE_INLINE void with_shape(const Form& form, const F& f) {
    if (form.shape < 0) return f(AnyShape());
    visit(Shapes(), form.shape, f);
}

// Which way each vector of a tile goes.
template <class Real>
void note_vectors(const Job& job, const Form& form, const Tile<Real>& tile) {
    for (int i = 0; job.watched && i < tile.count; i += tile.width) {
        if (tile.inside[i / tile.width] == tile.all) {
            job.note(Path::interior);
        } else if (tile.touches[i / tile.width]) {
            job.note(!tile.loads_edges[i / tile.width] ? Path::resolved : form.chooses ? Path::chosen : Path::edges);
        }
    }
}

}  // namespace gridsample::GRIDSAMPLE_ISA
