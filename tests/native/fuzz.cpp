// Random calls of the core, each result compared with the definition's (definition.h), each array between guards.
//
//     fuzz [--seed N] [--jobs N] [--seconds N] [--job N]
//
// Ends with 1 at the first that is wrong, and says by which seed and number it is made again.

#include <chrono>
#if defined(GRIDSAMPLE_SANITIZED_address)
#include <sanitizer/common_interface_defs.h>
#endif

#include "ballot.h"
#include "expected.h"
#include "random_call.h"
#include "run.h"

namespace {

using namespace gridsample;

struct Limits {
    std::uint64_t seed = 0;
    std::int64_t first = 0, jobs = INT64_MAX;
    double seconds = INFINITY;
};

PathCounts path_counts;
unsigned long long seed;
long long number, comparisons;
const Call* current;

void tell_call() {
    std::fprintf(stderr, "job %lld of seed %llu: --seed %llu --job %lld\n", number, seed, seed, number);
    if (current) std::fprintf(stderr, "  %s, %s", instruction_set().c_str(), described(*current).c_str() + 2);
}

[[noreturn]] void wrong(const char* what, const std::string& told) {
    std::fprintf(stderr, "%s: %s\n", what, told.c_str());
    tell_call();
    std::exit(1);
}

void compare(const char* name, const Array& array, const std::vector<Sum>& right, DType real) {
    std::size_t at = 0;
    for_each_element(array, [&](const std::int64_t* index) {
        const double result = array.read(index);
        if (!right[at].allows(result, real, array.dtype)) {
            std::string place = right[at].told(result) + " at (";
            for (int axis = 0; axis < array.dims; ++axis) place += (axis ? ", " : "") + std::to_string(index[axis]);
            wrong(name, place + ")");
        }
        ++at, ++comparisons;
    });
    if (!gaps_are_whole(array)) wrong(name, "something was written between its elements");
}

void check_votes(const Call& call) {
    const int orders[max_axes] = {};
    for (std::int64_t n = 0; call.channels > 0 && n < call.batch; ++n) {
        for (std::int64_t p = 0; p < call.points; ++p) {
            const Footprint places = footprint(call, n, p, orders);
            for (std::int64_t c = 0; c < call.channels; ++c, ++comparisons) {
                std::int64_t index[most_dims];
                call.index_of(call.samples, n, c, p, index);
                const Ballot ballot(call, places, n, c);
                const std::int64_t result = read_label(call.samples.dtype, call.samples.at(index));
                if (!ballot.allows(result)) wrong("labels", ballot.told(result) + " at point " + std::to_string(p));
            }
        }
    }
    if (!gaps_are_whole(call.samples)) wrong("labels", "something was written between its elements");
}

void check(const Call& call) {
    Job job = job_of(call);
    job.watched = &path_counts;
    const std::vector<std::string> sets = instruction_sets();
    use_instruction_set(sets[static_cast<std::size_t>(call.instruction_set) % sets.size()]);
    run(call.operation, job);
    if (call.operation == Operation::vote) return check_votes(call);
    const Expected expected(call);
    // Where there are no values, samples and slopes are the caller's to fill in.
    const bool empty = call.points * call.batch * call.channels == 0;
    if (call.sum) compare("sum", call.sum, expected.sum, call.real());
    if (empty) return;
    if (call.operation == Operation::pull) compare("samples", call.samples, expected.samples, call.real());
    if (call.by_values) compare("by_values", call.by_values, expected.samples, call.real());
    if (call.gradient) compare("gradient", call.gradient, expected.gradient, call.real());
}

void check_all(const Limits& limits) {
    const auto begin = std::chrono::steady_clock::now();
    const auto passed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(); };
    seed = limits.seed;
    long long done = 0;
    Pages pages;
    for (number = limits.first; done < limits.jobs && passed() < limits.seconds; ++number, ++done) {
        const RandomCall random(seed, static_cast<std::uint64_t>(number), Kinds::all, pages);
        current = &random.call;
        check(random.call);
        current = nullptr;
    }
    std::printf("%lld jobs, %lld comparisons, %.0f s, seed %llu; instruction sets:", done, comparisons,
                passed(), seed);
    for (const std::string& name : instruction_sets()) std::printf(" %s", name.c_str());
    std::printf("; ways:");
    for (int i = 0; i < path_count; ++i) std::printf(" %s %ld", path_names[i], static_cast<long>(path_counts[i].load()));
    std::printf("\n");
}

Limits limits_of(int count, char** words) {
    Limits limits;
    for (int i = 1; i < count; i += 2) {
        const std::string word = words[i];
        if (i + 1 == count) fail("needs a number:", words[i]);
        const unsigned long long n = std::strtoull(words[i + 1], nullptr, 10);
        if (word == "--seed") {
            limits.seed = n;
        } else if (word == "--jobs") {
            limits.jobs = static_cast<std::int64_t>(n);
        } else if (word == "--seconds") {
            limits.seconds = static_cast<double>(n);
        } else if (word == "--job") {
            limits.first = static_cast<std::int64_t>(n);
            limits.jobs = 1;
        } else {
            fail("no such option:", words[i]);
        }
    }
    return limits;
}

}  // namespace

int main(int count, char** words) {
#if defined(GRIDSAMPLE_SANITIZED_address)
    __sanitizer_set_death_callback(tell_call);
#endif
    check_all(limits_of(count, words));
}
