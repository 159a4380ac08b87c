// A pool of threads that sleep until there is work, and share it by taking the next task.
#pragma once

#include <cstdint>

namespace gridsample {

// How many threads a call may use, the caller's own included.
void set_threads(int count);
int get_threads();

// Calls task(context, i) for i in 0 ... count - 1, on the calling thread and as many others as are free. Several threads
// may call it at once; together they use no more than the limit, or one each if they are more.
void parallel_for(std::int64_t count, void (*task)(void* context, std::int64_t i), void* context);

template <class Body>
void parallel_for(std::int64_t count, const Body& body) {
    parallel_for(count, [](void* context, std::int64_t i) { (*static_cast<const Body*>(context))(i); },
                 const_cast<Body*>(&body));
}

}  // namespace gridsample
