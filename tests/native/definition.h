// The definition once more (docs/semantics.md), for the driver alone: point by point, tap by tap, shared with nothing in
// the core. Positions are found in the precision that the definition says, since which pixel is nearest hangs on it; all
// else in long double, with a bound on what the core's own rounding may make of it.
#pragma once

#include <cmath>

#include "call.h"

namespace gridsample {

// A tap on one axis, or of a place: which pixel, if not the fill value, how much it counts, and how far off the core's
// number may be.
struct Tap {
    std::int64_t place[max_axes];
    long double weight;
    double doubt;
    bool filled = false, nothing = false;  // outside, where there is either, or a pixel
};

struct Footprint {
    bool undefined = false, beyond = false;
    double scale = 1;  // no weight is larger, nor what it is computed from
    std::vector<Tap> taps;
};

// ---- kernels: the weights of taps `before` pixels before the anchor and on, at distance t from that ---------------------

enum class Kernel { nearest, linear, keys, lanczos, mitchell, bspline };

inline Kernel kernel_named(const char* name) {
    if (std::strcmp(name, "nearest") == 0) return Kernel::nearest;
    if (std::strcmp(name, "linear") == 0) return Kernel::linear;
    if (std::strcmp(name, "keys") == 0) return Kernel::keys;
    if (std::strcmp(name, "lanczos") == 0) return Kernel::lanczos;
    if (std::strcmp(name, "mitchell") == 0) return Kernel::mitchell;
    if (std::strcmp(name, "bspline") == 0) return Kernel::bspline;
    fail("the driver has no definition of the kernel", name);
}

inline Kernel kernel_on(const Call& call, int axis) {
    static const std::vector<Kernel> all = known_of(kernel_records, kernel_named);
    return all[static_cast<std::size_t>(call.options.axis[axis].kernel)];
}

struct Weights {
    std::int64_t first;
    std::vector<long double> weight;
    double doubt, scale;  // doubt in units of the roundings' size
};

// A cubic, or its derivative.
inline long double cubic(const long double (&c)[4], long double x, int order) {
    if (order == 0) return ((c[3] * x + c[2]) * x + c[1]) * x + c[0];
    if (order == 1) return (3 * c[3] * x + 2 * c[2]) * x + c[1];
    if (order == 2) return 6 * c[3] * x + 2 * c[2];
    return order == 3 ? 6 * c[3] : 0;
}

// Of two pieces. At their common end too: which is that to the right of a position is the tap's to say.
inline std::vector<long double> two_cubics(const long double (&inner)[4], const long double (&outer)[4], long double t,
                                           int order) {
    const long double sign = order % 2 ? -1 : 1;
    return {cubic(outer, 1 + t, order), cubic(inner, t, order), sign * cubic(inner, 1 - t, order),
            sign * cubic(outer, 2 - t, order)};
}

inline std::vector<long double> keys(long double a, long double t, int order) {
    return two_cubics({1, 0, -(a + 3), a + 2}, {-4 * a, 8 * a, -5 * a, a}, t, order);
}

inline std::vector<long double> mitchell(long double b, long double c, long double t, int order) {
    return two_cubics({(6 - 2 * b) / 6, 0, (-18 + 12 * b + 6 * c) / 6, (12 - 9 * b - 6 * c) / 6},
                      {(8 * b + 24 * c) / 6, (-12 * b - 48 * c) / 6, (6 * b + 30 * c) / 6, (-b - 6 * c) / 6}, t, order);
}

// The B-spline of a degree at x, or its derivative: by what it is a blur of.
inline long double bspline(int degree, long double x, int order) {
    if (order > 0) return bspline(degree - 1, x + 0.5L, order - 1) - bspline(degree - 1, x - 0.5L, order - 1);
    if (degree == 0) return -0.5L <= x && x < 0.5L;
    const long double half = (degree + 1) / 2.0L;
    return ((half + x) * bspline(degree - 1, x + 0.5L, 0) + (half - x) * bspline(degree - 1, x - 0.5L, 0)) / degree;
}

constexpr int lanczos_orders = 4;
constexpr long double pi = 3.14159265358979323846264338327950288L;

// sinc(x) and its derivatives: by their series near 0, else from x s(n) + n s(n-1) = d^n sin(pi x)/pi.
inline void sinc(long double x, long double* s) {
    if (std::fabs(x) < 0.1L) {
        std::fill_n(s, lanczos_orders, 0.0L);
        long double factor = 1;  // (-1)^m pi^2m / (2m+1)!
        for (int m = 0; m < 12; ++m) {
            for (int n = 0; n < lanczos_orders && n <= 2 * m; ++n) {
                long double term = factor;
                for (int k = 0; k < 2 * m; ++k) term *= k < n ? 2 * m - k : x;
                s[n] += term;
            }
            factor *= -pi * pi / ((2 * m + 2) * (2 * m + 3));
        }
        return;
    }
    const long double sine = std::sin(pi * x), cosine = std::cos(pi * x), waves[] = {sine, cosine, -sine, -cosine};
    long double power = 1 / pi;
    s[0] = sine * power / x;
    for (int n = 1; n < lanczos_orders; ++n) s[n] = ((power *= pi) * waves[n % 4] - n * s[n - 1]) / x;
}

inline std::vector<long double> lanczos(int a, long double t, int order) {
    static const int binomial[lanczos_orders][lanczos_orders] = {{1}, {1, 1}, {1, 2, 1}, {1, 3, 3, 1}};
    if (order >= lanczos_orders) fail("the driver has no derivative of lanczos of that order");
    std::vector<long double> raw(2 * a * lanczos_orders), total(lanczos_orders), weight;
    for (int k = 0; k < 2 * a; ++k) {
        const long double x = t - (k - a + 1);
        long double wave[lanczos_orders], window[lanczos_orders], shrink = 1;  // x / a falls slower than x
        sinc(x, wave);
        sinc(x / a, window);
        for (int n = 0; n < lanczos_orders; ++n, shrink /= a) window[n] *= shrink;
        for (int n = 0; n < lanczos_orders; ++n) {
            long double& sum = raw[k * lanczos_orders + n];
            for (int j = 0; j <= n; ++j) sum += binomial[n][j] * wave[j] * window[n - j];
            total[n] += sum;
        }
    }
    for (int k = 0; k < 2 * a; ++k) {
        long double quotient[lanczos_orders];
        for (int n = 0; n <= order; ++n) {
            long double rest = raw[k * lanczos_orders + n];
            for (int j = 0; j < n; ++j) rest -= binomial[n][j] * quotient[j] * total[n - j];
            quotient[n] = rest / total[0];
        }
        weight.push_back(quotient[order]);
    }
    return weight;
}

// Of a position. The doubt is that of a few roundings of the terms that weights are sums of, and of the distance.
inline Weights weights_at(Kernel kernel, const double* parameters, long double p, int order) {
    const std::int64_t floor = static_cast<std::int64_t>(std::floor(p));
    const long double t = p - floor;
    switch (kernel) {
        case Kernel::nearest: return {static_cast<std::int64_t>(std::nearbyint(p)), {order == 0 ? 1.0L : 0.0L}, 0, 1};
        case Kernel::linear: {
            const long double slope = order == 1;
            return {floor, {order == 0 ? 1 - t : -slope, order == 0 ? t : slope}, 4, 1};
        }
        case Kernel::keys: {
            const double scale = 16 * (1 + std::fabs(parameters[0]));
            return {floor - 1, keys(parameters[0], t, order), scale, scale};
        }
        case Kernel::mitchell: {
            const double scale = 16 * (1 + std::fabs(parameters[0]) + std::fabs(parameters[1]));
            return {floor - 1, mitchell(parameters[0], parameters[1], t, order), 4 * scale, scale};
        }
        case Kernel::bspline: {
            const int degree = static_cast<int>(parameters[0]);
            const std::int64_t anchor = degree % 2 ? floor : static_cast<std::int64_t>(std::nearbyint(p));
            // How far into the anchor's cell: its end, to which a distance may be rounded, belongs to the next one's piece.
            const long double s = std::min(p - anchor + (degree % 2 ? 0 : 0.5L), 1 - 1e-18L);
            std::vector<long double> weight;
            for (int k = 0; k <= degree; ++k) {
                weight.push_back(order > degree ? 0 : bspline(degree, s + (degree - 1) / 2.0L - k, order));
            }
            const double scale = 4 * (degree + 1) * std::pow(2.0, order);
            return {anchor - degree / 2, weight, 4 * scale, scale};
        }
        case Kernel::lanczos: {
            const int a = static_cast<int>(parameters[0]);
            const double scale = 16 * std::pow(4.0, order);
            return {floor - a + 1, lanczos(a, t, order), 4 * scale, scale};
        }
    }
    fail("no such kernel");
}

// ---- boundaries ---------------------------------------------------------------------------------------------------------

struct Boundary {
    bool zeros, fill, border, mirror, symmetric, wrap;

    explicit Boundary(const char* name) {
        const auto is = [&](const char* other) { return std::strcmp(name, other) == 0; };
        fill = is("fill"), zeros = fill || is("zeros"), border = is("border"), mirror = is("mirror"), symmetric = is("symmetric"), wrap = is("wrap");
        if (!(zeros || border || mirror || symmetric || wrap)) fail("the driver has no definition of the boundary", name);
    }
    bool folds() const { return border || mirror || symmetric; }
    std::int64_t period(std::int64_t size) const {
        return mirror ? std::max<std::int64_t>(2 * (size - 1), 1) : symmetric ? 2 * size : wrap ? size : 0;
    }
    std::int64_t resolve(std::int64_t i, std::int64_t size) const {  // -1 outside
        if (zeros) return 0 <= i && i < size ? i : -1;
        if (border) return std::clamp<std::int64_t>(i, 0, size - 1);
        i = (i % period(size) + period(size)) % period(size);
        return i < size ? i : mirror ? 2 * (size - 1) - i : 2 * size - 1 - i;
    }
    static Boundary named(const char* name) { return Boundary(name); }
    static const Boundary& on(const Call& call, int axis) {
        static const std::vector<Boundary> all = known_of(boundary_records, named);
        return all[static_cast<std::size_t>(call.options.axis[axis].boundary)];
    }

    // A position inside, from one within a period of the array; and whether that map rises (1), falls (-1), or rests (0).
    long double fold(long double p, std::int64_t size, int& rise) const {
        const long double low = symmetric ? -0.5L : 0, last = static_cast<long double>(size - 1), high = last - low;
        rise = 1;
        if (!border && p < low) p = 2 * low - p, rise = -rise;
        if (!border && p > high) p = 2 * high - p, rise = -rise;
        if (p <= 0 || p >= last) rise = 0;
        return std::clamp<long double>(p, 0, last);
    }
};

// ---- a place ------------------------------------------------------------------------------------------------------------

// The position, each operation rounded on its own; and within a period, where there is one.
template <class Position>
long double locate(const Convention& c, double coordinate, std::int64_t size, std::int64_t period, double& slope) {
    const volatile Position scale = static_cast<Position>(c.per_size * static_cast<double>(size) + c.constant);
    const volatile Position sum = static_cast<Position>(coordinate) + static_cast<Position>(c.offset);
    const volatile Position product = sum * scale;
    const volatile Position position = product - static_cast<Position>(c.shift);
    slope = scale;
    return period && std::isfinite(position) ? std::fmod(position, static_cast<Position>(period)) : position;
}

// Whether a place lies so far outside that it is filled.
template <class Position>
bool is_beyond(const Call& call, int axis, double coordinate) {
    double slope;
    const auto position = static_cast<Position>(locate<Position>(call.options.convention, coordinate, call.size[axis], 0, slope));
    Position last = static_cast<Position>(call.size[axis] - 1);  // or the next number above
    if (static_cast<std::int64_t>(last) < call.size[axis] - 1) last = std::nextafter(last, static_cast<Position>(INFINITY));
    const double margin = call.options.filling.margin;
    return margin < INFINITY && (position < -margin || position - last > margin);
}

// The taps on an axis, if the place has any.
inline void taps_on(const Call& call, int axis, double coordinate, int order, Footprint& on_axis) {
    const Boundary& boundary = Boundary::on(call, axis);
    const std::int64_t size = call.size[axis], period = boundary.period(size);
    const bool wide = call.has_double_positions();
    const Convention& convention = call.options.convention;
    double slope;
    long double p = wide ? locate<double>(convention, coordinate, size, period, slope)
                         : locate<float>(convention, coordinate, size, period, slope);
    on_axis.beyond = wide ? is_beyond<double>(call, axis, coordinate) : is_beyond<float>(call, axis, coordinate);
    on_axis.undefined = std::isnan(p) || (period && std::isinf(p) && !on_axis.beyond);
    if (on_axis.undefined || on_axis.beyond) return;
    const Kernel kernel = kernel_on(call, axis);
    const bool folds = boundary.folds() && (kernel == Kernel::nearest || kernel == Kernel::linear);
    const long double beyond = 20;  // pixels outside, nothing changes any more
    if (period == 0) p = std::clamp<long double>(p, -beyond, static_cast<long double>(size) + beyond);
    if (boundary.wrap && p < 0) p = wide ? static_cast<double>(p) + static_cast<double>(period)
                                         : static_cast<float>(p) + static_cast<float>(period);
    int rise = 1;
    if (folds) p = boundary.fold(p, size, rise);
    const Weights weights = weights_at(kernel, call.options.axis[axis].parameters, p, order);
    const Float& real = float_of(call.real());
    const double factor = std::pow(slope * rise, order), size_of_factor = std::fabs(factor);
    on_axis.scale = weights.scale * std::max(1.0, size_of_factor);
    for (int k = 0; k < static_cast<int>(weights.weight.size()); ++k) {
        const std::int64_t i = weights.first + k;
        const std::int64_t resolved = folds ? (0 <= i && i < size ? i : -1) : boundary.resolve(i, size);
        const long double weight = weights.weight[k] * factor;
        const double roundings = weights.doubt * size_of_factor + (order + 1) * static_cast<double>(std::fabs(weight));
        on_axis.taps.push_back({{resolved}, weight, roundings * real.eps() + real.tiny(), resolved < 0 && boundary.fill,
                                resolved < 0 && !boundary.fill});
    }
}

// Products over the axes. What a derivative of some orders weighs at point p of entry n.
inline Footprint footprint(const Call& call, std::int64_t n, std::int64_t p, const int* orders) {
    Footprint all;
    all.taps.push_back({{}, 1, 0});
    const double tiny = float_of(call.real()).tiny();
    for (int axis = 0; axis < call.axes; ++axis) {
        Footprint on_axis, product;
        taps_on(call, axis, call.read(call.grid, n, axis, p), orders[axis], on_axis);
        product.undefined = all.undefined || on_axis.undefined;
        product.beyond = all.beyond || on_axis.beyond;
        product.scale = all.scale * on_axis.scale;
        product.taps.reserve(all.taps.size() * on_axis.taps.size());
        for (const Tap& one : all.taps) {
            for (const Tap& other : on_axis.taps) {
                Tap tap = one;
                tap.place[axis] = other.place[0];
                tap.weight = one.weight * other.weight;
                tap.filled = one.filled || other.filled;  // outside along any axis that fills
                tap.nothing = !tap.filled && (one.nothing || other.nothing);
                const double size = static_cast<double>(std::fabs(one.weight)) + one.doubt;
                tap.doubt = size * other.doubt + one.doubt * static_cast<double>(std::fabs(other.weight)) + tiny;
                product.taps.push_back(tap);
            }
        }
        all = std::move(product);
    }
    const auto is_filled = [](const Tap& tap) { return tap.filled; };
    const bool outside = !all.taps.empty() && std::all_of(all.taps.begin(), all.taps.end(), is_filled);
    std::erase_if(all.taps, [](const Tap& tap) { return tap.nothing; });
    const bool fills = all.undefined ? call.options.filling.undefined : all.beyond || outside;
    if (all.undefined || fills) all.taps.clear();
    if (fills) all.undefined = false;
    if (fills && std::all_of(orders, orders + call.axes, [](int order) { return order == 0; })) {
        all.taps.push_back({{}, 1, 0, true});
    }
    return all;
}

// Whether a derivative of these orders is one of what is constant between pixels: 0, whatever the pixels hold.
inline bool vanishes(const Call& call, const int* orders) {
    for (int axis = 0; axis < call.axes; ++axis) {
        const Kernel kernel = kernel_on(call, axis);
        const bool flat = kernel == Kernel::nearest || (kernel == Kernel::bspline && call.options.axis[axis].parameters[0] == 0);
        if (flat && orders[axis] > 0) return true;
    }
    return false;
}

}  // namespace gridsample
