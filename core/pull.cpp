// One instruction set, one type of values: samples. Compiled with GRIDSAMPLE_ISA and GRIDSAMPLE_VALUE defined.

#include <limits>

#include "channels.h"
#include "operations.h"

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

class Pulling {
public:
    Pulling(const Job& job, const Part& part)
        : job_(job), part_(part), tiles_(job, part, false), form_(tiles_.form), values_(tiles_.bench->values) {
        for (int axis = 0; axis < job.axes; ++axis) {
            if (job.order[axis] > 0) nothing_ = 0;
        }
    }

    void run() {
        const bool prefetch = worth_prefetching<Value>(job_, part_);
        const Channels way = channels_way<Real>(job_);
        for_each_block(job_, part_, tiles_, [&](int count) {
            for (std::int64_t n = part_.batch_begin; n < part_.batch_end; ++n) {
                const Value* pixels = at<const Value>(job_.field, n, part_.channel_begin);
                if (form_.vanishes) {
                    for_each_tile(tiles_, count, pixels, {}, false, [&](auto& tile) { none(tile, n); });
                } else if (way == Channels::in_vectors) {
                    for_each_tile(tiles_, count, pixels, {}, false, [&](auto& tile) { many(tile, pixels, n, prefetch); });
                } else if (way == Channels::few_together) {
                    for_each_tile(tiles_, count, pixels, {}, prefetch, [&](auto& tile) { few(tile, pixels, n); });
                } else {
                    for (std::int64_t c = part_.channel_begin; c < part_.channel_end; ++c) {
                        const Value* plane = at<const Value>(job_.field, n, c);
                        const Value* next = c + 1 < part_.channel_end ? at<const Value>(job_.field, n, c + 1) : nullptr;
                        for_each_tile(tiles_, count, plane, next, prefetch, [&](auto& tile) { one(tile, plane, n, c); });
                    }
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
    Real nothing_ = std::numeric_limits<Real>::quiet_NaN();  // the sample of an undefined place

    // A derivative of what is constant between pixels.
    void none(const Tile<Real>& tile, std::int64_t n) {
        std::fill_n(values_[0], tile_points, Real(0));
        for (std::int64_t c = part_.channel_begin; c < part_.channel_end; ++c) write(tile, values_[0], n, c);
    }

    void one(const Tile<Real>& tile, const Value* plane, std::int64_t n, std::int64_t c) {
        note_vectors(job_, form_, tile);
        with_shape(form_, [&](auto shape) {
            using S = decltype(shape);
            if (S::taps != 1 && form_.stride[0] == 1) {
                pull_plane<S, S::taps != 1>(plane, form_, tile, values_[0]);
            } else {
                pull_plane<S, false>(plane, form_, tile, values_[0]);
            }
        });
        write(tile, values_[0], n, c);
    }

    void few(const Tile<Real>& tile, const Value* pixels, std::int64_t n) {
        const int channels = static_cast<int>(part_.channel_end - part_.channel_begin);
        const bool together = may_read_past(job_, part_, form_, tile);
        if (together) job_.note(Path::few_channels);
        with_shape(form_, [&](auto shape) {
            using S = decltype(shape);
            if (together) return pull_channels<S>(pixels, form_, tile, channels, values_);
            for (int c = 0; c < channels; ++c) pull_plane<S, false>(pixels + c, form_, tile, values_[c]);
        });
        for (int c = 0; c < channels; ++c) write(tile, values_[c], n, part_.channel_begin + c);
    }

    void many(const Tile<Real>& tile, const Value* pixels, std::int64_t n, bool prefetch) {
        job_.note(Path::many_channels);
        const std::int64_t channels = part_.channel_end - part_.channel_begin;
        Footprint<Real>& footprint = tiles_.bench->footprint;
        Value* samples = at<Value>(job_.samples, n, part_.channel_begin);
        for_each_point(job_, samples, tile.begin, tile.count, [&](int i, Value* to) {
            if (prefetch) prefetch_pixel(pixels, form_, tile, i + 4, channels);
            if (tile.undefined[i]) {
                for (std::int64_t c = 0; c < channels; ++c) to[c] = narrow<Value>(nothing_);
            } else {
                footprint.template find<false>(form_, tile, i, nullptr);
                pull_pixel(pixels, footprint, channels, to);
            }
        });
    }

    void write(const Tile<Real>& tile, Real* samples, std::int64_t n, std::int64_t c) {
        for (int i = 0; tile.any_undefined && i < tile.count; ++i) {
            if (tile.undefined[i]) samples[i] = nothing_;
        }
        write_samples(job_, at<Value>(job_.samples, n, c), tile.begin, tile.count, samples);
    }
};

}  // namespace

template <>
void Pull<Value>::run(const Job& job, const Part& part) {
    Pulling(job, part).run();
}

}  // namespace gridsample::GRIDSAMPLE_ISA
