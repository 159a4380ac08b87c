// What must be inlined, and what must not: the compilers' own words for it.
//
// All that several instruction sets compile under one name must be inlined, or the linker would keep one of the copies
// for all of them.
#pragma once

#if defined(__GNUC__)
#define GRIDSAMPLE_INLINE inline __attribute__((always_inline))
#else
#define GRIDSAMPLE_INLINE __forceinline
#endif

#if defined(__GNUC__)
#define GRIDSAMPLE_NOINLINE __attribute__((noinline))
#else
#define GRIDSAMPLE_NOINLINE __declspec(noinline)
#endif

#if defined(__GNUC__)
#define GRIDSAMPLE_PREFETCH(address) __builtin_prefetch(address)
#else
#define GRIDSAMPLE_PREFETCH(address) static_cast<void>(address)
#endif
