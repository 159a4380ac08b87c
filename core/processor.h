// What instruction sets a processor knows, feature by feature: all of those that the compiler was told to use.
#pragma once

#include <cstdint>

namespace gridsample {

// Each with the compiler's macro for it, and where CPUID shows it: the leaf, the register (ecx is 0, ebx is 1), the bit.
#if defined(__x86_64__) && defined(__GNUC__)
#define GRIDSAMPLE_FEATURES(what)                                                                                       \
    what(sse3, __SSE3__, 1u, 0, 0) what(ssse3, __SSSE3__, 1u, 0, 9) what(sse41, __SSE4_1__, 1u, 0, 19)                  \
    what(sse42, __SSE4_2__, 1u, 0, 20) what(popcnt, __POPCNT__, 1u, 0, 23)                                              \
    what(cx16, __GCC_HAVE_SYNC_COMPARE_AND_SWAP_16, 1u, 0, 13) what(lahf, __LAHF_SAHF__, 0x80000001u, 0, 0)             \
    what(avx, __AVX__, 1u, 0, 28) what(avx2, __AVX2__, 7u, 1, 5) what(fma, __FMA__, 1u, 0, 12)                          \
    what(f16c, __F16C__, 1u, 0, 29) what(movbe, __MOVBE__, 1u, 0, 22) what(bmi1, __BMI__, 7u, 1, 3)                     \
    what(bmi2, __BMI2__, 7u, 1, 8) what(lzcnt, __LZCNT__, 0x80000001u, 0, 5)                                            \
    what(avx512f, __AVX512F__, 7u, 1, 16) what(avx512dq, __AVX512DQ__, 7u, 1, 17)                                       \
    what(avx512cd, __AVX512CD__, 7u, 1, 28) what(avx512bw, __AVX512BW__, 7u, 1, 30)                                     \
    what(avx512vl, __AVX512VL__, 7u, 1, 31)
#else
#define GRIDSAMPLE_FEATURES(what)  // nothing beyond what the family has
#endif

enum class Feature : int {
#define GRIDSAMPLE_NAME(name, ...) name,
    GRIDSAMPLE_FEATURES(GRIDSAMPLE_NAME)
#undef GRIDSAMPLE_NAME
};

#define GRIDSAMPLE_TEXT(macro) #macro
#define GRIDSAMPLE_MEANING(macro) GRIDSAMPLE_TEXT(macro)  // of one that is not defined, its own name

// Those that the file at hand is compiled for, a bit for each.
static constexpr std::uint64_t compiled_features = 0
#define GRIDSAMPLE_ADD(name, macro, ...) \
    | static_cast<std::uint64_t>(GRIDSAMPLE_MEANING(macro)[0] != '_') << static_cast<int>(Feature::name)
    GRIDSAMPLE_FEATURES(GRIDSAMPLE_ADD)
#undef GRIDSAMPLE_ADD
    ;

// Those that the processor has and the system lets programs use.
std::uint64_t processor_features();

}  // namespace gridsample
