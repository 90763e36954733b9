#pragma once
// A request as the simulator's services see it, and what the journal keeps of it.

#include <cstdint>
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

/// Of multipart/form-data.
struct FormPart {
  std::string name;
  /// Empty: a field, not a file.
  std::string file_name;
  std::string content_type;
  /// The first 64 KiB.
  std::string content;
  /// Of the whole part.
  std::uint64_t bytes = 0;
  std::string sha256;
};

struct Request {
  std::string method;
  /// As it came, with the query.
  std::string target;
  std::vector<Header> headers;
  /// Whole if it is JSON or text, else the first 64 KiB.
  std::string body;
  /// Of the whole body.
  std::uint64_t body_bytes = 0;
  std::string body_sha256;
  std::vector<FormPart> form;
  /// The name of the answer to come, e.g. `eastus-17`.
  std::string answer;
  /// Chaos is on: no two answers shall be alike.
  bool wants_unique_answer = false;
  /// Fault `unknown_id`: ids are answered as if they were unknown.
  bool hides_ids = false;

  [[nodiscard]] std::string_view path() const;
  /// Percent-decoded; nothing where the parameter is not there.
  [[nodiscard]] std::optional<std::string> query(std::string_view name) const;
  /// The first field of that name, compared without case.
  [[nodiscard]] std::optional<std::string> header(std::string_view name) const;
  /// The first 64 KiB of the form's field of that name.
  [[nodiscard]] std::optional<std::string> form_field(std::string_view name) const;
};

/// A value of an x-www-form-urlencoded text, decoded ('+' is a blank).
std::optional<std::string> form_value(std::string_view form, std::string_view name);

}  // namespace spillway::simulator
