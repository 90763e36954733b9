#include "body_names.hpp"
#include "named_ids.hpp"
#include "prompt_measure.hpp"
#include <spillway/aoai/json_text.hpp>
#include <spillway/aoai/request_facts.hpp>
#include <spillway/base/text.hpp>

#include <cstdint>

namespace spillway::aoai {
namespace {

using Known = BodyName;

constexpr std::size_t kMaxCacheKeyBytes = 512;

bool is_prompt(Known name) {
  return name == Known::messages || name == Known::input || name == Known::prompt ||
         name == Known::instructions;
}

// Reads a body from left to right. No recursion: which kind of container stands at each level is
// one bit of `objects_`.
class FactsReader {
 public:
  /// `measured`: where the measure of the prompt goes; null: it is not taken.
  FactsReader(std::string_view body, RequestFacts& facts, PromptMeasure* measured = nullptr)
      : facts_(facts),
        measured_(measured),
        begin_(body.data()),
        at_(body.data()),
        end_(body.data() + body.size()) {}

  // False: not a JSON object, not well-formed, or too deep; the facts are then worth nothing.
  bool read();

 private:
  enum class Expect : std::uint8_t {
    first_key,      // or the end of an object
    key,            // after a comma
    first_element,  // or the end of an array
    value,
    comma,  // or the end of the container
  };

  [[nodiscard]] bool is_in_object() const { return (objects_ & 1U) != 0; }
  [[nodiscard]] std::size_t offset_of(const char* at) const {
    return static_cast<std::size_t>(at - begin_);
  }
  bool step();
  bool open();
  void enter_top_value(bool is_object);
  bool close();
  void leave_top_value();
  bool read_key();
  bool read_comma();
  bool read_value();
  void forget_named();
  void take_top_scalar(std::string_view token);
  void take_model(std::string_view token);
  void take_usage_wish(std::string_view token);
  void take_prompt(Known name, std::string_view text);
  void note_top_id(std::string_view token);
  void note_inner_id(std::string_view token);
  void measure(std::string_view token);
  void finish();

  RequestFacts& facts_;
  PromptMeasure* measured_;
  const char* begin_;
  const char* at_;
  const char* end_;
  std::uint64_t objects_ = 0;  // lowest bit: the innermost container is an object
  int depth_ = 0;
  Expect expect_ = Expect::value;
  Known name_ = Known::unknown;     // of the value that comes next
  Known section_ = Known::unknown;  // of the container at the top that we are in
  const char* section_begin_ = nullptr;
  int id_list_depth_ = 0;  // of the elements of a list of ids; 0: we are in none
  bool has_seen_model_ = false;
  std::string_view instructions_;
  std::string_view prompt_;
  NamedIds ids_;
};

static_assert(kMaxJsonDepth <= 64, "one bit of objects_ for each level");

bool FactsReader::read() {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (const char* stop = json::find_literal_end(at_, end_, kByteOrderMark)) at_ = stop;
  at_ = json::skip_whitespace(at_, end_);
  if (at_ == end_ || *at_ != '{') return false;
  if (!open()) return false;
  while (depth_ > 0) {
    at_ = json::skip_whitespace(at_, end_);
    if (at_ == end_ || !step()) return false;
  }
  if (json::skip_whitespace(at_, end_) != end_) return false;
  finish();
  return true;
}

void FactsReader::finish() {
  auto taken = ids_.take(facts_.previous_response_id);
  facts_.ids = std::move(taken.ids);
  facts_.named_id_count = taken.named_count;
  if (measured_ != nullptr) measured_->hash = hash_prompt(instructions_, prompt_);
  facts_.is_json_object = true;
}

bool FactsReader::step() {
  switch (expect_) {
    case Expect::first_key:
      return *at_ == '}' ? close() : read_key();
    case Expect::key:
      return read_key();
    case Expect::first_element:
      return *at_ == ']' ? close() : read_value();
    case Expect::value:
      return read_value();
    case Expect::comma:
      break;
  }
  return read_comma();
}

bool FactsReader::open() {
  if (depth_ == kMaxJsonDepth) return false;
  const bool is_object = *at_ == '{';
  if (depth_ == 1) enter_top_value(is_object);
  objects_ = (objects_ << 1U) | (is_object ? 1U : 0U);
  ++depth_;
  ++at_;
  if (name_ == Known::file_ids && !is_object) id_list_depth_ = depth_;
  name_ = Known::unknown;
  expect_ = is_object ? Expect::first_key : Expect::first_element;
  return true;
}

void FactsReader::enter_top_value(bool is_object) {
  section_ = name_;
  section_begin_ = at_;
  if (name_ == Known::stream_options && is_object) {
    facts_.has_stream_options = true;
    facts_.is_stream_options_empty = true;
    facts_.stream_options_offset = offset_of(at_);
  }
}

bool FactsReader::close() {
  if (depth_ == id_list_depth_) id_list_depth_ = 0;
  objects_ >>= 1U;
  --depth_;
  ++at_;
  if (depth_ == 1) leave_top_value();
  expect_ = Expect::comma;
  return true;
}

void FactsReader::leave_top_value() {
  if (is_prompt(section_)) {
    take_prompt(section_, {section_begin_, static_cast<std::size_t>(at_ - section_begin_)});
  }
  section_ = Known::unknown;
}

bool FactsReader::read_comma() {
  if (*at_ == (is_in_object() ? '}' : ']')) return close();
  if (*at_ != ',') return false;
  ++at_;
  expect_ = is_in_object() ? Expect::key : Expect::value;
  return true;
}

bool FactsReader::read_key() {
  const char* stop = json::find_string_end(at_, end_);
  if (stop == nullptr) return false;
  name_ = body_name_of({at_, static_cast<std::size_t>(stop - at_)});
  at_ = json::skip_whitespace(stop, end_);
  if (at_ == end_ || *at_ != ':') return false;
  ++at_;
  if (depth_ == 2 && section_ == Known::stream_options) facts_.is_stream_options_empty = false;
  expect_ = Expect::value;
  return true;
}

bool FactsReader::read_value() {
  if (name_ != Known::unknown) forget_named();
  if (*at_ == '{' || *at_ == '[') {
    if (depth_ == 1 && name_ == Known::data_sources) facts_.has_data_sources = *at_ == '[';
    return open();
  }
  const char* stop = json::find_scalar_end(at_, end_);
  if (stop == nullptr) return false;
  const std::string_view token(at_, static_cast<std::size_t>(stop - at_));
  if (depth_ == 1) {
    take_top_scalar(token);
  } else {
    take_usage_wish(token);
    if (token.front() == '"' && section_ != Known::metadata) note_inner_id(token);
    if (is_prompt(section_)) measure(token);
  }
  at_ = stop;
  name_ = Known::unknown;
  expect_ = Expect::comma;
  return true;
}

// The last value of a repeated name counts, whatever its type.
void FactsReader::forget_named() {
  if (depth_ == 2 && section_ == Known::stream_options && name_ == Known::include_usage) {
    facts_.wants_usage = false;
    facts_.include_usage_offset = 0;
    facts_.include_usage_length = 0;
  }
  if (depth_ != 1) return;
  switch (name_) {
    case Known::model:
      facts_.repeats_model = facts_.repeats_model || has_seen_model_;
      has_seen_model_ = true;
      facts_.has_model = false;
      facts_.model.clear();
      facts_.model_offset = 0;
      facts_.model_length = 0;
      return;
    case Known::stream_options:
      facts_.has_stream_options = false;
      facts_.is_stream_options_empty = false;
      facts_.stream_options_offset = 0;
      facts_.wants_usage = false;
      facts_.include_usage_offset = 0;
      facts_.include_usage_length = 0;
      return;
    case Known::stream:
      facts_.wants_stream = false;
      return;
    case Known::background:
      facts_.is_background = false;
      return;
    case Known::store:
      facts_.has_store = true;
      facts_.wants_store = false;
      return;
    case Known::data_sources:
      facts_.has_data_sources = false;
      return;
    case Known::previous_response_id:
      facts_.previous_response_id.clear();
      return;
    case Known::prompt_cache_key:
      facts_.prompt_cache_key.clear();
      return;
    default:
      return;
  }
}

void FactsReader::take_top_scalar(std::string_view token) {
  switch (name_) {
    case Known::model:
      take_model(token);
      return;
    case Known::stream:
      facts_.wants_stream = token == "true";
      return;
    case Known::background:
      facts_.is_background = token == "true";
      return;
    case Known::store:
      facts_.wants_store = token == "true";
      return;
    case Known::previous_response_id:
      if (token.front() == '"') facts_.previous_response_id = json::decode_string(token);
      return;
    case Known::prompt_cache_key:
      if (token.front() == '"' && token.size() <= kMaxCacheKeyBytes + 2) {
        facts_.prompt_cache_key = json::decode_string(token);
      }
      return;
    default:
      break;
  }
  if (token.front() == '"') note_top_id(token);
  if (!is_prompt(name_)) return;
  take_prompt(name_, token);
  measure(token);
}

void FactsReader::take_model(std::string_view token) {
  if (token.front() != '"') return;
  facts_.has_model = true;
  facts_.model = json::decode_string(token);
  facts_.model_offset = offset_of(token.data());
  facts_.model_length = token.size();
}

void FactsReader::take_usage_wish(std::string_view token) {
  if (depth_ != 2 || section_ != Known::stream_options || name_ != Known::include_usage) return;
  facts_.wants_usage = token == "true";
  facts_.include_usage_offset = offset_of(token.data());
  facts_.include_usage_length = token.size();
}

void FactsReader::take_prompt(Known name, std::string_view text) {
  (name == Known::instructions ? instructions_ : prompt_) = text;
}

void FactsReader::note_top_id(std::string_view token) {
  switch (name_) {
    case Known::conversation:
      ids_.add(Claim::conversation, token);
      return;
    case Known::top_id:
      ids_.add(Claim::thing, token);
      return;
    case Known::top_file:
    case Known::file_id:
      ids_.add(Claim::file, token);
      return;
    case Known::container:
      ids_.add_if_stateful(Claim::file, token);
      return;
    default:
      return;
  }
}

void FactsReader::note_inner_id(std::string_view token) {
  constexpr std::uint64_t kElementOfList = 0b101;  // object, in an array, in the body
  const bool is_id = name_ == Known::id;
  const bool is_of_source = is_id && section_ == Known::data_source;
  if (name_ == Known::file_id || depth_ == id_list_depth_) {
    ids_.add(Claim::file, token);
  } else if (name_ == Known::container || is_of_source) {
    ids_.add_if_stateful(Claim::file, token);
  } else if (!is_id) {
    return;
  } else if (section_ == Known::conversation && depth_ == 2) {
    ids_.add(Claim::conversation, token);
  } else if ((section_ == Known::input || section_ == Known::items) && depth_ == 3 &&
             objects_ == kElementOfList) {
    ids_.add_if_stateful(Claim::item, token);
  }
}

void FactsReader::measure(std::string_view token) {
  if (measured_ == nullptr) return;
  constexpr std::size_t kTooLongForAWord = 256;
  constexpr std::uint64_t kCharactersOfToken = 4;
  if (token.front() != '"') {
    const bool is_number = token.front() == '-' || (token.front() >= '0' && token.front() <= '9');
    measured_->characters += is_number ? kCharactersOfToken : 0;
    return;
  }
  const bool is_opaque =
      token.starts_with("\"data:") || (name_ == Known::opaque && token.size() > kTooLongForAWord);
  if (!is_opaque) measured_->characters += count_characters(token);
}

}  // namespace

RequestFacts read_request_facts(std::string_view body) {
  RequestFacts facts;
  if (!FactsReader(body, facts).read()) return {};
  return facts;
}

PromptMeasure measure_prompt(std::string_view body) {
  RequestFacts facts;
  PromptMeasure measured;
  if (!FactsReader(body, facts, &measured).read()) return {};
  return measured;
}

}  // namespace spillway::aoai
