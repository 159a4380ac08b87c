// One instruction set, one value type: `pull`, `push` and the gradient of the grid, on a part of a job.
// Compiled once for each pair, with GRIDSAMPLE_ISA and GRIDSAMPLE_VALUE defined.

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

// Calls visit(tile, begin) for the tiles of a part.
template <class Real, int Axes, int Taps, bool Slopes, class Visit>
void for_each_tile(const Job& job, const Part& part, const Visit& visit) {
    Axis<Real> axes[Axes];
    for (int axis = 0; axis < Axes; ++axis) axes[axis] = Axis<Real>(job, axis);
    Tile<Real, Axes, Taps, Slopes> tile;
    for (std::int64_t begin = part.point_begin; begin < part.point_end; begin += tile_points) {
        const std::int64_t left = part.point_end - begin;
        tile.build(job, axes, part.grid_batch, begin, left < tile_points ? static_cast<int>(left) : tile_points);
        visit(tile, begin);
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
    static void run(const Job& job, const Part& part) {
        const Real nothing = total_order(job.options) ? Real(0) : std::numeric_limits<Real>::quiet_NaN();
        for_each_tile<Real, Axes, Taps, false>(job, part, [&](const auto& tile, std::int64_t begin) {
            for (std::int64_t n = part.batch_begin; n < part.batch_end; ++n) {
                if (channels_together(job)) {
                    pixels(job, part, tile, begin, n, nothing);
                } else {
                    planes(job, part, tile, begin, n, nothing);
                }
            }
        });
    }

    static void planes(const Job& job, const Part& part, const Tile<Real, Axes, Taps, false>& tile, std::int64_t begin,
                       std::int64_t n, Real nothing) {
        alignas(64) Real samples[tile_points];
        for (std::int64_t c = part.channel_begin; c < part.channel_end; ++c) {
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
    }

    static void pixels(const Job& job, const Part& part, const Tile<Real, Axes, Taps, false>& tile, std::int64_t begin,
                       std::int64_t n, Real nothing) {
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
        const Band band{part.band_begin, part.band_end};
        for_each_tile<Real, Axes, Taps, false>(job, part, [&](const auto& tile, std::int64_t begin) {
            if (!reaches(tile, band)) return;
            for (std::int64_t n = part.batch_begin; n < part.batch_end; ++n) {
                if (channels_together(job)) {
                    pixels(job, part, tile, begin, n, band);
                } else {
                    planes(job, part, tile, begin, n, band);
                }
            }
        });
    }

    // Whether any tap of a tile lies in the band.
    static bool reaches(const Points& tile, const Band& band) {
        constexpr int outermost = Axes - 1;
        bool any = false;
        for (int i = 0; i < tile.count; ++i) {
            const std::int32_t first = tile.first[outermost][i];
            any |= tile.interior[i] && first < band.end && first + Taps > band.begin;
        }
        for (int k = 0; !tile.all_interior && k < Taps; ++k) {
            for (int i = 0; i < tile.count; ++i) {
                any |= !tile.interior[i] && band.holds(tile.index[outermost][k][i]);
            }
        }
        return any;
    }

    static void planes(const Job& job, const Part& part, const Points& tile, std::int64_t begin, std::int64_t n,
                       const Band& band) {
        alignas(64) Real values[tile_points];
        for (std::int64_t c = part.channel_begin; c < part.channel_end; ++c) {
            read_samples(job, at<const Value>(job.samples, n, c), begin, tile.count, values);
            Sum* plane = at<Sum>(job.field, n, c);
            if (tile.stride[0] == 1) {
                push_plane<true>(plane, tile, values, band);
            } else {
                push_plane<false>(plane, tile, values, band);
            }
        }
    }

    static void pixels(const Job& job, const Part& part, const Points& tile, std::int64_t begin, std::int64_t n,
                       const Band& band) {
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

template <class Real, int Axes, int Taps>
struct GridGradient {
    using Points = Tile<Real, Axes, Taps, true>;

    static void run(const Job& job, const Part& part) {
        alignas(64) Real gradient[Axes][tile_points];
        for_each_tile<Real, Axes, Taps, true>(job, part, [&](const auto& tile, std::int64_t begin) {
            std::memset(gradient, 0, sizeof(gradient));
            for (std::int64_t n = part.batch_begin; n < part.batch_end; ++n) {
                if (channels_together(job)) {
                    pixels(job, part, tile, begin, n, gradient);
                } else {
                    planes(job, part, tile, begin, n, gradient);
                }
            }
            write_gradient<Real>(job, part.grid_batch, begin, tile.count, gradient);
        });
    }

    static void planes(const Job& job, const Part& part, const Points& tile, std::int64_t begin, std::int64_t n,
                       Real (*gradient)[tile_points]) {
        alignas(64) Real values[tile_points];
        for (std::int64_t c = part.channel_begin; c < part.channel_end; ++c) {
            read_samples(job, at<const Value>(job.samples, n, c), begin, tile.count, values);
            const Value* plane = at<const Value>(job.field, n, c);
            if (tile.stride[0] == 1) {
                slope_plane<true>(plane, tile, values, gradient);
            } else {
                slope_plane<false>(plane, tile, values, gradient);
            }
        }
    }

    static void pixels(const Job& job, const Part& part, const Points& tile, std::int64_t begin, std::int64_t n,
                       Real (*gradient)[tile_points]) {
        const Value* pixels = at<const Value>(job.field, n, part.channel_begin);
        const std::int64_t channels = part.channel_end - part.channel_begin;
        for_each_point(job, at<Value>(job.samples, n, part.channel_begin), begin, tile.count, [&](int i, Value* from) {
            Real slope[Axes];
            for (int axis = 0; axis < Axes; ++axis) slope[axis] = gradient[axis][i];
            slope_pixel(pixels, Footprint<Real, Axes, Taps, true>(tile, i, everywhere), channels, from, slope);
            for (int axis = 0; axis < Axes; ++axis) gradient[axis][i] = slope[axis];
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
