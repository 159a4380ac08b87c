// One operation of the core, by its name.
#pragma once

#include "../../core/schedule.h"
#include "call.h"

namespace gridsample {

inline void run(Operation operation, const Job& job) {
    switch (operation) {
        case Operation::pull: return pull(job);
        case Operation::push: return push(job);
        case Operation::grid_gradient: return grid_gradient(job);
        case Operation::gradients: return gradients(job);
        case Operation::gradients_along: return gradients_along(job);
        case Operation::vote: return vote(job);
    }
}

}  // namespace gridsample
