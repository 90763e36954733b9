#pragma once
// Collects the ids that a body names, strongest claim first, within a bound whatever the body.
// Used by RequestFacts only.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::aoai {

/// How much an id says about where a request must go.
enum class Claim : std::uint8_t { conversation, thing, file, item };

class NamedIds {
 public:
  /// `token`: a JSON string that stays where it is until take(). What has no id's shape is ignored.
  void add(Claim claim, std::string_view token);
  /// Only if it begins like an id of the API: for names that could mean anything else.
  void add_if_stateful(Claim claim, std::string_view token);

  struct Taken {
    std::vector<std::string> ids;
    std::size_t named_count = 0;  // of them, without items
  };
  [[nodiscard]] Taken take(const std::string& previous_response_id) const;

 private:
  struct Named {
    Claim claim = Claim::file;
    std::string_view token;
  };
  static constexpr std::size_t kMaxItems = 8;

  void keep(Claim claim, std::string_view token);

  std::vector<Named> named_;                       // in the order of the body
  std::array<std::string_view, kMaxItems> items_;  // a ring of the latest
  std::size_t item_count_ = 0;                     // ever
};

}  // namespace spillway::aoai
