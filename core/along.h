// Derivatives along a direction of the grid: what a double backward asks for.
#pragma once

#include "arrays.h"

namespace gridsample {

// With v the job's samples, x its field, e_a raising the order of axis a by one, and d its direction:
//
//     slopes_along    by_values = sum over a of d_a pull(x, e_a),   gradient = sum over a of grid_gradient(d_a v, x, e_a)
//     push_along      sum += sum over a of push(d_a v, e_a)
//
// Composed of the engine's operations, on so few points and channels at a time that what goes between them stays in the
// first caches.
void slopes_along(const Job& job, const Part& part);
void push_along(const Job& job, const Part& part);

}  // namespace gridsample
