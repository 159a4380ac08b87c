// Values as reals and back: half precision, bfloat16 and bytes, one by one and in vectors.
#pragma once

#include "integers.h"

namespace gridsample::GRIDSAMPLE_ISA {

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
GRIDSAMPLE_INLINE float widen(std::uint8_t x) { return x; }
GRIDSAMPLE_INLINE float widen(float x) { return x; }
GRIDSAMPLE_INLINE double widen(double x) { return x; }

// The nearest whole numbers from 0 to 255, halves to the even one; what is not a number becomes 0. Of one or of vectors.
template <class Reals>
GRIDSAMPLE_INLINE Reals within_bytes(const Reals& x) {
    const Reals none{}, most = none + 255, positive = x > 0 ? x : none;
    return positive < most ? positive : most;
}

template <class Real>
GRIDSAMPLE_INLINE Ints<Real> as_bytes(const Vec<Real>& x) {
    return to_ints<Real>(nearest_of<Real>(within_bytes(x)));
}

template <class Value, class Real>
GRIDSAMPLE_INLINE Value narrow(Real x) {
    if constexpr (std::is_same_v<Value, std::uint8_t>) return static_cast<Value>(std::nearbyint(within_bytes(x)));
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
        if constexpr (std::is_same_v<Value, std::uint8_t> && std::is_same_v<Real, float>)
            return (Vec<float>)_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(load_as<__m128i>(from)));
        if constexpr (std::is_same_v<Value, float>) return (Vec<double>)_mm512_cvtps_pd(load_as<__m256>(from));
#elif defined(__AVX2__) && defined(__F16C__)
        if constexpr (std::is_same_v<Value, Half> && std::is_same_v<Real, float>)
            return (Vec<float>)_mm256_cvtph_ps(load_as<__m128i>(from));
        if constexpr (std::is_same_v<Value, BFloat16> && std::is_same_v<Real, float>)
            return (Vec<float>)_mm256_slli_epi32(_mm256_cvtepu16_epi32(load_as<__m128i>(from)), 16);
        if constexpr (std::is_same_v<Value, std::uint8_t> && std::is_same_v<Real, float>)
            return (Vec<float>)_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_cvtsi64_si128(load_as<std::int64_t>(from))));
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
        if constexpr (std::is_same_v<Value, std::uint8_t> && lanes<Real> > 1) {
            std::int32_t bytes[lanes<Real>];
            store_ints<Real>(bytes, as_bytes<Real>(v));
            for (int i = 0; i < lanes<Real>; ++i) to[i] = static_cast<std::uint8_t>(bytes[i]);
            return;
        }
        Real values[lanes<Real>];
        store(values, v);
        for (int i = 0; i < lanes<Real>; ++i) to[i] = narrow<Value>(values[i]);
    }
}

}  // namespace gridsample::GRIDSAMPLE_ISA
