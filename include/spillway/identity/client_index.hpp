#pragma once
// Which client an Entra caller is (clients[].entra): the first in the order of the file of which
// every list that is not empty names the caller. In a time that depends on what the token says, not
// on how many clients there are. Filled once, then read by any thread.

#include <spillway/config/configuration.hpp>
#include <spillway/identity/access_token.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace spillway::identity {

class ClientIndex {
 public:
  /// `clients` outlives this. Those without `entra` match nobody.
  explicit ClientIndex(const std::vector<config::Client>& clients);

  /// Null: nobody's.
  [[nodiscard]] const config::Client* find(const AccessToken& token) const;
  [[nodiscard]] bool empty() const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  /// Clients that want one of these values in one claim; places in `clients`, ascending.
  using Wanted = std::unordered_map<std::string, std::vector<std::size_t>, Hash, std::equal_to<>>;

  void add(const config::ClientEntra& entra, std::size_t place);
  void look_up(const Wanted& wanted, std::string_view value, const AccessToken& token,
               std::size_t& first) const;

  const std::vector<config::Client>* clients_;
  // A client stands in the map of its first list that is not empty, under each of its values.
  Wanted by_app_;
  Wanted by_object_;
  Wanted by_group_;
  Wanted by_role_;
  Wanted by_scope_;
};

}  // namespace spillway::identity
