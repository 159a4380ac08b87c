// A call of the core: its options and arrays, and the Job that the core is handed.
#pragma once

#include <string>

#include "memory.h"

namespace gridsample {

enum class Operation { pull, push, grid_gradient, gradients, gradients_along, vote };
constexpr const char* operation_names[] = {"pull", "push", "grid_gradient", "gradients", "gradients_along", "vote"};

struct Call {
    Operation operation = {};
    Options options;
    std::vector<double> fill;  // the fill value: one for all channels, one for each, or none
    std::int64_t fill_label = 0;
    int axes = 1, order[max_axes] = {};
    int threads = 1, instruction_set = 0;
    std::int64_t batch = 1, channels = 1, points = 1;
    std::int64_t size[max_axes] = {};   // x first
    std::vector<std::int64_t> out;      // as in Python: z, y, x
    // `field`: what is sampled; `sum`: what is splatted into. Steps and `by_values`: see core/along.h.
    Array field, sum, grid, samples, gradient, input_step, grid_step, by_values;

    const Array& target() const { return operation == Operation::push ? sum : field; }
    bool has_double_positions() const {
        return grid.dtype == dtype_of<Float64> || record_of(samples.dtype).sum == dtype_of<Float64>;
    }
    // Of weights and sums: votes are counted in the precision of positions.
    DType real() const {
        return operation == Operation::vote && has_double_positions() ? dtype_of<Float64> : record_of(samples.dtype).sum;
    }
    const char* kernel(int axis) const { return kernel_records[options.axis[axis].kernel].name; }
    const char* boundary(int axis) const { return boundary_records[options.axis[axis].boundary].name; }

    // The index in an array over points: of entry n (the only one, where there is one), channel or component c, point p.
    void index_of(const Array& array, std::int64_t n, std::int64_t c, std::int64_t p, std::int64_t* index) const {
        const int count = static_cast<int>(out.size());
        const bool components_last = &array == &grid || &array == &gradient || &array == &grid_step;
        index[0] = array.shape[0] == 1 ? 0 : n;
        index[components_last ? count + 1 : 1] = c;
        for (int axis = count - 1; axis >= 0; p /= out[axis--]) index[axis + (components_last ? 1 : 2)] = p % out[axis];
    }
    double fill_of(std::int64_t channel) const { return fill.empty() ? 0 : fill[fill.size() > 1 ? channel : 0]; }
    double read(const Array& array, std::int64_t n, std::int64_t c, std::int64_t p) const {
        std::int64_t index[most_dims];
        index_of(array, n, c, p, index);
        return array.read(index);
    }
    // A pixel, whose place is given x first.
    double pixel(const Array& array, std::int64_t n, std::int64_t c, const std::int64_t* place) const {
        std::int64_t index[most_dims] = {array.shape[0] == 1 ? 0 : n, c};
        for (int axis = 0; axis < axes; ++axis) index[axes + 1 - axis] = place[axis];
        return array.read(index);
    }
};

inline Field as_field(const Call& call, const Array& array) {
    Field field{array.data, array.dtype, array.shape[0], array.shape[1], array.stride[0], array.stride[1], {}, {}};
    for (int axis = 0; axis < call.axes; ++axis) {
        field.size[axis] = array.shape[array.dims - 1 - axis];
        field.stride[axis] = array.stride[array.dims - 1 - axis];
    }
    return field;
}

inline PointArray as_points(const Array& array, bool components_last) {
    const int last = array.dims - 1;
    const std::int64_t apart = array.stride[components_last ? last : 1];
    PointArray points{array.data, array.dtype, array.shape[0], array.stride[0], apart, {}};
    for (int axis = 0; axis < last - 1; ++axis) points.stride[axis] = array.stride[components_last ? axis + 1 : axis + 2];
    return points;
}

// Output axes are merged where they lie evenly in memory in every array, as they come from Python.
inline void merge_axes(Job& job, const std::vector<std::int64_t>& shape, bool with_gradient) {
    PointArray* const arrays[] = {&job.grid, &job.samples, with_gradient ? &job.gradient : &job.grid};
    job.point_axes = 0;
    for (int axis = 0; axis < static_cast<int>(shape.size()); ++axis) {
        if (shape[axis] == 1) continue;
        const int before = job.point_axes - 1;
        const bool joins = before >= 0 && std::all_of(arrays, arrays + 3, [&](const PointArray* array) {
            return array->stride[before] == array->stride[axis] * shape[axis];
        });
        const int to = joins ? before : job.point_axes++;
        job.shape[to] = joins ? job.shape[to] * shape[axis] : shape[axis];
        for (PointArray* array : {&job.grid, &job.samples, &job.gradient}) array->stride[to] = array->stride[axis];
    }
    if (job.point_axes > 0) return;
    job.point_axes = 1;
    job.shape[0] = 1;
    for (PointArray* array : {&job.grid, &job.samples, &job.gradient}) array->stride[0] = 1;
}

inline Job job_of(const Call& call) {
    Job job;
    job.options = call.options;
    job.threads = call.threads;
    job.options.filling.values = call.fill.empty() ? nullptr : call.fill.data();
    job.options.filling.count = static_cast<std::int64_t>(call.fill.size());
    job.fill_label = static_cast<std::uint64_t>(call.fill_label);
    job.axes = call.axes;
    std::copy(call.order, call.order + max_axes, job.order);
    job.field = as_field(call, call.target());
    if (call.sum) job.sum = as_field(call, call.sum);
    job.grid = as_points(call.grid, true);
    job.samples = as_points(call.samples, false);
    if (call.gradient) job.gradient = as_points(call.gradient, true);
    job.batch = call.batch;
    job.points = call.points;
    merge_axes(job, call.out, static_cast<bool>(call.gradient));
    if (call.input_step) job.input_step = as_field(call, call.input_step);
    job.grid_step = call.grid_step.data;
    job.by_values = call.by_values.data;
    return job;
}

inline std::string described(const char* name, const Array& array) {
    if (!array) return "";
    std::string text = std::string("  ") + name + " " + record_of(array.dtype).name + " (";
    for (int axis = 0; axis < array.dims; ++axis) text += (axis ? ", " : "") + std::to_string(array.shape[axis]);
    text += ") strides (";
    for (int axis = 0; axis < array.dims; ++axis) text += (axis ? ", " : "") + std::to_string(array.stride[axis]);
    return text + ")\n";
}

// A kernel in Python's words: keys(-0.75).
inline std::string kernel_text(const Call& call, int axis) {
    const AxisOptions& options = call.options.axis[axis];
    const int parameters = kernel_records[options.kernel].parameters();
    std::string text = call.kernel(axis);
    for (int p = 0; p < parameters; ++p) {
        char number[32];
        std::snprintf(number, sizeof(number), "%c%g", p ? ',' : '(', options.parameters[p]);
        text += number;
    }
    if (text.starts_with("bspline(")) text += ",0";  // a filter of the array before is nothing of the core's
    return parameters ? text + ")" : text;
}

inline std::string described(const Call& call) {
    std::string text = std::string("  ") + operation_names[static_cast<int>(call.operation)] + ", " +
                       std::to_string(call.threads) + " threads\n";
    for (int axis = 0; axis < call.axes; ++axis) {
        text += "  axis " + std::to_string(axis) + ": " + kernel_text(call, axis) + " " + call.boundary(axis) + " order " +
                std::to_string(call.order[axis]) + "\n";
    }
    const Convention& c = call.options.convention;
    char numbers[160];
    std::snprintf(numbers, sizeof(numbers), "  convention %g %g %g %g\n", c.offset, c.per_size, c.constant, c.shift);
    text += numbers;
    const Filling& filling = call.options.filling;
    std::snprintf(numbers, sizeof(numbers), "  margin %g, %s", filling.margin, filling.undefined ? "undefined filled, " : "");
    text += numbers;
    for (double value : call.fill) text += "fill " + std::to_string(value) + " ";
    return text + "\n" + described("field", call.field) + described("sum", call.sum) + described("grid", call.grid) +
           described("samples", call.samples) + described("gradient", call.gradient) +
           described("input_step", call.input_step) + described("grid_step", call.grid_step) +
           described("by_values", call.by_values);
}

}  // namespace gridsample
