// The Python face of the core: arrays in by address, without a copy; what is wrong with them out as exceptions.

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "mistakes.h"
#include "options.h"
#include "recursion.h"
#include "running.h"
#include "view.h"

namespace nb = nanobind;

namespace {

using namespace gridsample;

PathCounts path_counts;
std::atomic<bool> watching{false};

void watch(bool on) {
    for (auto& count : path_counts) count = 0;
    watching = on;
}

nb::dict watched() {
    nb::dict counts;
    for (int i = 0; i < path_count; ++i) counts[path_names[i]] = path_counts[i].load();
    return counts;
}

Field field_of(const View& view, int axes) {
    require(view.dims == axes + 2, "the input must have one spatial axis for each component of the grid");
    Field field{view.data, view.dtype, view.shape[0], view.shape[1], view.stride[0], view.stride[1], {}, {}};
    for (int axis = 0; axis < axes; ++axis) {
        field.size[axis] = view.shape[view.dims - 1 - axis];
        field.stride[axis] = view.stride[view.dims - 1 - axis];
        require(field.size[axis] <= longest_axis, "a spatial axis must be shorter than 2**31 - 255");
    }
    return field;
}

// An array over output points, with its channels (or components) at axis `channel_axis`.
PointArray points_of(const View& view, bool channels_last) {
    const int last = view.dims - 1, channel_axis = channels_last ? last : 1;
    PointArray array{view.data, view.dtype, view.shape[0], view.stride[0], view.stride[channel_axis], {}};
    for (int axis = 0; axis < view.dims - 2; ++axis) array.stride[axis] = view.stride[channels_last ? axis + 1 : axis + 2];
    return array;
}

// Merge output axes that lie evenly in memory in every array.
void merge_point_axes(Job& job, int count, const std::int64_t* shape, bool with_gradient) {
    PointArray* arrays[] = {&job.grid, &job.samples, &job.gradient};
    const int used = with_gradient ? 3 : 2;
    int merged = 0;
    for (int axis = 0; axis < count; ++axis) {
        if (shape[axis] == 1) continue;
        bool joins = merged > 0;
        for (int a = 0; a < used && joins; ++a) {
            joins = arrays[a]->stride[merged - 1] == arrays[a]->stride[axis] * shape[axis];
        }
        if (joins) {
            job.shape[merged - 1] *= shape[axis];
        } else {
            job.shape[merged++] = shape[axis];
        }
        for (int a = 0; a < used; ++a) arrays[a]->stride[merged - 1] = arrays[a]->stride[axis];
    }
    if (merged == 0) {  // a single point
        job.shape[merged++] = 1;
        for (int a = 0; a < used; ++a) arrays[a]->stride[0] = 1;
    }
    job.point_axes = merged;
}

// What the core has: Python's tables are made from this.
nb::dict definitions() {
    nb::dict kernels, dtypes, all;
    nb::list boundaries;
    for (const KernelRecord& kernel : kernel_records) {
        if (!kernels.contains(kernel.name)) kernels[kernel.name] = nb::dict();
        nb::dict record = kernels[kernel.name], values;
        nb::list parameters;
        for (int p = 0; p < kernel.parameters(); ++p) {
            const char* name = kernel.parameter_names[p];
            parameters.append(name);
            if (!kernel.parameter_values) continue;
            const nb::object so_far = record.contains("values") ? nb::object(record["values"][name]) : nb::tuple();
            values[name] = so_far + nb::make_tuple(kernel.parameter_values[p]);
        }
        record["taps"] = kernel.taps;  // of several records of a name, that of the longest, which is the last
        record["parameters"] = nb::tuple(parameters);
        record["values"] = values;
        record["orders"] = kernel.polynomial ? nb::object(nb::none()) : nb::object(nb::int_(kernel.orders - 1));
    }
    for (const BoundaryRecord& boundary : boundary_records) boundaries.append(boundary.name);
    for (const DTypeRecord& dtype : dtype_records) {
        nb::dict record;
        record["sum"] = record_of(dtype.sum).name;
        record["whole"] = dtype.whole;
        record["sampled"] = dtype.sampled;
        dtypes[dtype.name] = record;
    }
    all["axes"] = max_axes;
    all["longest"] = longest_axis;
    all["threads"] = most_threads;
    all["kernels"] = kernels;
    all["boundaries"] = nb::tuple(boundaries);
    all["dtypes"] = dtypes;
    return all;
}

// Fill in a job about a field, a grid and samples, and perhaps the grid's gradient.
void describe(Job& job, const View& field, const View& grid, const View& samples, const View* gradient) {
    const std::int64_t axes = grid.shape[grid.dims - 1];
    require(axes >= 1 && axes <= max_axes, "the core samples arrays of 1, 2 or 3 spatial axes");
    job.axes = static_cast<int>(axes);
    job.field = field_of(field, job.axes);
    job.watched = watching.load(std::memory_order_relaxed) ? &path_counts : nullptr;
    job.grid = points_of(grid, true);
    job.samples = points_of(samples, false);
    if (record_of(grid.dtype).whole || (gradient && record_of(gradient->dtype).whole)) {
        throw nb::type_error("coordinates must be of floats");
    }
    require(samples.dims == grid.dims, "the samples must have the grid's output axes");
    require(samples.shape[1] == job.field.channels, "the samples must have the field's channels");
    job.points = 1;
    for (int axis = 0; axis < grid.dims - 2; ++axis) {
        require(samples.shape[axis + 2] == grid.shape[axis + 1], "the samples must have the grid's output axes");
        job.points *= grid.shape[axis + 1];
    }
    job.batch = 1;
    for (std::int64_t batch : {job.field.batch, job.grid.batch, job.samples.batch}) {
        if (batch != 1) job.batch = batch;
    }
    for (std::int64_t batch : {job.field.batch, job.grid.batch, job.samples.batch}) {
        require(batch == 1 || batch == job.batch, "the batch sizes must be equal or 1");
    }
    if (gradient) {
        require(gradient->dims == grid.dims, "the gradient must have the grid's shape");
        for (int axis = 0; axis < grid.dims; ++axis) {
            require(gradient->shape[axis] == grid.shape[axis], "the gradient must have the grid's shape");
        }
        job.gradient = points_of(*gradient, true);
    }
    if (job.points > 0 && job.batch > 0 && job.field.channels > 0) {
        for (int axis = 0; axis < job.axes; ++axis) require(job.field.size[axis] > 0, "a spatial axis is empty");
    }
    merge_point_axes(job, grid.dims - 2, grid.shape + 1, gradient != nullptr);
}

void require_sums(DType sum, DType values) {
    if (record_of(values).whole) throw nb::type_error("whole numbers are sampled alone");
    if (sum == record_of(values).sum) return;
    const std::string must = std::string(record_of(values).name) + " values add up in " + record_of(record_of(values).sum).name;
    throw nb::type_error(must.c_str());
}

void bind_pull(nb::handle input, nb::handle grid, nb::handle result, const BoundOptions& options, nb::handle orders,
               nb::handle threads) {
    Job job;
    const View x(input, false), g(grid, false), y(result, true);
    expect_writes(y);
    describe(job, x, g, y, nullptr);
    options.apply(job, orders, 0);
    require(job.samples.batch == job.batch, "the result must have the batch size of input and grid together");
    if (x.dtype != y.dtype) throw nb::type_error("input and result must be of one dtype");
    if (!record_of(x.dtype).sampled) throw nb::type_error("these whole numbers are voted on alone");
    warn_of_pixel_numbers(job);
    run(pull, job, threads);
}

void bind_vote(nb::handle labels, nb::handle grid, nb::handle result, const BoundOptions& options, std::uint64_t fill,
               nb::handle threads) {
    Job job;
    const View x(labels, false), g(grid, false), y(result, true);
    expect_writes(y);
    describe(job, x, g, y, nullptr);
    options.apply(job);
    job.fill_label = fill;
    require(job.samples.batch == job.batch, "the result must have the batch size of labels and grid together");
    if (x.dtype != y.dtype) throw nb::type_error("labels and result must be of one dtype");
    if (!record_of(x.dtype).whole) throw nb::type_error("labels must be whole numbers");
    warn_of_pixel_numbers(job);
    run(vote, job, threads);
}

// Whether a result for `input` and `grid` can be made without looking further: shapes that fit together, nothing empty,
// memory in C order.
bool is_simple(const View& input, const View& grid) {
    const int axes = input.dims - 2;
    if (axes < 1 || axes > max_axes || grid.shape[grid.dims - 1] != axes || !input.is_contiguous()) return false;
    for (int axis = 0; axis < input.dims; ++axis) {
        if (input.shape[axis] < 1 || input.shape[axis] > INT32_MAX / 2) return false;
    }
    return input.shape[0] == grid.shape[0] || input.shape[0] == 1 || grid.shape[0] == 1;
}

nb::object new_array(nb::handle like, const View& view, int dims, const std::int64_t* shape) {
    std::array<nb::object, max_dims> lengths;
    PyObject* arguments[max_dims + 1] = {like.ptr()};
    for (int axis = 0; axis < dims; ++axis) {
        lengths[axis] = nb::steal(PyLong_FromLongLong(shape[axis]));
        arguments[axis + 1] = lengths[axis].ptr();
    }
    PyObject* made;
    if (view.is_buffer()) {
        static PyObject* const empty = nb::object(nb::module_::import_("numpy").attr("empty")).release().ptr();
        const nb::object tuple = nb::steal(PyTuple_New(dims));
        for (int axis = 0; axis < dims; ++axis) PyTuple_SetItem(tuple.ptr(), axis, lengths[axis].release().ptr());
        const nb::object dtype = View::attribute(like, names().dtype);
        made = PyObject_CallFunctionObjArgs(empty, tuple.ptr(), dtype.ptr(), nullptr);
    } else {  // a tensor takes lengths one by one faster than a tuple of them
        made = PyObject_VectorcallMethod(names().new_empty, arguments, static_cast<std::size_t>(dims + 1), nullptr);
    }
    if (!made) throw nb::python_error();
    return nb::steal(made);
}

// The whole of a plain call, for arrays of the same library: the samples, or None where there is more to look at.
nb::object bind_sample(nb::handle input, nb::handle grid, const BoundOptions& options, nb::handle threads) {
    std::optional<View> x, g;
    try {
        x.emplace(input, false);
        g.emplace(grid, false);
    } catch (const std::exception&) {  // to be made plain first, or refused
        return nb::none();
    }
    if (!is_simple(*x, *g) || !record_of(x->dtype).sampled || record_of(g->dtype).whole) return nb::none();
    std::int64_t shape[max_dims] = {x->shape[0] == 1 ? g->shape[0] : x->shape[0], x->shape[1]};
    std::copy(g->shape + 1, g->shape + g->dims - 1, shape + 2);
    nb::object result = new_array(input, *x, g->dims, shape);
    Job job;
    const View y(result, *x, g->dims, shape);
    expect_writes(y);
    describe(job, *x, *g, y, nullptr);
    options.apply(job);
    warn_of_pixel_numbers(job);
    run(pull, job, threads);
    return result;
}

void bind_push(nb::handle values, nb::handle grid, nb::handle sum, const BoundOptions& options, nb::handle orders,
               nb::handle threads) {
    Job job;
    const View v(values, false), g(grid, false), y(sum, true);
    expect_writes(y);
    describe(job, y, g, v, nullptr);
    options.apply(job, orders, 0);
    job.sum = job.field;
    require_sums(y.dtype, v.dtype);
    run(push, job, threads);
}

void bind_grid_gradient(nb::handle values, nb::handle input, nb::handle grid, nb::handle result,
                        const BoundOptions& options, nb::handle orders, nb::handle threads) {
    Job job;
    const View v(values, false), x(input, false), g(grid, false), y(result, true);
    expect_writes(y);
    describe(job, x, g, v, &y);
    options.apply(job, orders, 1);
    if (x.dtype != v.dtype) throw nb::type_error("values and input must be of one dtype");
    if (record_of(v.dtype).whole) throw nb::type_error("whole numbers are sampled alone");
    run(grid_gradient, job, threads);
}

// What is splatted into: as the field is.
void set_sum(Job& job, const View& sum) {
    expect_writes(sum);
    job.sum = field_of(sum, job.axes);
    require(job.sum.batch == job.field.batch && job.sum.channels == job.field.channels, "the sum must have the input's shape");
    require(job.sum.channel_stride == job.field.channel_stride, "the sum must have the input's strides");
    for (int axis = 0; axis < job.axes; ++axis) {
        require(job.sum.size[axis] == job.field.size[axis], "the sum must have the input's shape");
        require(job.sum.stride[axis] == job.field.stride[axis], "the sum must have the input's strides");
    }
    require_sums(sum.dtype, job.samples.dtype);
}

void bind_gradients(nb::handle values, nb::handle input, nb::handle grid, nb::handle sum, nb::handle gradient,
                    const BoundOptions& options, nb::handle orders, nb::handle threads) {
    Job job;
    const View v(values, false), x(input, false), g(grid, false), s(sum, true), y(gradient, true);
    expect_writes(y);
    describe(job, x, g, v, &y);
    options.apply(job, orders, 1);
    if (x.dtype != v.dtype) throw nb::type_error("values and input must be of one dtype");
    set_sum(job, s);
    run(gradients, job, threads);
}

// A step may be None, which is zero, and a result, which is left out.
void bind_gradients_along(nb::handle input_step, nb::handle grid_step, nb::handle values, nb::handle input,
                          nb::handle grid, nb::handle by_values, nb::handle by_input, nb::handle by_grid,
                          const BoundOptions& options, nb::handle orders, nb::handle threads) {
    Job job;
    const View v(values, false), x(input, false), g(grid, false);
    const auto view = [&](nb::handle array, bool writable, const View& like, bool in_order = true) {
        std::unique_ptr<View> view;
        if (array.is_none()) return view;
        view = std::make_unique<View>(array, writable);
        if (writable) expect_writes(*view);
        require(view->dtype == v.dtype && view->has_shape_of(like), "a step or derivative must be as its array");
        require(!in_order || view->is_contiguous(), "all but the input must be in C order");
        return view;
    };
    const auto dx = view(input_step, false, x, false), dg = view(grid_step, false, g);
    require(dx || dg, "input or grid must have a step");
    const auto to_values = view(by_values, true, v), to_grid = view(by_grid, true, g);
    const auto to_input = view(by_input, true, x, false);
    require(v.dtype == record_of(v.dtype).sum, "all must be of float32 or float64");
    require(v.dtype == x.dtype && v.dtype == g.dtype, "all must be of one dtype");
    require(v.is_contiguous() && g.is_contiguous(), "all but the input must be in C order");
    describe(job, x, g, v, to_grid.get());
    options.apply(job, orders, 2);
    require(!job.options.filling.values, "there must be no fill value but 0");
    require(v.shape[0] == job.batch, "the values must have the batch size of input and grid together");
    if (dx) job.input_step = field_of(*dx, job.axes);
    if (dg) job.grid_step = dg->data;
    if (to_values) job.by_values = to_values->data;
    if (!to_grid) job.gradient.data = nullptr;
    if (to_input) set_sum(job, *to_input);
    run(gradients_along, job, threads);
}

// Filter an array in C order, in its place, along an axis: by recursions (pole, first, last), of which the ends are pairs
// (indices, weights), a gain, and what the edges are scaled by.
void bind_filter(nb::handle array, int axis, nb::sequence recursions, double gain, double edge,
                 nb::handle threads) {
    const View x(array, true);
    require(x.is_contiguous(), "the array must be in C order");
    require(x.dtype == record_of(x.dtype).sum, "the array must be of float32 or float64");
    require(axis >= 0 && axis < x.dims, "the axis must be one of the array's");
    Lines lines{x.data, x.dtype, 1, x.shape[axis], 1, {}, gain, edge};
    for (int a = 0; a < x.dims; ++a) (a < axis ? lines.outer : lines.inner) *= a == axis ? 1 : x.shape[a];
    const auto ends = [&](nb::handle pair) {
        Ends found;
        for (nb::handle index : pair[0]) found.index.push_back(nb::cast<std::int64_t>(index));
        for (nb::handle weight : pair[1]) found.weight.push_back(nb::cast<double>(weight));
        require(found.index.size() == found.weight.size(), "each index must have a weight");
        for (std::int64_t index : found.index) require(index >= 0 && index < lines.length, "an index must be in range");
        return found;
    };
    for (nb::handle one : recursions) {
        lines.recursions.push_back({nb::cast<double>(one[0]), ends(one[1]), ends(one[2])});
    }
    if (lines.outer * lines.length * lines.inner == 0) return;
    lines.threads = threads_for(lines, threads);
    nb::gil_scoped_release release;
    filter(lines);
}

}  // namespace

NB_MODULE(_core, module) {
    nb::set_leak_warnings(false);
    instruction_sets();  // of which the processor must know one
    nb::class_<BoundOptions>(module, "Options")
        .def(nb::init<nb::sequence, nb::sequence, nb::sequence, double, bool>(), nb::arg("axes"), nb::arg("convention"),
             nb::arg("fill"), nb::arg("margin"), nb::arg("fills_undefined"));
    module.def("definitions", &definitions);
    module.def("sample", &bind_sample);
    module.def("pull", &bind_pull);
    module.def("vote", &bind_vote);
    module.def("push", &bind_push);
    module.def("grid_gradient", &bind_grid_gradient);
    module.def("gradients", &bind_gradients);
    module.def("gradients_along", &bind_gradients_along, nb::arg().none(), nb::arg().none(), nb::arg(), nb::arg(),
               nb::arg(), nb::arg().none(), nb::arg().none(), nb::arg().none(), nb::arg(), nb::arg(), nb::arg());
    module.def("filter", &bind_filter);
    module.def("watch", &watch);
    module.def("watched", &watched);
    module.def("watched_threads", &watched_threads);
    module.def("instruction_sets", &instruction_sets);
    module.def("instruction_set", &instruction_set);
    module.def("use_instruction_set", &use_instruction_set);
}
