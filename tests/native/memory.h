// Arrays as they may lie in memory: of any strides that the core takes, between guards, with what is not theirs marked.
#pragma once

#include <algorithm>
#include <vector>

#include "../../core/arrays.h"
#include "numbers.h"

namespace gridsample {

constexpr int most_dims = 6;
constexpr int gap = 0xff;  // bytes that are no element's: not a number, in every type

// Axes in the order of Python's arrays: (N, C, *size), (N, *out, D) or (N, C, *out). Strides in elements.
struct Array {
    DType dtype = {};
    int dims = 0;
    std::int64_t shape[most_dims] = {}, stride[most_dims] = {};
    char* data = nullptr;   // its first element; null where a call has no such array
    char* memory = nullptr;  // its lowest element
    std::size_t bytes = 0;

    explicit operator bool() const { return data != nullptr; }
    int width() const { return record_of(dtype).bytes; }

    char* at(const std::int64_t* index) const {
        std::int64_t offset = 0;
        for (int axis = 0; axis < dims; ++axis) offset += index[axis] * stride[axis];
        return data + offset * width();
    }
    double read(const std::int64_t* index) const { return read_number(dtype, at(index)); }
};

// Calls visit(index) for every element; where an axis repeats one, only for the first.
template <class Visit>
void for_each_element(const Array& array, const Visit& visit) {
    std::int64_t index[most_dims] = {}, length[most_dims];
    for (int axis = 0; axis < array.dims; ++axis) {
        if (array.shape[axis] == 0) return;
        length[axis] = array.stride[axis] == 0 ? 1 : array.shape[axis];
    }
    for (;;) {
        visit(static_cast<const std::int64_t*>(index));
        int axis = array.dims - 1;
        while (axis >= 0 && ++index[axis] == length[axis]) index[axis--] = 0;
        if (axis < 0) return;
    }
}

inline void set_shape(Array& array, DType dtype, const std::vector<std::int64_t>& shape) {
    array.dtype = dtype;
    array.dims = static_cast<int>(shape.size());
    std::copy(shape.begin(), shape.end(), array.shape);
}

// Strides of C order.
inline void lay_in_order(Array& array) {
    std::int64_t step = 1;
    for (int axis = array.dims - 1; axis >= 0; step *= array.shape[axis--]) array.stride[axis] = step;
}

// Strides of C order with the second axis behind all others.
inline void lay_channels_last(Array& array) {
    array.stride[1] = 1;
    std::int64_t step = array.shape[1];
    for (int axis = array.dims - 1; axis >= 0; --axis) {
        if (axis == 1) continue;
        array.stride[axis] = step;
        step *= array.shape[axis];
    }
}

// Strides of any kind: C order, channels last, any order; gaps; axes that run backwards; of what is only read, axes that
// repeat one element.
inline void lay_anyhow(Random& random, Array& array, bool only_read) {
    const std::int64_t style = random.below(4);
    if (style == 0) return lay_in_order(array);
    if (style == 1 && random.one_in(2)) return lay_channels_last(array);
    int order[most_dims];  // innermost last
    for (int axis = 0; axis < array.dims; ++axis) order[axis] = axis;
    if (style == 1 && array.dims > 1) std::rotate(order + 1, order + 2, order + array.dims);
    for (int axis = 1; style == 2 && axis < array.dims; ++axis) std::swap(order[axis], order[random.below(axis + 1)]);
    const bool gaps = random.one_in(3), backwards = random.one_in(3), repeats = only_read && random.one_in(8);
    std::int64_t step = gaps ? random.between(1, 3) : 1;
    for (int i = array.dims - 1; i >= 0; --i) {
        const int axis = order[i];
        array.stride[axis] = backwards && random.one_in(2) ? -step : step;
        if (repeats && random.one_in(2)) {
            array.stride[axis] = 0;
            continue;
        }
        step *= std::max<std::int64_t>(array.shape[axis], 1);
        if (gaps && random.one_in(2)) step += random.between(1, 3);
    }
}

// Memory for an array, all of it marked as a gap.
inline void place(Random& random, Array& array, Guarded& pages) {
    std::int64_t lowest = 0, highest = 0;
    bool empty = false;
    for (int axis = 0; axis < array.dims; ++axis) {
        empty |= array.shape[axis] == 0;
        const std::int64_t reach = (array.shape[axis] - 1) * array.stride[axis];
        (reach < 0 ? lowest : highest) += reach;
    }
    array.bytes = empty ? 0 : static_cast<std::size_t>((highest - lowest + 1) * array.width());
    array.memory = pages.use(array.bytes, random.one_in(2));
    array.data = array.memory - (empty ? 0 : lowest * array.width());
    std::memset(array.memory, gap, array.bytes);
}

inline void fill(const Array& array, double x) {
    for_each_element(array, [&](const std::int64_t* index) { write_number(array.dtype, array.at(index), x); });
}

// Whether nothing was written between the elements, which are lost.
inline bool gaps_are_whole(const Array& array) {
    for_each_element(array, [&](const std::int64_t* index) {
        std::memset(array.at(index), gap, static_cast<std::size_t>(array.width()));
    });
    return std::all_of(array.memory, array.memory + array.bytes, [](char byte) { return byte == static_cast<char>(gap); });
}

}  // namespace gridsample
