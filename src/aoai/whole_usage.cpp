#include "whole_usage.hpp"

#include "answer_names.hpp"
#include "usage_reader.hpp"
#include <spillway/aoai/json_text.hpp>
#include <spillway/base/byte_scan.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace spillway::aoai {
namespace {

// Containers inside of a value; with those around it never more than json::Scanner takes.
constexpr int kMostInside = 60;
constexpr json::Path kUsage = path_of(Name::usage);

class WholeAnswer {
 public:
  explicit WholeAnswer(std::string_view json) : at_(json.data()), end_(json.data() + json.size()) {}

  // False: it does not stand there so.
  bool read();
  // From behind the key of its last member, usage.
  bool read_end();

  [[nodiscard]] const Usage& usage() const { return reader_.usage(); }

 private:
  template <class ReadValue>
  bool read_members(ReadValue read_value);
  bool read_top_value();
  bool read_usage();
  bool read_count(json::Path within);
  bool take(char c);
  bool take_key();
  bool skip_value();
  bool skip_scalar();
  bool skip_container();
  [[nodiscard]] bool is_object_next() const { return at_ != end_ && *at_ == '{'; }

  const char* at_;
  const char* end_;
  std::string_view key_;  // as it stands there
  UsageReader reader_;
};

bool WholeAnswer::read() {
  return read_members([this] { return read_top_value(); });
}

bool WholeAnswer::read_end() {
  if (!take(':')) return false;
  at_ = json::skip_whitespace(at_, end_);
  if (!is_object_next() || !read_usage() || !take('}')) return false;
  return json::skip_whitespace(at_, end_) == end_;
}

template <class ReadValue>
bool WholeAnswer::read_members(ReadValue read_value) {
  if (!take('{')) return false;
  if (take('}')) return true;
  do {
    if (!take_key()) return false;
    at_ = json::skip_whitespace(at_, end_);
    if (!read_value()) return false;
  } while (take(','));
  return take('}');
}

bool WholeAnswer::read_top_value() {
  if (key_ == "response") return false;
  if (key_ != "usage") return skip_value();
  return is_object_next() ? read_usage() : skip_scalar();
}

bool WholeAnswer::read_usage() {
  reader_.on_begin(kUsage, json::Kind::object);
  const bool is_read = read_members([this] {
    if (!is_object_next()) return read_count(kUsage);
    const json::Path within = kUsage.child(static_cast<json::NameId>(name_of_key(key_)));
    return read_members([this, within] { return read_count(within); });
  });
  reader_.on_end(kUsage);
  return is_read;
}

// Whatever else may stand in there is json::Scanner's, which looks at all of it.
bool WholeAnswer::read_count(json::Path within) {
  const char* const begin = at_;
  if (!skip_scalar()) return false;
  const bool is_number = *begin == '-' || (*begin >= '0' && *begin <= '9');
  if (!is_number) return true;
  const json::Path path = within.child(static_cast<json::NameId>(name_of_key(key_)));
  const std::string_view token(begin, static_cast<std::size_t>(at_ - begin));
  reader_.on_scalar(path, {json::Kind::number, token});
  return true;
}

bool WholeAnswer::take(char c) {
  at_ = json::skip_whitespace(at_, end_);
  if (at_ == end_ || *at_ != c) return false;
  ++at_;
  return true;
}

bool WholeAnswer::take_key() {
  if (!take('"')) return false;
  const char* const stop = json::skip_plain_characters(at_, end_);
  if (stop == end_ || *stop != '"') return false;
  key_ = {at_, static_cast<std::size_t>(stop - at_)};
  at_ = stop + 1;
  return take(':');
}

bool WholeAnswer::skip_value() {
  const bool is_container = at_ != end_ && (*at_ == '{' || *at_ == '[');
  return is_container ? skip_container() : skip_scalar();
}

bool WholeAnswer::skip_scalar() {
  if (at_ == end_) return false;
  const char* const stop = json::find_scalar_end(at_, end_);
  if (stop == nullptr) return false;
  at_ = stop;
  return true;
}

// As json::Scanner does where nothing is to be told: strings end, and brackets match.
bool WholeAnswer::skip_container() {
  std::uint64_t objects = 0;  // lowest bit: the innermost container is an object
  int depth = 0;
  do {
    at_ = base::find_bracket_or_quote(at_, end_);
    if (at_ == end_) return false;
    const char c = *at_;
    if (c == '"') {
      at_ = json::find_string_end(at_, end_);
      if (at_ == nullptr) return false;
      continue;
    }
    ++at_;
    if (c == '{' || c == '[') {
      if (depth == kMostInside) return false;
      objects = (objects << 1U) | (c == '{' ? 1U : 0U);
      ++depth;
    } else {
      if (c != ((objects & 1U) != 0 ? '}' : ']')) return false;
      objects >>= 1U;
      --depth;
    }
  } while (depth > 0);
  return true;
}

// Behind the last key that says usage. A quote inside of a string has a backslash before it, so
// what a comma or a brace stands before is a key.
std::optional<std::string_view> behind_last_usage(std::string_view json) {
  constexpr std::string_view kKey = R"("usage")";
  constexpr std::size_t kFarthest = 2048;  // several times what is said of usage
  const std::string_view end = json.substr(json.size() - std::min(json.size(), kFarthest));
  for (auto quote = end.rfind('"'); quote != std::string_view::npos && quote > 0;
       quote = end.rfind('"', quote - 1)) {
    if (!end.substr(quote).starts_with(kKey)) continue;
    const auto before = end.find_last_not_of(" \t\r\n", quote - 1);
    const bool is_key =
        before != std::string_view::npos && (end[before] == ',' || end[before] == '{');
    if (!is_key) return std::nullopt;
    return end.substr(quote + kKey.size());
  }
  return std::nullopt;
}

}  // namespace

std::optional<Usage> read_whole_usage(std::string_view json) {
  WholeAnswer answer(json);
  if (!answer.read()) return std::nullopt;
  return answer.usage();
}

std::optional<Usage> read_usage_at_end(std::string_view json) {
  const auto value = behind_last_usage(json);
  if (!value) return std::nullopt;
  WholeAnswer answer(*value);
  // One that says no number leaves what an earlier one said.
  if (!answer.read_end() || !answer.usage().is_known) return std::nullopt;
  return answer.usage();
}

}  // namespace spillway::aoai
