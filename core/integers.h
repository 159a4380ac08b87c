// Whole numbers beside the vectors of reals: what positions become, and what comparisons say.
//
// Comparisons of vectors give -1 where they hold and 0 elsewhere, in numbers of the reals' size; `condition ? a : b`
// chooses by them. Every function is there for single numbers too, where there are no vectors.
#pragma once

#include "simd.h"

namespace gridsample::GRIDSAMPLE_ISA {

#if defined(__GNUC__)
template <class Real>
struct IntsOf {
    typedef std::int32_t type __attribute__((vector_size(4 * lanes<Real>), may_alias));
};
#else
template <class Real>
struct IntsOf {
    using type = std::int32_t;
};
#endif

// As many 32-bit whole numbers as a vector has reals.
template <class Real>
using Ints = typename IntsOf<Real>::type;

template <class Real>
GRIDSAMPLE_INLINE void store_ints(std::int32_t* to, const Ints<Real>& v) {
    std::memcpy(to, &v, sizeof(v));
}

// Reals without a fraction.
template <class Real>
GRIDSAMPLE_INLINE Ints<Real> to_ints(const Vec<Real>& whole) {
#if defined(__GNUC__)
    return __builtin_convertvector(whole, Ints<Real>);
#else
    return static_cast<std::int32_t>(whole);
#endif
}

// -1 or 0 for each real, from a comparison of two vectors of them.
template <class Real, class Condition>
GRIDSAMPLE_INLINE Ints<Real> to_mask(const Condition& condition) {
#if defined(__GNUC__)
    if constexpr (sizeof(Real) == 4) return (Ints<Real>)condition;
    if constexpr (sizeof(Real) == 8) return __builtin_convertvector(condition, Ints<Real>);
#else
    return condition ? -1 : 0;
#endif
}

// As 64-bit numbers.
template <class Real>
GRIDSAMPLE_INLINE void store_widened(std::int64_t* to, const Ints<Real>& v) {
#if defined(__AVX2__)
    if constexpr (sizeof(v) == 32) {
        const __m256i low = _mm256_cvtepi32_epi64(_mm256_castsi256_si128((__m256i)v));
        const __m256i high = _mm256_cvtepi32_epi64(_mm256_extracti128_si256((__m256i)v, 1));
        std::memcpy(to, &low, sizeof(low));
        std::memcpy(to + 4, &high, sizeof(high));
        return;
    }
#endif
    std::int32_t numbers[lanes<Real>];
    store_ints<Real>(numbers, v);
    for_each_lane<lanes<Real>>([&](int lane) { to[lane] = numbers[lane]; });
}

// A bit for each number: whether it is negative.
template <class Real>
GRIDSAMPLE_INLINE std::uint32_t signs(const Ints<Real>& v) {
    std::int32_t numbers[lanes<Real>];
    store_ints<Real>(numbers, v);
    return signs<lanes<Real>>(numbers);
}

// The product of the low halves, as addresses within 2^32 are computed: wherever it is no 32-bit number, it is not used.
template <class Real>
GRIDSAMPLE_INLINE Ints<Real> low_product(const Ints<Real>& a, std::int32_t b) {
#if defined(__GNUC__)
    typedef std::uint32_t Unsigned __attribute__((vector_size(4 * lanes<Real>), may_alias));
    return (Ints<Real>)((Unsigned)a * static_cast<std::uint32_t>(b));
#else
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) * static_cast<std::uint32_t>(b));
#endif
}
template <class Real>
GRIDSAMPLE_INLINE Ints<Real> low_sum(const Ints<Real>& a, const Ints<Real>& b) {
#if defined(__GNUC__)
    typedef std::uint32_t Unsigned __attribute__((vector_size(4 * lanes<Real>), may_alias));
    return (Ints<Real>)((Unsigned)a + (Unsigned)b);
#else
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) + static_cast<std::uint32_t>(b));
#endif
}

// ---- Whole parts of reals -------------------------------------------------------------------------------------------

template <class Real, class Round>
GRIDSAMPLE_INLINE Vec<Real> each_rounded(const Vec<Real>& v, const Round& round) {
    Real reals[lanes<Real>];
    store(reals, v);
    for (int lane = 0; lane < lanes<Real>; ++lane) reals[lane] = round(reals[lane]);
    return load(reals);
}

// The whole number below, or the nearest one, of two the even.
template <class Real>
GRIDSAMPLE_INLINE Vec<Real> floor_of(const Vec<Real>& v) {
#if defined(__AVX512F__)
    if constexpr (sizeof(Real) == 4) return (Vec<Real>)_mm512_roundscale_ps((__m512)v, _MM_FROUND_TO_NEG_INF);
    if constexpr (sizeof(Real) == 8) return (Vec<Real>)_mm512_roundscale_pd((__m512d)v, _MM_FROUND_TO_NEG_INF);
#elif defined(__AVX__)
    if constexpr (sizeof(Real) == 4) return (Vec<Real>)_mm256_floor_ps((__m256)v);
    if constexpr (sizeof(Real) == 8) return (Vec<Real>)_mm256_floor_pd((__m256d)v);
#elif defined(__SSE4_1__)
    if constexpr (sizeof(Real) == 4) return (Vec<Real>)_mm_floor_ps((__m128)v);
    if constexpr (sizeof(Real) == 8) return (Vec<Real>)_mm_floor_pd((__m128d)v);
#elif defined(__ARM_NEON) && defined(__aarch64__)
    if constexpr (sizeof(Real) == 4) return (Vec<Real>)vrndmq_f32((float32x4_t)v);
    if constexpr (sizeof(Real) == 8) return (Vec<Real>)vrndmq_f64((float64x2_t)v);
#else
    return each_rounded<Real>(v, [](Real real) { return std::floor(real); });
#endif
}
template <class Real>
GRIDSAMPLE_INLINE Vec<Real> nearest_of(const Vec<Real>& v) {
#if defined(__AVX512F__)
    if constexpr (sizeof(Real) == 4) return (Vec<Real>)_mm512_roundscale_ps((__m512)v, _MM_FROUND_TO_NEAREST_INT);
    if constexpr (sizeof(Real) == 8) return (Vec<Real>)_mm512_roundscale_pd((__m512d)v, _MM_FROUND_TO_NEAREST_INT);
#elif defined(__AVX__)
    if constexpr (sizeof(Real) == 4) return (Vec<Real>)_mm256_round_ps((__m256)v, _MM_FROUND_TO_NEAREST_INT);
    if constexpr (sizeof(Real) == 8) return (Vec<Real>)_mm256_round_pd((__m256d)v, _MM_FROUND_TO_NEAREST_INT);
#elif defined(__SSE4_1__)
    if constexpr (sizeof(Real) == 4) return (Vec<Real>)_mm_round_ps((__m128)v, _MM_FROUND_TO_NEAREST_INT);
    if constexpr (sizeof(Real) == 8) return (Vec<Real>)_mm_round_pd((__m128d)v, _MM_FROUND_TO_NEAREST_INT);
#elif defined(__ARM_NEON) && defined(__aarch64__)
    if constexpr (sizeof(Real) == 4) return (Vec<Real>)vrndnq_f32((float32x4_t)v);
    if constexpr (sizeof(Real) == 8) return (Vec<Real>)vrndnq_f64((float64x2_t)v);
#else
    return each_rounded<Real>(v, [](Real real) { return std::rint(real); });
#endif
}

// ---- Two vectors of doubles to one of floats, with what belongs to them -----------------------------------------------

GRIDSAMPLE_INLINE Vec<float> narrow_both(const Vec<double>& low, const Vec<double>& high) {
#if defined(__AVX512F__)
    const __m256d halves[] = {(__m256d)_mm512_cvtpd_ps((__m512d)low), (__m256d)_mm512_cvtpd_ps((__m512d)high)};
    return (Vec<float>)_mm512_insertf64x4(_mm512_castpd256_pd512(halves[0]), halves[1], 1);
#elif defined(__AVX__)
    return (Vec<float>)_mm256_set_m128(_mm256_cvtpd_ps((__m256d)high), _mm256_cvtpd_ps((__m256d)low));
#else
    double wide[2 * lanes<double>];
    float narrow[lanes<float>];
    store(wide, low);
    store(wide + lanes<double>, high);
    for (int lane = 0; lane < lanes<float>; ++lane) narrow[lane] = static_cast<float>(wide[lane]);
    return load(narrow);
#endif
}

GRIDSAMPLE_INLINE Ints<float> join(const Ints<double>& low, const Ints<double>& high) {
#if defined(__AVX512F__)
    return (Ints<float>)_mm512_inserti64x4(_mm512_castsi256_si512((__m256i)low), (__m256i)high, 1);
#elif defined(__AVX__)
    return (Ints<float>)_mm256_set_m128i((__m128i)high, (__m128i)low);
#else
    Ints<float> both;
    std::memcpy(&both, &low, sizeof(low));
    if constexpr (lanes<float> > lanes<double>) {
        std::memcpy(reinterpret_cast<char*>(&both) + sizeof(low), &high, sizeof(high));
    }
    return both;
#endif
}

}  // namespace gridsample::GRIDSAMPLE_ISA
