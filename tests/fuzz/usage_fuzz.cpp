// Any JSON or none: numbers stay in bounds, and the scanner takes for JSON what the reader of
// requests takes for it. Of containers nobody wants to hear of it may take more, never less. Usage
// is the same in one piece and in many, and of JSON also where the length is known.

#include <spillway/aoai/body_usage.hpp>
#include <spillway/aoai/json_events.hpp>
#include <spillway/aoai/request_facts.hpp>
#include <spillway/aoai/usage.hpp>

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace spillway::aoai;

class Listener final : public json::Visitor {
 public:
  json::NameId name_of(std::string_view key) override {
    return static_cast<json::NameId>(key.size());
  }
  bool wants(json::Path path) override { return path.last() % 3 != 0; }
  void on_scalar(json::Path path, const json::Scalar& scalar) override {
    check(path.depth() <= json::Path::kMaxDepth);
    check(scalar.text.size() <= json::Scanner::kMaxText);
  }
  bool on_begin(json::Path path, json::Kind /*kind*/) override {
    const bool is_heard = path.last() % 5 != 1;
    has_declined = has_declined || !is_heard;
    return is_heard;
  }
  void on_end(json::Path path, json::Kind /*kind*/) override {
    check(path.depth() <= json::Path::kMaxDepth);
  }
  static void check(bool holds) {
    if (!holds) std::abort();
  }

  bool has_declined = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t step = data[0] == 0 ? 1 : data[0];
  constexpr std::uint64_t kMost = std::uint64_t{1} << 53U;
  const Usage usage = read_usage(text);
  Listener::check(usage.input_tokens <= kMost && usage.output_tokens <= kMost);
  Listener::check(usage.total_tokens <= 2 * kMost);
  Listener::check(usage.is_known || usage == Usage());

  BodyUsage in_pieces;
  for (std::size_t i = 0; i < text.size(); i += step)
    in_pieces.observe(text.substr(i, step));
  // In pieces a number of more than 256 characters is malformed.
  const bool may_have_a_number_too_long = text.size() > json::Scanner::kMaxText;
  Listener::check(may_have_a_number_too_long || usage == in_pieces.usage());

  Listener listener;
  json::Scanner scanner;
  for (std::size_t i = 0; i < text.size(); i += step)
    scanner.observe(text.substr(i, step), listener);
  const bool begins_as_object = text.find_first_not_of(" \t\r\n") == text.find('{');
  if (!begins_as_object) return 0;
  const bool is_json_object = read_request_facts(text).is_json_object;
  BodyUsage of_known_length;
  of_known_length.expect_length(text.size());
  of_known_length.observe(text);
  Listener::check(!is_json_object || usage == of_known_length.usage());
  if (may_have_a_number_too_long) return 0;
  Listener::check(scanner.is_complete() || !is_json_object);
  Listener::check(!scanner.is_complete() || is_json_object || listener.has_declined);
  return 0;
}
