// The sums over samples, for one instruction set: splats, the gradient of the grid, or both in one sweep over the points.

#include "blend.h"
#include "blocks.h"
#include "operations.h"

namespace gridsample::GRIDSAMPLE_ISA {

namespace {

// Some vectors of points, all of them interior: the product of each tap's weight and the point's value, in the order in
// which the taps lie in memory, then the sums. Neighbouring points share pixels, and a load that overlaps a recent store
// only in part has to wait for it: so points of different vectors follow each other.
template <class S, bool contiguous, class Real>
struct Products {
    static constexpr int L = lane_length<Real>, width = lanes<Real>;
    static constexpr int Q = !contiguous || S::rows == 1 ? 1 : S::taps < L ? S::taps : L;  // a single row's taps may be cut
    static constexpr int rows = S::rows, chunks = S::taps / Q;
    static constexpr int each = width * rows * S::taps;
    static constexpr int most = std::max<int>(1, std::min<int>(tile_points / width, 16 * 1024 / (each * sizeof(Real))));
    static_assert(most * each * sizeof(Real) <= sizeof(Bench<Real>::products));
    static_assert(S::taps % Q == 0);

    Real* const product;
    const RowsOf<Real> weight, row_weight;
    const std::int64_t* const base;
    std::int64_t step[rows][chunks];
    int outermost_tap[rows][chunks];
    int count = 0;
    int begin[most];  // of each vector: its first point

    GRIDSAMPLE_INLINE Products(Real* memory, const Form& form, const Tile<Real>& tile)
        : product(memory),
          weight(tile.weight),
          row_weight(tile.weight + std::max(0, form.row_weight_at)),
          base(tile.base) {
        for (int row = 0; row < rows; ++row) {
            for (int h = 0; h < chunks; ++h) {
                step[row][h] = form.row_step[row] + h * Q * form.stride[0];
                outermost_tap[row][h] = form.outermost_tap(row, h * Q);
            }
        }
    }

    bool full() const { return count == most; }

    GRIDSAMPLE_INLINE void add(int i, const Real* values) {
        const Vec<Real> v = load(values + i);
        Real* to = product + count * each;
        begin[count++] = i;
        repeat<chunks>([&](auto h) {
            Vec<Real> along[Q], packed[Q];
            for (int k = 0; k < Q; ++k) along[k] = load(weight[h * Q + k] + i);
            pack<Real, Q>(along, packed);
            for (int row = 0; row < rows; ++row) {
                const Vec<Real> weighted = rows == 1 ? v : load(row_weight[row] + i) * v;
                Real* registers = to + (row * chunks + h) * Q * width;
                repeat<Q>([&](auto g) { store(registers + g * width, packed[g] * expand<Real, Q, g>(weighted)); });
            }
        });
    }

    // To the rows of a band, or to all where that is null; `first` is the index of the points' first outermost taps.
    template <bool checked>
    GRIDSAMPLE_INLINE void push(Real* plane, const Rows* band, const std::int32_t* first) {
        for (int lane = 0; lane < width; ++lane) {
            const Real* from = product + packed_at(lane);
            for (int v = 0; v < count; ++v, from += each) {
                const int point = begin[v] + lane;
                Real* to = plane + base[point];
                for (int row = 0; row < rows; ++row) {
                    for (int h = 0; h < chunks; ++h) {
                        if (checked && !band->hold(first[point] + outermost_tap[row][h])) continue;
                        add_chunk<Q>(to + step[row][h], from + (row * chunks + h) * Q * width);
                    }
                }
            }
        }
        count = 0;
    }

    // Where the packed taps of a lane's point begin, in Q registers.
    static constexpr int packed_at(int lane) {
        const int within = lane % L;
        return within / (L / Q) * width + lane / L * L + within % (L / Q) * Q;
    }
};

// One point, tap by tap; of those not interior from their resolved taps.
template <class S, class Real>
GRIDSAMPLE_INLINE void push_point(Real* plane, const Rules<S, false, Real>& rules, int i, Real value, bool interior,
                                  const Rows* band) {
    const Tile<Real>& tile = rules.tile;
    for (int row = 0; row < rules.rows(); ++row) {
        const std::int64_t in_row = interior ? tile.base[i] + rules.step_of(row) : tile.row_offset(rules.form, i, row);
        if (in_row == nowhere) continue;
        const Real weighted = rules.rows() == 1 ? value : rules.of_row_at(0, row, i) * value;
        for (int k = 0; k < rules.taps(); ++k) {
            const std::int64_t along = interior ? k : tile.index[k][i];
            if (along < 0 || (band && !band->hold(tile.outermost(rules.form, i, row, k, interior)))) continue;
            Real& pixel = plane[in_row + along * rules.step];
            pixel = pixel + rules.along_x(rules.weight, 0, k)[i] * weighted;
        }
    }
}

// The points of a vector that are not all interior.
template <class S, class Real>
GRIDSAMPLE_NOINLINE void push_outer(Real* plane, const Form& form, const Tile<Real>& tile, int i, const Real* values,
                                    const Rows* band) {
    const Rules<S, false, Real> rules(form, tile);
    for (int j = i; j < i + lanes<Real>; ++j) push_point(plane, rules, j, values[j], false, band);
}

// To the rows of a band, or to all where that is null. The order in which a pixel receives its values depends on the tile
// alone, never on the band.
template <class S, bool contiguous, bool banded, class Real>
void push_plane(Real* plane, const Form& form, const Tile<Real>& tile, const Real* values, Real* products, const Rows* band) {
    constexpr int width = lanes<Real>;
    if constexpr (is_fixed<S>) {
        Products<S, contiguous, Real> interior(products, form, tile);
        const std::int32_t* first = tile.first[form.axes - 1];
        for (int i = 0; i < tile.count; i += width) {
            if (tile.inside[i / width] == tile.all) {
                interior.add(i, values);
                if (interior.full()) interior.template push<banded>(plane, band, first);
            } else if (tile.touches[i / width]) {
                push_outer<S>(plane, form, tile, i, values, band);
            }
        }
        interior.template push<banded>(plane, band, first);
    } else {
        const Rules<S, false, Real> rules(form, tile);
        for (int i = 0; i < tile.count; ++i) {
            if (!tile.touches[i / width]) continue;
            push_point(plane, rules, i, values[i], tile.inside[i / width] == tile.all, band);
        }
    }
}

// Calls f(value) for the type of a job's samples, which are of these reals.
template <class Real, class F>
void with_values(const Job& job, const F& f) {
    visit(job.samples.dtype, [&](auto dtype) {
        using Value = typename decltype(dtype)::Value;
        if constexpr (std::is_same_v<RealOf<Value>, Real> && !is_whole<decltype(dtype)>) f(Value());
    });
}

template <class Real>
class Sweeping {
public:
    Sweeping(const Job& job, const Part& part, bool slopes)
        : job_(job),
          part_(part),
          tiles_(job, part, slopes),
          form_(tiles_.form),
          slopes_(slopes && form_.sets > 0 && !form_.vanishes),
          sums_(job.sum.data && !form_.vanishes),
          way_(channels_way<Real>(job)),
          prefetch_(worth_prefetching<Real>(job, part)) {}

    void run() {
        for_each_block(job_, part_, tiles_, [&](const Entries& entries, int count) {
            for (int t = 0; t < count; ++t) find_touched(job_, form_, tiles_[t]);
            for (std::int64_t n = entries.begin; n < entries.end; ++n) {
                with_values<Real>(job_, [&](auto value) { entry<decltype(value)>(count, n); });
            }
            for (int t = 0; form_.slopes && t < count; ++t) {
                const Tile<Real>& tile = tiles_[t];
                if (!owns(part_, tile)) continue;
                write_gradient<Real>(job_, entries.grid, tile.begin, tile.count, tile.gradient);
            }
        });
    }

private:
    const Job& job_;
    const Part& part_;
    Block<Real> tiles_;
    const Form& form_;
    const bool slopes_, sums_;  // what there is to do
    const Channels way_;
    const bool prefetch_;

    template <class Value>
    void entry(int count, std::int64_t n) {
        if (way_ == Channels::in_vectors) {
            for (int t = 0; t < count; ++t) {
                job_.note(Path::many_channels);
                if (!slopes_ && !part_.band.meet(tiles_[t].touched)) continue;
                constexpr bool of_reals = std::is_same_v<Value, Real>;  // all others are widened on the way
                for_each_turn(job_, part_, *tiles_.bench, of_reals, [&](const Turn<Real>& turn) {
                    turn_to_rows(job_, turn, tiles_[t], tiles_.bench->values,
                                 [&](std::int64_t c) { return at<const Value>(job_.samples, n, c); });
                    if (slopes_) Slopes<Value>::many(job_, part_, tiles_, t, n, turn, prefetch_);
                    if (sums_) with_shape(form_, [&](auto shape) { many<decltype(shape)>(tiles_[t], n, turn); });
                });
            }
            return;
        }
        if (slopes_ && way_ == Channels::few_together) Slopes<Value>::few(job_, part_, tiles_, count, n, prefetch_);
        for (std::int64_t c = part_.channel_begin; c < part_.channel_end; ++c) {
            if (slopes_ && way_ == Channels::one_by_one) Slopes<Value>::plane(job_, part_, tiles_, count, n, c, prefetch_);
            if (!sums_) continue;
            with_shape(form_, [&](auto shape) {
                for_each_tile<decltype(shape)>(tiles_, count, at<const Real>(job_.sum, n, c), prefetch_,
                              [&](const Tile<Real>& tile) { push<decltype(shape), Value>(tile, n, c); });
            });
        }
    }

    template <class S, class Value>
    void push(const Tile<Real>& tile, std::int64_t n, std::int64_t c) {
        if (!part_.band.meet(tile.touched)) return;
        Bench<Real>& bench = *tiles_.bench;
        Real *values = bench.values[0], *plane = at<Real>(job_.sum, n, c);
        read_samples(job_, at<const Value>(job_.samples, n, c), tile, values);
        const Rows* band = part_.band.contain(tile.touched) ? nullptr : &part_.band;
        if (!band) job_.note(Path::whole_push);
        if (S::taps > 1 && form_.stride[0] == 1) {
            if (band) return push_plane<S, (S::taps > 1), true>(plane, form_, tile, values, bench.products, band);
            return push_plane<S, (S::taps > 1), false>(plane, form_, tile, values, bench.products, nullptr);
        }
        if (band) return push_plane<S, false, true>(plane, form_, tile, values, bench.products, band);
        push_plane<S, false, false>(plane, form_, tile, values, bench.products, nullptr);
    }

    template <class S>
    void many(const Tile<Real>& tile, std::int64_t n, const Turn<Real>& turn) {
        if (!part_.band.meet(tile.touched)) return;
        const Rows* band = part_.band.contain(tile.touched) ? nullptr : &part_.band;
        Real* sums = at<Real>(job_.sum, n, turn.begin);
        Footprint<Real>& footprint = tiles_.bench->footprint;
        const Rules<S, false, Real> rules(form_, tile);
        for_each_sample(job_, turn, at<const Real>(job_.samples, n, turn.begin), tile, [&](int i, const Real* from) {
            if (prefetch_) prefetch_pixel(sums, form_, tile, i + 4, turn.channels());
            footprint.find(rules, i, band);
            push_pixel(sums, footprint, turn.channels(), from);
        });
    }
};

}  // namespace

template <class Real>
void Sweep<Real>::run(const Job& job, const Part& part, bool slopes) {
    Sweeping<Real>(job, part, slopes).run();
}

template struct Sweep<float>;
template struct Sweep<double>;

}  // namespace gridsample::GRIDSAMPLE_ISA
