#include "along.h"

#include <algorithm>
#include <new>

#include "schedule.h"
#include "scratch.h"

namespace gridsample {

namespace {

constexpr int channels_each = 8;
template <class T>
constexpr int points_each = 2048 / sizeof(T);

// Numbers of some points: of some channels, and along each axis.
template <class T>
struct Memory {
    alignas(64) T piece[channels_each][points_each<T>];
    alignas(64) T direction[max_axes][points_each<T>];
    alignas(64) T slope[max_axes][points_each<T>], total[max_axes][points_each<T>];
};

// A piece as samples of the call, or as the gradient by some components.
template <class T>
PointArray as_array(const Job& job, T (*piece)[points_each<T>], std::int64_t first_channel, std::int64_t first_point) {
    PointArray array = job.samples;
    array.data = reinterpret_cast<char*>(piece[0]) - (first_channel * points_each<T> + first_point) * sizeof(T);
    array.batch = 1;
    array.channel_stride = points_each<T>;
    std::int64_t stride = 1;
    for (int axis = job.point_axes - 1; axis >= 0; stride *= job.shape[axis--]) array.stride[axis] = stride;
    return array;
}

// The part of one batch entry, of a few channels and points.
Part some(const Part& part, std::int64_t grid, std::int64_t n, std::int64_t channel, std::int64_t point, std::int64_t points) {
    Part few = part;
    few.grid_begin = grid;
    few.grid_end = grid + 1;
    few.batch_begin = n;
    few.batch_end = n + 1;
    few.channel_begin = channel;
    few.channel_end = std::min(part.channel_end, channel + channels_each);
    few.point_begin = point;
    few.point_end = std::min(part.point_end, point + points);
    return few;
}

template <class T>
class Along {
public:
    Along(const Job& job, const Part& part) : job_(job), part_(part), step_(job) {}

    void slopes() {
        for (grid_ = part_.grid_begin; grid_ < part_.grid_end; ++grid_) slopes_of_grid();
    }

    void push() {
        for (grid_ = part_.grid_begin; grid_ < part_.grid_end; ++grid_) push_of_grid();
    }

private:
    const Job& job_;
    const Part& part_;
    std::int64_t grid_ = 0;  // the one at hand
    const int axes_ = job_.axes;
    Job step_;  // the operation at hand: a derivative, perhaps, and with samples in a piece
    Memory<T>& memory_ = *new (scratch(Scratch::along, sizeof(Memory<T>))) Memory<T>;
    T (*const piece_)[points_each<T>] = memory_.piece;
    T (*const direction_)[points_each<T>] = memory_.direction;
    T (*const slope_)[points_each<T>] = memory_.slope;
    T (*const total_)[points_each<T>] = memory_.total;

    void slopes_of_grid() {
        for_each_run([&](std::int64_t point, int count) {
            std::fill_n(total_[0], max_axes * points_each<T>, T(0));
            for_each_piece(point, [&](const Part& few) {
                if (job_.input_step.data) {
                    begin_with(job_.input_step);
                    if (job_.by_values) set_samples(few);
                    if (job_.gradient.data) add_gradient(few);
                }
                for (int axis = 0; job_.grid_step && axis < axes_; ++axis) {
                    begin_with(job_.field, axis);
                    if (job_.by_values) add_samples(few, axis);
                    weigh_values(few, axis);
                    if (job_.gradient.data) add_gradient(few);
                }
            });
            if (job_.gradient.data) write_total(point, count);
        });
    }

    void push_of_grid() {
        for_each_run([&](std::int64_t point, int) {
            for_each_piece(point, [&](const Part& few) {
                for (int axis = 0; axis < axes_; ++axis) {
                    begin_with(job_.field, axis);
                    weigh_values(few, axis);
                    engine().push(step_, few);
                }
            });
        });
    }

    // Calls visit(first point, how many) for runs of points, the direction at hand.
    template <class Visit>
    void for_each_run(const Visit& visit) {
        for (std::int64_t point = part_.point_begin; point < part_.point_end; point += points_each<T>) {
            const int count = static_cast<int>(std::min<std::int64_t>(part_.point_end - point, points_each<T>));
            if (job_.grid_step) read_direction(point, count);
            visit(point, count);
        }
    }

    void read_direction(std::int64_t point, int count) {
        const T* from = reinterpret_cast<const T*>(job_.grid_step) + first_component(point);
        for (int axis = 0; axis < axes_; ++axis) {
            for (int i = 0; i < count; ++i) direction_[axis][i] = from[i * axes_ + axis];
        }
    }

    // In an array (N, *out, D) in C order.
    std::int64_t first_component(std::int64_t point) const { return (grid_ * job_.points + point) * axes_; }

    void write_total(std::int64_t point, int count) {
        T* to = reinterpret_cast<T*>(job_.gradient.data) + first_component(point);
        for (int axis = 0; axis < axes_; ++axis) {
            for (int i = 0; i < count; ++i) to[i * axes_ + axis] = total_[axis][i];
        }
    }

    template <class Visit>
    void for_each_piece(std::int64_t point, const Visit& visit) {
        const bool own = job_.grid.batch > 1;  // each entry has a grid of its own
        for (std::int64_t n = own ? grid_ : part_.batch_begin; n < (own ? grid_ + 1 : part_.batch_end); ++n) {
            for (std::int64_t c = part_.channel_begin; c < part_.channel_end; c += channels_each) {
                visit(some(part_, grid_, n, c, point, points_each<T>));
            }
        }
    }

    void begin_with(const Field& field) {
        step_.field = field;
        step_.sum = job_.sum;
        step_.samples = job_.samples;
        std::copy(job_.order, job_.order + max_axes, step_.order);
    }
    void begin_with(const Field& field, int raised_axis) {
        begin_with(field);
        ++step_.order[raised_axis];
    }

    // Calls visit(numbers of an array (N, C, *out) in C order, those of the piece, how many) for the channels of a piece.
    template <class Visit>
    void for_each_channel(const Part& few, const char* data, const Visit& visit) {
        const int count = static_cast<int>(few.point_end - few.point_begin);
        for (std::int64_t c = few.channel_begin; c < few.channel_end; ++c) {
            const std::int64_t offset = (few.batch_begin * job_.field.channels + c) * job_.points + few.point_begin;
            visit(reinterpret_cast<T*>(const_cast<char*>(data)) + offset, piece_[c - few.channel_begin], count);
        }
    }

    void weigh_values(const Part& few, int axis) {
        for_each_channel(few, job_.samples.data, [&](const T* values, T* piece, int count) {
            for (int i = 0; i < count; ++i) piece[i] = direction_[axis][i] * values[i];
        });
        step_.samples = as_array<T>(job_, piece_, few.channel_begin, few.point_begin);
    }

    void set_samples(const Part& few) {
        step_.samples.data = job_.by_values;
        engine().pull(step_, few);
        step_.samples.data = job_.samples.data;
    }

    void add_samples(const Part& few, int axis) {
        step_.samples = as_array<T>(job_, piece_, few.channel_begin, few.point_begin);
        engine().pull(step_, few);
        const bool first = axis == 0 && !job_.input_step.data;
        for_each_channel(few, job_.by_values, [&](T* sums, const T* piece, int count) {
            for (int i = 0; first && i < count; ++i) sums[i] = 0;
            for (int i = 0; i < count; ++i) sums[i] += direction_[axis][i] * piece[i];
        });
    }

    void add_gradient(const Part& few) {
        step_.sum.data = nullptr;
        step_.gradient = as_array<T>(job_, slope_, 0, few.point_begin);
        engine().gradients(step_, few);
        for (int a = 0; a < axes_; ++a) {
            for (std::int64_t i = 0; i < few.point_end - few.point_begin; ++i) total_[a][i] += slope_[a][i];
        }
    }
};

}  // namespace

void slopes_along(const Job& job, const Part& part) {
    if (job.samples.dtype == dtype_of<Float64>) return Along<double>(job, part).slopes();
    Along<float>(job, part).slopes();
}

void push_along(const Job& job, const Part& part) {
    if (job.samples.dtype == dtype_of<Float64>) return Along<double>(job, part).push();
    Along<float>(job, part).push();
}

}  // namespace gridsample
