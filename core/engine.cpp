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
    explicit Block(std::int64_t points)
        : capacity_(std::clamp<std::int64_t>((points + tile_points - 1) / tile_points, 1, most)),
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
    static constexpr std::int64_t most = std::max<std::int64_t>(1, 160 * 1024 / sizeof(Points));
    static constexpr std::align_val_t alignment{64};
    Points single_;
    std::int64_t capacity_;
    Points* tiles_;
};

// Calls visit(tiles, how many, begin) for the blocks of a part.
template <class Points, class Real, int Axes, class Visit>
void for_each_block(const Job& job, const Part& part, const Visit& visit) {
    Axis<Real> axes[Axes];
    for (int axis = 0; axis < Axes; ++axis) axes[axis] = Axis<Real>(job, axis);
    Block<Points> tiles(part.point_end - part.point_begin);
    for (std::int64_t begin = part.point_begin; begin < part.point_end;) {
        int count = 0;
        std::int64_t end = begin;
        for (; count < tiles.capacity() && end < part.point_end; ++count) {
            const std::int64_t left = part.point_end - end;
            const int points = left < tile_points ? static_cast<int>(left) : tile_points;
            tiles[count].build(job, axes, part.grid_batch, end, points);
            end += points;
        }
        visit(tiles, count, begin);
        begin = end;
    }
}

// Whether a plane is too large for the first cache, so that it pays to ask for the next tile's pixels while the vectors of
// this one are worked off: processors do not foresee the order in which a turned grid visits memory.
template <class Pixel>
bool worth_prefetching(const Job& job) {
    std::int64_t bytes = sizeof(Pixel);
    for (int axis = 0; axis < job.options.axes; ++axis) bytes *= job.field.size[axis];
    return bytes > 24 * 1024;
}

// Calls visit(tile, which) for the tiles of a block, on one plane.
template <class Points, class Pixel, class Visit>
void for_each_tile(Block<Points>& tiles, int count, const Pixel* plane, bool prefetch, const Visit& visit) {
    for (int t = 0; t < count; ++t) {
        if (prefetch && t + 1 < count) tiles[t + 1].prefetch(plane);
        visit(tiles[t], t);
    }
}

constexpr Band everywhere{INT64_MIN, INT64_MAX};

int total_order(const Options& options) {
    int total = 0;
    for (int axis = 0; axis < options.axes; ++axis) total += options.order[axis];
    return total;
}

template <class Real, int Axes, int Taps>
struct Pull {
    using Points = Tile<Real, Axes, Taps, false>;

    static void run(const Job& job, const Part& part) {
        const bool prefetch = worth_prefetching<Value>(job);
        const Real nothing = total_order(job.options) ? Real(0) : std::numeric_limits<Real>::quiet_NaN();
        for_each_block<Points, Real, Axes>(job, part, [&](auto& tiles, int count, std::int64_t begin) {
            for (std::int64_t n = part.batch_begin; n < part.batch_end; ++n) {
                if (channels_together(job)) {
                    for (int t = 0; t < count; ++t) pixels(job, part, tiles[t], begin + t * tile_points, n, nothing);
                    continue;
                }
                for (std::int64_t c = part.channel_begin; c < part.channel_end; ++c) {
                    for_each_tile(tiles, count, at<const Value>(job.field, n, c), prefetch, [&](Points& tile, int t) {
                        plane(job, tile, begin + t * tile_points, n, c, nothing);
                    });
                }
            }
        });
    }

    static void plane(const Job& job, const Points& tile, std::int64_t begin, std::int64_t n, std::int64_t c,
                      Real nothing) {
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
        write_samples(job, at<Value>(job.samples, n, c), begin, tile.count, samples);
    }

    static void pixels(const Job& job, const Part& part, const Points& tile, std::int64_t begin, std::int64_t n,
                       Real nothing) {
        const Value* pixels = at<const Value>(job.field, n, part.channel_begin);
        const std::int64_t channels = part.channel_end - part.channel_begin;
        for_each_point(job, at<Value>(job.samples, n, part.channel_begin), begin, tile.count, [&](int i, Value* to) {
            if (tile.undefined[i]) {
                for (std::int64_t c = 0; c < channels; ++c) to[c] = narrow<Value>(nothing);
            } else {
                pull_pixel(pixels, Footprint<Real, Axes, Taps, false>(tile, i, everywhere), channels, to);
            }
        });
    }
};

template <class Real, int Axes, int Taps>
struct Push {
    using Points = Tile<Real, Axes, Taps, false>;

    static void run(const Job& job, const Part& part) {
        const bool prefetch = worth_prefetching<Sum>(job);
        const Band band{part.band_begin, part.band_end};
        for_each_block<Points, Real, Axes>(job, part, [&](auto& tiles, int count, std::int64_t begin) {
            for (std::int64_t n = part.batch_begin; n < part.batch_end; ++n) {
                if (channels_together(job)) {
                    for (int t = 0; t < count; ++t) pixels(job, part, tiles[t], begin + t * tile_points, n, band);
                    continue;
                }
                for (std::int64_t c = part.channel_begin; c < part.channel_end; ++c) {
                    for_each_tile(tiles, count, at<Sum>(job.field, n, c), prefetch, [&](Points& tile, int t) {
                        plane(job, tile, begin + t * tile_points, n, c, band);
                    });
                }
            }
        });
    }

    static void plane(const Job& job, const Points& tile, std::int64_t begin, std::int64_t n, std::int64_t c,
                      const Band& band) {
        const Reach reached = reach(tile, band);
        if (reached == Reach::none) return;
        alignas(64) Real values[tile_points];
        read_samples(job, at<const Value>(job.samples, n, c), begin, tile.count, values);
        Sum* plane = at<Sum>(job.field, n, c);
        if (tile.stride[0] == 1) {
            push_plane<true>(plane, tile, values, band, reached);
        } else {
            push_plane<false>(plane, tile, values, band, reached);
        }
    }

    static void pixels(const Job& job, const Part& part, const Points& tile, std::int64_t begin, std::int64_t n,
                       const Band& band) {
        if (reach(tile, band) == Reach::none) return;
        Sum* pixels = at<Sum>(job.field, n, part.channel_begin);
        const std::int64_t channels = part.channel_end - part.channel_begin;
        for_each_point(job, at<Value>(job.samples, n, part.channel_begin), begin, tile.count, [&](int i, Value* from) {
            push_pixel(pixels, Footprint<Real, Axes, Taps, false>(tile, i, band), channels, from);
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

template <class Real, int Axes>
struct Gradient {  // of a tile's places
    alignas(64) Real component[Axes][tile_points];
};

template <class Real, int Axes, int Taps>
struct GridGradient {
    using Points = Tile<Real, Axes, Taps, true>;
    struct TileAndGradient : Points {
        Gradient<Real, Axes> gradient;
        template <class... Arguments>
        void build(const Arguments&... arguments) {
            Points::build(arguments...);
            std::memset(&gradient, 0, sizeof(gradient));
        }
    };

    static void run(const Job& job, const Part& part) {
        const bool prefetch = worth_prefetching<Value>(job);
        for_each_block<TileAndGradient, Real, Axes>(job, part, [&](auto& tiles, int count, std::int64_t begin) {
            for (std::int64_t n = part.batch_begin; n < part.batch_end; ++n) {
                if (channels_together(job)) {
                    for (int t = 0; t < count; ++t) pixels(job, part, tiles[t], begin + t * tile_points, n);
                    continue;
                }
                for (std::int64_t c = part.channel_begin; c < part.channel_end; ++c) {
                    for_each_tile(tiles, count, at<const Value>(job.field, n, c), prefetch,
                                  [&](TileAndGradient& tile, int t) {
                                      plane(job, tile, begin + t * tile_points, n, c);
                                  });
                }
            }
            for (int t = 0; t < count; ++t) {
                write_gradient<Real>(job, part.grid_batch, begin + t * tile_points, tiles[t].count,
                                     tiles[t].gradient.component);
            }
        });
    }

    static void plane(const Job& job, TileAndGradient& tile, std::int64_t begin, std::int64_t n, std::int64_t c) {
        alignas(64) Real values[tile_points];
        read_samples(job, at<const Value>(job.samples, n, c), begin, tile.count, values);
        const Value* plane = at<const Value>(job.field, n, c);
        const Points& points = tile;
        if (tile.stride[0] == 1) {
            slope_plane<true>(plane, points, values, tile.gradient.component);
        } else {
            slope_plane<false>(plane, points, values, tile.gradient.component);
        }
    }

    static void pixels(const Job& job, const Part& part, TileAndGradient& tile, std::int64_t begin, std::int64_t n) {
        const Value* pixels = at<const Value>(job.field, n, part.channel_begin);
        const std::int64_t channels = part.channel_end - part.channel_begin;
        const Points& points = tile;
        for_each_point(job, at<Value>(job.samples, n, part.channel_begin), begin, tile.count, [&](int i, Value* from) {
            Real slope[Axes];
            for (int axis = 0; axis < Axes; ++axis) slope[axis] = tile.gradient.component[axis][i];
            slope_pixel(pixels, Footprint<Real, Axes, Taps, true>(points, i, everywhere), channels, from, slope);
            for (int axis = 0; axis < Axes; ++axis) tile.gradient.component[axis][i] = slope[axis];
        });
    }
};

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
const Engine EngineOf<Value>::engine = {by_real<Pull>, by_real<Push>, by_real<GridGradient>};

}  // namespace gridsample::GRIDSAMPLE_ISA
