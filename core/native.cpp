// Exits with 0 on a processor that knows all that this file was compiled for (CMakeLists.txt asks).

#include "processor.h"

int main() { return (gridsample::compiled_features & ~gridsample::processor_features()) != 0; }
