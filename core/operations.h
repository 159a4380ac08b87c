// What is compiled once for each type of values, or of reals.
#pragma once

#include "turns.h"

namespace gridsample::GRIDSAMPLE_ISA {

template <class Value>
using RealOf = std::conditional_t<std::is_same_v<Value, double>, double, float>;

// Samples (pull.cpp).
template <class Value>
struct Pull {
    static void run(const Job& job, const Part& part);
};

// The slopes of samples, weighed by values and added to the gradients of a block's tiles (slopes.cpp): of one plane; of a
// few channels that are neighbours in memory; of one tile with its channels in vectors.
template <class Value>
struct Slopes {
    using Tiles = Block<RealOf<Value>>;
    static void plane(const Job&, const Part&, Tiles&, int count, std::int64_t n, std::int64_t channel, bool prefetch);
    static void few(const Job&, const Part&, Tiles&, int count, std::int64_t n, bool prefetch);
    static void many(const Job&, const Part&, Tiles&, int t, std::int64_t n, const Turn<RealOf<Value>>&, bool prefetch);
};

// Sums over samples: splats, the gradient of the grid, or both (push.cpp).
template <class Real>
struct Sweep {
    static void run(const Job& job, const Part& part, bool slopes);
};

}  // namespace gridsample::GRIDSAMPLE_ISA
