// Numbers at random, the same from the same seed everywhere; and those of half precision, one by one and slowly.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <vector>

#include "../../core/definitions/dtypes.h"
#include "guarded.h"

namespace gridsample {

// Steele, Lea and Flood's SplitMix64.
class Random {
public:
    explicit Random(std::uint64_t seed, std::uint64_t stream) : state_(seed * 0x9e3779b97f4a7c15u ^ stream << 1) { next(); }

    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        return z ^ z >> 31;
    }
    std::int64_t below(std::int64_t n) { return static_cast<std::int64_t>((next() >> 11) % static_cast<std::uint64_t>(n)); }
    std::int64_t between(std::int64_t low, std::int64_t high) { return low + below(high - low + 1); }
    bool one_in(std::int64_t n) { return below(n) == 0; }
    double uniform(double low, double high) { return low + (high - low) * static_cast<double>(next() >> 11) * 0x1p-53; }

    template <class T>
    T of(std::initializer_list<T> choices) {
        return choices.begin()[below(static_cast<std::int64_t>(choices.size()))];
    }

private:
    std::uint64_t state_;
};

// What a floating-point type is: bits of the fraction, the lowest and highest exponent of a normal number. Whole numbers
// have none.
struct Float {
    int bytes, fraction, lowest, highest;

    double eps() const { return std::ldexp(1.0, -1 - fraction); }            // half a unit in the last place
    double tiny() const { return std::ldexp(1.0, lowest - fraction); }       // the least number above 0
    double most() const { return std::ldexp(2 - 2 * eps(), highest); }       // the largest
};

inline Float float_named(const char* name) {
    if (std::strcmp(name, "float16") == 0) return {2, 10, -14, 15};
    if (std::strcmp(name, "bfloat16") == 0) return {2, 7, -126, 127};
    if (std::strcmp(name, "float32") == 0) return {4, 23, -126, 127};
    if (std::strcmp(name, "float64") == 0) return {8, 52, -1022, 1023};
    if (std::strcmp(name, "uint8") == 0) return {1, 0, 0, 7};
    for (const DTypeRecord& record : dtype_records) {
        if (record.whole && std::strcmp(name, record.name) == 0) return {record.bytes, 0, 0, 0};  // labels: never asked
    }
    fail("the driver has no dtype", name);
}

// What a driver knows of each record of the core's, found by its name, once.
template <class Known, class Records>
std::vector<Known> known_of(const Records& records, Known (*known)(const char*)) {
    std::vector<Known> all;
    for (const auto& record : records) all.push_back(known(record.name));
    return all;
}

inline const Float& float_of(DType dtype) {
    static const std::vector<Float> all = known_of(dtype_records, float_named);
    return all[static_cast<std::size_t>(dtype)];
}

inline double read_half(const Float& type, std::uint16_t bits) {
    const int fraction = bits & ((1 << type.fraction) - 1), exponent = (bits & 0x7fff) >> type.fraction;
    const double sign = bits & 0x8000 ? -1 : 1;
    if (exponent == 2 - type.lowest + type.highest) return fraction ? std::nan("") : sign * HUGE_VAL;
    if (exponent == 0) return sign * std::ldexp(fraction, type.lowest - type.fraction);
    return sign * std::ldexp((1 << type.fraction) + fraction, type.lowest - type.fraction + exponent - 1);
}

inline std::uint16_t write_half(const Float& type, double x) {
    const int sign = std::signbit(x) ? 0x8000 : 0, infinite = (2 - type.lowest + type.highest) << type.fraction;
    if (std::isnan(x)) return static_cast<std::uint16_t>(infinite | 1 << (type.fraction - 1));
    const double size = std::fabs(x);
    if (size == 0) return static_cast<std::uint16_t>(sign);
    if (std::isinf(x)) return static_cast<std::uint16_t>(sign | infinite);
    const int exponent = std::max(std::ilogb(size), type.lowest);
    const double units = std::nearbyint(std::ldexp(size, type.fraction - exponent));  // a carry goes to the exponent
    const int bits = ((exponent - type.lowest) << type.fraction) + static_cast<int>(units);
    return static_cast<std::uint16_t>(sign | std::min(bits, infinite));
}

// Calls f(a whole number of the type, 0).
template <class F>
void with_whole(DType dtype, const F& f) {
    visit(dtype, [&](auto definition) {
        if constexpr (is_whole<decltype(definition)>) f(typename decltype(definition)::Value());
    });
}

// A label as a signed number, in the order of labels: those of 64 bits without a sign lie around 0.
inline std::int64_t read_label(DType dtype, const char* from) {
    std::int64_t label = 0;
    with_whole(dtype, [&](auto whole) {
        std::memcpy(&whole, from, sizeof(whole));
        label = static_cast<std::int64_t>(whole);
        if (sizeof(whole) == 8 && std::is_unsigned_v<decltype(whole)>) label ^= INT64_MIN;
    });
    return label;
}
inline void write_label(DType dtype, char* to, std::int64_t label) {
    with_whole(dtype, [&](auto whole) {
        whole = static_cast<decltype(whole)>(label);
        std::memcpy(to, &whole, sizeof(whole));
    });
}

inline double read_number(DType dtype, const char* from) {
    if (record_of(dtype).whole) return static_cast<double>(read_label(dtype, from));
    const Float& type = float_of(dtype);
    float single;
    double number;
    std::uint16_t bits;
    if (type.bytes == 2) return std::memcpy(&bits, from, 2), read_half(type, bits);
    if (type.bytes == 4) return std::memcpy(&single, from, 4), single;
    return std::memcpy(&number, from, 8), number;
}

// Of bytes, as far from 0 as there are: numbers are at random from -1 to 1.
inline void write_number(DType dtype, char* to, double x) {
    if (record_of(dtype).whole) return write_label(dtype, to, static_cast<std::int64_t>(std::isnan(x) ? 0 : std::min(255.0, 255 * std::fabs(x))));
    const Float& type = float_of(dtype);
    const float single = static_cast<float>(x);
    if (type.bytes == 8) std::memcpy(to, &x, 8);
    if (type.bytes == 4) std::memcpy(to, &single, 4);
    if (type.bytes != 2) return;
    const std::uint16_t bits = write_half(type, x);
    std::memcpy(to, &bits, 2);
}

}  // namespace gridsample
