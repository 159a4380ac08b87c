// From a call to parts that threads work off.
#pragma once

#include <string>
#include <vector>

#include "arrays.h"

namespace gridsample {

void pull(const Job& job);
void vote(const Job& job);
void push(const Job& job);
void grid_gradient(const Job& job);
void gradients(const Job& job);  // the two in one sweep
void gradients_along(const Job& job);  // along a direction of input and grid (along.h)

// Whether a call is large enough for more than one thread, if it may use them.
bool may_be_shared(const Job& job);
bool may_be_shared(const Lines& lines);

// What the instruction set in use offers.
const Engine& engine();

// The instruction sets this build has and this processor knows, best first; and the one in use.
std::vector<std::string> instruction_sets();
std::string instruction_set();
bool use_instruction_set(const std::string& name);

}  // namespace gridsample
