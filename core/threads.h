// A pool of threads that sleep until there is work, and share it by taking the next task.
#pragma once

#include <cstdint>

namespace gridsample {

constexpr int most_threads = 1024;

// Calls task(context, i) for i in 0 ... count - 1 on at most so many threads, the calling one included. Several threads
// may call it at once, each with a number of its own: others help a call only while all that are at work, for whomever,
// are no more than its number.
void parallel_for(int threads, std::int64_t count, void (*task)(void* context, std::int64_t i), void* context);

template <class Body>
void parallel_for(int threads, std::int64_t count, const Body& body) {
    parallel_for(threads, count, [](void* context, std::int64_t i) { (*static_cast<const Body*>(context))(i); },
                 const_cast<Body*>(&body));
}

// The most threads that took part in one parallel_for of the calling thread's, since that set it to 1: for tests.
int& most_threads_at_work();

}  // namespace gridsample
