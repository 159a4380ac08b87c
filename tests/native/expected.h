// What a call's results must be, and whether they are.
#pragma once

#include <initializer_list>

#include "definition.h"

namespace gridsample {

// A sum of weighted numbers, and how far off the core's may be: each term by the roundings of its weight and of the sums,
// which are relative to the terms' sizes, not to their sum.
class Sum {
public:
    void add(const Tap& tap, double scale, double value, double factor = 1) {
        const double term = std::fabs(factor) * std::fabs(value);
        largest_ = std::max(largest_, std::max(1.0, scale) * (1 + std::fabs(factor)) * (1 + std::fabs(value)));
        if (!std::isfinite(value) || !std::isfinite(factor)) {
            strange_ = true;
            return;
        }
        total_ += tap.weight * factor * value;
        size_ += static_cast<double>(std::fabs(tap.weight)) * term;
        doubt_ += tap.doubt * term;
        ++terms_;
    }
    void add_strange() { strange_ = true; }

    double total() const { return strange_ ? NAN : static_cast<double>(total_); }

    // Where a number that is not finite has a weight, be it 0, the result is not finite. Where a term's parts come near
    // the largest number there is, nothing is said.
    bool allows(double result, DType real_type, DType type) const {
        const Float real = float_of(real_type), stored = float_of(type);
        if (largest_ * static_cast<double>(terms_ + 1) > real.most() / 16) return true;
        if (strange_) return stored.bytes == 1 ? result == 0 : !std::isfinite(result);
        const double total = static_cast<double>(total_), terms = static_cast<double>(terms_);
        if (stored.bytes == 1) {
            return std::fabs(result - std::clamp(total, 0.0, 255.0)) <= 0.5 + (terms + 16) * real.eps() * size_ + doubt_;
        }
        const double bound = (terms + 16) * real.eps() * size_ + doubt_ + 2 * terms * largest_ * real.tiny() +
                             stored.eps() * std::fabs(total) * (1 + 4 * stored.eps()) + stored.tiny();
        if (std::isinf(result)) return (result > 0 ? total : -total) + bound >= stored.most();
        return std::fabs(result - total) <= bound;
    }
    std::string told(double result) const {
        char text[200];
        std::snprintf(text, sizeof(text), "got %.17g, expected %.17g; %lld terms, their sizes' sum %.3g, doubt %.3g%s",
                      result, static_cast<double>(total_), static_cast<long long>(terms_), size_, doubt_,
                      strange_ ? ", some not finite" : "");
        return text;
    }

private:
    long double total_ = 0;
    double size_ = 0, doubt_ = 0, largest_ = 0;
    std::int64_t terms_ = 0;
    bool strange_ = false;
};

// The expected sums of all results.
class Expected {
public:
    explicit Expected(const Call& call) : call_(call) {
        const std::int64_t axes = call.axes;
        if (writes_samples()) samples.resize(static_cast<std::size_t>(call.batch * call.channels * call.points));
        if (call.gradient) gradient.resize(static_cast<std::size_t>(call.grid.shape[0] * call.points * axes));
        if (call.sum) {
            std::int64_t pixels = call.sum.shape[0] * call.channels;
            for (int axis = 0; axis < axes; ++axis) pixels *= call.size[axis];
            sum.resize(static_cast<std::size_t>(pixels));
        }
        for (std::int64_t n = 0; call.channels > 0 && n < call.batch; ++n) {
            for (std::int64_t p = 0; p < call.points; ++p) {
                call.operation == Operation::gradients_along ? step(n, p) : visit(n, p);
            }
        }
    }

    std::vector<Sum> samples, sum, gradient;  // in C order

    bool writes_samples() const { return call_.operation == Operation::pull || call_.by_values; }

private:
    const Call& call_;

    // Calls body(footprint, orders) for the derivative that is asked for, raised on some axes.
    template <class Body>
    void with(std::int64_t n, std::int64_t p, std::initializer_list<int> raised, const Body& body) const {
        int orders[max_axes];
        std::copy(call_.order, call_.order + max_axes, orders);
        for (int axis : raised) ++orders[axis];
        if (!vanishes(call_, orders)) body(footprint(call_, n, p, orders));
    }

    void visit(std::int64_t n, std::int64_t p) {
        if (call_.operation == Operation::pull) pull(n, p, call_.field);
        if (call_.sum) with(n, p, {}, [&](const Footprint& places) { push(n, p, places, 1); });
        for (int axis = 0; call_.gradient && axis < call_.axes; ++axis) {
            with(n, p, {axis}, [&](const Footprint& places) { slope(n, p, axis, places, call_.field, 1); });
        }
    }

    // Along a direction: the three lines of core/along.h.
    void step(std::int64_t n, std::int64_t p) {
        if (call_.input_step) {
            if (call_.by_values) pull(n, p, call_.input_step);
            for (int axis = 0; call_.gradient && axis < call_.axes; ++axis) {
                with(n, p, {axis}, [&](const Footprint& places) { slope(n, p, axis, places, call_.input_step, 1); });
            }
        }
        for (int a = 0; call_.grid_step && a < call_.axes; ++a) {
            const double along = call_.read(call_.grid_step, n, a, p);
            for (std::int64_t c = 0; call_.by_values && !std::isfinite(along) && c < call_.channels; ++c) {
                samples[sample_at(n, c, p)].add_strange();  // times no taps, too
            }
            with(n, p, {a}, [&](const Footprint& places) {
                if (call_.by_values) add_samples(n, p, places, call_.field, along);
                if (call_.sum) push(n, p, places, along);
            });
            for (int b = 0; call_.gradient && b < call_.axes; ++b) {
                with(n, p, {a, b}, [&](const Footprint& places) { slope(n, p, b, places, call_.field, along); });
            }
        }
    }

    std::size_t sample_at(std::int64_t n, std::int64_t c, std::int64_t p) const {
        return static_cast<std::size_t>((n * call_.channels + c) * call_.points + p);
    }
    std::size_t pixel_at(std::int64_t n, std::int64_t c, const std::int64_t* place) const {
        std::int64_t at = (call_.sum.shape[0] == 1 ? 0 : n) * call_.channels + c;
        for (int axis = call_.axes - 1; axis >= 0; --axis) at = at * call_.size[axis] + place[axis];
        return static_cast<std::size_t>(at);
    }

    // Samples of an undefined place are NaN; their derivatives are 0.
    void pull(std::int64_t n, std::int64_t p, const Array& pixels) {
        with(n, p, {}, [&](const Footprint& places) {
            const bool derivative = std::any_of(call_.order, call_.order + call_.axes, [](int order) { return order > 0; });
            for (std::int64_t c = 0; places.undefined && !derivative && c < call_.channels; ++c) {
                samples[sample_at(n, c, p)].add_strange();
            }
            add_samples(n, p, places, pixels, 1);
        });
    }
    // What a tap reads.
    double held(const Array& pixels, std::int64_t n, std::int64_t c, const Tap& tap) const {
        return tap.filled ? call_.fill_of(c) : call_.pixel(pixels, n, c, tap.place);
    }
    void add_samples(std::int64_t n, std::int64_t p, const Footprint& places, const Array& pixels, double factor) {
        for (std::int64_t c = 0; c < call_.channels; ++c) {
            Sum& to = samples[sample_at(n, c, p)];
            for (const Tap& tap : places.taps) to.add(tap, places.scale, held(pixels, n, c, tap), factor);
        }
    }
    void push(std::int64_t n, std::int64_t p, const Footprint& places, double factor) {
        for (std::int64_t c = 0; c < call_.channels; ++c) {
            const double value = call_.read(call_.samples, n, c, p);
            for (const Tap& tap : places.taps) {
                if (!tap.filled) sum[pixel_at(n, c, tap.place)].add(tap, places.scale, value, factor);
            }
        }
    }
    void slope(std::int64_t n, std::int64_t p, int axis, const Footprint& places, const Array& pixels, double factor) {
        const std::int64_t entry = call_.grid.shape[0] == 1 ? 0 : n;
        Sum& to = gradient[static_cast<std::size_t>((entry * call_.points + p) * call_.axes + axis)];
        for (std::int64_t c = 0; c < call_.channels; ++c) {
            const double value = call_.read(call_.samples, n, c, p) * factor;
            for (const Tap& tap : places.taps) {
                if (!(tap.filled && call_.fill.empty())) to.add(tap, places.scale, held(pixels, n, c, tap), value);
            }
        }
    }
};

}  // namespace gridsample
