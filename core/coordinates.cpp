// Coordinates, from a grid, and gradients, to one.

#include "place.h"

namespace gridsample::GRIDSAMPLE_ISA {

namespace {

// Read coordinates of `count` points: some components, from the given one on.
template <class Value, int components, class Position>
void read_as(const Job& job, std::int64_t batch, int component, std::int64_t begin, int count,
             Position (*coordinate)[tile_points]) {
    const std::int64_t apart = job.grid.channel_stride;
    const Value* grid = reinterpret_cast<const Value*>(job.grid.data) + batch * job.grid.batch_stride + component * apart;
    for_each_run(job, job.grid.stride, begin, count, [&](int i, int n, std::int64_t offset, std::int64_t step) {
        const Value* from = grid + offset;
        if (components > 1 && apart == 1 && step == components) {
            prefetch_run(from, step, n);
            for (int j = 0; j < n; ++j) {
                for (int c = 0; c < components; ++c) {
                    coordinate[c][i + j] = static_cast<Position>(widen(from[j * components + c]));
                }
            }
        } else {
            for (int c = 0; c < components; ++c) read_run(from + c * apart, step, n, coordinate[c] + i);
        }
    });
    for (int c = 0; c < components; ++c) {  // to the end of the last vector
        for (int i = count; i % lanes<float>; ++i) coordinate[c][i] = 0;
    }
}

// Calls f(number of axes, a constant).
template <class F>
void with_axes(int axes, const F& f) {
    static_assert(max_axes == 3);
    if (axes == 1) f(std::integral_constant<int, 1>());
    if (axes == 2) f(std::integral_constant<int, 2>());
    if (axes == 3) f(std::integral_constant<int, 3>());
}

template <class Value, int components, class Real>
void write_as(const Job& job, std::int64_t batch, std::int64_t begin, int count, RowsOf<const Real> gradient) {
    const std::int64_t entry = job.gradient.batch == 1 ? 0 : batch, apart = job.gradient.channel_stride;
    Value* grid = reinterpret_cast<Value*>(job.gradient.data) + entry * job.gradient.batch_stride;
    for_each_run(job, job.gradient.stride, begin, count, [&](int i, int n, std::int64_t offset, std::int64_t step) {
        Value* to = grid + offset;
        if (apart == 1 && step == components) {
            for (int j = 0; j < n; ++j) {
                for (int c = 0; c < components; ++c) to[j * components + c] = narrow<Value>(gradient[c][i + j]);
            }
        } else {
            for (int c = 0; c < components; ++c) {
                for (int j = 0; j < n; ++j) to[j * step + c * apart] = narrow<Value>(gradient[c][i + j]);
            }
        }
    });
}

}  // namespace

template <class Position>
void read_coordinates(const Job& job, std::int64_t batch, std::int64_t begin, int count, RowsOf<Position> coordinate) {
    visit(job.grid.dtype, [&](auto dtype) {
        if constexpr (!is_whole<decltype(dtype)>) {
            with_axes(job.axes, [&](auto axes) {
                read_as<typename decltype(dtype)::Value, axes()>(job, batch, 0, begin, count, coordinate);
            });
        }
    });
}

template <class Position>
void read_coordinate(const Job& job, std::int64_t batch, int axis, std::int64_t begin, int count, Position* coordinate) {
    visit(job.grid.dtype, [&](auto dtype) {
        if constexpr (!is_whole<decltype(dtype)>) {
            read_as<typename decltype(dtype)::Value, 1>(job, batch, axis, begin, count,
                                                        reinterpret_cast<RowsOf<Position>>(coordinate));
        }
    });
}

template <class Real>
void write_gradient(const Job& job, std::int64_t batch, std::int64_t begin, int count, RowsOf<const Real> gradient) {
    visit(job.gradient.dtype, [&](auto dtype) {
        if constexpr (!is_whole<decltype(dtype)>) {
            with_axes(job.axes, [&](auto axes) {
                write_as<typename decltype(dtype)::Value, axes()>(job, batch, begin, count, gradient);
            });
        }
    });
}

#define GRIDSAMPLE_INSTANTIATE(Real)                                                                        \
    template void read_coordinates<Real>(const Job&, std::int64_t, std::int64_t, int, RowsOf<Real>);        \
    template void read_coordinate<Real>(const Job&, std::int64_t, int, std::int64_t, int, Real*);           \
    template void write_gradient<Real>(const Job&, std::int64_t, std::int64_t, int, RowsOf<const Real>);
GRIDSAMPLE_INSTANTIATE(float)
GRIDSAMPLE_INSTANTIATE(double)

}  // namespace gridsample::GRIDSAMPLE_ISA
