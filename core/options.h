// The options of a call, by their names: from Python's tuples, once for all calls that have them.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "view.h"

namespace gridsample {

inline void require(bool holds, const char* what) {
    if (!holds) throw std::invalid_argument(what);
}

// The place of a name in a table of records.
template <class Records>
int place_named(const char* what, const Records& records, const std::string& name) {
    std::string known;
    int place = 0;
    for (const auto& record : records) {
        if (record.name == name) return place;
        known += (place++ ? ", " : "") + std::string(record.name);
    }
    throw std::invalid_argument("the core has no " + std::string(what) + " '" + name + "'; it has " + known);
}

// All options of a call, by their names: (kernel, its parameters, boundary), once for all axes or for each component of
// the grid; the four numbers of the convention of coordinates; and what is filled with what.
class BoundOptions {
public:
    BoundOptions(nb::sequence axes, nb::sequence convention, nb::sequence fill, double margin, bool fills_undefined)
        : count_(static_cast<int>(nb::len(axes))) {
        require(count_ >= 1 && count_ <= max_axes, "options must be for all axes or for each of 1, 2 or 3");
        require(nb::len(convention) == 4, "a convention must have four numbers");
        for (int axis = 0; axis < max_axes; ++axis) options_.axis[axis] = axis_of(axes[count_ == 1 ? 0 : axis % count_]);
        options_.convention = {nb::cast<double>(convention[0]), nb::cast<double>(convention[1]),
                               nb::cast<double>(convention[2]), nb::cast<double>(convention[3])};
        for (nb::handle value : fill) fill_.push_back(nb::cast<double>(value));
        options_.filling = {nullptr, static_cast<std::int64_t>(fill_.size()), margin, fills_undefined};
    }

    void apply(Job& job) const {
        require(count_ == 1 || count_ == job.axes, "options by axis must be one for each component of the grid");
        job.options = options_;
        if (fill_.empty()) return;
        const bool fits = fill_.size() == 1 || static_cast<std::int64_t>(fill_.size()) == job.field.channels;
        require(fits, "there must be one fill value, or one for each channel");
        job.options.filling.values = fill_.data();
    }

    // Derivatives of some orders, of which an operation raises one by so many.
    void apply(Job& job, nb::handle orders, int raised) const {
        apply(job);
        require(PyTuple_Check(orders.ptr()) && PyTuple_GET_SIZE(orders.ptr()) == job.axes,
                "orders must be a tuple of one number for each component of the grid");
        for (int axis = 0; axis < job.axes; ++axis) {
            const long order = PyLong_AsLong(PyTuple_GET_ITEM(orders.ptr(), axis));
            if (order == -1 && PyErr_Occurred()) throw nb::python_error();
            const KernelRecord& kernel = kernel_records[options_.axis[axis].kernel];
            require(order >= 0 && order < most_order, "orders must be from 0 on, and below 1000");
            require(kernel.polynomial || order + raised < kernel.orders, "the core has no derivative of that order");
            job.order[axis] = static_cast<int>(order);
        }
    }

private:
    static constexpr int most_order = 1000;
    int count_;
    Options options_;
    std::vector<double> fill_;

    static AxisOptions axis_of(nb::handle described) {
        require(nb::len(described) == 3, "an axis must have a kernel, the kernel's parameters and a boundary");
        AxisOptions axis;
        const std::string name = nb::cast<std::string>(described[0]);
        axis.kernel = place_named("kernel", kernel_records, name);
        axis.boundary = place_named("boundary", boundary_records, nb::cast<std::string>(described[2]));
        const nb::object parameters = described[1];
        const int count = kernel_records[axis.kernel].parameters();
        require(static_cast<int>(nb::len(parameters)) == count, "a kernel must have its own number of parameters");
        for (int p = 0; p < count; ++p) axis.parameters[p] = nb::cast<double>(parameters[p]);
        while (!kernel_records[axis.kernel].takes(axis.parameters)) {  // those of one name differ in what they take
            require(++axis.kernel < Kernels::size && kernel_records[axis.kernel].name == name,
                    "the core lacks the kernel with these parameters");
        }
        return axis;
    }
};

}  // namespace gridsample
