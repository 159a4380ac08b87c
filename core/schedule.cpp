// How a call is shared out: cut over points where each sample depends on its own place alone, and over batch entries, bands
// of rows or channels where values are scattered, so that every pixel is added to by one thread.
#include "schedule.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "along.h"
#include "processor.h"
#include "recursion.h"
#include "threads.h"

// The instruction sets of this build, best first, by a list that CMakeLists.txt makes.
#define GRIDSAMPLE_INSTRUCTION_SET(isa) \
    namespace gridsample::isa {         \
    extern const Engine engine;         \
    }
#include "instruction_sets.inc"
#undef GRIDSAMPLE_INSTRUCTION_SET

namespace gridsample {

namespace {

// Those that this processor knows.
const std::vector<const Engine*>& engines() {
    static const std::vector<const Engine*> known = [] {
        std::vector<const Engine*> list;
        const std::uint64_t features = processor_features();
        for (const Engine* engine : {
#define GRIDSAMPLE_INSTRUCTION_SET(isa) &isa::engine,
#include "instruction_sets.inc"
#undef GRIDSAMPLE_INSTRUCTION_SET
             }) {
            if (!(engine->features & ~features)) list.push_back(engine);
        }
        if (list.empty()) throw std::runtime_error("this processor knows none of the instruction sets of this build");
        return list;
    }();
    return known;
}

std::atomic<const Engine*>& chosen() {
    static std::atomic<const Engine*> engine{engines().front()};
    return engine;
}

}  // namespace

const Engine& engine() { return *chosen().load(std::memory_order_relaxed); }

namespace {

using Operation = void (*)(const Job&, const Part&);

// Pixels read or written below which waking another thread costs more than it saves. Tests lower it, to share out what
// is small.
#if !defined(GRIDSAMPLE_WORTHWHILE)
#define GRIDSAMPLE_WORTHWHILE 200000
#endif
constexpr std::int64_t worthwhile = GRIDSAMPLE_WORTHWHILE;

std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

int threads_for(std::int64_t pixels, int most) {
    return static_cast<int>(std::clamp<std::int64_t>(divide_up(pixels, worthwhile), 1, most));
}

std::int64_t pixels_of(const Job& job) {
    std::int64_t product = job.points * job.batch * job.field.channels;
    for (int axis = 0; axis < job.axes; ++axis) product *= kernel_records[job.options.axis[axis].kernel].taps;
    return product;
}

std::int64_t pixels_of(const Lines& lines) { return lines.outer * lines.length * lines.inner; }

// What the tiles of all threads may take together.
constexpr std::int64_t tile_memory = 3 << 20;

Part everything(const Job& job) {
    const std::int64_t memory = std::min<std::int64_t>(480 << 10, tile_memory / job.threads);
    return {0, job.grid.batch, 0, job.batch, 0, job.field.channels, 0, job.points, memory};
}

// The part of one grid: of all batch entries where they share it.
Part of_grid(const Job& job, std::int64_t grid) {
    Part part = everything(job);
    part.grid_begin = grid;
    part.grid_end = grid + 1;
    return part;
}

// Into how many parts a range is cut, and where part i of it begins.
std::int64_t cut(std::int64_t length, std::int64_t parts, std::int64_t i) { return length * i / parts; }

constexpr std::int64_t block = 128;  // points are cut at multiples of a tile

// Work over points: each sample depends on nothing but its own place.
void over_points(const Job& job, Operation run, bool may_cut_channels) {
    const std::int64_t grids = job.grid.batch, channels = job.field.channels;
    const std::int64_t total = pixels_of(job);
    if (total == 0) return;
    const int threads = threads_for(total, job.threads);
    const std::int64_t blocks = divide_up(job.points, block);
    const std::int64_t wanted = threads == 1 ? 1 : threads * 8;  // more parts than threads, so that all end together
    const std::int64_t grid_parts = std::min(grids, wanted);
    const std::int64_t point_parts = std::min(blocks, divide_up(wanted, grid_parts));
    std::int64_t channel_parts = 1;
    if (may_cut_channels && grid_parts * point_parts < threads) {
        channel_parts = std::min(channels, divide_up(threads, grid_parts * point_parts));
    }
    auto body = [&](std::int64_t i) {
        const std::int64_t c = i % channel_parts, p = i / channel_parts % point_parts, g = i / channel_parts / point_parts;
        Part part = everything(job);
        part.grid_begin = cut(grids, grid_parts, g);
        part.grid_end = cut(grids, grid_parts, g + 1);
        part.channel_begin = cut(channels, channel_parts, c);
        part.channel_end = cut(channels, channel_parts, c + 1);
        part.point_begin = cut(blocks, point_parts, p) * block;
        part.point_end = std::min(job.points, cut(blocks, point_parts, p + 1) * block);
        run(job, part);
    };
    parallel_for(threads, grid_parts * point_parts * channel_parts, body);
}

// ---- Scatters: every pixel is added to by one thread alone, in the order of the points, so the result is the same for
// any number of threads. ------------------------------------------------------------------------------------------------

// Entries of the batch each go into planes of their own.
void over_entries(const Job& job, Operation run, int threads) {
    job.note(Path::by_entries);
    parallel_for(threads, job.sum.batch, [&](std::int64_t entry) {
        Part part = of_grid(job, job.grid.batch == 1 ? 0 : entry);
        part.batch_begin = entry;
        part.batch_end = entry + 1;
        run(job, part);
    });
}

void over_channels(const Job& job, Operation run, int threads) {
    job.note(Path::by_channels);
    const std::int64_t parts = std::min<std::int64_t>(threads, job.field.channels);
    parallel_for(threads, parts, [&](std::int64_t i) {
        Part part = everything(job);
        part.channel_begin = cut(job.field.channels, parts, i);
        part.channel_end = cut(job.field.channels, parts, i + 1);
        run(job, part);
    });
}

// For runs of points, the rows that each may touch.
class Reaches {
public:
    Reaches(const Job& job, const Part& all, const Engine& engine, int threads)
        : rows_(static_cast<std::int32_t>(job.field.size[job.axes - 1])),
          points_each_(block * divide_up(divide_up(job.points, block), most)),
          reaches_(divide_up(job.points, points_each_)) {
        parallel_for(threads, threads * 4, [&](std::int64_t i) {
            Part part = all;
            part.points_a_reach = points_each_;
            const std::int64_t runs = static_cast<std::int64_t>(reaches_.size());
            part.point_begin = cut(runs, threads * 4, i) * points_each_;
            part.point_end = std::min(job.points, cut(runs, threads * 4, i + 1) * points_each_);
            engine.reach(job, part, reaches_.data());
        });
    }

    // Cut the rows into bands that about as many points touch.
    std::vector<Rows> bands(std::int64_t wanted) const {
        const std::int64_t bins = std::min<std::int64_t>(rows_, 2048);
        std::vector<std::int64_t> runs(bins);
        for (const Rows& reach : reaches_) ++runs[(std::int64_t{reach.begin} + reach.end - 1) / 2 * bins / rows_];
        std::vector<Rows> bands;
        std::int64_t below = 0, total = static_cast<std::int64_t>(reaches_.size());
        std::int32_t begin = 0;
        for (std::int64_t bin = 0; bin < bins; ++bin) {
            below += runs[bin];
            const std::int32_t end = static_cast<std::int32_t>((bin + 1) * rows_ / bins);
            const std::int64_t cuts = static_cast<std::int64_t>(bands.size()) + 1;
            if (below * wanted < total * cuts && bin + 1 < bins) continue;
            if (cuts == wanted && bin + 1 < bins) continue;
            bands.push_back({begin, end});
            begin = end;
        }
        return bands;
    }

    // How many threads' worth of work is done at once, if each takes a band: points in several bands are looked at in all.
    double gain(const std::vector<Rows>& bands) const {
        std::int64_t touched = 0;
        for (const Rows& band : bands) {
            for (const Rows& reach : reaches_) touched += band.meet(reach);
        }
        return static_cast<double>(bands.size() * reaches_.size()) / static_cast<double>(touched);
    }

    void tell(Part& part) const {
        part.reaches = reaches_.data();
        part.points_a_reach = points_each_;
    }

private:
    static constexpr std::int64_t most = 65536;  // that is 512 KiB
    std::int32_t rows_;
    std::int64_t points_each_;
    std::vector<Rows> reaches_;
};

// Each band for one thread, which leaves out the points that do not reach it.
void over_bands(const Job& job, Operation run, int threads, const Part& all, const Reaches& reaches,
                const std::vector<Rows>& bands) {
    job.note(Path::by_bands);
    parallel_for(threads, static_cast<std::int64_t>(bands.size()), [&](std::int64_t i) {
        Part part = all;
        part.band = bands[i];
        reaches.tell(part);
        run(job, part);
    });
}

// The same for whole channels: what scattered points, which reach every band, leave to be shared out.
double gain_of_channels(const Job& job, int threads) {
    return static_cast<double>(job.field.channels) / static_cast<double>(divide_up(job.field.channels, threads));
}

// Whether the batch alone gives every thread its share.
bool enough_entries(const Job& job, int threads) {
    return job.sum.batch % threads == 0 || job.sum.batch >= 4 * threads;
}

// Set the sums to 0.
void clear(const Field& sum, int axes, int threads) {
    const std::int64_t planes = sum.batch * sum.channels, rows = sum.size[axes - 1];
    std::int64_t row = 1;
    for (int axis = 0; axis < axes - 1; ++axis) row *= sum.size[axis];
    const std::int64_t bytes = record_of(sum.dtype).bytes;
    if (planes * rows * row == 0) return;
    // In one piece of memory, in whatever order of the axes, as new arrays are: the extent is that of all pixels.
    std::int64_t lowest = 0, extent = 1;
    const auto reach = [&](std::int64_t length, std::int64_t stride) {
        lowest += std::min<std::int64_t>(0, (length - 1) * stride);
        extent += (length - 1) * std::abs(stride);
    };
    reach(sum.batch, sum.batch_stride);
    reach(sum.channels, sum.channel_stride);
    for (int axis = 0; axis < axes; ++axis) reach(sum.size[axis], sum.stride[axis]);
    if (extent == planes * rows * row) {
        parallel_for(threads, threads, [&](std::int64_t i) {
            const std::int64_t begin = cut(extent, threads, i), end = cut(extent, threads, i + 1);
            std::memset(sum.data + (lowest + begin) * bytes, 0, static_cast<std::size_t>((end - begin) * bytes));
        });
        return;
    }
    parallel_for(threads, planes, [&](std::int64_t plane) {
        char* data = sum.data + (plane / sum.channels * sum.batch_stride + plane % sum.channels * sum.channel_stride) * bytes;
        for (std::int64_t i = 0; i < rows * row; ++i) {
            std::int64_t rest = i, offset = 0;
            for (int axis = 0; axis < axes; rest /= sum.size[axis], ++axis) offset += rest % sum.size[axis] * sum.stride[axis];
            std::memset(data + offset * bytes, 0, static_cast<std::size_t>(bytes));
        }
    });
}

}  // namespace

void grid_gradient(const Job& job) {
    Job without_sum = job;
    without_sum.sum.data = nullptr;
    over_points(without_sum, engine().gradients, false);
}

namespace {

// Batch entries are shared out first, then bands of rows or, where the points are scattered, channels. `both` does the
// gradient of the grid too, if that is wanted.
void scatter(const Job& job, Operation push, Operation both) {
    const Operation run = both ? both : push;
    const std::int64_t total = pixels_of(job);
    const int threads = threads_for(total, job.threads);
    clear(job.sum, job.axes, threads);
    if (total == 0) return;
    const std::int64_t grids = job.grid.batch;
    if (threads == 1) {
        job.note(Path::serial);
        return run(job, everything(job));
    }
    const bool alone = grids == job.batch || !both;  // no other entry adds to the same gradient
    if (job.sum.batch > 1 && alone && enough_entries(job, threads)) return over_entries(job, run, threads);
    for (std::int64_t grid = 0; grid < grids; ++grid) {
        const Part all = of_grid(job, grid);
        const Reaches reaches(job, all, engine(), threads);
        const std::vector<Rows> bands = reaches.bands(threads);
        if (grid == 0 && gain_of_channels(job, threads) > 1.25 * reaches.gain(bands)) {
            over_channels(job, push, threads);
            if (both) grid_gradient(job);
            return;
        }
        over_bands(job, run, threads, all, reaches, bands);
    }
}

}  // namespace

void pull(const Job& job) { over_points(job, engine().pull, true); }

void vote(const Job& job) { over_points(job, engine().vote, true); }

void push(const Job& job) { scatter(job, engine().push, nullptr); }

void gradients(const Job& job) { scatter(job, engine().push, engine().gradients); }

void gradients_along(const Job& job) {
    job.note(Path::along);
    if (job.by_values || job.gradient.data) over_points(job, slopes_along, false);
    if (job.sum.data && job.grid_step) scatter(job, push_along, nullptr);
}

void filter(const Lines& lines) {
    const std::int64_t columns = lines.inner > 1 ? lines.inner : lines.outer, blocks = lines.inner > 1 ? lines.outer : 1;
    const std::int64_t groups = blocks * divide_up(columns, lines_together);
    const int threads = threads_for(pixels_of(lines), lines.threads);
    const std::int64_t parts = threads == 1 ? 1 : std::min<std::int64_t>(groups, threads * 4);
    parallel_for(threads, parts, [&](std::int64_t i) {
        engine().filter(lines, cut(groups, parts, i), cut(groups, parts, i + 1));
    });
}

bool may_be_shared(const Job& job) { return pixels_of(job) > worthwhile; }

bool may_be_shared(const Lines& lines) { return pixels_of(lines) > worthwhile; }

std::vector<std::string> instruction_sets() {
    std::vector<std::string> names;
    for (const Engine* one : engines()) names.push_back(one->name);
    return names;
}

std::string instruction_set() { return engine().name; }

bool use_instruction_set(const std::string& name) {
    for (const Engine* one : engines()) {
        if (one->name == name) {
            chosen() = one;
            return true;
        }
    }
    return false;
}

}  // namespace gridsample
