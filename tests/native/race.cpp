// Calls of the core from several threads at once, on inputs that they share, each with another number of threads
// every time, while others change which instruction set is used, and fork. Each result must be that of a thread alone, bit for bit. Built under
// ThreadSanitizer, which sees what is not ordered.
//
//     race [--seed N] [--seconds N]

#include <sys/wait.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <thread>

#include "../../core/threads.h"
#include "random_call.h"
#include "run.h"

// A forked child has threads of its own: that is what is tested.
extern "C" const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() { return "die_after_fork=0:halt_on_error=1:second_deadlock_stack=1"; }

namespace {

using namespace gridsample;

constexpr int call_count = 60, callers = 3;
std::atomic<bool> over{false};
std::atomic<long> done{0}, forked{0};

template <class Visit>
void for_each_output(Call& call, const Visit& visit) {
    if (call.operation == Operation::pull || call.operation == Operation::vote) visit(call.samples);
    for (Array* array : {&call.sum, &call.gradient, &call.by_values}) {
        if (*array) visit(*array);
    }
}

// A call, and what its outputs hold before and after it.
struct Known {
    Call call;
    std::vector<std::string> before, after;
};

// Calls on inputs of the known ones, with outputs of one's own.
class Caller {
public:
    explicit Caller(const std::deque<Known>& known) : known_(known) {
        for (const Known& one : known) {
            calls_.push_back(one.call);
            for_each_output(calls_.back(), [&](Array& array) {
                const std::ptrdiff_t first = array.data - array.memory;
                memory_.emplace_back(array.bytes);
                array.memory = memory_.back().use(array.bytes);
                array.data = array.memory + first;
            });
        }
    }

    // Whether a call gives on so many threads what it gave alone.
    bool repeat(std::size_t which, int threads) {
        std::size_t output = 0;
        const Known& known = known_[which];
        Call& call = calls_[which];
        for_each_output(call, [&](Array& array) { std::memcpy(array.memory, known.before[output++].data(), array.bytes); });
        call.threads = threads;
        run(call.operation, job_of(call));
        bool same = true;
        output = 0;
        for_each_output(call, [&](Array& array) {
            same = same && std::memcmp(array.memory, known.after[output++].data(), array.bytes) == 0;
        });
        return same;
    }
    std::size_t size() const { return calls_.size(); }
    const Call& operator[](std::size_t which) const { return calls_[which]; }

private:
    const std::deque<Known>& known_;
    std::vector<Call> calls_;
    std::deque<Guarded> memory_;
};

std::vector<std::string> contents(Call& call) {
    std::vector<std::string> all;
    for_each_output(call, [&](const Array& array) { all.emplace_back(array.memory, array.bytes); });
    return all;
}

// Calls with work for several threads, and their results on one.
std::deque<Known> known_calls(std::uint64_t seed, std::deque<Pages>& pages) {
    std::deque<Known> all;
    for (std::uint64_t number = 0; all.size() < call_count; ++number) {
        Pages own;
        Known known{RandomCall(seed, number, Kinds::all, own).call, {}, {}};
        if (known.call.points < 200) continue;
        pages.push_back(std::move(own));
        known.call.threads = 1;
        known.before = contents(known.call);
        run(known.call.operation, job_of(known.call));
        known.after = contents(known.call);
        all.push_back(std::move(known));
    }
    return all;
}

[[noreturn]] void differs(const Call& call, const char* where) {
    std::fprintf(stderr, "another result than alone, %s:\n%s", where, described(call).c_str());
    std::_Exit(1);
}

void keep_calling(const std::deque<Known>& known, std::uint64_t seed) {
    Random random(seed, 1);
    Caller caller(known);
    while (!over) {
        const std::size_t which = static_cast<std::size_t>(random.below(static_cast<std::int64_t>(caller.size())));
        const int threads = static_cast<int>(random.between(1, 4));
        most_threads_at_work() = 1;
        if (!caller.repeat(which, threads)) differs(caller[which], "beside other callers");
        if (most_threads_at_work() > threads) differs(caller[which], "or on more threads than it might use");
        ++done;
    }
}

void keep_changing(std::uint64_t seed) {
    Random random(seed, 2);
    while (!over) {
        use_instruction_set(instruction_set());
        std::this_thread::sleep_for(std::chrono::microseconds(random.below(500)));
    }
}

void keep_forking(const std::deque<Known>& known) {
    Caller caller(known);
    for (std::size_t which = 0; !over; which = (which + 1) % caller.size()) {
        const pid_t child = fork();
        if (child == 0) {
            alarm(60);  // a child that waits for a thread it does not have
            std::_Exit(caller.repeat(which, 2) ? 0 : 2);
        }
        int status = 0;
        if (child < 0 || waitpid(child, &status, 0) != child) fail("no child");
        if (status != 0) differs(caller[which], WIFSIGNALED(status) ? "or none, in a forked child" : "in a forked child");
        ++forked;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

}  // namespace

int main(int count, char** words) {
    std::uint64_t seed = 1;
    double seconds = 10;
    for (int i = 1; i + 1 < count; i += 2) {
        if (std::strcmp(words[i], "--seed") == 0) seed = std::strtoull(words[i + 1], nullptr, 10);
        if (std::strcmp(words[i], "--seconds") == 0) seconds = std::atof(words[i + 1]);
    }
    std::deque<Pages> pages;
    const std::deque<Known> known = known_calls(seed, pages);
    std::deque<std::thread> threads;
    for (std::uint64_t i = 0; i < callers; ++i) threads.emplace_back(keep_calling, std::cref(known), seed + i);
    threads.emplace_back(keep_changing, seed);
    threads.emplace_back(keep_forking, std::cref(known));
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    over = true;
    for (std::thread& thread : threads) thread.join();
    std::printf("%ld calls by %d threads, %ld in forked children, seed %llu; instruction set: %s\n", done.load(), callers,
                forked.load(), static_cast<unsigned long long>(seed), instruction_set().c_str());
    std::fflush(stdout);
    std::_Exit(0);  // the pool's threads sleep on
}
