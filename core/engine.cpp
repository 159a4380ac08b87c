// One instruction set, one value type: `pull`, `push` and the gradient of the grid, on a part of a job.
// Compiled once for each pair, with GRIDSAMPLE_ISA and GRIDSAMPLE_VALUE defined.

#include <algorithm>

#include "blend.h"
#include "blocks.h"
#include "engine.h"
#include "pixels.h"
#include "splat.h"

namespace gridsample::GRIDSAMPLE_ISA {

namespace {

using Value = GRIDSAMPLE_VALUE;
using Sum = std::conditional_t<std::is_same_v<Value, double>, double, float>;  // what splats are added up in

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

// How the channels are gone through.
enum class Channels { one_by_one, few_together, in_vectors };

// Where the channels of a pixel are neighbours in memory: a few are loaded together, many fill vectors.
template <class Real>
Channels channels_way(const Job& job) {
    const std::int64_t count = job.field.channels;
    if (lanes<Real> == 1 || count == 1 || job.field.channel_stride != 1) return Channels::one_by_one;
    if (count <= few_channels<Real>) return Channels::few_together;
    return job.samples.channel_stride == 1 ? Channels::in_vectors : Channels::one_by_one;
}

// Whether a tile's pixels may be read with the elements that follow a pixel's channels.
template <class Points>
bool may_read_past(const Job& job, const Part& part, const Points& tile) {
    std::int64_t last = job.field.channels - 1;  // the highest offset of an entry's pixels
    for (int axis = 0; axis < job.options.axes; ++axis) {
        last += std::max<std::int64_t>(0, (job.field.size[axis] - 1) * job.field.stride[axis]);
    }
    return part.channel_begin + highest_read(tile, part.channel_end - part.channel_begin) <= last;
}

template <class Real>
void read_samples(const Job& job, const Value* samples, std::int64_t begin, int count, Real* values) {
    for_each_run(job, job.samples.stride, begin, count, [&](int i, int n, std::int64_t offset, std::int64_t step) {
        read_run(samples + offset, step, n, values + i);
    });
    for (int i = count; i < tile_points; ++i) values[i] = 0;
}

template <class Real>
void write_samples(const Job& job, Value* samples, std::int64_t begin, int count, const Real* values) {
    for_each_run(job, job.samples.stride, begin, count, [&](int i, int n, std::int64_t offset, std::int64_t step) {
        Value* to = samples + offset;
        if (step == 1) {
            int j = 0;
            for (; j + lanes<Real> <= n; j += lanes<Real>) store_narrowed<Value, Real>(to + j, load(values + i + j));
            for (; j < n; ++j) to[j] = narrow<Value>(values[i + j]);
        } else {
            for (int j = 0; j < n; ++j) to[j * step] = narrow<Value>(values[i + j]);
        }
    });
}

// Calls visit(i, samples of point i) for a tile's points.
template <class Visit>
void for_each_point(const Job& job, Value* samples, std::int64_t begin, int count, const Visit& visit) {
    for_each_run(job, job.samples.stride, begin, count, [&](int i, int n, std::int64_t offset, std::int64_t step) {
        for (int j = 0; j < n; ++j) visit(i + j, samples + offset + j * step);
    });
}

int total_order(const Options& options) {
    int total = 0;
    for (int axis = 0; axis < options.axes; ++axis) total += options.order[axis];
    return total;
}

template <class Real, int Axes, int Taps>
struct Pull {
    using Points = Tile<Real, Axes, Taps, false>;

    static void run(const Job& job, const Part& part) {
        const bool prefetch = worth_prefetching<Value>(job, part);
        const Real nothing = total_order(job.options) ? Real(0) : std::numeric_limits<Real>::quiet_NaN();
        for_each_block<Points, Real, Axes>(job, part, [&](auto& tiles, int count) {
            for (std::int64_t n = part.batch_begin; n < part.batch_end; ++n) {
                const Value* pixels = at<const Value>(job.field, n, part.channel_begin);
                switch (channels_way<Real>(job)) {
                    case Channels::in_vectors:
                        for (int t = 0; t < count; ++t) many(job, part, tiles[t], pixels, n, nothing, prefetch);
                        break;
                    case Channels::few_together:
                        for_each_tile(tiles, count, pixels, {}, prefetch,
                                      [&](const Points& tile) { few(job, part, tile, pixels, n, nothing); });
                        break;
                    case Channels::one_by_one:
                        for (std::int64_t c = part.channel_begin; c < part.channel_end; ++c) {
                            const Value* plane = at<const Value>(job.field, n, c);
                            const Value* next = c + 1 < part.channel_end ? at<const Value>(job.field, n, c + 1) : nullptr;
                            for_each_tile(tiles, count, plane, next, prefetch,
                                          [&](const Points& tile) { one(job, tile, plane, n, c, nothing); });
                        }
                }
            }
        });
    }

    static void one(const Job& job, const Points& tile, const Value* plane, std::int64_t n, std::int64_t c, Real nothing) {
        note_vectors(job, tile);
        alignas(64) Real samples[tile_points];
        if (tile.stride[0] == 1) {
            pull_plane<true>(plane, tile, samples);
        } else {
            pull_plane<false>(plane, tile, samples);
        }
        write(job, tile, samples, n, c, nothing);
    }

    static void few(const Job& job, const Part& part, const Points& tile, const Value* pixels, std::int64_t n, Real nothing) {
        alignas(64) Real samples[few_channels<Real>][tile_points];
        const int channels = static_cast<int>(part.channel_end - part.channel_begin);
        if (may_read_past(job, part, tile)) {
            job.note(Path::few_channels);
            pull_channels(pixels, tile, channels, samples);
        } else {
            for (int c = 0; c < channels; ++c) pull_plane<false>(pixels + c, tile, samples[c]);
        }
        for (int c = 0; c < channels; ++c) write(job, tile, samples[c], n, part.channel_begin + c, nothing);
    }

    static void write(const Job& job, const Points& tile, Real* samples, std::int64_t n, std::int64_t c, Real nothing) {
        for (int i = 0; tile.any_undefined && i < tile.count; ++i) {
            if (tile.undefined[i]) samples[i] = nothing;
        }
        write_samples(job, at<Value>(job.samples, n, c), tile.begin, tile.count, samples);
    }

    static void many(const Job& job, const Part& part, const Points& tile, const Value* pixels, std::int64_t n, Real nothing,
                     bool prefetch) {
        job.note(Path::many_channels);
        const std::int64_t channels = part.channel_end - part.channel_begin;
        for_each_point(job, at<Value>(job.samples, n, part.channel_begin), tile.begin, tile.count, [&](int i, Value* to) {
            if (prefetch) prefetch_pixel(pixels, tile, i + 4, channels);
            if (tile.undefined[i]) {
                for (std::int64_t c = 0; c < channels; ++c) to[c] = narrow<Value>(nothing);
            } else {
                pull_pixel(pixels, Footprint<Real, Axes, Taps, false>(tile, i, every_row), channels, to);
            }
        });
    }
};

// The sums over samples: splats, the gradient of the grid (`Slopes`), or both in one sweep.
template <class Real, int Axes, int Taps, bool Slopes>
struct Sweep {
    struct Points : Tile<Real, Axes, Taps, Slopes> {
        Rows touched;  // perhaps
        alignas(64) Real gradient[Slopes ? Axes : 1][tile_points];

        void build(const Job& job, const Axis<Real>* axes, std::int64_t batch, std::int64_t begin, int count) {
            Tile<Real, Axes, Taps, Slopes>::build(job, axes, batch, begin, count);
            touched = rows_touched(job.options, axes[Axes - 1].size, this->first[Axes - 1], this->undefined);
            if constexpr (Slopes) std::memset(gradient, 0, sizeof(gradient));
        }
    };

    static void run(const Job& job, const Part& part) {
        const bool prefetch = worth_prefetching<Value>(job, part);
        const Channels way = channels_way<Real>(job);
        for_each_block<Points, Real, Axes>(job, part, [&](auto& tiles, int count) {
            for (std::int64_t n = part.batch_begin; n < part.batch_end; ++n) {
                if (way == Channels::in_vectors) {
                    for (int t = 0; t < count; ++t) many(job, part, tiles[t], n, prefetch);
                    continue;
                }
                if (Slopes && way == Channels::few_together) {
                    for_each_tile(tiles, count, at<const Value>(job.field, n, part.channel_begin), {}, prefetch,
                                  [&](Points& tile) { few_slopes(job, part, tile, n); });
                }
                for (std::int64_t c = part.channel_begin; c < part.channel_end; ++c) {
                    if (Slopes && way == Channels::one_by_one) {
                        for_each_tile(tiles, count, at<const Value>(job.field, n, c), {}, prefetch,
                                      [&](Points& tile) { slopes(job, part, tile, n, c); });
                    }
                    if (job.sum.data) {
                        for_each_tile(tiles, count, at<const Sum>(job.sum, n, c), {}, prefetch,
                                      [&](Points& tile) { push(job, part, tile, n, c); });
                    }
                }
            }
            for (int t = 0; Slopes && t < count; ++t) {
                if (!owns(part, tiles[t])) continue;
                write_gradient(job, part.grid_batch, tiles[t].begin, tiles[t].count, tiles[t].gradient);
            }
        });
    }

    // Points that several bands touch have their gradient from the band where their reach begins.
    static bool owns(const Part& part, const Points& tile) {
        return !part.reaches || part.band.hold(part.reaches[tile.begin / part.points_a_reach].begin);
    }

    static void slopes(const Job& job, const Part& part, Points& tile, std::int64_t n, std::int64_t c) {
        if constexpr (Slopes) {
            if (!owns(part, tile)) return;
            note_vectors(job, tile);
            alignas(64) Real values[tile_points];
            read_samples(job, at<const Value>(job.samples, n, c), tile.begin, tile.count, values);
            const Value* plane = at<const Value>(job.field, n, c);
            const Tile<Real, Axes, Taps, Slopes>& points = tile;
            if (tile.stride[0] == 1) {
                slope_plane<true>(plane, points, values, tile.gradient);
            } else {
                slope_plane<false>(plane, points, values, tile.gradient);
            }
        }
    }

    static void few_slopes(const Job& job, const Part& part, Points& tile, std::int64_t n) {
        if constexpr (Slopes) {
            if (!may_read_past(job, part, tile)) {
                for (std::int64_t c = part.channel_begin; c < part.channel_end; ++c) slopes(job, part, tile, n, c);
                return;
            }
            if (!owns(part, tile)) return;
            job.note(Path::few_channels);
            alignas(64) Real values[few_channels<Real>][tile_points];
            const int channels = static_cast<int>(part.channel_end - part.channel_begin);
            for (int c = 0; c < channels; ++c) {
                const Value* samples = at<const Value>(job.samples, n, part.channel_begin + c);
                read_samples(job, samples, tile.begin, tile.count, values[c]);
            }
            const Tile<Real, Axes, Taps, Slopes>& points = tile;
            const Value* pixels = at<const Value>(job.field, n, part.channel_begin);
            slope_channels(pixels, points, channels, values, tile.gradient);
        }
    }

    static void push(const Job& job, const Part& part, const Points& tile, std::int64_t n, std::int64_t c) {
        if (!part.band.meet(tile.touched)) return;
        alignas(64) Real values[tile_points];
        read_samples(job, at<const Value>(job.samples, n, c), tile.begin, tile.count, values);
        Sum* plane = at<Sum>(job.sum, n, c);
        const Tile<Real, Axes, Taps, Slopes>& points = tile;
        if (tile.stride[0] == 1 && part.band.contain(tile.touched)) {
            job.note(Path::whole_push);
            push_plane<true, false>(plane, points, values, part.band);
        } else if (tile.stride[0] == 1) {
            push_plane<true, true>(plane, points, values, part.band);
        } else {
            push_plane<false, true>(plane, points, values, part.band);
        }
    }

    static void many(const Job& job, const Part& part, Points& tile, std::int64_t n, bool prefetch) {
        job.note(Path::many_channels);
        const Value* pixels = at<const Value>(job.field, n, part.channel_begin);
        Sum* sums = job.sum.data ? at<Sum>(job.sum, n, part.channel_begin) : nullptr;
        const std::int64_t channels = part.channel_end - part.channel_begin;
        const bool owned = owns(part, tile);
        Value* samples = at<Value>(job.samples, n, part.channel_begin);
        for_each_point(job, samples, tile.begin, tile.count, [&](int i, const Value* from) {
            if (prefetch && sums) prefetch_pixel(sums, tile, i + 4, channels);
            if constexpr (Slopes) {
                if (owned) {
                    if (prefetch) prefetch_pixel(pixels, tile, i + 4, channels);
                    Real slope[Axes];
                    for (int axis = 0; axis < Axes; ++axis) slope[axis] = tile.gradient[axis][i];
                    slope_pixel(pixels, Footprint<Real, Axes, Taps, true>(tile, i, every_row), channels, from, slope);
                    for (int axis = 0; axis < Axes; ++axis) tile.gradient[axis][i] = slope[axis];
                }
            }
            if (sums) {
                push_pixel(sums, Footprint<Real, Axes, Taps, false>(tile, i, part.band), channels, from);
            }
        });
    }
};

template <class Real, int Axes, int Taps>
using Push = Sweep<Real, Axes, Taps, false>;
template <class Real, int Axes, int Taps>
using Gradients = Sweep<Real, Axes, Taps, true>;

template <class Real>
void reach_as(const Job& job, const Part& part, Rows* reaches) {
    const Axis<Real> axis(job, job.options.axes - 1);
    for (std::int64_t begin = part.point_begin; begin < part.point_end; begin += tile_points) {
        const int count = static_cast<int>(std::min<std::int64_t>(part.point_end - begin, tile_points));
        const Rows touched = rows_touched(job, axis, part.grid_batch, begin, count);
        Rows& reach = reaches[begin / part.points_a_reach];
        if (begin % part.points_a_reach == 0) {
            reach = touched;
        } else {
            reach = {std::min(reach.begin, touched.begin), std::max(reach.end, touched.end)};
        }
    }
}

void reach(const Job& job, const Part& part, Rows* reaches) {
    if (std::is_same_v<Value, double> || job.grid.dtype == DType::float64) {
        reach_as<double>(job, part, reaches);
    } else {
        reach_as<float>(job, part, reaches);
    }
}

// ---- From run-time values to types ------------------------------------------------------------------------------------

template <template <class, int, int> class Operation, class Real, int Axes>
void by_taps(const Job& job, const Part& part) {
    switch (job.options.kernel) {
        case Kernel::nearest:
            return Operation<Real, Axes, 1>::run(job, part);
        case Kernel::linear:
            return Operation<Real, Axes, 2>::run(job, part);
        case Kernel::keys:
            return Operation<Real, Axes, 4>::run(job, part);
    }
}

template <template <class, int, int> class Operation, class Real>
void by_axes(const Job& job, const Part& part) {
    switch (job.options.axes) {
        case 1:
            return by_taps<Operation, Real, 1>(job, part);
        case 2:
            return by_taps<Operation, Real, 2>(job, part);
        default:
            return by_taps<Operation, Real, 3>(job, part);
    }
}

template <template <class, int, int> class Operation>
void by_real(const Job& job, const Part& part) {
    if (std::is_same_v<Value, double> || job.grid.dtype == DType::float64) {
        by_axes<Operation, double>(job, part);
    } else if constexpr (!std::is_same_v<Value, double>) {
        by_axes<Operation, float>(job, part);
    }
}

}  // namespace

template <>
const Engine EngineOf<Value>::engine = {by_real<Pull>, by_real<Push>, by_real<Gradients>, reach};

}  // namespace gridsample::GRIDSAMPLE_ISA
