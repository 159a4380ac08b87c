// How a call runs: on how many threads, and whether other Python threads go on meanwhile.
#pragma once

#include <nanobind/nanobind.h>

#include "options.h"
#include "schedule.h"
#include "threads.h"

namespace gridsample {

// Work of some microseconds, not worth letting other Python threads run meanwhile.
inline bool is_small(const Job& job) { return job.points * job.batch * job.field.channels < 1024; }

// How many threads the last call from this thread might use, for tests.
inline thread_local int threads_of_last_call = 1;

// How many threads work may use. Python is asked only where it may be shared out: the answer takes as long as a small
// call, and may be another for each thread that calls.
template <class Work>
int threads_for(const Work& work, nanobind::handle ask) {
    most_threads_at_work() = threads_of_last_call = 1;
    if (!may_be_shared(work)) return 1;
    const nanobind::object answer = ask();
    const long threads = PyLong_AsLong(answer.ptr());
    if (threads == -1 && PyErr_Occurred()) throw nanobind::python_error();
    require(threads >= 1 && threads <= most_threads, "the number of threads must be from 1 to 1024");
    return threads_of_last_call = static_cast<int>(threads);
}

inline nanobind::tuple watched_threads() { return nanobind::make_tuple(threads_of_last_call, most_threads_at_work()); }

inline void run(void (*operation)(const Job&), Job& job, nanobind::handle threads) {
    job.threads = threads_for(job, threads);
    if (is_small(job)) return operation(job);
    nanobind::gil_scoped_release unlocked;
    operation(job);
}

}  // namespace gridsample
