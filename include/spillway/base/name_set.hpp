#pragma once
// A fixed set of names that those of fields are looked up in without case. Every field of every
// head is, and most are of a length that no name has: that is seen by one test.

#include <spillway/base/field.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace spillway::base {

template <std::size_t count>
class NameSet {
 public:
  /// Names of less than 64 bytes, without `^` and `~`.
  constexpr explicit NameSet(const std::array<std::string_view, count>& names) : names_(names) {
    for (const std::string_view name : names)
      lengths_ |= std::uint64_t{1} << name.size();
  }

  /// `text`: a token.
  [[nodiscard]] bool contains(std::string_view text) const {
    if (text.size() >= 64 || ((lengths_ >> text.size()) & 1U) == 0) return false;
    for (const std::string_view name : names_) {
      if (has_name({text, {}}, name)) return true;
    }
    return false;
  }

 private:
  std::array<std::string_view, count> names_;
  std::uint64_t lengths_ = 0;  // a bit for each length that a name has
};

/// `make_name_set("a", "b")`.
template <class... Names>
constexpr auto make_name_set(Names... names) {
  return NameSet<sizeof...(Names)>(std::array<std::string_view, sizeof...(Names)>{names...});
}

}  // namespace spillway::base
