#include <spillway/aoai/json_text.hpp>
#include <spillway/aoai/request_facts.hpp>
#include <spillway/base/text.hpp>

#include <cstdint>

namespace spillway::aoai {
namespace {

enum class Name : std::uint8_t {
  unknown,
  model,
  stream,
  stream_options,
  background,
  previous_response_id,
  include_usage,  // of stream_options
};

// Reads a body from left to right. No recursion: which kind of container stands at each level is
// one bit of `objects_`.
class FactsReader {
 public:
  explicit FactsReader(std::string_view body)
      : begin_(body.data()), at_(body.data()), end_(body.data() + body.size()) {}

  // False: not a JSON object, not well-formed, or too deep; the facts are then worth nothing.
  bool read(RequestFacts& facts);

 private:
  enum class Expect : std::uint8_t {
    first_key,      // or the end of an object
    key,            // after a comma
    first_element,  // or the end of an array
    value,
    comma,  // or the end of the container
  };

  [[nodiscard]] bool is_in_object() const { return (objects_ & 1U) != 0; }
  bool step(RequestFacts& facts);
  bool open(RequestFacts& facts);
  bool close();
  bool read_key();
  bool read_comma();
  bool read_value(RequestFacts& facts);
  const char* find_scalar_end() const;
  void take_scalar(std::string_view token, RequestFacts& facts);
  void take_model(std::string_view token, RequestFacts& facts);
  void forget_named(RequestFacts& facts);
  [[nodiscard]] Name name_of_key(std::string_view token) const;

  const char* begin_;
  const char* at_;
  const char* end_;
  std::uint64_t objects_ = 0;  // lowest bit: the innermost container is an object
  int depth_ = 0;
  Expect expect_ = Expect::value;
  Name name_ = Name::unknown;  // of the value that comes next
  bool is_in_stream_options_ = false;
  bool has_seen_model_ = false;
};

static_assert(kMaxJsonDepth <= 64, "one bit of objects_ for each level");

bool FactsReader::read(RequestFacts& facts) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (const char* stop = json::find_literal_end(at_, end_, kByteOrderMark)) at_ = stop;
  at_ = json::skip_whitespace(at_, end_);
  if (at_ == end_ || *at_ != '{') return false;
  if (!open(facts)) return false;
  while (depth_ > 0) {
    at_ = json::skip_whitespace(at_, end_);
    if (at_ == end_ || !step(facts)) return false;
  }
  return json::skip_whitespace(at_, end_) == end_;
}

bool FactsReader::step(RequestFacts& facts) {
  switch (expect_) {
    case Expect::first_key:
      return *at_ == '}' ? close() : read_key();
    case Expect::key:
      return read_key();
    case Expect::first_element:
      return *at_ == ']' ? close() : read_value(facts);
    case Expect::value:
      return read_value(facts);
    case Expect::comma:
      break;
  }
  return read_comma();
}

bool FactsReader::open(RequestFacts& facts) {
  if (depth_ == kMaxJsonDepth) return false;
  const bool is_object = *at_ == '{';
  if (depth_ == 1 && name_ == Name::stream_options && is_object) {
    facts.has_stream_options = true;
    is_in_stream_options_ = true;
  }
  objects_ = (objects_ << 1U) | (is_object ? 1U : 0U);
  ++depth_;
  ++at_;
  name_ = Name::unknown;
  expect_ = is_object ? Expect::first_key : Expect::first_element;
  return true;
}

bool FactsReader::close() {
  objects_ >>= 1U;
  --depth_;
  ++at_;
  if (depth_ == 1) is_in_stream_options_ = false;
  expect_ = Expect::comma;
  return true;
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
  name_ = name_of_key({at_, static_cast<std::size_t>(stop - at_)});
  at_ = json::skip_whitespace(stop, end_);
  if (at_ == end_ || *at_ != ':') return false;
  ++at_;
  expect_ = Expect::value;
  return true;
}

Name FactsReader::name_of_key(std::string_view token) const {
  if (depth_ == 2 && is_in_stream_options_) {
    return json::string_says(token, "include_usage") ? Name::include_usage : Name::unknown;
  }
  if (depth_ != 1) return Name::unknown;
  if (json::string_says(token, "model")) return Name::model;
  if (json::string_says(token, "stream")) return Name::stream;
  if (json::string_says(token, "stream_options")) return Name::stream_options;
  if (json::string_says(token, "background")) return Name::background;
  if (json::string_says(token, "previous_response_id")) return Name::previous_response_id;
  return Name::unknown;
}

bool FactsReader::read_value(RequestFacts& facts) {
  if (name_ != Name::unknown) forget_named(facts);
  if (*at_ == '{' || *at_ == '[') return open(facts);
  const char* stop = find_scalar_end();
  if (stop == nullptr) return false;
  const std::string_view token(at_, static_cast<std::size_t>(stop - at_));
  if (name_ != Name::unknown) take_scalar(token, facts);
  at_ = stop;
  name_ = Name::unknown;
  expect_ = Expect::comma;
  return true;
}

const char* FactsReader::find_scalar_end() const {
  switch (*at_) {
    case '"':
      return json::find_string_end(at_, end_);
    case 't':
      return json::find_literal_end(at_, end_, "true");
    case 'f':
      return json::find_literal_end(at_, end_, "false");
    case 'n':
      return json::find_literal_end(at_, end_, "null");
    default:
      return json::find_number_end(at_, end_);
  }
}

// The last value of a repeated name counts, whatever its type.
void FactsReader::forget_named(RequestFacts& facts) {
  switch (name_) {
    case Name::model:
      facts.repeats_model = facts.repeats_model || has_seen_model_;
      has_seen_model_ = true;
      facts.has_model = false;
      facts.model.clear();
      facts.model_offset = 0;
      facts.model_length = 0;
      return;
    case Name::stream:
      facts.wants_stream = false;
      return;
    case Name::stream_options:
      facts.has_stream_options = false;
      facts.wants_usage = false;
      return;
    case Name::background:
      facts.is_background = false;
      return;
    case Name::previous_response_id:
      facts.previous_response_id.clear();
      return;
    case Name::include_usage:
      facts.wants_usage = false;
      return;
    case Name::unknown:
      return;
  }
}

void FactsReader::take_scalar(std::string_view token, RequestFacts& facts) {
  switch (name_) {
    case Name::model:
      take_model(token, facts);
      return;
    case Name::stream:
      facts.wants_stream = token == "true";
      return;
    case Name::background:
      facts.is_background = token == "true";
      return;
    case Name::include_usage:
      facts.wants_usage = token == "true";
      return;
    case Name::previous_response_id:
      if (token.front() == '"') facts.previous_response_id = json::decode_string(token);
      return;
    case Name::stream_options:
    case Name::unknown:
      return;
  }
}

void FactsReader::take_model(std::string_view token, RequestFacts& facts) {
  if (token.front() != '"') return;
  facts.has_model = true;
  facts.model = json::decode_string(token);
  facts.model_offset = static_cast<std::size_t>(token.data() - begin_);
  facts.model_length = token.size();
}

}  // namespace

RequestFacts read_request_facts(std::string_view body) {
  RequestFacts facts;
  if (!FactsReader(body).read(facts)) return {};
  facts.is_json_object = true;
  return facts;
}

std::string replace_model(std::string_view body, const RequestFacts& facts,
                          std::string_view model) {
  if (!facts.has_model) return std::string(body);
  const std::string value = base::json_escape(model, model.size());
  std::string out;
  out.reserve(body.size() + value.size() + 2);
  out += body.substr(0, facts.model_offset);
  out += '"';
  out += value;
  out += '"';
  out += body.substr(facts.model_offset + facts.model_length);
  return out;
}

}  // namespace spillway::aoai
