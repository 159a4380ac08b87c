// Memory that a thread owns and keeps for its next call: tiles and whatever else is too large for a stack, of which some
// systems give a thread only 128 KiB.
#pragma once

#include <cstddef>

namespace gridsample {

enum class Scratch : int {
    tiles,  // of an operation of the engine
    along,  // of what calls such operations
    votes,  // of some points' taps
};

// At least so many bytes, aligned to 64, of no particular content; those given out before for the same purpose are gone.
char* scratch(Scratch purpose, std::size_t bytes);

}  // namespace gridsample
