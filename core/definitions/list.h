// Lists of types: what there is of a kind, each defined once. A number in a record is a place in its list; nothing else
// knows those numbers, and what a list does not hold has none.
#pragma once

#include <type_traits>
#include <utility>

#include "../inlining.h"

namespace gridsample {

template <class... Members>
struct List {
    static constexpr int size = static_cast<int>(sizeof...(Members));
};

// Calls f(member) for the member at a place, which must be one of the list's.
template <class... Members, class F>
GRIDSAMPLE_INLINE void visit(List<Members...>, int place, const F& f) {
    int at = 0;
    static_cast<void>(((at++ == place && (f(Members()), true)) || ...));
}

// Calls f(member) for all members, in order.
template <class... Members, class F>
constexpr void for_each(List<Members...>, const F& f) {
    (f(Members()), ...);
}

template <class Member, class... Members>
constexpr int place_of(List<Members...>) {
    int at = 0, place = -1;
    ((place = std::is_same_v<Member, Members> ? at : place, ++at), ...);
    return place;
}

// A table of Record(member) for all members, by their places.
template <class Record, class L>
struct Table;
template <class Record, class... Members>
struct Table<Record, List<Members...>> {
    Record records[sizeof...(Members)] = {Record(Members())...};

    GRIDSAMPLE_INLINE constexpr const Record& operator[](int place) const { return records[place]; }
    constexpr const Record* begin() const { return records; }
    constexpr const Record* end() const { return records + sizeof...(Members); }
};

}  // namespace gridsample
