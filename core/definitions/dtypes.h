// The types of values: how each is named, how Python's buffers spell it, and what its weights and sums are computed in.
//
// To add one: a struct here, an entry in `DTypes`, its conversions in conversions.h, and its name in CMakeLists.txt. Whole
// numbers are voted on (vote.cpp), and some of them sampled, and rounded; they are neither coordinates nor summed up.
#pragma once

#include <cstdint>

#include "list.h"

namespace gridsample {

struct Half {
    std::uint16_t bits;
};

struct BFloat16 {
    std::uint16_t bits;
};

// What values are stored as, and their weights and sums computed in.
template <class Stored, class Computed>
struct As {
    using Value = Stored;
    using Real = Computed;
};

struct Float16 : As<Half, float> {
    static constexpr const char* name = "float16";
    static constexpr const char* formats = "e";  // of a buffer, of these bytes; NumPy has no bfloat16
};

struct BrainFloat16 : As<BFloat16, float> {
    static constexpr const char* name = "bfloat16";
    static constexpr const char* formats = "";
};

struct Float32 : As<float, float> {
    static constexpr const char* name = "float32";
    static constexpr const char* formats = "f";
};

struct Float64 : As<double, double> {
    static constexpr const char* name = "float64";
    static constexpr const char* formats = "d";
};

struct UInt8 : As<std::uint8_t, float> {
    static constexpr const char* name = "uint8";
    static constexpr const char* formats = "B";
};

// Labels, which are voted on alone. Weights are of the precision that has room for all of a type's numbers.
struct Bool : As<bool, float> {
    static constexpr const char* name = "bool";
    static constexpr const char* formats = "?";
};

struct Int8 : As<std::int8_t, float> {
    static constexpr const char* name = "int8";
    static constexpr const char* formats = "b";
};

struct UInt16 : As<std::uint16_t, double> {
    static constexpr const char* name = "uint16";
    static constexpr const char* formats = "H";
};

struct Int16 : As<std::int16_t, double> {
    static constexpr const char* name = "int16";
    static constexpr const char* formats = "h";
};

struct UInt32 : As<std::uint32_t, double> {
    static constexpr const char* name = "uint32";
    static constexpr const char* formats = "IL";
};

struct Int32 : As<std::int32_t, double> {
    static constexpr const char* name = "int32";
    static constexpr const char* formats = "il";
};

struct UInt64 : As<std::uint64_t, double> {
    static constexpr const char* name = "uint64";
    static constexpr const char* formats = "LQ";
};

struct Int64 : As<std::int64_t, double> {
    static constexpr const char* name = "int64";
    static constexpr const char* formats = "lq";
};

using Sampled = List<Float16, BrainFloat16, Float32, Float64, UInt8>;
using DTypes = List<Float16, BrainFloat16, Float32, Float64, UInt8, Bool, Int8, UInt16, Int16, UInt32, Int32, UInt64, Int64>;

template <class Definition>
constexpr bool is_whole = std::is_integral_v<typename Definition::Value>;
template <class Definition>
constexpr bool is_sampled = place_of<Definition>(Sampled()) >= 0;

enum class DType : int {};  // a place in the list

template <class Definition>
constexpr DType dtype_of = static_cast<DType>(place_of<Definition>(DTypes()));

struct DTypeRecord {
    const char* name;
    const char* formats;
    int bytes;
    bool whole, is_signed, sampled;
    DType sum;  // what splats are added up in, and weights

    template <class D>
    constexpr explicit DTypeRecord(D)
        : name(D::name),
          formats(D::formats),
          bytes(static_cast<int>(sizeof(typename D::Value))),
          whole(is_whole<D>),
          is_signed(std::is_signed_v<typename D::Value>),
          sampled(is_sampled<D>),
          sum(sizeof(typename D::Real) == sizeof(double) ? dtype_of<Float64> : dtype_of<Float32>) {}
};

inline constexpr Table<DTypeRecord, DTypes> dtype_records;

GRIDSAMPLE_INLINE constexpr const DTypeRecord& record_of(DType dtype) { return dtype_records[static_cast<int>(dtype)]; }

// Calls f(definition).
template <class F>
GRIDSAMPLE_INLINE void visit(DType dtype, const F& f) {
    visit(DTypes(), static_cast<int>(dtype), f);
}

}  // namespace gridsample
