// Mistakes that are no errors: what a call's numbers look like, and a warning.
#pragma once

#include <nanobind/nanobind.h>

#include <atomic>
#include <limits>

#include "arrays.h"

namespace gridsample {

// One of a grid's coordinates, by its point's number.
inline double coordinate_of(const Job& job, std::int64_t point, int axis) {
    std::int64_t offset = axis * job.grid.channel_stride;
    for (int a = job.point_axes - 1; a >= 0; point /= job.shape[a--]) offset += point % job.shape[a] * job.grid.stride[a];
    if (job.grid.dtype == dtype_of<Float64>) return reinterpret_cast<const double*>(job.grid.data)[offset];
    if (job.grid.dtype == dtype_of<Float32>) return reinterpret_cast<const float*>(job.grid.data)[offset];
    return std::numeric_limits<double>::quiet_NaN();  // in half precision nobody counts pixels
}

// Whether a grid in -1...1 holds the numbers of pixels: of some points all over it, all coordinates are whole numbers from
// 0 on, and one at least lies outside.
inline bool has_pixel_numbers(const Job& job) {
    constexpr int looks = 8, least_points = 64;
    if (job.options.convention.per_size == 0 || job.points < least_points || job.batch == 0) return false;
    for (int look = 1; look <= looks; ++look) {
        bool outside = false;
        for (int axis = 0; axis < job.axes; ++axis) {
            const double x = coordinate_of(job, (job.points - 1) / looks * look, axis);
            if (!(x >= 0 && x < 1e9 && x == static_cast<double>(static_cast<std::int64_t>(x)))) return false;
            outside = outside || x >= 2;
        }
        if (!outside) return false;
    }
    return true;
}

// Once for a process: the most frequent mistake of beginners gives an array of zeros. Python has the words.
inline void warn_of_pixel_numbers(const Job& job) {
    static std::atomic<bool> warned{false};
    if (warned.load(std::memory_order_relaxed) || !has_pixel_numbers(job) || warned.exchange(true)) return;
    nanobind::module_::import_("gridsample.notices").attr("warn_of_pixel_numbers")();
}

}  // namespace gridsample
