// Some random calls and what the driver's own definition says of them, a line of JSON each, for test_native.py: it is to be
// the project's. Needs nothing of the core but its records.
//
//     definition SEED CALLS

#include "expected.h"
#include "random_call.h"

namespace {

using namespace gridsample;

void print(double x) {
    if (std::isfinite(x)) {
        std::printf("%.17g", x);
    } else {
        std::printf(std::isnan(x) ? "NaN" : x < 0 ? "-Infinity" : "Infinity");
    }
}

template <class List, class Print>
void print_list(const char* name, const List& list, const Print& one) {
    std::printf(", \"%s\": [", name);
    bool more = false;
    for (const auto& item : list) {
        std::printf(more ? ", " : "");
        one(item);
        more = true;
    }
    std::printf("]");
}

void print_array(const std::string& name, const Array& array) {
    const auto whole = [](std::int64_t length) { std::printf("%lld", static_cast<long long>(length)); };
    print_list((name + "_shape").c_str(), std::vector<std::int64_t>(array.shape, array.shape + array.dims), whole);
    std::vector<double> numbers;
    Array every = array;
    lay_in_order(every);  // also what is one in memory
    for_each_element(every, [&](const std::int64_t* index) { numbers.push_back(array.read(index)); });
    print_list(name.c_str(), numbers, print);
}

void print_call(const Call& call) {
    const Convention& c = call.options.convention;
    const char* operation = operation_names[static_cast<int>(call.operation)];
    std::printf("{\"operation\": \"%s\", \"coords\": \"%s\", \"align_corners\": %s", operation,
                c.per_size == 0 ? "pixel" : "normalized", c.shift == 0 ? "true" : "false");
    std::vector<std::string> kernels, boundaries;
    for (int axis = 0; axis < call.axes; ++axis) {
        kernels.push_back(kernel_text(call, axis));
        boundaries.push_back(call.boundary(axis));
    }
    const auto quoted = [](const std::string& text) { std::printf("\"%s\"", text.c_str()); };
    print_list("mode", kernels, quoted);
    print_list("padding_mode", boundaries, quoted);
    const Filling& filling = call.options.filling;
    std::printf(", \"outside\": \"%s\", \"nan_places\": \"%s\"",
                filling.margin == 0 ? "fill_centres" : filling.margin < 1 ? "fill" : "pad", filling.undefined ? "fill" : "nan");
    print_list("fill_value", call.fill, print);
    print_array("grid", call.grid);
    print_array("values", call.operation == Operation::pull ? call.field : call.samples);
    print_array("result", call.operation == Operation::pull ? call.samples : call.sum);
    const Expected expected(call);
    print_list("expected", call.sum ? expected.sum : expected.samples, [](const Sum& sum) { print(sum.total()); });
    std::printf("}\n");
}

}  // namespace

int main(int count, char** words) {
    if (count != 3) fail("needs a seed and a number of calls");
    Pages pages;
    for (std::uint64_t number = 0; number < std::strtoull(words[2], nullptr, 10); ++number) {
        print_call(RandomCall(std::strtoull(words[1], nullptr, 10), number, Kinds::of_the_reference, pages).call);
    }
}
