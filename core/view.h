// An array of Python by address: anything that exports a buffer, and torch's tensors by their attributes.
#pragma once

#include <nanobind/nanobind.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <stdexcept>
#include <string>

#include "arrays.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace gridsample {

namespace nb = nanobind;

constexpr int max_dims = max_point_axes + 2;

struct Names {
    PyObject* data_ptr = PyUnicode_InternFromString("data_ptr");
    PyObject* shape = PyUnicode_InternFromString("shape");
    PyObject* stride = PyUnicode_InternFromString("stride");
    PyObject* dtype = PyUnicode_InternFromString("dtype");
    PyObject* new_empty = PyUnicode_InternFromString("new_empty");
};

inline const Names& names() {
    static const Names* all = new Names;
    return *all;
}

// The names of all dtypes, for a refusal.
inline std::string dtype_names() {
    std::string names;
    for (const DTypeRecord& record : dtype_records) names += (names.empty() ? "" : ", ") + std::string(record.name);
    return names;
}

// The type of a tensor's dtype object, by its name: "torch.float32". Remembered, as there is one object for each.
inline DType dtype_named(nb::handle object) {
    static std::atomic<PyObject*> known[DTypes::size];
    for (int i = 0; i < DTypes::size; ++i) {
        if (known[i].load(std::memory_order_relaxed) == object.ptr()) return static_cast<DType>(i);
    }
    const std::string name = nb::str(object).c_str();
    for (int i = 0; i < DTypes::size; ++i) {
        if (name != std::string("torch.") + dtype_records[i].name) continue;
        Py_INCREF(object.ptr());
        known[i].store(object.ptr(), std::memory_order_relaxed);
        return static_cast<DType>(i);
    }
    throw nb::type_error(("arrays must be of dtype " + dtype_names()).c_str());
}

// The type of a buffer's elements.
inline DType dtype_of_format(const char* format, Py_ssize_t bytes) {
    for (int i = 0; format && format[0] && !format[1] && i < DTypes::size; ++i) {
        const DTypeRecord& record = dtype_records[i];
        if (record.bytes == bytes && std::strchr(record.formats, format[0])) return static_cast<DType>(i);
    }
    throw nb::type_error(("arrays must be of dtype " + dtype_names() + ", in native byte order").c_str());
}

// An array by address: of anything that exports a buffer, or that has data_ptr(), shape, stride() and dtype as a torch
// tensor does. Strides in elements. The caller keeps the array alive.
class View {
public:
    char* data = nullptr;
    DType dtype = dtype_of<Float32>;
    int dims = 0;
    std::int64_t shape[max_dims], stride[max_dims];

    View(nb::handle array, bool writable) {
        if (PyObject_CheckBuffer(array.ptr())) {
            from_buffer(array, writable);
        } else {
            from_tensor(array);
        }
    }
    // A new array, which lies in C order and is known but for its address.
    View(nb::handle array, const View& like, int dims_, const std::int64_t* shape_) {
        if (like.is_buffer()) {
            from_buffer(array, true);
            return;
        }
        data = address_of(array);
        dtype = like.dtype;
        dims = dims_;
        std::int64_t step = 1;
        for (int axis = dims - 1; axis >= 0; step *= shape[axis--]) shape[axis] = shape_[axis], stride[axis] = step;
    }
    View(const View&) = delete;
    View& operator=(const View&) = delete;

    bool is_buffer() const { return buffer_.held; }

    bool is_contiguous() const {
        std::int64_t step = 1;
        for (int axis = dims - 1; axis >= 0; step *= shape[axis--]) {
            if (shape[axis] != 1 && stride[axis] != step) return false;
        }
        return true;
    }

    bool has_shape_of(const View& other) const {
        return dims == other.dims && std::equal(shape, shape + dims, other.shape);
    }

    static nb::object attribute(nb::handle array, PyObject* name) {
        PyObject* value = PyObject_GetAttr(array.ptr(), name);
        if (!value) throw nb::python_error();
        return nb::steal(value);
    }

private:
    struct Buffer : Py_buffer {
        bool held = false;
        ~Buffer() {
            if (held) PyBuffer_Release(this);
        }
    } buffer_;

    void set_dims(Py_ssize_t n) {
        if (n < 2 || n > max_dims) throw std::invalid_argument("arrays must have between 2 and 66 axes");
        dims = static_cast<int>(n);
    }

    void from_buffer(nb::handle array, bool writable) {
        const int flags = PyBUF_STRIDES | PyBUF_FORMAT | (writable ? PyBUF_WRITABLE : 0);
        if (PyObject_GetBuffer(array.ptr(), &buffer_, flags) != 0) throw nb::python_error();
        buffer_.held = true;
        data = static_cast<char*>(buffer_.buf);
        dtype = dtype_of_format(buffer_.format, buffer_.itemsize);
        set_dims(buffer_.ndim);
        bool whole = reinterpret_cast<std::uintptr_t>(data) % buffer_.itemsize == 0;
        for (int i = 0; i < dims; ++i) {
            shape[i] = buffer_.shape[i];
            stride[i] = buffer_.strides[i] / buffer_.itemsize;
            whole &= buffer_.strides[i] % buffer_.itemsize == 0;
        }
        if (!whole) throw nb::type_error("arrays must be aligned, with strides of whole elements");
    }

    static char* address_of(nb::handle tensor) {
        PyObject* address = PyObject_CallMethodNoArgs(tensor.ptr(), names().data_ptr);
        if (!address) throw nb::python_error();
        char* data = static_cast<char*>(PyLong_AsVoidPtr(address));
        Py_DECREF(address);
        return data;
    }

    void from_tensor(nb::handle array) {
        data = address_of(array);
        const nb::object sizes = attribute(array, names().shape), kind = attribute(array, names().dtype);
        PyObject* strides_of = PyObject_CallMethodNoArgs(array.ptr(), names().stride);
        if (!strides_of) throw nb::python_error();
        const nb::object strides = nb::steal(strides_of);
        set_dims(PyTuple_Size(sizes.ptr()));
        for (int i = 0; i < dims; ++i) {
            shape[i] = PyLong_AsLongLong(PyTuple_GetItem(sizes.ptr(), i));
            stride[i] = PyLong_AsLongLong(PyTuple_GetItem(strides.ptr(), i));
        }
        dtype = dtype_named(kind);
    }
};

// Have the memory of a large result come in large pages, as NumPy does for its own: a fresh result is otherwise handed
// out by the system in pages of 4 KiB, one interrupt each, which takes longer than to fill them.
inline void expect_writes([[maybe_unused]] const View& result) {
#if defined(__linux__)
    constexpr std::uintptr_t worthwhile = 4 << 20, page = 2 << 20;
    std::int64_t lowest = 0, highest = 0;
    for (int axis = 0; axis < result.dims; ++axis) {
        if (result.shape[axis] == 0) return;
        const std::int64_t reach = (result.shape[axis] - 1) * result.stride[axis];
        (reach < 0 ? lowest : highest) += reach;
    }
    const std::int64_t size = record_of(result.dtype).bytes;
    const std::uintptr_t data = reinterpret_cast<std::uintptr_t>(result.data);
    const std::uintptr_t begin = (data + lowest * size + page - 1) / page * page, end = (data + highest * size) / page * page;
    if (end > begin && end - begin >= worthwhile) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

}  // namespace gridsample
