#pragma once
// Watches a multipart/form-data body (RFC 7578, RFC 2046 §5.1) go by, in any split, and finds the
// fields that the gateway must know. Holds a header line and a short value, never content, so that
// a file of any size costs a search for line ends. Used by the gateway on the part of a body that
// is held, and on the rest while that is streamed through.

#include <spillway/aoai/request_facts.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::aoai {

class MultipartForm {
 public:
  static constexpr std::size_t kMaxValueBytes = 256;       // of a field that we read
  static constexpr std::size_t kMaxHeadBytes = 8U << 10U;  // the header lines of one part
  static constexpr unsigned kMaxParts = 1000;

  /// `boundary`: see form_boundary.
  explicit MultipartForm(std::string_view boundary);

  /// The next bytes of the body, in order; time linear in their number.
  void observe(std::string_view bytes);

  /// Whether the delimiter that ends the form was seen.
  [[nodiscard]] bool is_whole() const { return at_ == At::last_line || at_ == At::epilogue; }
  /// Not a form, beyond the bounds above, or written so that readers differ on where a part begins
  /// (line ends that are no CRLF, text behind a boundary). Nothing more is read then.
  [[nodiscard]] bool is_malformed() const { return at_ == At::malformed; }

  /// Of the parts that have ended: `model` (as it stands, its place without any quotes) and
  /// `stream`. A part with a filename is no field. `repeats_model` tells also of a part that only
  /// some readers take for it: `Model`, a file of that name, `name*`, a charset, and the like.
  /// `is_form` as long as it is not malformed.
  [[nodiscard]] const RequestFacts& facts() const { return facts_; }

 private:
  enum class At : std::uint8_t {
    preamble,
    delimiter_line,  // behind a boundary
    part_head,
    part_body,
    last_line,  // behind the boundary that ends the form
    epilogue,
    malformed,
  };
  enum class Wanted : std::uint8_t { nothing, model, stream };
  /// What the header lines of the part said so far.
  struct Part {
    std::string name;
    bool has_disposition = false;
    bool is_file = false;
    bool is_ambiguous = false;
    bool is_encoded = false;  // its value may mean something else than its bytes
  };

  std::size_t take(std::string_view bytes);
  std::size_t take_content(std::string_view bytes);
  std::size_t take_line(std::string_view bytes);
  void end_content();
  void end_delimiter_line();
  void end_head_line();
  void read_header(std::string_view line);
  void read_disposition(std::string_view value);
  void begin_body();
  void end_field();
  void refuse();

  std::string delimiter_;  // LF and the dashed boundary; the CR before it is looked for
  At at_ = At::preamble;
  std::size_t matched_ = 1;  // of delimiter_: the body's start counts as a line end
  bool is_after_cr_ = true;  // the line end that was matched
  char last_ = '\0';         // before what comes next
  std::string line_;         // of a delimiter or a head, as far as it came
  std::size_t head_bytes_ = 0;
  unsigned parts_ = 0;
  Part part_;
  Wanted wanted_ = Wanted::nothing;
  std::string value_;  // of the wanted field, the delimiter behind it included
  std::size_t value_offset_ = 0;
  std::size_t offset_ = 0;  // in the body
  RequestFacts facts_;
};

}  // namespace spillway::aoai
