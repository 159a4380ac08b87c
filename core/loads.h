// Loads and sums of values that are neighbours in memory, and loads from anywhere.
#pragma once

#include "conversions.h"

namespace gridsample::GRIDSAMPLE_ISA {

// Where the packed values of chunk j of register g come from: the point it belongs to.
template <class Real, int Q>
constexpr int chunk_point(int g, int j) {
    constexpr int L = lane_length<Real>;
    return j * Q / L * L + g * (L / Q) + j * Q % L / Q;
}

template <int bytes>
    requires(bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8)
using Bits = std::conditional_t<bytes == 1, std::uint8_t,
                                std::conditional_t<bytes == 2, std::uint16_t,  // floats load straight into vectors
                                                   std::conditional_t<bytes == 4, float, double>>>;

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

// And back.
template <class Real, int Q, int g>
GRIDSAMPLE_INLINE void store_packed(Real* row, const std::int64_t* base, const Vec<Real>& packed) {
    Real values[lanes<Real>];
    store(values, packed);
    for (int j = 0; j < lanes<Real> / Q; ++j) {
        std::memcpy(row + base[chunk_point<Real, Q>(g, j)], values + j * Q, Q * sizeof(Real));
    }
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
