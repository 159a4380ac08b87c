// Lanczos' windowed sinc, as in the Python definitions: sinc(x) sinc(x/a) up to distance a, divided by the sum of the taps.
//
// Distances are taken from the nearer of the two pixels around the position, where u is in [0, 1/2], and the taps on the
// other side of the middle mirror them. With x = u - k for tap k, sin(pi x) = +-sin(pi u), which all taps have in common
// but for its sign; so do they a / pi and, since sin(pi u) = pi u sinc(u), sinc(u). Left are
//
//     W(0) = sinc(u / a),    W(k) = (-1)^k a / pi * u sin(pi x / a) / x^2,    weight(k) = W(k) / sum of all W
//
// in which nothing is small that is divided by: two polynomials, products and quotients. At u = 0 they are exactly 1 and 0.
#pragma once

#include "../inlining.h"

namespace gridsample {

namespace series {

constexpr long double pi = 3.14159265358979323846264338327950288L;

constexpr long double factorial(int n) { return n < 2 ? 1 : n * factorial(n - 1); }
constexpr long double power(long double x, int n) { return n == 0 ? 1 : x * power(x, n - 1); }
constexpr int binomial[4][4] = {{1}, {1, 1}, {1, 2, 1}, {1, 3, 3, 1}};

// sin(pi p / q), exactly 0 and 1 where it is.
constexpr long double sine(int p, int q) {
    if (p < 0) return -sine(-p, q);
    if (p > q) return -sine(p - q, q);
    if (2 * p > q) return sine(q - p, q);
    if (2 * p == q) return 1;
    long double sum = 0;
    for (int n = 25; n > 0; n -= 2) sum += (n % 4 == 1 ? 1 : -1) * power(pi * p / q, n) / factorial(n);
    return sum;
}
constexpr long double cosine(int p, int q) { return sine(q - 2 * p, 2 * q); }

}  // namespace series

template <int A>
struct Lanczos {
    static constexpr const char* name = "lanczos";
    static constexpr int taps = 2 * A, before = A - 1, orders = 4;
    static constexpr Anchor anchor = Anchor::below;
    static constexpr bool folds = false, polynomial = false;
    static constexpr const char* parameter_names[] = {"a", nullptr};
    static constexpr double parameter_values[] = {A};

    template <int order, class Reals, class Real>
    static GRIDSAMPLE_INLINE void weights(const Reals& t, const Real*, Reals* weight) {
        const auto mirrored = t > Real(0.5);
        Reals found[order + 1][taps], sums[order + 1] = {};
        raw<order, Reals, Real>(mirrored ? 1 - t : t, found);
        for (int n = 0; n <= order; ++n) {
            for (int k = 0; k < taps; ++k) sums[n] += found[n][k];
        }
        const Reals inverse = 1 / sums[0];
        for (int n = 0; n <= order; ++n) {  // the quotient's rule, order by order
            for (int k = 0; k < taps; ++k) {
                Reals rest = found[n][k];
                for (int j = 0; j < n; ++j) rest -= static_cast<Real>(series::binomial[n][j]) * found[j][k] * sums[n - j];
                found[n][k] = rest * inverse;
            }
        }
        for (int k = 0; k < taps; ++k) {
            const Reals there = found[order][taps - 1 - k], here = found[order][k];
            weight[k] = mirrored ? (order % 2 ? -there : there) : here;
        }
    }

private:
    // W of all taps, and its derivatives by u up to an order.
    template <int order, class Reals, class Real>
    static GRIDSAMPLE_INLINE void raw(const Reals& u, Reals (*found)[taps]) {
        constexpr Table<Tap<Real>, taps> at = tap_table<Real>;
        constexpr Real angle = static_cast<Real>(series::pi / A);
        const Reals square = u * u;
        found[0][before] = sum_of(sinc_table<Real, 0>, square);
        if constexpr (order > 0) found[1][before] = sum_of(sinc_table<Real, 1>, square) * u;
        if constexpr (order > 1) found[2][before] = sum_of(sinc_table<Real, 2>, square);
        if constexpr (order > 2) found[3][before] = sum_of(sinc_table<Real, 3>, square) * u;
        const Reals sine = angle * u * found[0][before], cosine = sum_of(cosine_table<Real>, square);
        for (int j = 0; j < taps; ++j) {
            if (j == before) continue;
            const Reals x = u - static_cast<Real>(j - before), inverse = 1 / (x * x);
            const Real a = at.at[j].factor;
            const Reals there = sine * at.at[j].cosine - cosine * at.at[j].sine;
            found[0][j] = a * u * there * inverse;
            if constexpr (order == 0) continue;
            // x^2 W(n) + 2 n x W(n-1) + n (n-1) W(n-2) = the n-th derivative of (-1)^k a/pi u sin(pi x / a)
            const Reals slope = cosine * at.at[j].cosine + sine * at.at[j].sine;
            const Reals waves[4] = {there, slope, -there, -slope};
            Real scale = a;  // times pi/a for each order
            for (int n = 1; n <= order; ++n) {
                Reals rest = scale * (angle * u * waves[n % 4] + static_cast<Real>(n) * waves[n - 1]);
                rest -= static_cast<Real>(2 * n) * x * found[n - 1][j];
                if (n > 1) rest -= static_cast<Real>(n * (n - 1)) * found[n - 2][j];
                found[n][j] = rest * inverse;
                scale *= angle;
            }
        }
    }

    template <class Number, int count>
    struct Table {
        Number at[count];
    };

    // Of tap k: (-1)^k a / pi, and the sine and cosine of pi k / a.
    template <class Real>
    struct Tap {
        Real factor, sine, cosine;
    };
    template <class Real>
    static constexpr Table<Tap<Real>, taps> tap_table = [] {
        Table<Tap<Real>, taps> table{};
        for (int j = 0; j < taps; ++j) {
            const int k = j - before;
            table.at[j] = {static_cast<Real>((k % 2 ? -A : A) / series::pi), static_cast<Real>(series::sine(k, A)),
                           static_cast<Real>(series::cosine(k, A))};
        }
        return table;
    }();

    // Terms of the series below, whose argument is at most pi/4: the next is below a rounding error, be it a derivative's.
    template <class Real>
    static constexpr int terms = sizeof(Real) == 4 ? 7 : 11;

    // The factor of the term of power 2m - n in the n-th derivative of sinc(u / a) by u, and in cos(pi u / a).
    static constexpr long double sinc_factor(int m, int n) {
        return (m % 2 ? -1 : 1) * series::power(series::pi / A, 2 * m) / (2 * m + 1) / series::factorial(2 * m - n);
    }
    static constexpr long double cosine_factor(int m) {
        return (m % 2 ? -1 : 1) * series::power(series::pi / A, 2 * m) / series::factorial(2 * m);
    }

    template <class Real, int n>
    static constexpr Table<Real, terms<Real>> sinc_table = [] {
        Table<Real, terms<Real>> table{};
        for (int i = 0; i < terms<Real>; ++i) table.at[i] = static_cast<Real>(sinc_factor(i + (n + 1) / 2, n));
        return table;
    }();
    template <class Real>
    static constexpr Table<Real, terms<Real>> cosine_table = [] {
        Table<Real, terms<Real>> table{};
        for (int i = 0; i < terms<Real>; ++i) table.at[i] = static_cast<Real>(cosine_factor(i));
        return table;
    }();

    // By Horner's scheme.
    template <class Reals, class Real, int count>
    static GRIDSAMPLE_INLINE Reals sum_of(const Table<Real, count>& table, const Reals& square) {
        Reals sum = Reals{} + table.at[count - 1];
        for (int i = count - 2; i >= 0; --i) sum = sum * square + table.at[i];
        return sum;
    }
};

}  // namespace gridsample
