// Lines are filtered several at a time, side by side, so that a step of the recursion is one of vectors. Those of the last
// axis, which lie one after the other, are laid side by side first.

#include "recursion.h"

#include <algorithm>
#include <type_traits>

#include "inlining.h"
#include "scratch.h"

namespace gridsample::GRIDSAMPLE_ISA {

namespace {

constexpr int together = lines_together;
constexpr std::int64_t longest_side_by_side = 1 << 16;  // elements of a line, so that a copy of some takes a few MiB

// So many columns of a block; `count` is a constant wherever that is what it can be.
template <class Real, class Count>
GRIDSAMPLE_INLINE void filter_columns(Real* begin, std::int64_t stride, Count count, const Lines& lines) {
    const auto row = [&](std::int64_t k) { return begin + k * stride; };
    const std::int64_t last = lines.length - 1;
    const auto scale = [&](std::int64_t k, Real factor) {
        Real* at = row(k);
        for (int c = 0; c < count; ++c) at[c] *= factor;
    };
    const auto sum = [&](const Ends& ends, Real* total) {
        std::fill_n(total, together, Real(0));
        for (std::size_t i = 0; i < ends.index.size(); ++i) {
            const Real* from = row(ends.index[i]);
            const Real weight = static_cast<Real>(ends.weight[i]);
            for (int c = 0; c < count; ++c) total[c] += from[c] * weight;
        }
    };
    if (lines.edge != 1) {
        scale(0, static_cast<Real>(lines.edge));
        scale(last, static_cast<Real>(lines.edge));
    }
    for (const Recursion& recursion : lines.recursions) {
        const Real pole = static_cast<Real>(recursion.pole);
        Real first[together], end[together];
        sum(recursion.first, first);
        sum(recursion.last, end);
        std::copy(first, first + count, row(0));
        for (std::int64_t k = 1; k < last; ++k) {
            Real *at = row(k), *before = row(k - 1);
            for (int c = 0; c < count; ++c) at[c] += pole * before[c];
        }
        std::copy(end, end + count, row(last));
        for (std::int64_t k = last - 1; k >= 0; --k) {
            Real *at = row(k), *after = row(k + 1);
            for (int c = 0; c < count; ++c) at[c] += pole * after[c];
        }
    }
    const Real gain = static_cast<Real>(lines.gain);
    for (std::int64_t k = 0; k <= last; ++k) scale(k, gain);
    if (lines.edge != 1) {
        scale(0, static_cast<Real>(1 / lines.edge));
        scale(last, static_cast<Real>(1 / lines.edge));
    }
}

template <class Real>
void filter_some(Real* begin, std::int64_t stride, int count, const Lines& lines) {
    if (count == together) {
        filter_columns(begin, stride, std::integral_constant<int, together>(), lines);
    } else {
        filter_columns(begin, stride, count, lines);
    }
}

template <class Real>
void filter_as(const Lines& lines, std::int64_t begin, std::int64_t end) {
    Real* data = reinterpret_cast<Real*>(lines.data);
    const std::int64_t length = lines.length;
    if (lines.inner > 1) {
        const std::int64_t groups = (lines.inner + together - 1) / together;
        for (std::int64_t i = begin; i < end; ++i) {
            const std::int64_t column = i % groups * together;
            const int count = static_cast<int>(std::min<std::int64_t>(together, lines.inner - column));
            filter_some(data + i / groups * length * lines.inner + column, lines.inner, count, lines);
        }
        return;
    }
    const bool one_by_one = length > longest_side_by_side || lines.outer == 1;
    Real* side_by_side = nullptr;
    if (!one_by_one) {
        side_by_side = reinterpret_cast<Real*>(scratch(Scratch::along, length * together * sizeof(Real)));
    }
    for (std::int64_t i = begin; i < end; ++i) {
        Real* first = data + i * together * length;
        const int count = static_cast<int>(std::min<std::int64_t>(together, lines.outer - i * together));
        if (one_by_one) {
            for (int c = 0; c < count; ++c) filter_some(first + c * length, 1, 1, lines);
            continue;
        }
        for (int c = 0; c < count; ++c) {
            for (std::int64_t k = 0; k < length; ++k) side_by_side[k * together + c] = first[c * length + k];
        }
        filter_some(side_by_side, together, count, lines);
        for (int c = 0; c < count; ++c) {
            for (std::int64_t k = 0; k < length; ++k) first[c * length + k] = side_by_side[k * together + c];
        }
    }
}

}  // namespace

// Groups of lines, from one on to before another.
void filter(const Lines& lines, std::int64_t begin, std::int64_t end) {
    if (record_of(lines.dtype).sum == dtype_of<Float64>) {
        filter_as<double>(lines, begin, end);
    } else {
        filter_as<float>(lines, begin, end);
    }
}

}  // namespace gridsample::GRIDSAMPLE_ISA
