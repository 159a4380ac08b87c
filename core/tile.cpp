// The first four steps on a tile of points: loops without branches over the small functions of steps.h.

#include <algorithm>

#include "tile.h"

namespace gridsample::GRIDSAMPLE_ISA {

namespace {

template <class Value, class Real>
void read_as(const Job& job, std::int64_t batch, int axis, std::int64_t begin, int count, Real* coordinate) {
    const Value* grid = reinterpret_cast<const Value*>(job.grid.data) + batch * job.grid.batch_stride;
    const Value* component = grid + axis * job.grid.channel_stride;
    for_each_run(job, job.grid.stride, begin, count, [&](int i, int n, std::int64_t offset, std::int64_t step) {
        read_run(component + offset, step, n, coordinate + i);
    });
    for (int i = count; i < tile_points; ++i) coordinate[i] = 0;
}

template <Kernel K, Boundary B, class Real>
void place_as(const Axis<Real>& axis, Real* coordinate_to_t, std::int32_t* first, Real* slope,
              std::int32_t* undefined_places) {
    Real* p = coordinate_to_t;
    Real furthest = 0;
    for (int i = 0; i < tile_points; ++i) {
        Real position = locate(p[i], axis);
        const bool nowhere = undefined<B>(position);
        undefined_places[i] |= -static_cast<std::int32_t>(nowhere);
        position = nowhere ? Real(0) : position;
        if constexpr (periodic(B)) {
            const Real distance = std::fabs(position);
            furthest = distance > furthest ? distance : furthest;
        } else {
            const Real near = clamp_nearby(position, axis);
            slope[i] = near == position ? axis.scale : Real(0);
            position = near;
        }
        p[i] = position;
    }
    if constexpr (periodic(B)) {
        if (furthest < axis.period) {
            // each is its own remainder
        } else if (furthest < exact_limit(axis)) {
            for (int i = 0; i < tile_points; ++i) p[i] = near_remainder(p[i], axis);
        } else {
            for (int i = 0; i < tile_points; ++i) p[i] = std::fmod(p[i], axis.period);
        }
    }
    for (int i = 0; i < tile_points; ++i) {
        Real position = p[i];
        if constexpr (folds(K) && B != Boundary::zeros) {
            slope[i] = fold<B>(position, axis) * axis.scale;
        } else if constexpr (periodic(B)) {
            slope[i] = axis.scale;
        }
        const Real below = std::floor(position);
        first[i] = static_cast<std::int32_t>(K == Kernel::nearest ? std::rint(position) : below) - (K == Kernel::keys);
        p[i] = position - below;
    }
}

template <Kernel K, class Real>
void place_by_kernel(Boundary boundary, const Axis<Real>& axis, Real* coordinate_to_t, std::int32_t* first, Real* slope,
                     std::int32_t* undefined_places) {
    switch (boundary) {
        case Boundary::zeros:
            return place_as<K, Boundary::zeros>(axis, coordinate_to_t, first, slope, undefined_places);
        case Boundary::border:
            return place_as<K, Boundary::border>(axis, coordinate_to_t, first, slope, undefined_places);
        case Boundary::mirror:
            return place_as<K, Boundary::mirror>(axis, coordinate_to_t, first, slope, undefined_places);
        case Boundary::symmetric:
            return place_as<K, Boundary::symmetric>(axis, coordinate_to_t, first, slope, undefined_places);
    }
}

template <Kernel K, int order, class Real>
void weigh_as(const Real* t, const Real* slope, Real (*weight)[tile_points]) {
    for (int i = 0; i < tile_points; ++i) {
        Real w[taps_of(K)];
        weights<K, order>(t[i], slope[i], w);
        for (int k = 0; k < taps_of(K); ++k) weight[k][i] = w[k];
    }
}

template <Kernel K, class Real>
void weigh_by_order(int order, const Real* t, const Real* slope, Real (*weight)[tile_points]) {
    switch (order) {
        case 0:
            return weigh_as<K, 0>(t, slope, weight);
        case 1:
            return weigh_as<K, 1>(t, slope, weight);
        case 2:
            return weigh_as<K, 2>(t, slope, weight);
        case 3:
            return weigh_as<K, 3>(t, slope, weight);
        default:
            return weigh_as<K, 4>(t, slope, weight);
    }
}

template <Boundary B>
void resolve_as(std::int32_t size, int taps, const std::int32_t* first, int begin, int count,
                std::int32_t (*index)[tile_points]) {
    for (int k = 0; k < taps; ++k) {
        for (int i = begin; i < begin + count; ++i) index[k][i] = resolve<B>(first[i] + k, size);
    }
}

}  // namespace

template <class Real>
void read_coordinates(const Job& job, std::int64_t batch, int axis, std::int64_t begin, int count, Real* coordinate) {
    switch (job.grid.dtype) {
        case DType::float16:
            return read_as<Half>(job, batch, axis, begin, count, coordinate);
        case DType::bfloat16:
            return read_as<BFloat16>(job, batch, axis, begin, count, coordinate);
        case DType::float32:
            return read_as<float>(job, batch, axis, begin, count, coordinate);
        case DType::float64:
            return read_as<double>(job, batch, axis, begin, count, coordinate);
    }
}

template <class Real>
void place(const Options& options, const Axis<Real>& axis, Real* coordinate_to_t, std::int32_t* first, Real* slope,
           std::int32_t* undefined_places) {
    switch (options.kernel) {
        case Kernel::nearest:
            return place_by_kernel<Kernel::nearest>(options.boundary, axis, coordinate_to_t, first, slope,
                                                    undefined_places);
        case Kernel::linear:
            return place_by_kernel<Kernel::linear>(options.boundary, axis, coordinate_to_t, first, slope,
                                                   undefined_places);
        case Kernel::keys:
            return place_by_kernel<Kernel::keys>(options.boundary, axis, coordinate_to_t, first, slope,
                                                 undefined_places);
    }
}

template <class Real>
void weigh(Kernel kernel, int order, const Real* t, const Real* slope, Real (*weight)[tile_points]) {
    switch (kernel) {
        case Kernel::nearest:
            return weigh_by_order<Kernel::nearest>(order, t, slope, weight);
        case Kernel::linear:
            return weigh_by_order<Kernel::linear>(order, t, slope, weight);
        case Kernel::keys:
            return weigh_by_order<Kernel::keys>(order, t, slope, weight);
    }
}

void resolve_taps(const Options& options, std::int64_t size, const std::int32_t* first, int begin, int count,
                  std::int32_t (*index)[tile_points]) {
    const std::int32_t n = static_cast<std::int32_t>(size);
    const int taps = taps_of(options.kernel);
    switch (folds(options.kernel) ? Boundary::zeros : options.boundary) {  // what a fold leaves outside is skipped
        case Boundary::zeros:
            return resolve_as<Boundary::zeros>(n, taps, first, begin, count, index);
        case Boundary::border:
            return resolve_as<Boundary::border>(n, taps, first, begin, count, index);
        case Boundary::mirror:
            return resolve_as<Boundary::mirror>(n, taps, first, begin, count, index);
        case Boundary::symmetric:
            return resolve_as<Boundary::symmetric>(n, taps, first, begin, count, index);
    }
}

Rows rows_touched(const Options& options, std::int64_t size, const std::int32_t* first, int count) {
    const std::int32_t n = static_cast<std::int32_t>(size);
    std::int32_t lowest = first[0], highest = first[0];
    for (int i = 0; i < count; ++i) {
        lowest = first[i] < lowest ? first[i] : lowest;
        highest = first[i] > highest ? first[i] : highest;
    }
    highest += taps_of(options.kernel) - 1;
    const bool resolved_elsewhere = !folds(options.kernel) && options.boundary != Boundary::zeros;
    if (resolved_elsewhere && (lowest < 0 || highest >= n)) return {0, n};
    const std::int32_t begin = std::clamp(lowest, 0, n - 1);
    return {begin, std::clamp(highest + 1, begin + 1, n)};
}

#define GRIDSAMPLE_INSTANTIATE(Real)                                                                              \
    template void read_coordinates<Real>(const Job&, std::int64_t, int, std::int64_t, int, Real*);                \
    template void place<Real>(const Options&, const Axis<Real>&, Real*, std::int32_t*, Real*, std::int32_t*);     \
    template void weigh<Real>(Kernel, int, const Real*, const Real*, Real(*)[tile_points]);
GRIDSAMPLE_INSTANTIATE(float)
GRIDSAMPLE_INSTANTIATE(double)

}  // namespace gridsample::GRIDSAMPLE_ISA
