// Any Content-Type and body, in any split: no crash, facts that do not depend on the split, and a
// replacement that reads back.

#include <spillway/aoai/model_edit.hpp>
#include <spillway/aoai/multipart_form.hpp>
#include <spillway/aoai/parameters.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using spillway::aoai::MultipartForm;

bool is_same(const MultipartForm& a, const MultipartForm& b) {
  const auto& x = a.facts();
  const auto& y = b.facts();
  return a.is_whole() == b.is_whole() && a.is_malformed() == b.is_malformed() &&
         x.is_form == y.is_form && x.has_model == y.has_model && x.model == y.model &&
         x.model_offset == y.model_offset && x.repeats_model == y.repeats_model &&
         x.wants_stream == y.wants_stream;
}

void check(std::string_view boundary, std::string_view body, std::size_t piece_size) {
  MultipartForm whole(boundary);
  whole.observe(body);
  MultipartForm pieces(boundary);
  for (std::string_view rest = body; !rest.empty();) {
    const std::string_view piece = rest.substr(0, piece_size);
    pieces.observe(piece);
    rest.remove_prefix(piece.size());
  }
  if (!is_same(whole, pieces)) std::abort();
  const auto& facts = whole.facts();
  if (!facts.has_model) return;
  if (!facts.is_form || body.substr(facts.model_offset, facts.model_length) != facts.model) {
    std::abort();
  }
  const std::string replaced = spillway::aoai::replace_model(body, facts, "dep-2");
  MultipartForm again(boundary);
  again.observe(replaced);
  if (again.facts().model != "dep-2" || again.is_whole() != whole.is_whole()) std::abort();
}

}  // namespace

// The first line is the Content-Type, the first byte of it the size of the pieces.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.empty()) return 0;
  const std::size_t line_end = std::min(text.find('\n'), text.size() - 1);
  const auto boundary = spillway::aoai::form_boundary(text.substr(1, line_end));
  check(boundary.value_or("b"), text.substr(line_end + 1), 1 + std::size_t{data[0]} % 64);
  return 0;
}
