// The types of values: how each is named, how Python's buffers spell it, and what its weights and sums are computed in.
//
// To add one: a struct here, an entry in `DTypes`, its conversions in conversions.h, and its name in CMakeLists.txt. Whole
// numbers are sampled, and rounded; they are neither coordinates nor summed up.
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

struct Float16 {
    using Value = Half;
    using Real = float;
    static constexpr const char* name = "float16";
    static constexpr char format = 'e';  // of a buffer; NumPy has no bfloat16
};

struct BrainFloat16 {
    using Value = BFloat16;
    using Real = float;
    static constexpr const char* name = "bfloat16";
    static constexpr char format = '\0';
};

struct Float32 {
    using Value = float;
    using Real = float;
    static constexpr const char* name = "float32";
    static constexpr char format = 'f';
};

struct Float64 {
    using Value = double;
    using Real = double;
    static constexpr const char* name = "float64";
    static constexpr char format = 'd';
};

struct UInt8 {
    using Value = std::uint8_t;
    using Real = float;
    static constexpr const char* name = "uint8";
    static constexpr char format = 'B';
};

using DTypes = List<Float16, BrainFloat16, Float32, Float64, UInt8>;

template <class Definition>
constexpr bool is_whole = std::is_integral_v<typename Definition::Value>;

enum class DType : int {};  // a place in the list

template <class Definition>
constexpr DType dtype_of = static_cast<DType>(place_of<Definition>(DTypes()));

struct DTypeRecord {
    const char* name;
    char format;
    int bytes;
    bool whole;
    DType sum;  // what splats are added up in

    template <class D>
    constexpr explicit DTypeRecord(D)
        : name(D::name),
          format(D::format),
          bytes(static_cast<int>(sizeof(typename D::Value))),
          whole(is_whole<D>),
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
