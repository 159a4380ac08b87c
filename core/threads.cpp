#include "threads.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <list>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>

#if !defined(_WIN32)
#include <pthread.h>
#endif

namespace gridsample {

namespace {

// One call of parallel_for. It lives on its caller's stack, until no helper is left in it.
struct Call {
    std::int64_t count;
    void (*task)(void*, std::int64_t);
    void* context;
    std::atomic<std::int64_t> next{0};
    int wanted = 0;   // helpers it still could use
    int helpers = 0;  // in it now
    int joined = 0;   // in it so far
    std::exception_ptr failure = {};
    std::atomic<bool> failed{false};

    void work() {
        try {
            for (std::int64_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < count;) task(context, i);
        } catch (...) {  // no memory; for the caller, once all have stopped
            next.store(count, std::memory_order_relaxed);
            if (!failed.exchange(true)) failure = std::current_exception();
        }
    }
};

class Pool {
public:
    void run(int threads, Call& call) {
        int promised;  // helpers
        {
            std::lock_guard lock(mutex_);
            ++callers_;
            const std::int64_t spare = std::max<std::int64_t>(0, std::int64_t{threads} - callers_ - promised_);
            call.wanted = promised = static_cast<int>(std::min(call.count - 1, spare));
            promised_ += promised;
            if (promised > 0) {
                grow(promised_);
                calls_.push_back(&call);
            }
        }
        for (int i = 0; i < promised; ++i) wake_.notify_one();
        call.work();
        std::unique_lock lock(mutex_);
        calls_.remove(&call);  // nobody else can join now
        done_.wait(lock, [&] { return call.helpers == 0; });
        --callers_;
        promised_ -= promised;
        if (call.failure) std::rethrow_exception(call.failure);
    }

private:
    std::mutex mutex_;
    std::condition_variable wake_, done_;
    std::list<Call*> calls_;  // that want helpers
    int callers_ = 0, promised_ = 0, threads_ = 0;

    void grow(int wanted) {
        try {
            for (; threads_ < wanted; ++threads_) std::thread([this] { help(); }).detach();
        } catch (const std::system_error&) {
            // The system gives no more threads: those there are, and the caller, do the work.
        }
    }

    [[noreturn]] void help() {
        std::unique_lock lock(mutex_);
        for (;;) {
            wake_.wait(lock, [&] { return !calls_.empty(); });
            Call& call = *calls_.front();
            ++call.helpers, ++call.joined;
            if (--call.wanted == 0) calls_.pop_front();
            lock.unlock();
            call.work();
            lock.lock();
            if (--call.helpers == 0) done_.notify_all();
        }
    }
};

// Never destroyed: its threads sleep in it until the process ends.
std::atomic<Pool*> pool{new Pool};

#if !defined(_WIN32)
// A forked child has none of the parent's threads, and perhaps a locked mutex: it starts afresh.
const int at_fork = pthread_atfork(nullptr, nullptr, [] { pool.store(new Pool); });
#endif

}  // namespace

int& most_threads_at_work() {
    thread_local int most = 1;
    return most;
}

void parallel_for(int threads, std::int64_t count, void (*task)(void*, std::int64_t), void* context) {
    if (count <= 1 || threads <= 1) {
        for (std::int64_t i = 0; i < count; ++i) task(context, i);
        return;
    }
    Call call{count, task, context};
    pool.load()->run(threads, call);
    int& most = most_threads_at_work();
    most = std::max(most, 1 + call.joined);
}

}  // namespace gridsample
