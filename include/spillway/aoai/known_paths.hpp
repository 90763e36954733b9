#pragma once
// parse_api_path() for somebody who is asked for the same few targets again and again: what came of
// the last ones is remembered. One thread.

#include <spillway/aoai/api_path.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace spillway::aoai {

class KnownPaths {
 public:
  /// Longer targets are read anew each time, and so are those whose query says more than an
  /// api-version: it may be a key, which must not stay in memory.
  static constexpr std::size_t kLongestTarget = 256;

  /// The same as parse_api_path().
  base::Result<ApiPath> parse(std::string_view method, std::string_view target);
  /// Whether parse() would not read it anew.
  [[nodiscard]] bool knows(std::string_view method, std::string_view target) const {
    return find(method, target) != nullptr;
  }

 private:
  struct Known {
    std::string method;
    std::string target;
    ApiPath path;
  };
  static constexpr std::size_t kMost = 64;
  [[nodiscard]] static std::size_t place_of(std::string_view target);
  [[nodiscard]] const Known* find(std::string_view method, std::string_view target) const;

  std::array<Known, kMost> known_;  // each where the hash of its target says
};

}  // namespace spillway::aoai
