#include "word_list.hpp"
#include <spillway/aoai/answer_ids.hpp>
#include <spillway/aoai/json_text.hpp>
#include <spillway/aoai/stateful_ids.hpp>

#include <algorithm>
#include <functional>
#include <utility>

namespace spillway::aoai {
namespace {

constexpr std::size_t kMaxOpenDepth = 16;  // deeper there are no ids of a backend

constexpr auto kContainers = std::to_array<std::string_view>({
    "annotation",
    "annotations",
    "content",
    "conversation",
    "data",
    "file",
    "generations",
    "item",
    "output",
    "part",
    "response",
    "thread",
});

constexpr auto kInnerIds = std::to_array<std::string_view>({
    "assistant_id",
    "container_id",
    "error_file_id",
    "file_id",
    "output_file_id",
    "thread_id",
    "vector_store_id",
});

}  // namespace

void AnswerIds::observe(std::string_view bytes) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  while (at != end) {
    // Most of an answer is text that is of no interest here.
    if (is_in_string_ && !is_captured_ && !is_escaped_) at = json::skip_plain_characters(at, end);
    if (at == end) return;
    if (is_in_string_) {
      read_string(*at);
    } else {
      read_structure(*at);
    }
    ++at;
  }
}

std::vector<std::string> AnswerIds::take() {
  return std::exchange(found_, {});
}

AnswerIds::Key AnswerIds::key_of(std::string_view text) {
  if (text == "id") return Key::id;
  if (text == "result_files") return Key::id_list;
  if (contains(kInnerIds, text)) return Key::inner_id;
  return contains(kContainers, text) ? Key::container : Key::other;
}

// Field names of events (`data: `) stand at depth 0 and say nothing here.
void AnswerIds::read_structure(char c) {
  switch (c) {
    case '"':
      begin_string();
      return;
    case '{':
    case '[':
      open(c);
      return;
    case '}':
    case ']':
      close();
      return;
    case ',':
      is_key_next_ = is_in_object();
      return;
    case ':':
      is_key_next_ = false;
      return;
    default:
      return;
  }
}

void AnswerIds::begin_string() {
  is_in_string_ = true;
  is_captured_ = depth_ != 0 && is_open_to_ids() &&
                 (is_key_next_ || key_ == Key::id || key_ == Key::inner_id || key_ == Key::id_list);
  text_.clear();
}

void AnswerIds::read_string(char c) {
  if (is_escaped_) {
    is_escaped_ = false;
  } else if (c == '"') {
    end_string();
  } else if (c == '\\') {
    is_escaped_ = true;
    is_captured_ = false;  // nobody escapes an id
    text_.clear();
  } else if (c == '\n') {
    start_over();  // no JSON; the next event may be
  } else if (is_captured_) {
    text_ += c;
    is_captured_ = text_.size() <= kMaxIdBytes;
  }
}

void AnswerIds::end_string() {
  is_in_string_ = false;
  if (!is_open_to_ids() || depth_ == 0) return;
  if (is_key_next_) {
    key_ = is_captured_ ? key_of(text_) : Key::other;
  } else if (is_captured_) {
    add_found();
  }
}

void AnswerIds::open(char c) {
  // An array in an allowed container has a name; its elements have none, and need none.
  const bool is_allowed = depth_ == 0 ? c == '{'
                                      : is_open_to_ids() && allowed_depth_ < kMaxOpenDepth &&
                                            (!is_in_object() || key_ == Key::container ||
                                             (key_ == Key::id_list && c == '['));
  if (is_allowed) {
    ++allowed_depth_;
    objects_ = (objects_ << 1U) | (c == '{' ? 1U : 0U);
    is_key_next_ = c == '{';
    if (key_ != Key::id_list) key_ = Key::other;
  }
  ++depth_;
}

void AnswerIds::close() {
  if (depth_ == 0) return;
  if (is_open_to_ids()) {
    --allowed_depth_;
    objects_ >>= 1U;
    key_ = Key::other;
    is_key_next_ = false;
  }
  --depth_;
}

void AnswerIds::add_found() {
  const bool is_own_id = depth_ == 1 && key_ == Key::id;
  if (taken_count_ == kMaxTaken) return;
  if (!(is_own_id ? has_id_shape(text_) : is_stateful_id(text_))) return;
  const std::size_t hash = std::hash<std::string>()(text_);
  if (std::find(latest_.begin(), latest_.end(), hash) != latest_.end()) return;
  latest_[taken_count_ % kRemembered] = hash;
  ++taken_count_;
  found_.push_back(text_);
}

void AnswerIds::start_over() {
  is_in_string_ = false;
  is_captured_ = false;
  is_key_next_ = false;
  key_ = Key::other;
  objects_ = 0;
  depth_ = 0;
  allowed_depth_ = 0;
}

std::string id_in_location(std::string_view location) {
  location = location.substr(0, location.find_first_of("?#"));
  const auto slash = location.rfind('/');
  if (slash == std::string_view::npos) return {};
  const std::string_view last = location.substr(slash + 1);
  return has_id_shape(last) ? std::string(last) : std::string();
}

}  // namespace spillway::aoai
