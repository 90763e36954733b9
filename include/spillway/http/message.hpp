#pragma once
// The head of a request or response, owned, and the list of its fields. Nothing here does I/O.

#include <spillway/base/field.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::http {

/// Header fields in the order and spelling they came. One allocation for all texts.
class FieldList {
 public:
  FieldList() = default;
  /// `fields`: views into `text`, which is copied in one piece.
  FieldList(std::string_view text, std::vector<base::Field> fields);
  FieldList(const FieldList& other);
  FieldList(FieldList&& other) noexcept = default;
  FieldList& operator=(FieldList other) noexcept;
  ~FieldList() = default;

  void add(std::string_view name, std::string_view value);
  [[nodiscard]] std::size_t size() const { return fields_.size(); }
  [[nodiscard]] const base::Field& operator[](std::size_t index) const { return fields_[index]; }
  /// The first value with that name, compared without case.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const {
    return may_have(name) ? base::find_field(fields_, name) : std::nullopt;
  }
  [[nodiscard]] bool has(std::string_view name) const { return find(name).has_value(); }
  /// The value of the one field with that name; nothing if there is none or more than one.
  [[nodiscard]] std::optional<std::string_view> find_only(std::string_view name) const;
  [[nodiscard]] std::size_t count(std::string_view name) const;
  /// All values with that name, joined by ", " (RFC 9110 §5.3); empty if there is none.
  [[nodiscard]] std::string join(std::string_view name) const;
  /// The first field of that name gets the value and the others go; without one it is added.
  void replace(std::string_view name, std::string_view value);
  /// Views of all fields; valid until the list changes.
  [[nodiscard]] base::FieldView views() const { return fields_; }

 private:
  // Most names that are looked for are not there, and most of those are known by one bit. A field
  // that is taken out may leave its bit behind.
  [[nodiscard]] static std::uint64_t bit_of(std::string_view name) {
    const auto last = static_cast<unsigned char>(name.back());
    const auto first = static_cast<unsigned char>(name.front());
    return std::uint64_t{1} << ((name.size() + std::size_t{3} * (first | 0x20U) +
                                 std::size_t{11} * (last | 0x20U)) %
                                64U);
  }
  [[nodiscard]] bool may_have(std::string_view name) const { return (names_ & bit_of(name)) != 0; }
  std::string_view keep(std::string_view text);
  [[nodiscard]] std::string grow(std::size_t bytes);

  std::string text_;                 // never short enough to lie inside of the string object
  std::vector<base::Field> fields_;  // views into text_
  std::uint64_t names_ = 0;          // of each name in it its bit
};

enum class Framing : std::uint8_t {
  none,         // no body
  length,       // Content-Length
  chunked,      // Transfer-Encoding: chunked
  until_close,  // a response without either (RFC 9112 §6.3)
};

struct BodyFraming {
  Framing kind = Framing::none;
  std::uint64_t length = 0;  // with Framing::length
};

enum class Version : std::uint8_t { http_1_0, http_1_1 };

struct RequestHead {
  std::string method;
  /// Origin-form: the path and query of an absolute-form target; `*` of OPTIONS.
  std::string target;
  Version version = Version::http_1_1;
  FieldList fields;  // at most one Content-Length, in canonical form; Host as it is to be read
  BodyFraming body;
  bool keep_alive = true;         // what the caller asked for
  bool expects_continue = false;  // Expect: 100-continue, on HTTP/1.1 and with a body to come
  bool is_upgrade = false;        // asks for another protocol (Connection: upgrade, with Upgrade)
};

/// A 1xx that came before the final answer.
struct InterimHead {
  unsigned status = 0;
  std::string reason;
  FieldList fields;
};

struct ResponseHead {
  unsigned status = 0;
  std::string reason;
  Version version = Version::http_1_1;
  FieldList fields;  // at most one Content-Length, in canonical form
  BodyFraming body;
  bool keep_alive = true;             // false too where the end of the message is in doubt
  std::vector<InterimHead> interims;  // what came before it, but for 100
};

}  // namespace spillway::http
