// The recursive filter that makes a B-spline's coefficients of an array, in the array's place, along one of its axes: for
// each pole z once forward and once back, line[k] += z line[k -+ 1]. What each pass begins with comes as a sum over the
// line; Python says what of (definitions/splines.py), since that is all that knows of boundaries.
#pragma once

#include <cstdint>
#include <vector>

#include "definitions/dtypes.h"

namespace gridsample {

// The sum of some elements of a line, times weights.
struct Ends {
    std::vector<std::int64_t> index;
    std::vector<double> weight;
};

struct Recursion {
    double pole;
    Ends first, last;
};

// An array in C order, seen as `outer` blocks of `length` rows of `inner` elements: a line is a column of a block.
struct Lines {
    char* data;
    DType dtype;  // of reals
    std::int64_t outer, length, inner;
    std::vector<Recursion> recursions;
    double gain;
    double edge;      // what the first and last elements are multiplied by first, and divided by last
    int threads = 1;  // that may filter them, the caller's own included
};

constexpr int lines_together = 16;  // are filtered side by side: a line of memory of floats

void filter(const Lines& lines);

}  // namespace gridsample
