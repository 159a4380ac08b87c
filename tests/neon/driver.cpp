// The core without Python, to be run where there is none: jobs from standard input, results to standard output.
// driver.py writes the one and reads the other. Both sides are little-endian.

#include <algorithm>

#include "../../core/schedule.h"
#include "../native/guarded.h"

namespace {

using namespace gridsample;

constexpr int most_axes = 3;  // of the field, and of the output

using Name = char[16];

// An array of a job; its memory follows the job. Strides and the offset of its first element in elements.
struct Array {
    Name dtype;
    std::int64_t bytes;  // 0 where the job has no such array
    std::int64_t offset, batch, channels, batch_stride, channel_stride, size[most_axes], stride[most_axes];
};

struct AxisRequest {
    Name kernel, boundary;
    double parameters[max_parameters];
};

struct Request {
    std::int64_t operation, threads, axes, order[most_axes];
    std::int64_t batch, points, point_axes, shape[most_axes];
    AxisRequest axis[most_axes];
    double convention[4];
    Array field, sum, grid, samples, gradient;
};

enum Operation : std::int64_t { pull_operation, push_operation, grid_gradient_operation, gradients_operation };

// The memory of an array, right before a page that must not be touched.
class Memory {
public:
    explicit Memory(std::size_t bytes) : bytes_(bytes), pages_(bytes) {
        if (std::fread(data(), 1, bytes, stdin) != bytes) fail("a job ends in the middle");
    }

    char* data() { return pages_.use(bytes_); }
    void write() {
        if (std::fwrite(data(), 1, bytes_, stdout) != bytes_) fail("a result cannot be written");
    }

private:
    std::size_t bytes_;
    Guarded pages_;
};

DType dtype_of_array(const Array& array) {
    return array.bytes ? static_cast<DType>(place_named(dtype_records, array.dtype)) : DType();
}

char* first_element(const Array& array, Memory& memory) {
    return array.bytes ? memory.data() + array.offset * record_of(dtype_of_array(array)).bytes : nullptr;
}

Field field_of(const Array& array, Memory& memory) {
    Field field{first_element(array, memory), dtype_of_array(array), array.batch, array.channels,
                array.batch_stride, array.channel_stride, {}, {}};
    for (int axis = 0; axis < max_axes; ++axis) {
        field.size[axis] = array.size[axis];
        field.stride[axis] = array.stride[axis];
    }
    return field;
}

PointArray points_of(const Array& array, Memory& memory) {
    PointArray points{first_element(array, memory), dtype_of_array(array), array.batch, array.batch_stride,
                      array.channel_stride, {}};
    for (int axis = 0; axis < most_axes; ++axis) points.stride[axis] = array.stride[axis];
    return points;
}

void work_off(const Request& request) {
    Memory field(request.field.bytes), sum(request.sum.bytes), grid(request.grid.bytes);
    Memory samples(request.samples.bytes), gradient(request.gradient.bytes);
    Job job;
    job.axes = static_cast<int>(request.axes);
    for (int axis = 0; axis < job.axes; ++axis) {
        const AxisRequest& named = request.axis[axis];
        AxisOptions& options = job.options.axis[axis];
        options.kernel = place_named(kernel_records, named.kernel);
        options.boundary = place_named(boundary_records, named.boundary);
        std::copy(named.parameters, named.parameters + max_parameters, options.parameters);
        while (!kernel_records[options.kernel].takes(options.parameters)) {  // those of one name differ in what they take
            if (++options.kernel == Kernels::size) fail("the core lacks these parameters of", named.kernel);
        }
        job.order[axis] = static_cast<int>(request.order[axis]);
    }
    job.options.convention = {request.convention[0], request.convention[1], request.convention[2], request.convention[3]};
    job.field = field_of(request.field, field);
    job.sum = field_of(request.sum, sum);
    job.grid = points_of(request.grid, grid);
    job.samples = points_of(request.samples, samples);
    job.gradient = points_of(request.gradient, gradient);
    job.batch = request.batch;
    job.points = request.points;
    job.point_axes = static_cast<int>(request.point_axes);
    for (int axis = 0; axis < most_axes; ++axis) job.shape[axis] = request.shape[axis];

    job.threads = static_cast<int>(request.threads);
    switch (request.operation) {
        case pull_operation:
            pull(job);
            return samples.write();
        case push_operation:
            job.field = job.sum;
            push(job);
            return sum.write();
        case grid_gradient_operation:
            grid_gradient(job);
            return gradient.write();
        case gradients_operation:
            gradients(job);
            sum.write();
            return gradient.write();
        default:
            fail("no such operation");
    }
}

}  // namespace

// With an argument, says which instruction set is used instead.
int main(int count, char**) {
    if (count > 1) return std::puts(instruction_set().c_str()) < 0;
    Request request;
    while (std::fread(&request, sizeof(request), 1, stdin) == 1) work_off(request);
    return std::fflush(stdout) != 0;
}
