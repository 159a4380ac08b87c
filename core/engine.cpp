// What one instruction set offers: from a job's dtypes to what is compiled for them.

#include "operations.h"
#include "processor.h"

namespace gridsample::GRIDSAMPLE_ISA {

void vote(const Job& job, const Part& part);                             // vote.cpp
void filter(const Lines& lines, std::int64_t begin, std::int64_t end);  // recursion.cpp

namespace {

void pull(const Job& job, const Part& part) {
    visit(job.samples.dtype, [&](auto dtype) {
        if constexpr (is_sampled<decltype(dtype)>) Pull<typename decltype(dtype)::Value>::run(job, part);
    });
}

void sweep(const Job& job, const Part& part, bool slopes) {
    if (record_of(job.samples.dtype).sum == dtype_of<Float64>) {
        Sweep<double>::run(job, part, slopes);
    } else {
        Sweep<float>::run(job, part, slopes);
    }
}

void push(const Job& job, const Part& part) { sweep(job, part, false); }

void gradients(const Job& job, const Part& part) { sweep(job, part, true); }

#define GRIDSAMPLE_QUOTED(name) #name
#define GRIDSAMPLE_NAME_OF(name) GRIDSAMPLE_QUOTED(name)

}  // namespace

extern const Engine engine;
const Engine engine = {GRIDSAMPLE_NAME_OF(GRIDSAMPLE_ISA), compiled_features, pull, vote, push, gradients, reach, filter};

}  // namespace gridsample::GRIDSAMPLE_ISA
