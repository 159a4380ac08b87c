// Calls at random: of every operation, kernel, boundary, type and layout, at places of every kind.
#pragma once

#include <memory>

#include "call.h"

namespace gridsample {

// What is to be made: all, or what the loops of Python's reference have too (no derivatives, positions in float64).
enum class Kinds { all, of_the_reference };

// Where the arrays of a call lie.
class Pages {
public:
    static constexpr int arrays = 8;

    Guarded& operator[](int which) {
        if (!blocks_[which]) blocks_[which] = std::make_unique<Guarded>(4 << 20);
        return *blocks_[which];
    }

private:
    std::unique_ptr<Guarded> blocks_[arrays];
};

class RandomCall {
public:
    RandomCall(std::uint64_t seed, std::uint64_t number, Kinds kinds, Pages& pages)
        : random_(seed, number), kinds_(kinds), pages_(pages) {
        choose_operation();
        choose_options();
        choose_shapes();
        choose_filling();
        choose_dtypes();
        make_arrays();
    }

    Call call;

private:
    Random random_;
    const Kinds kinds_;
    Pages& pages_;
    DType value_{}, coordinate_{};
    std::int64_t field_batch_ = 1, grid_batch_ = 1, samples_batch_ = 1;
    bool plain_ = false, channels_last_ = false;  // in all arrays, as most callers have them
    bool broad_ = false;  // an axis of a great many pixels that are one in memory

    bool votes() const { return call.operation == Operation::vote; }
    bool along() const { return call.operation == Operation::gradients_along; }
    bool writes_samples() const { return votes() || call.operation == Operation::pull; }
    bool reads_field() const { return call.operation != Operation::push; }
    bool writes_sum() const { return call.operation == Operation::push || call.operation == Operation::gradients; }
    int raised() const {
        return along() ? 2 : votes() || call.operation == Operation::pull || call.operation == Operation::push ? 0 : 1;
    }

    void choose_operation() {
        call.operation = static_cast<Operation>(random_.below(kinds_ == Kinds::all ? 6 : 2));
        call.axes = static_cast<int>(random_.between(1, max_axes));
        call.threads = static_cast<int>(random_.between(1, 3));
        call.instruction_set = static_cast<int>(random_.below(60));
    }

    void choose_options() {
        static const Convention conventions[] = {{1, 0.5, 0, 0.5}, {1, 0.5, -0.5, 0}, {0, 0, 1, 0}};
        call.options.convention = conventions[random_.below(3)];
        const bool alike = random_.one_in(2), derivatives = kinds_ == Kinds::all && !votes() && random_.one_in(3);
        for (int axis = 0; axis < max_axes; ++axis) {
            AxisOptions& options = call.options.axis[axis];
            options = alike && axis > 0 ? call.options.axis[0] : any_axis();
            if (derivatives && axis < call.axes) call.order[axis] = any_order(kernel_records[options.kernel]);
        }
    }
    AxisOptions any_axis() {
        AxisOptions options;
        do {
            options.kernel = static_cast<int>(random_.below(Kernels::size));
        } while (votes() && !has_votes(kernel_records[options.kernel].name));
        options.boundary = static_cast<int>(random_.below(Boundaries::size));
        const KernelRecord& kernel = kernel_records[options.kernel];
        if (kernel.parameter_values) {
            std::copy_n(kernel.parameter_values, kernel.parameters(), options.parameters);
        } else {
            for (int p = 0; p < kernel.parameters(); ++p) {
                options.parameters[p] = random_.of({-0.75, -0.75, -0.5, -1.0, 0.25});
            }
        }
        return options;
    }
    static bool has_votes(const char* kernel) {
        const auto is = [&](const char* name) { return std::strcmp(kernel, name) == 0; };
        return is("nearest") || is("linear") || is("bspline");
    }
    int any_order(const KernelRecord& kernel) {
        const int order = static_cast<int>(random_.of<std::int64_t>({0, 0, 0, 1, 1, 2, 3, 5}));
        return kernel.polynomial ? order : std::max(0, std::min(order, kernel.orders - 1 - raised()));
    }

    // Derivatives along a direction come with no fill value but 0.
    void choose_filling() {
        if (random_.one_in(2)) return;
        constexpr double everywhere = std::numeric_limits<double>::infinity();
        call.options.filling.margin = random_.of<double>({everywhere, everywhere, 0.5, 0.0});
        call.options.filling.undefined = random_.one_in(3);
        const std::int64_t most = std::max<std::int64_t>(1, call.channels);
        for (std::int64_t count = along() || votes() ? 0 : random_.of<std::int64_t>({0, 1, most}); count > 0; --count) {
            call.fill.push_back(random_.of<double>({-2, -0.5, 0, 1, 3.5}));
        }
    }

    std::int64_t any_batch(std::int64_t batch) { return random_.one_in(3) ? 1 : batch; }

    void choose_shapes() {
        call.batch = random_.of<std::int64_t>({1, 1, 2, 3, 4});
        call.channels = random_.of<std::int64_t>({1, 1, 2, 3, 4, 5, 8, 9, 17, 35});
        for (int axis = 0; axis < call.axes; ++axis) {
            call.size[axis] = random_.of<std::int64_t>({1, 2, 3, 4, 5, 6, 7, 9, 11, 13, 16, 17, 19, 23});
        }
        if (random_.one_in(8)) call.size[random_.below(call.axes)] = random_.between(30, 300);
        for (std::int64_t count = random_.below(4); count > 0; --count) call.out.push_back(random_.between(1, 9));
        if (random_.one_in(8) && !call.out.empty()) call.out.back() = random_.between(100, 500);
        limit_work();
        field_batch_ = any_batch(call.batch);
        grid_batch_ = any_batch(call.batch);
        samples_batch_ = writes_samples() || along() ? call.batch : any_batch(call.batch);
        call.batch = std::max({field_batch_, grid_batch_, samples_batch_});
        if (writes_samples() || along()) {
            call.batch = samples_batch_ = std::max(field_batch_, grid_batch_);
        }
        if (kinds_ == Kinds::all && random_.one_in(40)) leave_empty();  // for loops, no rule leads home to no pixel
        broad_ = !writes_sum() && !along() && kinds_ == Kinds::all && call.points > 0 && random_.one_in(30);
        if (broad_) call.size[random_.below(call.axes)] = random_.of<std::int64_t>({longest_axis, 1 << 24, 100003});
    }
    // Some thousand pixels and pairs of taps and values are enough.
    void limit_work() {
        std::int64_t taps = 1, pixels = 1;
        for (int axis = 0; axis < call.axes; ++axis) {
            taps *= kernel_records[call.options.axis[axis].kernel].taps;
            pixels *= call.size[axis];
        }
        const std::int64_t most = random_.one_in(10) ? 40000 : 4000;
        const auto points = [&] {
            std::int64_t product = 1;
            for (std::int64_t length : call.out) product *= length;
            return product;
        };
        while (call.channels > 1 && call.batch * call.channels * std::max(taps * points(), pixels) > most) --call.channels;
        while (call.batch > 1 && call.batch * std::max(taps * points(), pixels) > most) --call.batch;
        for (int axis = 0; pixels > most; axis = (axis + 1) % call.axes) {
            if (call.size[axis] > 1) pixels = pixels / call.size[axis] * (call.size[axis] / 2), call.size[axis] /= 2;
        }
        while (taps * points() > most && !call.out.empty()) {
            if (call.out.size() > 1) {
                call.out.erase(call.out.begin());
            } else if (--call.out.back() == 0) {
                call.out.pop_back();
            }
        }
        call.points = points();
    }
    void leave_empty() {
        const std::int64_t what = random_.below(3);
        if (what == 0 && !call.out.empty()) call.out.back() = call.points = 0;
        if (what == 1) call.channels = 0;
        if (what == 2) call.batch = field_batch_ = grid_batch_ = samples_batch_ = 0;
        const bool nothing = call.points * call.channels * call.batch == 0;
        if (nothing && random_.one_in(2)) call.size[random_.below(call.axes)] = 0;
    }

    void choose_dtypes() {
        value_ = any_dtype([&](const DTypeRecord& record) {
            return votes() ? record.whole : !record.whole || (record.sampled && writes_samples() && kinds_ == Kinds::all);
        });
        coordinate_ = any_dtype([](const DTypeRecord& record) { return !record.whole; });
        if (along()) value_ = coordinate_ = random_.of({dtype_of<Float32>, dtype_of<Float64>});
        if (kinds_ == Kinds::of_the_reference) coordinate_ = dtype_of<Float64>;
    }

    template <class IsPossible>
    DType any_dtype(const IsPossible& is_possible) {
        DType dtype = {};
        do {
            dtype = static_cast<DType>(random_.below(DTypes::size));
        } while (!is_possible(record_of(dtype)));
        return dtype;
    }

    std::vector<std::int64_t> pixels_shape(std::int64_t batch) const {
        std::vector<std::int64_t> shape{batch, call.channels};
        for (int axis = call.axes - 1; axis >= 0; --axis) shape.push_back(call.size[axis]);
        return shape;
    }
    std::vector<std::int64_t> values_shape() const {
        std::vector<std::int64_t> shape{samples_batch_, call.channels};
        shape.insert(shape.end(), call.out.begin(), call.out.end());
        return shape;
    }
    std::vector<std::int64_t> grid_shape() const {
        std::vector<std::int64_t> shape{grid_batch_};
        shape.insert(shape.end(), call.out.begin(), call.out.end());
        shape.push_back(call.axes);
        return shape;
    }

    void make_arrays() {
        const bool pulls = writes_samples();
        plain_ = random_.one_in(2);
        channels_last_ = random_.one_in(2);
        set_shape(call.samples, value_, values_shape());
        set_shape(call.grid, coordinate_, grid_shape());
        lay_out(call.samples, !pulls, true);
        lay_out(call.grid, true, false);
        place(random_, call.samples, pages_[0]);
        place(random_, call.grid, pages_[1]);
        write_grid();
        pulls ? fill(call.samples, poison) : write_values(call.samples);
        make_pixels();
        if (call.operation == Operation::grid_gradient || call.operation == Operation::gradients) {
            make_output(call.gradient, coordinate_, grid_shape(), 4, false);
        }
        if (along()) make_steps();
    }

    static constexpr double poison = 77;

    // An array over points; `second` says whether channels come second.
    void lay_out(Array& array, bool only_read, bool second) {
        if (along() || (plain_ && !(channels_last_ && second))) return lay_in_order(array);
        plain_ ? lay_channels_last(array) : lay_anyhow(random_, array, only_read);
    }

    void make_output(Array& array, DType dtype, const std::vector<std::int64_t>& shape, int which, bool in_order) {
        set_shape(array, dtype, shape);
        in_order ? lay_in_order(array) : lay_out(array, false, false);
        place(random_, array, pages_[which]);
        fill(array, poison);
    }

    // A field and what is splatted into, in one layout where a call has both.
    void make_pixels() {
        Array pixels;
        set_shape(pixels, value_, pixels_shape(field_batch_));
        const bool sums = writes_sum() || (along() && random_.one_in(2));
        lay_anyhow(random_, pixels, !sums);
        if (plain_) channels_last_ ? lay_channels_last(pixels) : lay_in_order(pixels);
        if (broad_) {
            std::fill_n(pixels.stride, pixels.dims, 0);
            pixels.stride[0] = call.channels;
            pixels.stride[1] = 1;
        }
        if (reads_field()) {
            call.field = pixels;
            place(random_, call.field, pages_[2]);
            votes() ? write_labels(call.field) : write_values(call.field);
        }
        if (!sums) return;
        call.sum = pixels;
        call.sum.dtype = record_of(value_).sum;
        place(random_, call.sum, pages_[3]);
        fill(call.sum, poison);
    }

    // Of derivatives along a direction. At least one step; the sum has terms of the grid's alone.
    void make_steps() {
        const bool grid_moves = call.sum || random_.one_in(2), input_moves = !grid_moves || random_.one_in(2);
        if (input_moves) {
            set_shape(call.input_step, value_, pixels_shape(field_batch_));
            lay_anyhow(random_, call.input_step, true);
            place(random_, call.input_step, pages_[5]);
            write_values(call.input_step);
        }
        if (grid_moves) {
            set_shape(call.grid_step, coordinate_, grid_shape());
            lay_in_order(call.grid_step);
            place(random_, call.grid_step, pages_[6]);
            write_values(call.grid_step);
        }
        if (random_.one_in(2)) make_output(call.gradient, coordinate_, grid_shape(), 4, true);
        if (random_.one_in(2) || !(call.gradient || call.sum)) make_output(call.by_values, value_, values_shape(), 7, true);
    }

    void write_values(const Array& array) {
        const std::int64_t strange = kinds_ == Kinds::all ? random_.of<std::int64_t>({0, 0, 0, 0, 20, 200}) : 0;
        const double scale = random_.one_in(12) ? random_.of({1e-38, 1e-4, 1e4, 1e-310}) : 1;
        for_each_element(array, [&](const std::int64_t* index) {
            double x = scale * random_.uniform(-1, 1);
            if (strange && random_.one_in(strange)) x = strange_value();
            write_number(array.dtype, array.at(index), x);
        });
    }
    // Of a few, or of many; in patches, or anywhere.
    void write_labels(const Array& array) {
        const std::int64_t most = random_.of<std::int64_t>({1, 2, 3, 3, 100}), change = random_.of<std::int64_t>({1, 3, 20});
        std::int64_t label = 0;
        for_each_element(array, [&](const std::int64_t* index) {
            if (random_.one_in(change)) label = random_.between(-most, most);
            write_label(array.dtype, array.at(index), label);
        });
        call.fill_label = random_.between(-most, most);
        if (array.dtype == dtype_of<Bool>) call.fill_label = call.fill_label != 0;
    }
    double strange_value() {
        return random_.of<double>({NAN, INFINITY, -INFINITY, 1e38, -3e38, 1e-40, 5e-324, 0.0, -0.0, 6e4, 1e-7});
    }

    void write_grid() {
        const std::int64_t style = random_.below(6), strange = random_.of<std::int64_t>({0, 0, 0, 3, 30, 200});
        double number = 0, start = random_.uniform(-1, 1), step = random_.uniform(0, 0.5);
        for_each_element(call.grid, [&](const std::int64_t* index) {
            const int axis = static_cast<int>(index[call.grid.dims - 1]);
            double x = coordinate(axis, position(axis, style, start + step * std::floor(number++ / call.axes)));
            if (strange && random_.one_in(strange)) x = strange_coordinate();
            write_number(call.grid.dtype, call.grid.at(index), x);
        });
    }
    double position(int axis, std::int64_t style, double steady) {
        const double size = static_cast<double>(call.size[axis]);
        switch (style) {
            case 0: return random_.uniform(-1.5, size + 0.5);
            case 1: return size * random_.uniform(0.3, 0.6);  // whole vectors inside
            case 2: return std::fmod(steady + axis, size + 2) + random_.uniform(-0.5, 0.5);
            case 3: return static_cast<double>(random_.between(-4 * std::min<std::int64_t>(call.size[axis], 20), 80)) / 2;
            case 4: return size * random_.uniform(-4, 5);
            default: return random_.one_in(3) ? size * random_.uniform(-4, 5) : random_.uniform(-0.6, size - 0.4);
        }
    }
    double coordinate(int axis, double position) const {
        const Convention& c = call.options.convention;
        const double scale = c.per_size * static_cast<double>(call.size[axis]) + c.constant;
        return scale == 0 ? position : (position + c.shift) / scale - c.offset;
    }
    double strange_coordinate() {
        const double most = kinds_ == Kinds::all ? 1e308 : 1e300;  // below, nobody's products overflow
        return random_.of<double>({NAN, INFINITY, -INFINITY, 1e30, -1e30, 3e38, -3e38, most, -most, 0x1p31, -0x1p31, 0x1p53,
                                   -0x1p24, 1e10, -12345.5, 5e-324, -5e-324, 1e-40, -1e-40, -1e-9, 0.0, -0.0, 1.0, -1.0});
    }
};

}  // namespace gridsample
