// One instruction set: votes. Each point gets the label whose taps weigh most; no label is anything but compared.
//
// In a label map nearly all points have taps of one label, which is then theirs: that is seen without weights, of as many
// labels of a row at once as fill a word. Where points of a vector differ, the votes of all its points are counted.

#include <algorithm>
#include <bit>
#include <limits>

#include "blocks.h"

namespace gridsample::GRIDSAMPLE_ISA {

void vote(const Job& job, const Part& part);

namespace {

#if defined(__GNUC__)
template <class Real>
struct CodesOf {
    typedef Mask<Real> type __attribute__((vector_size(vector_bytes), may_alias));
};
#else
template <class Real>
struct CodesOf {
    using type = Mask<Real>;
};
#endif

// Labels as signed numbers of a real's size, in the same order: a vector of them.
template <class Real>
using Codes = typename CodesOf<Real>::type;

template <class Real>
bool any(const Codes<Real>& mask) {
    Mask<Real> lanes_of[lanes<Real>], all = 0;
    std::memcpy(lanes_of, &mask, sizeof(mask));
    for (Mask<Real> lane : lanes_of) all |= lane;
    return all != 0;
}

// The taps of a vector of points, and the labels among them with what they weigh.
template <class Real>
struct Ballot {
    static constexpr int width = lanes<Real>;

    explicit Ballot(int count) : taps(count) {
        const std::size_t each = static_cast<std::size_t>(count) * sizeof(*code), weights = static_cast<std::size_t>(count) * sizeof(*weight);
        char* memory = scratch(Scratch::votes, 2 * (each + weights));
        code = reinterpret_cast<Mask<Real>(*)[width]>(memory);
        candidate = reinterpret_cast<Mask<Real>(*)[width]>(memory + each);
        weight = reinterpret_cast<Real(*)[width]>(memory + 2 * each);
        total = reinterpret_cast<Real(*)[width]>(memory + 2 * each + weights);
    }

    const int taps;
    Mask<Real> (*code)[width];
    Real (*weight)[width];

    // Count the votes, and write the winners. Sums within 8 eps of the largest tie with it, and the smallest label of those
    // wins. A sum's terms are added in the order of the taps.
    GRIDSAMPLE_NOINLINE void count(Mask<Real>* winners) {
        Codes<Real> winner;
        if (taps == 4) {
            winner = count_of(std::integral_constant<int, 4>());
        } else if (taps == 8) {
            winner = count_of(std::integral_constant<int, 8>());
        } else {
            winner = count_of(taps);
        }
        std::memcpy(winners, &winner, sizeof(winner));
    }

private:
    static constexpr Real tie = 8 * std::numeric_limits<Real>::epsilon();
    Mask<Real> (*candidate)[width];
    Real (*total)[width];

    Codes<Real> at(int tap) const { return load_as<Codes<Real>>(code[tap]); }

    // Most points that differ see two labels: the smallest and the largest.
    template <class Count>
    GRIDSAMPLE_INLINE Codes<Real> count_of(Count all) {
        Codes<Real> lowest = at(0), highest = lowest, others{};
        for (int t = 1; t < all; ++t) {
            const Codes<Real> one = at(t);
            lowest = one < lowest ? one : lowest;
            highest = one > highest ? one : highest;
        }
        Vec<Real> low{}, high{};
        for (int t = 0; t < all; ++t) {
            const Codes<Real> one = at(t);
            const Vec<Real> share = load(weight[t]);
            low += one == lowest ? share : Vec<Real>{};
            high += one == highest ? share : Vec<Real>{};
            others |= one > lowest ? one < highest ? Codes<Real>{} - 1 : Codes<Real>{} : Codes<Real>{};
        }
        if (any<Real>(others)) return count_all(all, lowest, highest);
        return low >= high - tie ? lowest : highest;
    }

    // One label after another, from the smallest on; where a point has no more, the largest again.
    template <class Count>
    GRIDSAMPLE_INLINE Codes<Real> count_all(Count all, Codes<Real> label, const Codes<Real>& highest) {
        Vec<Real> most{};
        int labels = 0;
        for (bool more = true; more; ++labels) {
            Vec<Real> sum{};
            Codes<Real> next = highest;
            for (int t = 0; t < all; ++t) {
                const Codes<Real> one = at(t), above = one > label ? one : highest;
                sum += one == label ? load(weight[t]) : Vec<Real>{};
                next = above < next ? above : next;
            }
            std::memcpy(candidate[labels], &label, sizeof(label));
            store<Real>(total[labels], sum);
            most = sum > most ? sum : most;
            more = any<Real>(label < highest ? Codes<Real>{} - 1 : Codes<Real>{});
            label = next;
        }
        const Vec<Real> enough = most - tie;
        Codes<Real> winner = label;
        while (labels-- > 0) winner = load(total[labels]) >= enough ? load_as<Codes<Real>>(candidate[labels]) : winner;
        return winner;
    }
};

// An unsigned number of some bytes: a label whatever its sign, or several.
template <int bytes>
using Word = std::conditional_t<
    bytes == 1, std::uint8_t,
    std::conditional_t<bytes == 2, std::uint16_t, std::conditional_t<bytes == 4, std::uint32_t, std::uint64_t>>>;

template <class Label, class Real>
class Voting {
public:
    Voting(const Job& job, const Part& part)
        : job_(job), part_(part), tiles_(job, part, false), form_(tiles_.form), ballot_(form_.rows * form_.taps[0]),
          flip_(record_of(job.samples.dtype).is_signed != is_wide ? Label(Label(1) << (8 * sizeof(Label) - 1)) : Label(0)),
          fill_(static_cast<Label>(job.fill_label)) {
        int tap = 0;
        for (int row = 0; row < form_.rows; ++row) {
            for (int k = 0; k < form_.taps[0]; ++k) offset_[tap++] = form_.row_step[row] + k * form_.stride[0];
        }
    }

    void run() {
        constexpr int ahead = 2;  // tiles
        const bool prefetch = worth_prefetching<Label>(job_, part_) && form_.rows <= 4;
        for_each_block(job_, part_, tiles_, [&](const Entries& entries, int count) {
            for (std::int64_t n = entries.begin; n < entries.end; ++n) {
                for (std::int64_t c = part_.channel_begin; c < part_.channel_end; ++c) {
                    const Label* plane = at<const Label>(job_.field, n, c);
                    Label* samples = at<Label>(job_.samples, n, c);
                    for (int t = 0; t < count; ++t) {
                        if (prefetch && t + ahead < count && tiles_[t + ahead].strays) {
                            tiles_[t + ahead].prefetch_rows(form_.rows, form_.row_step, plane, 0, tile_points);
                        }
                        elect(plane, tiles_[t], samples);
                    }
                }
            }
        });
    }

private:
    static constexpr int width = lanes<Real>;
    static constexpr bool is_wide = sizeof(Label) == sizeof(Real);  // else a label's code is it, without a sign

    const Job& job_;
    const Part& part_;
    Block<Real> tiles_;
    const Form& form_;
    Ballot<Real> ballot_;
    const Label flip_, fill_;
    std::int64_t offset_[max_rows * max_taps];  // of each tap, from a point's first

    Mask<Real> code_of(Label label) const { return static_cast<Mask<Real>>(static_cast<Label>(label ^ flip_)); }
    Label label_of(Mask<Real> code) const { return static_cast<Label>(static_cast<Label>(code) ^ flip_); }

    void elect(const Label* plane, const Tile<Real>& tile, Label* samples) {
        const int last = job_.point_axes - 1;
        if (tile.count % width == 0 && job_.samples.stride[last] == 1 && are_even(job_, job_.samples.stride)) {
            return elect_all(plane, tile, samples + tile.begin);
        }
        Label winners[tile_points];
        elect_all(plane, tile, winners);
        for_each_point(job_, samples, tile.begin, tile.count, [&](int i, Label* to) { *to = winners[i]; });
    }

    // The taps of a row are compared in words of as many as the processor loads at once.
    GRIDSAMPLE_NOINLINE void elect_all(const Label* plane, const Tile<Real>& tile, Label* winners) {
        const int taps = form_.stride[0] == 1 ? form_.taps[0] : 1;
        if (sizeof(Label) == 1 && taps % 8 == 0) return elect_as<8>(plane, tile, winners);
        if (sizeof(Label) <= 2 && taps % 4 == 0) return elect_as<4>(plane, tile, winners);
        if (sizeof(Label) <= 4 && taps % 2 == 0) return elect_as<2>(plane, tile, winners);
        elect_as<1>(plane, tile, winners);
    }

    template <int together>
    void elect_as(const Label* plane, const Tile<Real>& tile, Label* winners) {
        if constexpr (together * sizeof(Label) <= 8) {
            for (int i = 0; i < tile.count; i += width) {
                if (tile.inside[i / width] == tile.all) {
                    if (agree<together>(plane, tile.base + i, winners + i)) {
                        job_.note(Path::unanimous);
                        continue;
                    }
                    collect<together>(plane, tile.base + i);
                } else if (tile.touches[i / width]) {
                    collect_outer(plane, tile, i);
                } else {
                    std::fill_n(winners + i, width, fill_);
                    continue;
                }
                count(tile, i, winners + i);
            }
        }
    }

    // Whether each of a vector of interior points has taps of one label, which is its winner.
    template <int together>
    GRIDSAMPLE_INLINE bool agree(const Label* plane, const std::int64_t* base, Label* winners) const {
        using Labels = Word<together * sizeof(Label)>;
        constexpr int bits = 8 * sizeof(Label), rest = 8 * sizeof(Labels) - bits;
        Labels first[width], differ = 0;
        for (int lane = 0; lane < width; ++lane) {
            const Labels labels = first[lane] = load_as<Labels>(plane + base[lane]);
            if constexpr (together > 1) differ |= labels ^ static_cast<Labels>(labels << bits | labels >> rest);
        }
        for (int tap = together; tap < ballot_.taps; tap += together) {
            const Label* from = plane + offset_[tap];
            for (int lane = 0; lane < width; ++lane) differ |= load_as<Labels>(from + base[lane]) ^ first[lane];
            if (differ) return false;
        }
        for (int lane = 0; lane < width; ++lane) winners[lane] = static_cast<Label>(first[lane]);
        return !differ;
    }

    // The labels of a vector of points, in the order of the taps.
    template <int together>
    GRIDSAMPLE_NOINLINE void collect(const Label* plane, const std::int64_t* base) {
        using Labels = Word<together * sizeof(Label)>;
        using Wide = Word<std::max(sizeof(Labels), sizeof(Real))>;  // which vectors have room for
        constexpr int bits = 8 * sizeof(Label);
        const Wide flip = flip_;
        for (int tap = 0; tap < ballot_.taps; tap += together) {
            const Label* from = plane + offset_[tap];
            Labels labels[width];
            for (int lane = 0; lane < width; ++lane) labels[lane] = load_as<Labels>(from + base[lane]);
            for (int k = 0; k < together; ++k) {
                const int shift = bits * (std::endian::native == std::endian::little ? k : together - 1 - k);
                Mask<Real>* __restrict code = ballot_.code[tap + k];
                for_each_lane<width>([&](int lane) {
                    const Wide label = Wide{labels[lane]} >> shift & std::numeric_limits<Label>::max();
                    code[lane] = static_cast<Mask<Real>>(label ^ flip);
                });
            }
        }
    }

    // Of those that are not all interior: what lies outside, and what is undefined, votes for the fill value.
    GRIDSAMPLE_NOINLINE void collect_outer(const Label* plane, const Tile<Real>& tile, int i) {
        for (int lane = 0; lane < width; ++lane) {
            const int point = i + lane;
            const auto fill_in = [&](const auto& label) {
                for (int tap = 0; tap < ballot_.taps; ++tap) ballot_.code[tap][lane] = code_of(label(tap));
            };
            if (tile.is_inside(point)) {
                fill_in([&](int tap) { return plane[tile.base[point] + offset_[tap]]; });
            } else if (!tile.reached[point]) {
                fill_in([&](int) { return fill_; });
            } else {
                collect_resolved(plane, tile, point, lane);
            }
        }
    }

    void collect_resolved(const Label* plane, const Tile<Real>& tile, int point, int lane) {
        for (int row = 0, tap = 0; row < form_.rows; ++row) {
            const std::int64_t in_row = tile.row_offset(form_, point, row);
            for (int k = 0; k < form_.taps[0]; ++k, ++tap) {
                const std::int32_t index = tile.index[form_.tap_at[0] + k][point];
                const bool outside = index < 0 || in_row == nowhere;
                ballot_.code[tap][lane] = code_of(outside ? fill_ : plane[in_row + index * form_.stride[0]]);
            }
        }
    }

    void count(const Tile<Real>& tile, int i, Label* winners) {
        job_.note(Path::counted);
        const RowsOf<Real> along_x = tile.along_x(form_, false);
        for (int row = 0, tap = 0; row < form_.rows; ++row) {
            Vec<Real> of_row = Vec<Real>{} + 1;
            if (form_.axes > 1) of_row = tile.row_weight(form_, asked, row, [&](const Real* from) { return load(from + i); });
            for (int k = 0; k < form_.taps[0]; ++k, ++tap) store<Real>(ballot_.weight[tap], of_row * load(along_x[k] + i));
        }
        Mask<Real> codes[width];
        ballot_.count(codes);
        for (int lane = 0; lane < width; ++lane) winners[lane] = label_of(codes[lane]);
    }
};

template <class Label>
void vote_of(const Job& job, const Part& part) {
    if (has_double_positions(job)) return Voting<Label, double>(job, part).run();
    if constexpr (sizeof(Label) == 1) Voting<Label, float>(job, part).run();  // wider ones are weighed in double precision
}

}  // namespace

void vote(const Job& job, const Part& part) {
    switch (record_of(job.samples.dtype).bytes) {
        case 1: return vote_of<std::uint8_t>(job, part);
        case 2: return vote_of<std::uint16_t>(job, part);
        case 4: return vote_of<std::uint32_t>(job, part);
        default: return vote_of<std::uint64_t>(job, part);
    }
}

}  // namespace gridsample::GRIDSAMPLE_ISA
