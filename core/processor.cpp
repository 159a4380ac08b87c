#include "processor.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <cpuid.h>
#endif

namespace gridsample {

#if defined(__x86_64__) && defined(__GNUC__)

namespace {

bool shows(unsigned leaf, int where, int bit) {
    unsigned eax, registers[2], edx;  // ecx and ebx
    if (!__get_cpuid_count(leaf, 0, &eax, &registers[1], &registers[0], &edx)) return false;
    return registers[where] >> bit & 1;
}

// Which registers the system saves when it switches tasks: XCR0, or nothing.
std::uint64_t saved_registers() {
    if (!shows(1, 0, 27)) return 0;
    unsigned low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return std::uint64_t{high} << 32 | low;
}

}  // namespace

std::uint64_t processor_features() {
    constexpr std::uint64_t ymm = 0x6, zmm = 0xe6;  // those of AVX, and of AVX-512
    const std::uint64_t saved = saved_registers();
    std::uint64_t found = 0;
    const auto note = [&](Feature feature, unsigned leaf, int where, int bit) {
        const bool wide = feature >= Feature::avx, widest = feature >= Feature::avx512f;
        if ((wide && (saved & ymm) != ymm) || (widest && (saved & zmm) != zmm)) return;
        if (shows(leaf, where, bit)) found |= std::uint64_t{1} << static_cast<int>(feature);
    };
#define GRIDSAMPLE_NOTE(name, macro, leaf, where, bit) note(Feature::name, leaf, where, bit);
    GRIDSAMPLE_FEATURES(GRIDSAMPLE_NOTE)
#undef GRIDSAMPLE_NOTE
    return found;
}

#else

std::uint64_t processor_features() { return 0; }

#endif

}  // namespace gridsample
