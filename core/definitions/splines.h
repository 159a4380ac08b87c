// Cubic filters with two free numbers, and B-splines, as in the Python definitions.
#pragma once

#include "../inlining.h"

namespace gridsample {

struct Mitchell {
    static constexpr const char* name = "mitchell";
    static constexpr int taps = 4, before = 1, orders = 4;
    static constexpr Anchor anchor = Anchor::below;
    static constexpr bool folds = false, polynomial = true;
    static constexpr const char* parameter_names[] = {"b", "c", nullptr};
    static constexpr const double* parameter_values = nullptr;

    template <int order, class Reals, class Real>
    static GRIDSAMPLE_INLINE void weights(const Reals& t, const Real* parameters, Reals* weight) {
        constexpr Real sign = order % 2 ? -1 : 1;  // right of the position, distance falls as t grows
        const Real b = parameters[0], c = parameters[1];
        const Real outer[] = {(8 * b + 24 * c) / 6, (-12 * b - 48 * c) / 6, (6 * b + 30 * c) / 6, (-b - 6 * c) / 6};
        const Real inner[] = {(6 - 2 * b) / 6, 0, (-18 + 12 * b + 6 * c) / 6, (12 - 9 * b - 6 * c) / 6};
        weight[0] = derived<order, Reals>(outer, t + 1);
        weight[1] = derived<order, Reals>(inner, t);
        weight[2] = derived<order, Reals>(inner, 1 - t) * sign;
        weight[3] = derived<order, Reals>(outer, 2 - t) * sign;
    }

private:
    // A cubic's derivative, by Horner's scheme; the factor of x^k is the k-th.
    template <int order, class Reals, class Real>
    static GRIDSAMPLE_INLINE Reals derived(const Real* factor, const Reals& x) {
        Reals total = Reals{};
        for (int power = 3; power >= order; --power) {
            Real times = 1;
            for (int n = 0; n < order; ++n) times *= static_cast<Real>(power - n);
            total = total * x + factor[power] * times;
        }
        return total;
    }
};

template <int N>
struct BSpline {
    static constexpr const char* name = "bspline";
    static constexpr int taps = N + 1, before = N / 2, orders = N < 4 ? N + 1 : 4;
    static constexpr Anchor anchor = N % 2 ? Anchor::below : Anchor::nearest;
    static constexpr bool folds = false, polynomial = N < 4;
    static constexpr const char* parameter_names[] = {"order", nullptr};
    static constexpr double parameter_values[] = {N};

    // By C. de Boor's recursion; a derivative is a difference of the weights of a lower degree.
    template <int order, class Reals, class Real>
    static GRIDSAMPLE_INLINE void weights(const Reals& t, const Real*, Reals* weight) {
        constexpr Real middle = N % 2 ? Real(0) : Real(0.5);
        const Reals s = t + middle;
        weight[0] = Reals{} + 1;
        int last = 0;
        for (; last < N - order;) {
            ++last;
            const Real share = Real(1) / static_cast<Real>(last);
            for (int j = last; j >= 0; --j) {
                const Reals left = j > 0 ? (s + static_cast<Real>(last - j)) * weight[j - 1] : Reals{};
                const Reals right = j < last ? (static_cast<Real>(1 + j) - s) * weight[j] : Reals{};
                weight[j] = (left + right) * share;
            }
        }
        for (int n = 0; n < order; ++n) {
            ++last;
            for (int j = last; j >= 0; --j) {
                const Reals left = j > 0 ? weight[j - 1] : Reals{}, right = j < last ? weight[j] : Reals{};
                weight[j] = left - right;
            }
        }
    }
};

}  // namespace gridsample
