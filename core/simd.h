// A small vector layer: one vector of reals as wide as the instruction set has, and the few moves sampling needs.
//
// Points go through in vectors of `lanes<Real>`. Taps that are neighbours in memory are loaded together, so a register
// holds, for some of the points, several taps each: it is *packed*. Everything works within 128-bit lanes, where
// shuffles are cheap. With L reals in such a lane and Q taps packed,
//
//     register g, lane l, element e   holds   tap e % Q  of point  l * L + g * (L / Q) + e / Q
//
// and Q registers hold the taps of one vector of points. `unpack` turns them into a vector for each tap.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "arrays.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif
#if defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#endif

#if defined(__GNUC__)
#define GRIDSAMPLE_INLINE inline __attribute__((always_inline))
#else
#define GRIDSAMPLE_INLINE __forceinline
#endif

#if defined(__GNUC__)
#define GRIDSAMPLE_NOINLINE __attribute__((noinline))
#else
#define GRIDSAMPLE_NOINLINE __declspec(noinline)
#endif

#if defined(__GNUC__)
#define GRIDSAMPLE_PREFETCH(address) __builtin_prefetch(address)
#else
#define GRIDSAMPLE_PREFETCH(address) static_cast<void>(address)
#endif

namespace gridsample::GRIDSAMPLE_ISA {

#if defined(__AVX512F__)
constexpr int vector_bytes = 64;
#elif defined(__AVX__)
constexpr int vector_bytes = 32;
#else
constexpr int vector_bytes = 16;
#endif

#if defined(__GNUC__)
template <class Real>
struct VectorOf {
    typedef Real type __attribute__((vector_size(vector_bytes), may_alias));
};
template <class Real>
constexpr int lanes = vector_bytes / static_cast<int>(sizeof(Real));
template <class Real>
constexpr int lane_length = 16 / static_cast<int>(sizeof(Real));
#else  // one value at a time
template <class Real>
struct VectorOf {
    using type = Real;
};
template <class Real>
constexpr int lanes = 1;
template <class Real>
constexpr int lane_length = 1;
#endif

template <class Real>
using Vec = typename VectorOf<Real>::type;

template <class T>
GRIDSAMPLE_INLINE T load_as(const void* from) {
    T to;
    std::memcpy(&to, from, sizeof(T));
    return to;
}

template <class Real>
GRIDSAMPLE_INLINE Vec<Real> load(const Real* from) {
    return load_as<Vec<Real>>(from);
}

template <class Real>
GRIDSAMPLE_INLINE void store(Real* to, const Vec<Real>& v) {
    std::memcpy(to, &v, sizeof(v));
}

template <class Real>
GRIDSAMPLE_INLINE Vec<Real> broadcast(Real x) {
    return x - Vec<Real>{};
}

// a * b + c, rounded once where the instruction set has that. The same for scalars and vectors, so that a value does
// not depend on whether its neighbours were computed together.
GRIDSAMPLE_INLINE float fma(float a, float b, float c) {
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
    return __builtin_fmaf(a, b, c);
#else
    return a * b + c;
#endif
}
GRIDSAMPLE_INLINE double fma(double a, double b, double c) {
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
    return __builtin_fma(a, b, c);
#else
    return a * b + c;
#endif
}
#if defined(__GNUC__)
GRIDSAMPLE_INLINE Vec<float> fma(const Vec<float>& a, const Vec<float>& b, const Vec<float>& c) {
#if defined(__AVX512F__)
    return (Vec<float>)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__FMA__)
    return (Vec<float>)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined(__ARM_FEATURE_FMA)
    return (Vec<float>)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#else
    return a * b + c;
#endif
}
GRIDSAMPLE_INLINE Vec<double> fma(const Vec<double>& a, const Vec<double>& b, const Vec<double>& c) {
#if defined(__AVX512F__)
    return (Vec<double>)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif defined(__FMA__)
    return (Vec<double>)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#elif defined(__ARM_FEATURE_FMA)
    return (Vec<double>)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
#else
    return a * b + c;
#endif
}
#endif

// A bit for each of some integers: whether it is negative.
template <int count>
GRIDSAMPLE_INLINE std::uint32_t signs(const std::int32_t* from) {
#if defined(__AVX512F__)
    if constexpr (count == 16) return _mm512_movepi32_mask(load_as<__m512i>(from));
#endif
#if defined(__AVX__)
    if constexpr (count == 8) return static_cast<std::uint32_t>(_mm256_movemask_ps(load_as<__m256>(from)));
#endif
#if defined(__SSE2__)
    if constexpr (count == 4) return static_cast<std::uint32_t>(_mm_movemask_ps(load_as<__m128>(from)));
#endif
    std::uint32_t bits = 0;
    for (int i = 0; i < count; ++i) bits |= static_cast<std::uint32_t>(from[i] < 0) << i;
    return bits;
}

// Whole numbers of a real's size: -1 keeps a lane, 0 makes it 0.
template <class Real>
using Mask = std::conditional_t<sizeof(Real) == 4, std::int32_t, std::int64_t>;

#if defined(__GNUC__)
template <class Real>
GRIDSAMPLE_INLINE Vec<Real> keep(const Vec<Real>& values, const Vec<Real>& mask) {
    typedef Mask<Real> Bits __attribute__((vector_size(vector_bytes), may_alias));
    return (Vec<Real>)((Bits)values & (Bits)mask);
}
#else
template <class Real>
GRIDSAMPLE_INLINE Real keep(const Real& value, const Real& mask) {
    return load_as<Mask<Real>>(&mask) ? value : Real(0);
}
#endif

// ---- Shuffles within 128-bit lanes ----------------------------------------------------------------------------------

#if defined(__GNUC__)
// Element i of the result is element Pick::at(i) of a and b laid end to end.
template <class Pick, class V, std::size_t... I>
GRIDSAMPLE_INLINE V shuffle(const V& a, const V& b, std::index_sequence<I...>) {
#if defined(__clang__)
    return __builtin_shufflevector(a, b, Pick::at(I)...);
#else
    using Int = std::conditional_t<sizeof(a[0]) == 4, std::int32_t, std::int64_t>;
    typedef Int Mask __attribute__((vector_size(sizeof(V))));
    return __builtin_shuffle(a, b, Mask{Pick::at(I)...});
#endif
}
template <class Pick, class Real>
GRIDSAMPLE_INLINE Vec<Real> shuffle(const Vec<Real>& a, const Vec<Real>& b) {
    return shuffle<Pick>(a, b, std::make_index_sequence<lanes<Real>>());
}

// Each weight repeated for the Q taps of its point, for register g.
template <class Real, int Q, int g>
struct Expand {
    static constexpr int at(int i) {
        constexpr int L = lane_length<Real>;
        return i / L * L + g * (L / Q) + i % L / Q;
    }
};

// Element (lane l, e) of the result is element First(e) of lane l of the first register or, from `count` on, of the second.
template <class Real, int e0, int e1, int e2, int e3>
struct InLane {
    static constexpr int at(int i) {
        constexpr int L = lane_length<Real>;
        constexpr int pick[] = {e0, e1, e2, e3};
        const int e = pick[i % L];
        return e < L ? i / L * L + e : lanes<Real> + i / L * L + e - L;
    }
};
#endif

template <class Real, int Q, int g>
GRIDSAMPLE_INLINE Vec<Real> expand(const Vec<Real>& weights) {
    if constexpr (Q == 1) {
        return weights;
    } else {
        return shuffle<Expand<Real, Q, g>, Real>(weights, weights);
    }
}

// From Q packed registers to Q vectors of one tap each.
template <class Real, int Q>
GRIDSAMPLE_INLINE void unpack(const Vec<Real>* packed, Vec<Real>* taps) {
    if constexpr (Q == 1) {
        taps[0] = packed[0];
    } else if constexpr (lane_length<Real> == 2) {  // Q == 2
        taps[0] = shuffle<InLane<Real, 0, 2, 0, 0>, Real>(packed[0], packed[1]);
        taps[1] = shuffle<InLane<Real, 1, 3, 0, 0>, Real>(packed[0], packed[1]);
    } else if constexpr (Q == 2) {
        taps[0] = shuffle<InLane<Real, 0, 2, 4, 6>, Real>(packed[0], packed[1]);
        taps[1] = shuffle<InLane<Real, 1, 3, 5, 7>, Real>(packed[0], packed[1]);
    } else {
        const auto low01 = shuffle<InLane<Real, 0, 4, 1, 5>, Real>(packed[0], packed[1]);
        const auto high01 = shuffle<InLane<Real, 2, 6, 3, 7>, Real>(packed[0], packed[1]);
        const auto low23 = shuffle<InLane<Real, 0, 4, 1, 5>, Real>(packed[2], packed[3]);
        const auto high23 = shuffle<InLane<Real, 2, 6, 3, 7>, Real>(packed[2], packed[3]);
        taps[0] = shuffle<InLane<Real, 0, 1, 4, 5>, Real>(low01, low23);
        taps[1] = shuffle<InLane<Real, 2, 3, 6, 7>, Real>(low01, low23);
        taps[2] = shuffle<InLane<Real, 0, 1, 4, 5>, Real>(high01, high23);
        taps[3] = shuffle<InLane<Real, 2, 3, 6, 7>, Real>(high01, high23);
    }
}

// The inverse: from Q vectors of one tap each to Q packed registers.
template <class Real, int Q>
GRIDSAMPLE_INLINE void pack(const Vec<Real>* taps, Vec<Real>* packed) {
    if constexpr (Q == 2 && lane_length<Real> == 4) {
        packed[0] = shuffle<InLane<Real, 0, 4, 1, 5>, Real>(taps[0], taps[1]);
        packed[1] = shuffle<InLane<Real, 2, 6, 3, 7>, Real>(taps[0], taps[1]);
    } else {  // the others are transpositions, their own inverse
        unpack<Real, Q>(taps, packed);
    }
}

// ---- Conversions ----------------------------------------------------------------------------------------------------

GRIDSAMPLE_INLINE float widen(BFloat16 x) {
    const std::uint32_t bits = std::uint32_t{x.bits} << 16;
    return load_as<float>(&bits);
}
GRIDSAMPLE_INLINE float widen(Half x) {
#if defined(__F16C__)
    return _cvtsh_ss(x.bits);
#elif defined(__ARM_NEON) && defined(__aarch64__)
    return static_cast<float>(load_as<__fp16>(&x));
#else
    // Shift exponent and fraction into place and scale by 2^112, which also makes subnormals right; Inf and NaN apart.
    const std::uint32_t magnitude = (x.bits & 0x7fffu) << 13, sign = (x.bits & 0x8000u) << 16;
    float value = load_as<float>(&magnitude) * 0x1p112f;
    const std::uint32_t special = magnitude | 0x7f800000u;
    if ((x.bits & 0x7c00u) == 0x7c00u) value = load_as<float>(&special);
    const std::uint32_t bits = load_as<std::uint32_t>(&value) | sign;
    return load_as<float>(&bits);
#endif
}
GRIDSAMPLE_INLINE float widen(float x) { return x; }
GRIDSAMPLE_INLINE double widen(double x) { return x; }

template <class Value, class Real>
GRIDSAMPLE_INLINE Value narrow(Real x) {
    if constexpr (std::is_same_v<Value, BFloat16>) {  // to nearest, ties to even
        const float value = static_cast<float>(x);
        const std::uint32_t bits = load_as<std::uint32_t>(&value);
        if (x != x) return {static_cast<std::uint16_t>(bits >> 16 | 0x40u)};
        return {static_cast<std::uint16_t>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16)};
    } else if constexpr (std::is_same_v<Value, Half>) {
        const float value = static_cast<float>(x);
#if defined(__F16C__)
        return {static_cast<std::uint16_t>(_cvtss_sh(value, 0))};
#elif defined(__ARM_NEON) && defined(__aarch64__)
        const __fp16 half = static_cast<__fp16>(value);
        return load_as<Half>(&half);
#else
        const std::uint32_t bits = load_as<std::uint32_t>(&value);
        const std::uint32_t sign = bits >> 16 & 0x8000u, magnitude = bits & 0x7fffffffu;
        std::uint32_t half;
        if (magnitude > 0x7f800000u) {
            half = 0x7e00u | (magnitude >> 13 & 0x3ffu);
        } else if (magnitude >= 0x47800000u) {
            half = 0x7c00u;
        } else if (magnitude < 0x38800000u) {  // subnormal: adding 1/2 lines its bits up with the last place
            const float shifted = load_as<float>(&magnitude) + 0.5f;
            half = load_as<std::uint32_t>(&shifted) - 0x3f000000u;
        } else {
            half = (magnitude - 0x38000000u + 0xfffu + (magnitude >> 13 & 1u)) >> 13;
        }
        return {static_cast<std::uint16_t>(half | sign)};
#endif
    } else {
        return static_cast<Value>(x);
    }
}

// A vector of values, as reals.
template <class Real, class Value>
GRIDSAMPLE_INLINE Vec<Real> load_widened(const Value* from) {
    if constexpr (std::is_same_v<Real, Value>) {
        return load(from);
    } else {
#if defined(__AVX512F__)
        if constexpr (std::is_same_v<Value, Half> && std::is_same_v<Real, float>)
            return (Vec<float>)_mm512_cvtph_ps(load_as<__m256i>(from));
        if constexpr (std::is_same_v<Value, BFloat16> && std::is_same_v<Real, float>)
            return (Vec<float>)_mm512_slli_epi32(_mm512_cvtepu16_epi32(load_as<__m256i>(from)), 16);
        if constexpr (std::is_same_v<Value, float>) return (Vec<double>)_mm512_cvtps_pd(load_as<__m256>(from));
#elif defined(__AVX2__) && defined(__F16C__)
        if constexpr (std::is_same_v<Value, Half> && std::is_same_v<Real, float>)
            return (Vec<float>)_mm256_cvtph_ps(load_as<__m128i>(from));
        if constexpr (std::is_same_v<Value, BFloat16> && std::is_same_v<Real, float>)
            return (Vec<float>)_mm256_slli_epi32(_mm256_cvtepu16_epi32(load_as<__m128i>(from)), 16);
        if constexpr (std::is_same_v<Value, float>) return (Vec<double>)_mm256_cvtps_pd(load_as<__m128>(from));
#endif
        Real values[lanes<Real>];
        for (int i = 0; i < lanes<Real>; ++i) values[i] = static_cast<Real>(widen(from[i]));
        return load(values);
    }
}

template <class Value, class Real>
GRIDSAMPLE_INLINE void store_narrowed(Value* to, const Vec<Real>& v) {
    if constexpr (std::is_same_v<Real, Value>) {
        store(to, v);
    } else {
#if defined(__AVX512F__)
        if constexpr (std::is_same_v<Value, Half> && std::is_same_v<Real, float>) {
            const __m256i halves = _mm512_cvtps_ph((__m512)v, 0);
            std::memcpy(to, &halves, sizeof(halves));
            return;
        }
#endif
        Real values[lanes<Real>];
        store(values, v);
        for (int i = 0; i < lanes<Real>; ++i) to[i] = narrow<Value>(values[i]);
    }
}

// ---- Loads of neighbours --------------------------------------------------------------------------------------------

// Where the packed values of chunk j of register g come from: the point it belongs to.
template <class Real, int Q>
constexpr int chunk_point(int g, int j) {
    constexpr int L = lane_length<Real>;
    return j * Q / L * L + g * (L / Q) + j * Q % L / Q;
}

template <int bytes>
using Bits = std::conditional_t<bytes == 2, std::uint16_t,
                                std::conditional_t<bytes == 4, float, double>>;  // floats load straight into vectors

#if defined(__GNUC__)
// Values of `bytes` bytes each, one from each of the addresses, laid end to end.
template <class Real, class Value, int bytes, class At, std::size_t... J>
GRIDSAMPLE_INLINE Vec<Real> gather_chunks(const At& at, std::index_sequence<J...>) {
    typedef Bits<bytes> Chunks __attribute__((vector_size(bytes * sizeof...(J)), may_alias));
    const Chunks chunks = {load_as<Bits<bytes>>(at(static_cast<int>(J)))...};
    Value values[lanes<Real>];
    std::memcpy(values, &chunks, sizeof(values));
    return load_widened<Real>(values);
}
#endif

// Register g of packed values: for each of its points, Q neighbours from row + base[point].
template <class Real, int Q, int g, class Value>
GRIDSAMPLE_INLINE Vec<Real> load_packed(const Value* row, const std::int64_t* base) {
    const auto at = [&](int j) { return row + base[chunk_point<Real, Q>(g, j)]; };
#if !defined(__GNUC__)
    return static_cast<Real>(widen(*at(0)));
#else
    constexpr int bytes = Q * sizeof(Value);
    if constexpr (bytes < 16) {
        return gather_chunks<Real, Value, bytes>(at, std::make_index_sequence<lanes<Real> / Q>());
    } else {  // Q reals fill a lane, and values are no wider
#if defined(__AVX512F__)
        const auto lane = [&](int l) { return _mm_loadu_ps(reinterpret_cast<const float*>(at(l))); };
        const __m256 low = _mm256_insertf128_ps(_mm256_castps128_ps256(lane(0)), lane(1), 1);
        const __m256 high = _mm256_insertf128_ps(_mm256_castps128_ps256(lane(2)), lane(3), 1);
        return (Vec<Real>)_mm512_insertf64x4(_mm512_castpd256_pd512(_mm256_castps_pd(low)), _mm256_castps_pd(high), 1);
#elif defined(__AVX__)
        const auto lane = [&](int l) { return _mm_loadu_ps(reinterpret_cast<const float*>(at(l))); };
        return (Vec<Real>)_mm256_insertf128_ps(_mm256_castps128_ps256(lane(0)), lane(1), 1);
#else
        return load_as<Vec<Real>>(at(0));
#endif
    }
#endif
}

// Add Q neighbours to Q pixels.
template <int Q, class Real, class Sum>
GRIDSAMPLE_INLINE void add_chunk(Sum* to, const Real* values) {
#if defined(__GNUC__)
    if constexpr (std::is_same_v<Sum, Real> && Q > 1) {
        typedef Sum Chunk __attribute__((vector_size(Q * sizeof(Sum)), may_alias));
        const Chunk sum = load_as<Chunk>(to) + load_as<Chunk>(values);
        std::memcpy(to, &sum, sizeof(sum));
        return;
    }
#endif
    for (int k = 0; k < Q; ++k) to[k] = static_cast<Sum>(to[k] + values[k]);
}

// An offset that leads nowhere; no array is that large.
constexpr std::int64_t nowhere = INT64_MIN;

// Values from plane + offset[lane], or 0 where that leads nowhere.

template <class Real, class Value>
GRIDSAMPLE_INLINE Vec<Real> load_where(const Value* plane, const std::int64_t* offset) {
#if defined(__AVX512F__)
    if constexpr (std::is_same_v<Value, float> && std::is_same_v<Real, float>) {
        const auto half = [&](const std::int64_t* from) {
            const __m512i at = load_as<__m512i>(from);
            const __mmask8 there = _mm512_cmpgt_epi64_mask(at, _mm512_set1_epi64(nowhere));
            return _mm512_mask_i64gather_ps(_mm256_setzero_ps(), there, at, plane, 4);
        };
        const __m512d low = _mm512_castpd256_pd512(_mm256_castps_pd(half(offset)));
        return (Vec<Real>)_mm512_insertf64x4(low, _mm256_castps_pd(half(offset + 8)), 1);
    }
    if constexpr (std::is_same_v<Value, double>) {
        const __m512i at = load_as<__m512i>(offset);
        const __mmask8 there = _mm512_cmpgt_epi64_mask(at, _mm512_set1_epi64(nowhere));
        return (Vec<Real>)_mm512_mask_i64gather_pd(_mm512_setzero_pd(), there, at, plane, 8);
    }
#endif
    Real values[lanes<Real>];
    for (int i = 0; i < lanes<Real>; ++i) {
        values[i] = offset[i] <= nowhere ? Real(0) : static_cast<Real>(widen(plane[offset[i]]));
    }
    return load(values);
}

}  // namespace gridsample::GRIDSAMPLE_ISA
