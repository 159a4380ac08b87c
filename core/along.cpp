#include "along.h"

#include <algorithm>

namespace gridsample {

namespace {

constexpr int channels_each = 8;
template <class T>
constexpr int points_each = 2048 / sizeof(T);

// Some channels of some points.
template <class T>
using Piece = T[channels_each][points_each<T>];

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
Part some(const Part& part, std::int64_t n, std::int64_t channel, std::int64_t point, std::int64_t points) {
    Part few = part;
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
    Along(const Job& job, const Part& part) : job_(job), part_(part), raised_(job) {}

    void slopes() {
        for (std::int64_t point = part_.point_begin; point < part_.point_end; point += points_each<T>) {
            const std::int64_t end = std::min(part_.point_end, point + points_each<T>);
            std::fill_n(total_[0], max_axes * points_each<T>, T(0));
            for_each_piece(point, [&](const Part& few) {
                for (int axis = 0; axis < job_.options.axes; ++axis) {
                    raise(axis);
                    if (job_.by_values) add_samples(few, axis);
                    if (job_.gradient.data) add_gradient(few, axis);
                }
            });
            for (std::int64_t i = point; job_.gradient.data && i < end; ++i) {
                for (int axis = 0; axis < job_.options.axes; ++axis) {
                    components(job_.gradient.data, i)[axis] = total_[axis][i - point];
                }
            }
        }
    }

    void push() {
        for (std::int64_t point = part_.point_begin; point < part_.point_end; point += points_each<T>) {
            for_each_piece(point, [&](const Part& few) {
                for (int axis = 0; axis < job_.options.axes; ++axis) {
                    raise(axis);
                    weigh_values(few, axis);
                    job_.engine->push(raised_, few);
                }
            });
        }
    }

private:
    const Job& job_;
    const Part& part_;
    Job raised_;  // with one order more on an axis, and samples in a piece
    alignas(64) Piece<T> piece_;
    alignas(64) T slope_[max_axes][points_each<T>], total_[max_axes][points_each<T>];

    template <class Visit>
    void for_each_piece(std::int64_t point, const Visit& visit) {
        for (std::int64_t n = part_.batch_begin; n < part_.batch_end; ++n) {
            for (std::int64_t c = part_.channel_begin; c < part_.channel_end; c += channels_each) {
                visit(some(part_, n, c, point, points_each<T>));
            }
        }
    }

    void raise(int axis) {
        raised_.options = job_.options;
        ++raised_.options.order[axis];
    }

    // Of arrays (N, *out, D) and (N, C, *out) in C order.
    template <class Data>
    T* components(Data* data, std::int64_t point) const {
        return reinterpret_cast<T*>(const_cast<char*>(data)) + (part_.grid_batch * job_.points + point) * job_.options.axes;
    }
    template <class Data>
    T* channel(Data* data, std::int64_t n, std::int64_t c, std::int64_t point) const {
        return reinterpret_cast<T*>(const_cast<char*>(data)) + (n * job_.field.channels + c) * job_.points + point;
    }

    // Calls visit(the direction's components, values or samples, place in the piece) for each number of a piece.
    template <class Data, class Visit>
    void for_each_number(const Part& few, Data* data, const Visit& visit) {
        for (std::int64_t c = few.channel_begin; c < few.channel_end; ++c) {
            const T* direction = components(job_.direction, few.point_begin);
            T* numbers = channel(data, few.batch_begin, c, few.point_begin);
            T* piece = piece_[c - few.channel_begin];
            for (std::int64_t i = 0; i < few.point_end - few.point_begin; ++i) {
                visit(direction + i * job_.options.axes, numbers[i], piece[i]);
            }
        }
    }

    void weigh_values(const Part& few, int axis) {
        for_each_number(few, job_.samples.data, [&](const T* direction, T value, T& product) { product = direction[axis] * value; });
        raised_.samples = as_array<T>(job_, piece_, few.channel_begin, few.point_begin);
    }

    void add_samples(const Part& few, int axis) {
        raised_.samples = as_array<T>(job_, piece_, few.channel_begin, few.point_begin);
        job_.engine->pull(raised_, few);
        for_each_number(few, job_.by_values, [&](const T* direction, T& sum, T sample) {
            sum = axis == 0 ? direction[axis] * sample : sum + direction[axis] * sample;
        });
    }

    void add_gradient(const Part& few, int axis) {
        weigh_values(few, axis);
        raised_.sum.data = nullptr;
        raised_.gradient = as_array<T>(job_, slope_, 0, few.point_begin);
        job_.engine->gradients(raised_, few);
        for (int a = 0; a < job_.options.axes; ++a) {
            for (std::int64_t i = 0; i < few.point_end - few.point_begin; ++i) total_[a][i] += slope_[a][i];
        }
    }
};

}  // namespace

void slopes_along(const Job& job, const Part& part) {
    if (job.samples.dtype == DType::float64) return Along<double>(job, part).slopes();
    Along<float>(job, part).slopes();
}

void push_along(const Job& job, const Part& part) {
    if (job.samples.dtype == DType::float64) return Along<double>(job, part).push();
    Along<float>(job, part).push();
}

}  // namespace gridsample
