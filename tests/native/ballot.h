// What a vote may come to: the labels at one place and what they weigh, as far as rounding lets one tell.
#pragma once

#include <map>

#include "definition.h"

namespace gridsample {

class Ballot {
public:
    Ballot(const Call& call, const Footprint& places, std::int64_t n, std::int64_t channel) {
        const DType dtype = call.field.dtype;
        long double missing = 1;
        for (const Tap& tap : places.taps) {
            if (tap.filled) continue;
            std::int64_t index[most_dims] = {call.field.shape[0] == 1 ? 0 : n, channel};
            for (int axis = 0; axis < call.axes; ++axis) index[call.axes + 1 - axis] = tap.place[axis];
            votes_[read_label(dtype, call.field.at(index))] += tap.weight;
            missing -= tap.weight;
            doubt_ += tap.doubt;
        }
        // What taps outside weigh, beside roundings of taps that have none.
        char fill[8];
        write_label(dtype, fill, call.fill_label);
        if (votes_.empty() || missing > 1e-12L) votes_[read_label(dtype, fill)] += missing;
        const double eps = 2 * float_of(call.real()).eps();
        doubt_ += static_cast<double>(places.taps.size() + 16) * eps;
        tie_ = 8 * eps;
        for (const auto& [label, weight] : votes_) most_ = std::max(most_, weight);
    }

    // Whether a label ties with the largest, and no smaller one is sure to.
    bool allows(std::int64_t result) const {
        const auto found = votes_.find(result);
        if (found == votes_.end() || found->second < most_ - tie_ - doubt_) return false;
        return std::all_of(votes_.begin(), found, [&](const auto& vote) { return vote.second < most_ - tie_ + doubt_; });
    }
    std::string told(std::int64_t result) const {
        std::string text = "elected " + std::to_string(result) + " of";
        for (const auto& [label, weight] : votes_) {
            text += " " + std::to_string(label) + " (" + std::to_string(static_cast<double>(weight)) + ")";
        }
        return text;
    }

private:
    std::map<std::int64_t, long double> votes_;
    long double most_ = 0;
    double doubt_ = 0, tie_ = 0;
};

}  // namespace gridsample
