// What one instruction set offers for one value type.
#pragma once

#include "arrays.h"

namespace gridsample::GRIDSAMPLE_ISA {

template <class Value>
struct EngineOf {
    static const Engine engine;
};

}  // namespace gridsample::GRIDSAMPLE_ISA
