// One instruction set, one value type: `pull`, `push` and the gradient of the grid, on a part of a job.
// Compiled once for each pair, with GRIDSAMPLE_ISA and GRIDSAMPLE_VALUE defined.

#include <algorithm>
#include <new>

#include "blend.h"
#include "engine.h"

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

// The channels of a pixel are neighbours, and worth a vector.
bool channels_together(const Job& job) {
    return job.field.channel_stride == 1 && job.samples.channel_stride == 1 && job.field.channels > 1 && lanes<float> > 1;
}

template <class Real>
void read_samples(const Job& job, const Value* samples, std::int64_t begin, int count, Real* values) {
    for_each_run(job, job.samples.stride, begin, count, [&](int i, int n, std::int64_t offset, std::int64_t step) {
        const Value* from = samples + offset;
        for (int j = 0; j < n; j += 16) GRIDSAMPLE_PREFETCH(from + step * (j + 2 * tile_points));
        if (step == 1) {
            for (int j = 0; j < n; ++j) values[i + j] = static_cast<Real>(widen(from[j]));
        } else {
            for (int j = 0; j < n; ++j) values[i + j] = static_cast<Real>(widen(from[j * step]));
        }
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
                if (channels_together(job)) {
                    for (int t = 0; t < count; ++t) pixels(job, part, tiles[t], n, nothing);
                    continue;
                }
                for (std::int64_t c = part.channel_begin; c < part.channel_end; ++c) {
                    for (int t = 0; t < count; ++t) {
                        if (prefetch) {
                            if (t + 2 < count) tiles[t + 2].prefetch(at<const Value>(job.field, n, c));
                            else if (c + 1 < part.channel_end) tiles[(t + 2 - count) % count].prefetch(at<const Value>(job.field, n, c + 1));
                        }
                        plane(job, tiles[t], n, c, nothing);
                    }
                }
            }
        });
    }

    static void plane(const Job& job, const Points& tile, std::int64_t n, std::int64_t c, Real nothing) {
        alignas(64) Real samples[tile_points];
        const Value* plane = at<const Value>(job.field, n, c);
        if (tile.stride[0] == 1) {
            pull_plane<true>(plane, tile, samples);
        } else {
            pull_plane<false>(plane, tile, samples);
        }
        for (int i = 0; tile.any_undefined && i < tile.count; ++i) {
            if (tile.undefined[i]) samples[i] = nothing;
        }
        write_samples(job, at<Value>(job.samples, n, c), tile.begin, tile.count, samples);
    }

    static void pixels(const Job& job, const Part& part, const Points& tile, std::int64_t n, Real nothing) {
        const Value* pixels = at<const Value>(job.field, n, part.channel_begin);
        const std::int64_t channels = part.channel_end - part.channel_begin;
        for_each_point(job, at<Value>(job.samples, n, part.channel_begin), tile.begin, tile.count, [&](int i, Value* to) {
            if (tile.undefined[i]) {
                for (std::int64_t c = 0; c < channels; ++c) to[c] = narrow<Value>(nothing);
            } else {
                pull_pixel(pixels, Footprint<Real, Axes, Taps, false>(tile, i, every_row), channels, to);
            }
        });
    }
};

template <class Grid, class Real>
void write_gradient_as(const Job& job, std::int64_t batch, std::int64_t begin, int count,
                       const Real (*gradient)[tile_points]) {
    Grid* to = at<Grid>(job.gradient, batch, 0);
    for_each_run(job, job.gradient.stride, begin, count, [&](int i, int n, std::int64_t offset, std::int64_t step) {
        for (int axis = 0; axis < job.options.axes; ++axis) {
            Grid* component = to + offset + axis * job.gradient.channel_stride;
            for (int j = 0; j < n; ++j) component[j * step] = narrow<Grid>(gradient[axis][i + j]);
        }
    });
}

template <class Real>
void write_gradient(const Job& job, std::int64_t batch, std::int64_t begin, int count,
                    const Real (*gradient)[tile_points]) {
    switch (job.gradient.dtype) {
        case DType::float16:
            return write_gradient_as<Half>(job, batch, begin, count, gradient);
        case DType::bfloat16:
            return write_gradient_as<BFloat16>(job, batch, begin, count, gradient);
        case DType::float32:
            return write_gradient_as<float>(job, batch, begin, count, gradient);
        case DType::float64:
            return write_gradient_as<double>(job, batch, begin, count, gradient);
    }
}

// The sums over samples: splats, the gradient of the grid (`Slopes`), or both in one sweep.
template <class Real, int Axes, int Taps, bool Slopes>
struct Sweep {
    struct Points : Tile<Real, Axes, Taps, Slopes> {
        alignas(64) Real gradient[Slopes ? Axes : 1][tile_points];

        void build(const Job& job, const Axis<Real>* axes, std::int64_t batch, std::int64_t begin, int count) {
            Tile<Real, Axes, Taps, Slopes>::build(job, axes, batch, begin, count);
            if constexpr (Slopes) std::memset(gradient, 0, sizeof(gradient));
        }
    };

    static void run(const Job& job, const Part& part) {
        for_each_block<Points, Real, Axes>(job, part, [&](auto& tiles, int count) {
            for (std::int64_t n = part.batch_begin; n < part.batch_end; ++n) {
                if (channels_together(job)) {
                    for (int t = 0; t < count; ++t) pixels(job, part, tiles[t], n);
                } else {
                    for (std::int64_t c = part.channel_begin; c < part.channel_end; ++c) {
                        planes(job, part, tiles, count, n, c);
                    }
                }
            }
            for (int t = 0; Slopes && t < count; ++t) {
                if (!owns(part, tiles[t].begin)) continue;
                write_gradient<Real>(job, part.grid_batch, tiles[t].begin, tiles[t].count, tiles[t].gradient);
            }
        });
    }

    // Points that several bands touch have their gradient from the band where their reach begins.
    static bool owns(const Part& part, std::int64_t begin) {
        return !part.reaches || part.band.hold(part.reaches[begin / part.points_a_reach].begin);
    }

    static void planes(const Job& job, const Part& part, Block<Points>& tiles, int count, std::int64_t n, std::int64_t c) {
        const bool prefetch = worth_prefetching<Value>(job, part);
        const Value* samples = at<const Value>(job.samples, n, c);
        alignas(64) Real values[tile_points];
        if constexpr (Slopes) {
            const Value* plane = at<const Value>(job.field, n, c);
            for (int t = 0; t < count; ++t) {
                if (prefetch && t + 1 < count) tiles[t + 1].prefetch(plane);
                if (!owns(part, tiles[t].begin)) continue;
                read_samples(job, samples, tiles[t].begin, tiles[t].count, values);
                slopes(plane, tiles[t], values);
            }
        }
        if (job.sum.data) {
            Sum* plane = at<Sum>(job.sum, n, c);
            for (int t = 0; t < count; ++t) {
                if (prefetch && t + 1 < count) tiles[t + 1].prefetch(plane);
                if (!part.band.meet(tiles[t].touched)) continue;
                read_samples(job, samples, tiles[t].begin, tiles[t].count, values);
                push(plane, tiles[t], values, part.band);
            }
        }
    }

    static void slopes(const Value* plane, Points& tile, const Real* values) {
        const Tile<Real, Axes, Taps, Slopes>& points = tile;
        if (tile.stride[0] == 1) {
            slope_plane<true>(plane, points, values, tile.gradient);
        } else {
            slope_plane<false>(plane, points, values, tile.gradient);
        }
    }

    static void push(Sum* plane, const Tile<Real, Axes, Taps, Slopes>& tile, const Real* values, const Rows& band) {
        if (tile.stride[0] == 1 && band.contain(tile.touched)) {
            push_plane<true, false>(plane, tile, values, band);
        } else if (tile.stride[0] == 1) {
            push_plane<true, true>(plane, tile, values, band);
        } else {
            push_plane<false, true>(plane, tile, values, band);
        }
    }

    static void pixels(const Job& job, const Part& part, Points& tile, std::int64_t n) {
        const Value* pixels = at<const Value>(job.field, n, part.channel_begin);
        Sum* sums = job.sum.data ? at<Sum>(job.sum, n, part.channel_begin) : nullptr;
        const std::int64_t channels = part.channel_end - part.channel_begin;
        const bool owned = owns(part, tile.begin);
        Value* samples = at<Value>(job.samples, n, part.channel_begin);
        for_each_point(job, samples, tile.begin, tile.count, [&](int i, const Value* from) {
            if constexpr (Slopes) {
                if (owned) {
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
    const int outermost = job.options.axes - 1;
    const Axis<Real> axis(job, outermost);
    alignas(64) Real t[tile_points], slope[tile_points];
    alignas(64) std::int32_t first[tile_points], undefined[tile_points] = {};
    for (std::int64_t begin = part.point_begin; begin < part.point_end; begin += tile_points) {
        const int count = static_cast<int>(std::min<std::int64_t>(part.point_end - begin, tile_points));
        read_coordinates<Real>(job, part.grid_batch, outermost, begin, count, t);
        place<Real>(job.options, axis, t, first, slope, undefined);
        const Rows touched = rows_touched(job.options, axis.size, first, count);
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
