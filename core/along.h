// Derivatives along a direction: what a double backward asks for.
#pragma once

#include "arrays.h"

namespace gridsample {

// How the three things that a pull's gradients are made of change where the input goes a step dx and the grid a step dg.
// With v the job's samples, x its field, and e_a raising the order of axis a by one:
//
//     slopes_along    by_values = pull(dx) + sum over a of dg_a pull(x, e_a)
//                     gradient  = grid_gradient(v, dx) + sum over a of grid_gradient(dg_a v, x, e_a)
//     push_along      sum      += sum over a of push(dg_a v, e_a)
//
// Composed of the engine's operations, on so few points and channels at a time that what goes between them stays in the
// first caches.
void slopes_along(const Job& job, const Part& part);
void push_along(const Job& job, const Part& part);

}  // namespace gridsample
