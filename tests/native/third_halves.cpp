// A loop that Clang 14 gets wrong where it prefers vectors of 512 bits: of every third number in half precision, it takes
// eight from the wrong place. Prints how many are wrong.
#include <immintrin.h>

#include <cstdint>
#include <cstdio>

__attribute__((noinline)) void read(const std::uint16_t* from, int n, float* to) {
    for (int i = 0; i < n; ++i) to[i] = _cvtsh_ss(from[3 * i]);
}

int main(int count, char**) {
    std::uint16_t numbers[384];
    float thirds[128];
    for (int i = 0; i < 384; ++i) numbers[i] = static_cast<std::uint16_t>(0x3c00 + i);  // 1, and up in steps of 2^-10
    read(numbers, 127 + count, thirds);
    int wrong = 0;
    for (int i = 0; i < 128; ++i) wrong += thirds[i] != 1 + 3 * i / 1024.0f;
    std::printf("%d\n", wrong);
}
