// What drivers of the core without Python share: memory between pages that must not be touched, and definitions by name.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#if defined(GRIDSAMPLE_SANITIZED_address)
#include <sanitizer/asan_interface.h>
#else
inline void __asan_poison_memory_region(const volatile void*, std::size_t) {}
inline void __asan_unpoison_memory_region(const volatile void*, std::size_t) {}
#endif

namespace gridsample {

[[noreturn]] inline void fail(const char* what, const char* which = "") {
    std::fprintf(stderr, "%s %s\n", what, which);
    std::exit(1);
}

// The place of a name in a table of records.
template <class Records>
int place_named(const Records& records, const char* name) {
    int place = 0;
    for (const auto& record : records) {
        if (std::strcmp(record.name, name) == 0) return place;
        ++place;
    }
    fail("no such definition:", name);
}

// Some pages between two that must not be touched: what reads past an end does not go on. Where the compiler checks
// addresses, it is told that nothing but the part in use may be touched; loads of scattered places it does not check.
class Guarded {
public:
    explicit Guarded(std::size_t bytes) {
        const std::size_t page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
        room_ = (bytes + page - 1) / page * page;
        mapped_ = room_ + 2 * page;
        void* pages = mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (pages == MAP_FAILED) fail("no memory");
        begin_ = static_cast<char*>(pages) + page;
        if (room_ && mprotect(begin_, room_, PROT_READ | PROT_WRITE) != 0) fail("no memory");
        __asan_poison_memory_region(begin_, room_);
    }
    Guarded(const Guarded&) = delete;
    Guarded& operator=(const Guarded&) = delete;
    ~Guarded() {
        __asan_unpoison_memory_region(begin_, room_);
        munmap(begin_ - (mapped_ - room_) / 2, mapped_);
    }

    // So many bytes right after the first guard or, `at_end`, right before the second; the others must not be touched.
    char* use(std::size_t bytes, bool at_end = true) {
        if (bytes > room_) fail("an array has no room between its guards");
        __asan_poison_memory_region(used_, used_bytes_);
        used_ = at_end ? begin_ + room_ - bytes : begin_;
        used_bytes_ = bytes;
        __asan_unpoison_memory_region(used_, used_bytes_);
        return used_;
    }

private:
    std::size_t room_, mapped_, used_bytes_ = 0;
    char *begin_, *used_ = nullptr;
};

}  // namespace gridsample
