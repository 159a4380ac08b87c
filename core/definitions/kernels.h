// Kernels, as in the Python definitions: which pixels around a position are its taps, and how much each counts.
//
// To add one: a struct here, and an entry in `Kernels`.
//
//     taps, anchor, before   the taps begin `before` pixels before the anchor, and t is the distance from the anchor
//     folds                  whether the position itself is folded, where the boundary can
//     parameter_names        of the numbers that travel with the kernel
//     parameter_values       where it is compiled for some alone: what they are
//     orders, polynomial     weights of order 0 ... orders - 1 are computed here; beyond those a polynomial's are 0, and
//                            others are not to be had
//     weights<order>         the weights of all taps, or their derivative of that order, for t and parameters; `Reals` are
//                            one real or a vector of them: conditions choose between numbers, and nothing branches
#pragma once

#include "../inlining.h"
#include "list.h"

namespace gridsample {

constexpr int max_taps = 8;
constexpr int max_parameters = 2;

enum class Anchor {
    below,    // the pixel at or before the position
    nearest,  // the nearest one, of two the even
};

struct Nearest {
    static constexpr const char* name = "nearest";
    static constexpr int taps = 1, before = 0, orders = 1;
    static constexpr Anchor anchor = Anchor::nearest;
    static constexpr bool folds = true, polynomial = true;
    static constexpr const char* parameter_names[] = {nullptr};
    static constexpr const double* parameter_values = nullptr;

    template <int order, class Reals, class Real>
    static GRIDSAMPLE_INLINE void weights(const Reals&, const Real*, Reals* weight) {
        weight[0] = Reals{} + (order == 0 ? 1 : 0);
    }
};

struct Linear {
    static constexpr const char* name = "linear";
    static constexpr int taps = 2, before = 0, orders = 2;
    static constexpr Anchor anchor = Anchor::below;
    static constexpr bool folds = true, polynomial = true;
    static constexpr const char* parameter_names[] = {nullptr};
    static constexpr const double* parameter_values = nullptr;

    template <int order, class Reals, class Real>
    static GRIDSAMPLE_INLINE void weights(const Reals& t, const Real*, Reals* weight) {
        weight[0] = order == 0 ? 1 - t : Reals{} - (order == 1 ? 1 : 0);
        weight[1] = order == 0 ? t : Reals{} + (order == 1 ? 1 : 0);
    }
};

struct Keys {
    static constexpr const char* name = "keys";
    static constexpr int taps = 4, before = 1, orders = 4;
    static constexpr Anchor anchor = Anchor::below;
    static constexpr bool folds = false, polynomial = true;
    static constexpr const char* parameter_names[] = {"a", nullptr};
    static constexpr const double* parameter_values = nullptr;

    template <int order, class Reals, class Real>
    static GRIDSAMPLE_INLINE void weights(const Reals& t, const Real* parameters, Reals* weight) {
        constexpr Real sign = order % 2 ? -1 : 1;  // right of the position, distance falls as t grows
        const Real a = parameters[0];
        weight[0] = outer<order, Reals>(t + 1, a);
        weight[1] = inner<order, Reals>(t, a);
        weight[2] = inner<order, Reals>(1 - t, a) * sign;
        weight[3] = outer<order, Reals>(2 - t, a) * sign;
    }

    // The piece for distances up to 1, or its derivative.
    template <int order, class Reals, class Real>
    static GRIDSAMPLE_INLINE Reals inner(const Reals& x, Real a) {
        if constexpr (order == 0) return ((a + 2) * x - (a + 3)) * x * x + 1;
        if constexpr (order == 1) return (3 * (a + 2) * x - 2 * (a + 3)) * x;
        if constexpr (order == 2) return 6 * (a + 2) * x - 2 * (a + 3);
        if constexpr (order == 3) return Reals{} + 6 * (a + 2);
        return Reals{};
    }

    // The piece for distances from 1 to 2, or its derivative.
    template <int order, class Reals, class Real>
    static GRIDSAMPLE_INLINE Reals outer(const Reals& x, Real a) {
        if constexpr (order == 0) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
        if constexpr (order == 1) return (3 * a * x - 10 * a) * x + 8 * a;
        if constexpr (order == 2) return 6 * a * x - 10 * a;
        if constexpr (order == 3) return Reals{} + 6 * a;
        return Reals{};
    }
};

}  // namespace gridsample

#include "lanczos.h"
#include "splines.h"

namespace gridsample {

using Kernels = List<Nearest, Linear, Keys, Lanczos<2>, Lanczos<3>, Lanczos<4>, Mitchell, BSpline<0>, BSpline<1>,
                     BSpline<2>, BSpline<3>, BSpline<4>, BSpline<5>, BSpline<6>, BSpline<7>>;

struct KernelRecord {
    const char* name;
    int taps, before, orders;
    Anchor anchor;
    bool folds, polynomial;
    const char* const* parameter_names;
    const double* parameter_values;

    template <class K>
    constexpr explicit KernelRecord(K)
        : name(K::name),
          taps(K::taps),
          before(K::before),
          orders(K::orders),
          anchor(K::anchor),
          folds(K::folds),
          polynomial(K::polynomial),
          parameter_names(K::parameter_names),
          parameter_values(K::parameter_values) {
        static_assert(1 <= K::taps && K::taps <= max_taps);
        static_assert(K::before < K::taps);
    }

    constexpr int parameters() const {
        int count = 0;
        while (parameter_names[count]) ++count;
        return count;
    }

    // Whether it is compiled for these numbers.
    bool takes(const double* numbers) const {
        for (int p = 0; parameter_values && p < parameters(); ++p) {
            if (numbers[p] != parameter_values[p]) return false;
        }
        return true;
    }
};

inline constexpr Table<KernelRecord, Kernels> kernel_records;

}  // namespace gridsample
