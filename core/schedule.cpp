#include "schedule.h"

#include <algorithm>

#include "threads.h"

// The instruction sets of this build, best first.
#if defined(GRIDSAMPLE_FOR_X86_64) && defined(GRIDSAMPLE_SANITIZED)
#define GRIDSAMPLE_FOR_EACH_ISA(what) what(x86_64_v4) what(x86_64_v2)
#elif defined(GRIDSAMPLE_FOR_X86_64)
#define GRIDSAMPLE_FOR_EACH_ISA(what) what(x86_64_v4) what(x86_64_v3) what(x86_64_v2)
#elif defined(GRIDSAMPLE_FOR_NEON)
#define GRIDSAMPLE_FOR_EACH_ISA(what) what(neon)
#else
#define GRIDSAMPLE_FOR_EACH_ISA(what) what(baseline)
#endif

#define GRIDSAMPLE_DECLARE(isa)     \
    namespace gridsample::isa {     \
    template <class Value>          \
    struct EngineOf {               \
        static const Engine engine; \
    };                              \
    }
GRIDSAMPLE_FOR_EACH_ISA(GRIDSAMPLE_DECLARE)

namespace gridsample {

namespace {

struct InstructionSet {
    std::string name;
    const Engine* engines[4];  // by DType
};

bool processor_knows(const std::string& name) {
#if defined(__x86_64__) && defined(__GNUC__)
    __builtin_cpu_init();
    if (name == "x86_64_v4") {
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl");
    }
    if (name == "x86_64_v3") {
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
    }
    if (name == "x86_64_v2") return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("ssse3");
#endif
    return name == "baseline" || name == "neon";
}

#define GRIDSAMPLE_LIST(isa)                                                                                      \
    InstructionSet{#isa, {&isa::EngineOf<Half>::engine, &isa::EngineOf<BFloat16>::engine,                         \
                          &isa::EngineOf<float>::engine, &isa::EngineOf<double>::engine}},

std::vector<InstructionSet> known() {
    std::vector<InstructionSet> sets;
    for (const InstructionSet& set : {GRIDSAMPLE_FOR_EACH_ISA(GRIDSAMPLE_LIST)}) {
        if (processor_knows(set.name)) sets.push_back(set);
    }
    return sets;
}

const std::vector<InstructionSet>& all() {
    static const std::vector<InstructionSet> sets = known();
    return sets;
}

const InstructionSet*& chosen() {
    static const InstructionSet* set = &all().front();
    return set;
}

const Engine& engine_for(DType dtype) { return *chosen()->engines[static_cast<int>(dtype)]; }

// Pixels read or written below which waking another thread costs more than it saves.
constexpr std::int64_t worthwhile = 40000;

std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

std::int64_t pixels_per_sample(const Options& options) {
    const std::int64_t taps = options.kernel == Kernel::nearest ? 1 : options.kernel == Kernel::linear ? 2 : 4;
    std::int64_t product = 1;
    for (int axis = 0; axis < options.axes; ++axis) product *= taps;
    return product;
}

Part everything(const Job& job) {
    return {0, 0, job.batch, 0, job.field.channels, 0, job.points, INT64_MIN, INT64_MAX};
}

// The part of one grid: of all batch entries where they share it.
Part of_grid(const Job& job, std::int64_t grid) {
    Part part = everything(job);
    part.grid_batch = job.grid.batch == 1 ? 0 : grid;
    if (job.grid.batch > 1) part.batch_begin = grid, part.batch_end = grid + 1;
    return part;
}

// Into how many parts a range is cut, and where part i of it begins.
std::int64_t cut(std::int64_t length, std::int64_t parts, std::int64_t i) { return length * i / parts; }

constexpr std::int64_t block = 128;  // points are cut at multiples of a tile

// Work over points: each sample depends on nothing but its own place.
void over_points(const Job& job, void (*run)(const Job&, const Part&), bool may_cut_channels) {
    const std::int64_t grids = job.grid.batch, channels = job.field.channels;
    const std::int64_t total = job.points * job.batch * channels * pixels_per_sample(job.options);
    if (total == 0) return;
    const std::int64_t threads = std::min<std::int64_t>(get_threads(), divide_up(total, worthwhile));
    const std::int64_t blocks = divide_up(job.points, block);
    const std::int64_t wanted = threads == 1 ? 1 : threads * 8;  // more parts than threads, so that all end together
    const std::int64_t point_parts = std::min(blocks, divide_up(wanted, grids));
    std::int64_t channel_parts = 1;
    if (may_cut_channels && grids * point_parts < threads) {
        channel_parts = std::min(channels, divide_up(threads, grids * point_parts));
    }
    auto body = [&](std::int64_t i) {
        Part part = of_grid(job, i / (point_parts * channel_parts));
        const std::int64_t c = i % channel_parts, p = i / channel_parts % point_parts;
        part.channel_begin = cut(channels, channel_parts, c);
        part.channel_end = cut(channels, channel_parts, c + 1);
        part.point_begin = cut(blocks, point_parts, p) * block;
        part.point_end = std::min(job.points, cut(blocks, point_parts, p + 1) * block);
        run(job, part);
    };
    if (threads == 1) {
        for (std::int64_t i = 0; i < grids * point_parts * channel_parts; ++i) body(i);
    } else {
        parallel_for(grids * point_parts * channel_parts, body);
    }
}

}  // namespace

void pull(const Job& job) { over_points(job, engine_for(job.samples.dtype).pull, true); }

void grid_gradient(const Job& job) { over_points(job, engine_for(job.samples.dtype).grid_gradient, false); }

// Every pixel is added to by one thread alone, in the order of the points: the result is the same however many there are.
// Batch entries are shared out first, then channels, then bands of the outermost axis, for which each thread looks at
// all points and adds those that fall into its band.
void push(const Job& job) {
    const auto run = engine_for(job.samples.dtype).push;
    const std::int64_t entries = job.field.batch, channels = job.field.channels;
    const std::int64_t rows = job.field.size[job.options.axes - 1];
    const std::int64_t total = job.points * job.batch * channels * pixels_per_sample(job.options);
    if (total == 0) return;
    const std::int64_t threads = std::min<std::int64_t>(get_threads(), divide_up(total, worthwhile));
    const std::int64_t parts = entries % threads == 0 || entries >= 4 * threads ? 1 : threads;  // of an entry
    const std::int64_t channel_parts = channels >= 4 * parts ? parts : 1;
    const std::int64_t bands = channel_parts == 1 ? std::min(parts, rows) : 1;
    auto body = [&](std::int64_t i) {
        const std::int64_t entry = i / (channel_parts * bands), c = i % channel_parts, b = i / channel_parts % bands;
        const std::int64_t first = entries > 1 ? entry : 0, last = entries > 1 ? entry + 1 : job.grid.batch;
        for (std::int64_t grid = first; grid < last; ++grid) {
            Part part = of_grid(job, grid);
            if (entries > 1) part.batch_begin = entry, part.batch_end = entry + 1;
            part.channel_begin = cut(channels, channel_parts, c);
            part.channel_end = cut(channels, channel_parts, c + 1);
            part.band_begin = cut(rows, bands, b);
            part.band_end = cut(rows, bands, b + 1);
            run(job, part);
        }
    };
    if (threads == 1) {
        for (std::int64_t i = 0; i < entries * channel_parts * bands; ++i) body(i);
    } else {
        parallel_for(entries * channel_parts * bands, body);
    }
}

const std::vector<std::string>& instruction_sets() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> list;
        for (const InstructionSet& set : all()) list.push_back(set.name);
        return list;
    }();
    return names;
}

const std::string& instruction_set() { return chosen()->name; }

bool use_instruction_set(const std::string& name) {
    for (const InstructionSet& set : all()) {
        if (set.name == name) {
            chosen() = &set;
            return true;
        }
    }
    return false;
}

}  // namespace gridsample
