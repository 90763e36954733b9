#pragma once
// A request as the simulator's services see it, and what the journal keeps of it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::simulator {

struct Header {
  std::string name;
  std::string value;
  bool operator==(const Header&) const = default;
};

struct Request {
  std::string method;
  /// As it came, with the query.
  std::string target;
  std::vector<Header> headers;
  std::string body;

  [[nodiscard]] std::string_view path() const;
  /// Percent-decoded; nothing where the parameter is not there.
  [[nodiscard]] std::optional<std::string> query(std::string_view name) const;
  /// The first field of that name, compared without case.
  [[nodiscard]] std::optional<std::string> header(std::string_view name) const;
};

/// A value of an x-www-form-urlencoded text, decoded ('+' is a blank).
std::optional<std::string> form_value(std::string_view form, std::string_view name);

}  // namespace spillway::simulator
