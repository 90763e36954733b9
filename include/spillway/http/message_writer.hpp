#pragma once
// Message heads and chunk framing as text. Appends to a string that the caller writes together with
// the body in one call. Values are checked: CR, LF and NUL never get into a head.

#include <spillway/http/field_rules.hpp>
#include <spillway/http/message.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::http {

/// The name of a field that is written: a token (RFC 9110 §5.6.2). A literal is checked when it is
/// compiled, anything else at once; what is none writes no field.
class FieldName {
 public:
  template <std::size_t size>
  consteval FieldName(const char (&literal)[size])  // NOLINT(*-explicit-*): literals as they are
      : text_(literal, size - 1) {
    for (const char c : text_) {
      const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      const bool is_fine = is_letter || (c >= '0' && c <= '9') || c == '-';
      if (!is_fine) throw "not a name that we give to a field";  // does not compile
    }
  }
  FieldName(std::string_view text)  // NOLINT(*-explicit-*)
      : text_(is_token(text) ? text : std::string_view()) {}
  FieldName(const std::string& text)  // NOLINT(*-explicit-*)
      : FieldName(std::string_view(text)) {}

  [[nodiscard]] bool is_valid() const { return !text_.empty(); }
  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

/// What is not a visible character in method or target is escaped as %XX.
void append_request_line(std::string& out, std::string_view method, std::string_view target);
/// A reason with a control character is left out.
void append_status_line(std::string& out, unsigned status, std::string_view reason);
/// Does nothing and returns false if name or value could break the head.
bool append_field(std::string& out, FieldName name, std::string_view value);
void append_field(std::string& out, FieldName name, std::uint64_t value);
/// A field of a parsed head, whose bytes were checked when it was read.
void append_parsed_field(std::string& out, const base::Field& field);
void append_head_end(std::string& out);

/// "1a\r\n": stands before a chunk of that many bytes (> 0); "\r\n" stands behind it.
void append_chunk_header(std::string& out, std::size_t bytes);
inline constexpr std::string_view kChunkEnd = "\r\n";
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

/// The registered reason phrase, or "" for an unknown status.
std::string_view reason_phrase(unsigned status);

}  // namespace spillway::http
