// The ways through the core that a call takes, counted while somebody watches: so that tests see that a fast way was the
// one chosen, not only that its answer is right.
#pragma once

#include <atomic>
#include <cstdint>

namespace gridsample {

enum class Path : int {
    common,         // tiles placed by loops that are compiled for their options
    interior,       // vectors of points whose taps are all inside
    edges,          // vectors at an edge, loaded as interior ones and masked
    chosen,         // vectors at an edge, loaded as interior ones, of which taps are chosen
    resolved,       // vectors gathered tap by tap
    filled,         // vectors of which some may have a share of the fill value
    three_planes,   // tiles of which three planes are sampled together
    one_pass,       // tiles that are sampled as soon as they are placed, each in the place of the one before
    in_place,       // tiles whose samples are written into the result at once
    few_channels,   // tiles whose channels are loaded together
    whole_pixels,   // and of these, those whose pixels are written in one piece each
    copied,         // and of these, those whose pixels are copied
    many_channels,  // tiles whose channels fill vectors
    turned,         // and of these, those that are turned on the way
    unanimous,      // vectors of points of which each has taps of one label
    counted,        // vectors whose votes are counted
    whole_push,     // tiles that are splatted within one band
    serial,         // scatters on one thread
    by_entries,     // scatters cut into batch entries
    by_bands,       // scatters cut into bands of rows
    by_channels,    // scatters cut into channels
    along,          // derivatives along a direction, piece by piece
};

constexpr const char* path_names[] = {"common",       "interior",      "edges", "chosen", "resolved", "filled",   "three_planes", "one_pass", "in_place",
                                      "few_channels", "whole_pixels", "copied", "many_channels", "turned", "unanimous", "counted", "whole_push", "serial",       "by_entries",
                                      "by_bands",     "by_channels",   "along"};
constexpr int path_count = sizeof(path_names) / sizeof(path_names[0]);

using PathCounts = std::atomic<std::int64_t>[path_count];

}  // namespace gridsample
