// One instruction set, one type of values: samples. Compiled with GRIDSAMPLE_ISA and GRIDSAMPLE_VALUE defined.

#include <limits>
#include <vector>

#include "channels.h"
#include "operations.h"
#include "turns.h"

namespace gridsample::GRIDSAMPLE_ISA {

namespace {

using Value = GRIDSAMPLE_VALUE;
using Real = RealOf<Value>;

void write_samples(const Job& job, Value* samples, std::int64_t begin, int count, const Real* values) {
    for_each_run(job, job.samples.stride, begin, count, [&](int i, int n, std::int64_t offset, std::int64_t step) {
        Value* to = samples + offset;
        if (step == 1) {
            int j = 0;
            for (; j + lanes<Real> <= n; j += lanes<Real>) store_narrowed<Value, Real>(to + j, load(values + i + j));
            for (; j < n; ++j) to[j] = narrow<Value>(values[i + j]);
        } else {
            for (int j = 0; j < n; ++j) to[j * step] = narrow<Value>(values[i + j]);
        }
    });
}

// A run of pixels of three or four channels that are neighbours in the result: each is stored in one piece, with a number
// more where they are three, which the next one overwrites, but for the last.
template <int channels>
void write_pixels(Value* to, int from, int n, const Real (*values)[tile_points]) {
    constexpr int width = lanes<Real>;
    int j = 0;
    for (; j + width < n; j += width) {
        Vec<Real> channel[4] = {};
        for (int c = 0; c < channels; ++c) channel[c] = load(values[c] + from + j);
        if constexpr (std::is_same_v<Value, std::uint8_t>) {
            Ints<Real> pixels = as_bytes<Real>(channel[0]);
            for (int c = 1; c < channels; ++c) pixels |= as_bytes<Real>(channel[c]) << 8 * c;
            std::int32_t each[width];
            store_ints<Real>(each, pixels);
            for (int i = 0; i < width; ++i) std::memcpy(to + (j + i) * channels, each + i, 4);
        } else {
            Vec<Real> pixels[4];
            unpack<Real, 4>(channel, pixels);
            Real each[4][width];
            for (int g = 0; g < 4; ++g) store(each[g], pixels[g]);
            for (int i = 0; i < width; ++i) std::memcpy(to + (j + i) * channels, each[i % 4] + i / 4 * 4, 4 * sizeof(Real));
        }
    }
    for (; j < n; ++j) {
        for (int c = 0; c < channels; ++c) to[j * channels + c] = narrow<Value>(values[c][from + j]);
    }
}

// Three planes at once, as colours are, where loops are compiled for that: for images. Others one after another.
template <class S>
constexpr int most_together =
    std::is_same_v<Value, Real> && lanes<Real> > 1 && 0 < S::rows && S::rows <= 4 && S::rows == S::taps ? 3 : 1;

// What a part's tiles may take. They are kept for other planes and entries; where all is sampled in one pass, the second
// cache is better left to pixels, some of which the next row of a turned grid visits again. But what comes from beyond the
// third cache has to be asked for, tiles ahead; and with positions in double precision, fewer tiles were found slower.
std::int64_t memory_of_tiles(const Job& job, const Part& part) {
    constexpr std::int64_t third_cache = 24 << 20, one_tile = 0, some_tiles = 128 << 10;
    const std::int64_t channels = part.channel_end - part.channel_begin;
    const bool one_entry = job.grid.batch > 1 || part.batch_end - part.batch_begin == 1;
    const bool small = part.point_end - part.point_begin <= tile_points || !worth_prefetching<Value>(job, part);
    if (!one_entry || small || has_double_positions(job)) return part.memory;
    if (channels_way<Real>(job) == Channels::few_together) return std::min(part.memory, some_tiles);
    bool one_pass = false;
    with_shape(Form(job, false), [&](auto shape) {
        constexpr int most = most_together<decltype(shape)>;
        one_pass = most > 1 && channels == most;
    });
    return one_pass && bytes_of_planes<Value>(job, part) <= third_cache ? one_tile : part.memory;
}

class Pulling {
public:
    Pulling(const Job& job, const Part& part)
        : job_(job), part_(part), tiles_(job, part, false, memory_of_tiles(job, part)), form_(tiles_.form), values_(tiles_.bench->values),
          samples_in_one_piece_(job.samples.stride[job.point_axes - 1] == 1 && are_even(job, job.samples.stride)) {
        for (int axis = 0; axis < job.axes; ++axis) {
            if (job.order[axis] > 0) nothing_ = 0;
        }
        for (std::int64_t c = 0; form_.fills && c < job.field.channels; ++c) {
            fill_.push_back(static_cast<Real>(job.options.filling.of(c)));
        }
    }

    void run() {
        const bool prefetch = worth_prefetching<Value>(job_, part_);
        const Channels way = channels_way<Real>(job_);
        for_each_block(job_, part_, tiles_, [&](const Entries& entries, int count) {
            for (std::int64_t n = entries.begin; n < entries.end; ++n) {
                const Value* pixels = at<const Value>(job_.field, n, part_.channel_begin);
                if (form_.vanishes) {
                    for (int t = 0; t < count; ++t) none(tiles_[t], n);
                } else if (way == Channels::in_vectors) {
                    with_shape(form_, [&](auto shape) {
                        for (int t = 0; t < count; ++t) many<decltype(shape)>(tiles_[t], n, prefetch);
                    });
                } else {
                    with_shape(form_, [&](auto shape) {
                        if (way == Channels::few_together) {
                            for_each_tile<decltype(shape)>(tiles_, count, pixels, prefetch, [&](auto& tile) {
                                few<decltype(shape)>(tile, pixels, n);
                            });
                        } else {
                            planes<decltype(shape)>(count, n, prefetch);
                        }
                    });
                }
            }
        });
    }

private:
    const Job& job_;
    const Part& part_;
    Block<Real> tiles_;
    const Form& form_;
    Real (*values_)[tile_points];
    const bool samples_in_one_piece_;
    std::vector<Real> fill_;  // the fill value of each channel, if samples may have a share of it
    Real nothing_ = std::numeric_limits<Real>::quiet_NaN();  // the sample of an undefined place

    // A derivative of what is constant between pixels.
    void none(const Tile<Real>& tile, std::int64_t n) {
        std::fill_n(values_[0], tile_points, Real(0));
        for (std::int64_t c = part_.channel_begin; c < part_.channel_end; ++c) {
            write(tile, values_[0], n, c);
        }
    }

    template <class S>
    void planes(int count, std::int64_t n, bool prefetch) {
        constexpr int most = most_together<S>;
        std::int64_t c = part_.channel_begin;
        for (; part_.channel_end - c >= most; c += most) planes<S, most>(count, n, c, prefetch);
        for (; c < part_.channel_end; ++c) planes<S, 1>(count, n, c, prefetch);
    }

    template <class S, int together>
    void planes(int count, std::int64_t n, std::int64_t first, bool prefetch) {
        constexpr int ahead = together > 1 ? 1 : 2;  // tiles, of which those for several planes take longer
        const Value* plane[together];
        Value* samples[together];
        for (int p = 0; p < together; ++p) {
            plane[p] = at<const Value>(job_.field, n, first + p);
            samples[p] = at<Value>(job_.samples, n, first + p);
        }
        for (int t = 0; t < count; ++t) {
            const Tile<Real>& tile = tiles_[t];
            const Tile<Real>* later = prefetch && t + ahead < count ? &tiles_[t + ahead] : nullptr;
            if (later && !later->strays) later = nullptr;
            note_vectors(job_, form_, tile);
            if (together == 3) job_.note(Path::three_planes);
            if (tiles_.capacity() == 1 && part_.point_end - part_.point_begin > tile_points) job_.note(Path::one_pass);
            const bool in_place = lies_whole(tile);
            if (in_place) job_.note(Path::in_place);
            Real* to[together];
            for (int p = 0; p < together; ++p) to[p] = in_place ? whole(samples[p], tile) : values_[p];
            if (S::taps != 1 && form_.stride[0] == 1) {
                pull_planes<S, S::taps != 1, together>(plane, form_, tile, later, to);
            } else {
                pull_planes<S, false, together>(plane, form_, tile, later, to);
            }
            for (int p = 0; p < together; ++p) {
                if (in_place) {
                    finish(tile, to[p], first + p);
                } else {
                    write(tile, values_[p], n, first + p);
                }
            }
        }
    }

    // Where a tile's samples are whole vectors of reals in one piece of memory, they are written there at once: lines of
    // memory come while others are computed. (Written together later, they would be waited for.)
    bool lies_whole(const Tile<Real>& tile) const {
        return std::is_same_v<Value, Real> && samples_in_one_piece_ && tile.count % lanes<Real> == 0;
    }
    static Real* whole(Value* samples, const Tile<Real>& tile) { return reinterpret_cast<Real*>(samples + tile.begin); }

    template <class S>
    void few(const Tile<Real>& tile, const Value* pixels, std::int64_t n) {
        const int channels = static_cast<int>(part_.channel_end - part_.channel_begin);
        const bool in_pixels = lies_in_pixels(channels);
        if constexpr (S::taps == 1 && S::rows == 1) {
            if (in_pixels && may_read_past(job_, part_, form_, tile)) {
                channels == 3 ? copy<S, 3>(tile, pixels, n) : copy<S, 4>(tile, pixels, n);
                return;
            }
        }
        if (may_read_past(job_, part_, form_, tile)) {
            job_.note(Path::few_channels);
            pull_channels<S>(pixels, form_, tile, channels, values_);
        } else {
            for (int c = 0; c < channels; ++c) {
                const Value* plane = pixels + c;
                Real* to = values_[c];
                pull_planes<S, false, 1>(&plane, form_, tile, static_cast<const Tile<Real>*>(nullptr), &to);
            }
        }
        if (in_pixels) {
            for (int c = 0; c < channels; ++c) finish(tile, values_[c], part_.channel_begin + c);
            job_.note(Path::whole_pixels);
            Value* samples = at<Value>(job_.samples, n, part_.channel_begin);
            for_each_run(job_, job_.samples.stride, tile.begin, tile.count, [&](int i, int n, std::int64_t offset, std::int64_t) {
                channels == 3 ? write_pixels<3>(samples + offset, i, n, values_) : write_pixels<4>(samples + offset, i, n, values_);
            });
            return;
        }
        for (int c = 0; c < channels; ++c) write(tile, values_[c], n, part_.channel_begin + c);
    }

    // Nearest pixels whose one weight is 1: each is copied in one piece, as write_pixels stores them. Those at edges come
    // the general way.
    template <class S, int channels>
    void copy(const Tile<Real>& tile, const Value* pixels, std::int64_t n) {
        job_.note(Path::copied);
        bool interior = true;
        for (int i = 0; i < tile.count; i += tile.width) {
            if (tile.inside[i / tile.width] == tile.all) continue;
            interior = interior && i + tile.width > tile.count && tile.inside[i / tile.width] == (1u << tile.count % tile.width) - 1;
            for (int c = 0; c < channels; ++c) {
                Vec<Real> outer{};
                if (tile.touches[i / tile.width]) blend_outer<S, false, false>(pixels + c, form_, tile, i, &outer);
                store(values_[c] + i, outer);
            }
        }
        for (int c = 0; c < channels && !interior; ++c) finish(tile, values_[c], part_.channel_begin + c);
        Value* samples = at<Value>(job_.samples, n, part_.channel_begin);
        for_each_run(job_, job_.samples.stride, tile.begin, tile.count, [&](int from, int n, std::int64_t offset, std::int64_t) {
            Value* to = samples + offset;
            const auto exactly = [&](int j) {
                const int i = from + j;
                for (int c = 0; c < channels; ++c) {
                    to[j * channels + c] = tile.is_inside(i) ? pixels[tile.base[i] + c] : narrow<Value>(values_[c][i]);
                }
            };
            for (int j = 0; j + 1 < n; ++j) {
                if (interior || tile.is_inside(from + j)) {
                    std::memcpy(to + j * channels, pixels + tile.base[from + j], 4 * sizeof(Value));
                } else {
                    exactly(j);
                }
            }
            if (n > 0) exactly(n - 1);
        });
    }

    // Whether samples are three or four numbers that fill pixels which follow each other.
    bool lies_in_pixels(int channels) const {
        constexpr bool stored_whole = std::is_same_v<Value, std::uint8_t> || (std::is_same_v<Value, float> && lane_length<Real> == 4);
        return stored_whole && lanes<Real> > 1 && (channels == 3 || channels == 4) && job_.samples.channel_stride == 1 &&
               job_.samples.stride[job_.point_axes - 1] == channels;
    }

    template <class S>
    void many(const Tile<Real>& tile, std::int64_t n, bool prefetch) {
        job_.note(Path::many_channels);
        Footprint<Real>& footprint = tiles_.bench->footprint;
        const Rules<S, false, Real> rules(form_, tile);
        for_each_turn(job_, part_, *tiles_.bench, true, [&](const Turn<Real>& turn) {
            const Value* pixels = at<const Value>(job_.field, n, turn.begin);
            for_each_sample(job_, turn, at<Value>(job_.samples, n, turn.begin), tile, [&](int i, auto* to) {
                if (prefetch) prefetch_pixel(pixels, form_, tile, i + 4, turn.channels());
                if (tile.is_undefined(form_, i)) {
                    using Sample = std::remove_reference_t<decltype(*to)>;
                    std::fill_n(to, turn.channels(), narrow<Sample>(nothing_));
                } else {
                    footprint.find(rules, i, nullptr);
                    const bool fills = tile.is_filled(form_, 0, i);
                    const Real share = fills ? tile.share[0][i] : 0, *fill = fills ? &fill_[turn.begin] : nullptr;
                    pull_pixel(pixels, footprint, turn.channels(), share, fill, to);
                }
            });
            turn_to_planes(turn, tile, values_, [&](std::int64_t channel, const Real* values) {
                write_samples(job_, at<Value>(job_.samples, n, channel), tile.begin, tile.count, values);
            });
        });
    }

    // What is not sampled: the fill value's share, and undefined places.
    void finish(const Tile<Real>& tile, Real* values, std::int64_t channel) const {
        for (int i = 0; form_.fills && i < tile.count; i += tile.width) {
            if (tile.inside[i / tile.width] == tile.all) continue;
            const Real fill = fill_[channel], *share = tile.share[0] + i;
            const std::int32_t* has = tile.has_share[0] + i;
            for_each_lane<Tile<Real>::width>([&](int lane) { values[i + lane] += has[lane] ? share[lane] * fill : 0; });
        }
        for (int i = 0; tile.any_undefined && i < tile.count; ++i) {
            if (tile.is_undefined(form_, i)) values[i] = nothing_;
        }
    }

    void write(const Tile<Real>& tile, Real* values, std::int64_t n, std::int64_t channel) {
        finish(tile, values, channel);
        write_samples(job_, at<Value>(job_.samples, n, channel), tile.begin, tile.count, values);
    }
};

}  // namespace

template <>
void Pull<Value>::run(const Job& job, const Part& part) {
    Pulling(job, part).run();
}

}  // namespace gridsample::GRIDSAMPLE_ISA
