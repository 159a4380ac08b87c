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

#include "inlining.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif
#if defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
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

// Calls body(lane) for the lanes of a vector, in a loop that the compiler makes vector code of: GCC would unroll it whole
// before it looks for vectors, and then finds none.
template <int count, class Body>
GRIDSAMPLE_INLINE void for_each_lane(const Body& body) {
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC unroll 1
#endif
    for (int lane = 0; lane < count; ++lane) body(lane);
}

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

// Of some vectors, from the one at its own place for each lane.
template <class Real>
GRIDSAMPLE_INLINE Vec<Real> choose(const Mask<Real>* place, const Vec<Real>* from, int count) {
#if defined(__GNUC__)
    typedef Mask<Real> Places __attribute__((vector_size(vector_bytes), may_alias));
    const Places at = load_as<Places>(place);
    Vec<Real> chosen = from[0];
    for (int k = 1; k < count; ++k) chosen = at == static_cast<Mask<Real>>(k) ? from[k] : chosen;
    return chosen;
#else
    return from[*place];
#endif
}

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

}  // namespace gridsample::GRIDSAMPLE_ISA
