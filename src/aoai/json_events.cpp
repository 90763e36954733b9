#include <spillway/aoai/json_events.hpp>
#include <spillway/aoai/json_text.hpp>
#include <spillway/base/byte_scan.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace spillway::aoai::json {
namespace {

constexpr std::uint8_t kMaxLevel = 64;

bool is_token_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '+' || c == '.' ||
         c == 'E';
}

bool is_number(std::string_view token) {
  const char* const end = token.data() + token.size();
  return find_number_end(token.data(), end) == end;
}

bool is_literal(std::string_view token) {
  return token == "null" || token == "true" || token == "false";
}

std::size_t count_characters(std::string_view text) {
  return text.size() - base::count_continuation_bytes(text);
}

}  // namespace

// One call of observe().
class Scanner::Run {
 public:
  Run(Scanner& scanner, Visitor& visitor, std::string_view bytes)
      : s_(scanner), visitor_(visitor), at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  void run();

 private:
  // Is what stands at this level told?
  [[nodiscard]] bool is_heard() const { return s_.level_ <= Path::kMaxDepth; }
  [[nodiscard]] bool is_in_object() const { return (s_.objects_ & 1U) != 0; }
  [[nodiscard]] Path value_path() const {
    if (s_.level_ == 0) return {};
    return s_.path_.child(is_in_object() ? s_.name_ : kElement);
  }

  void read_structure();
  void begin_value(char c);
  void open(Kind kind);
  void close();
  void read_quietly();
  void skip_string();
  void expect_more();
  void begin_next_key();
  void begin_text();
  void begin_string(String string);
  void read_string();
  void end_string(std::string_view last_piece);
  void read_escape();
  void read_unicode_escape();
  void take_code_unit(std::uint32_t unit);
  void take_lone_surrogate();
  void take_character(std::uint32_t code);
  void take(std::string_view piece);
  void keep(std::string_view piece);
  std::string_view whole_text(std::string_view last_piece);
  void read_token();
  void deliver(Kind kind, std::string_view text);
  void fail() { s_.state_ = State::malformed; }

  Scanner& s_;
  Visitor& visitor_;
  const char* at_;
  const char* end_;
};

void Scanner::observe(std::string_view bytes, Visitor& visitor) {
  Run(*this, visitor, bytes).run();
}

void Scanner::reset() {
  // All else is set where a string, a token or a container begins.
  state_ = State::value;
  level_ = 0;
  quiet_ = 0;
  objects_ = 0;
  path_ = Path();
}

void Scanner::Run::run() {
  while (at_ != end_) {
    switch (s_.state_) {
      case State::string:
        read_string();
        break;
      case State::escape:
        read_escape();
        break;
      case State::unicode_escape:
        read_unicode_escape();
        break;
      case State::token:
        read_token();
        break;
      case State::quiet:
        read_quietly();
        break;
      case State::malformed:
        return;
      default:
        at_ = skip_whitespace(at_, end_);
        if (at_ != end_) read_structure();
    }
  }
}

// What may stand between strings, numbers and literals. Takes one character, save that of a token.
void Scanner::Run::read_structure() {
  const char c = *at_++;
  switch (s_.state_) {
    case State::first_element:
      return c == ']' ? close() : begin_value(c);
    case State::value:
      return begin_value(c);
    case State::first_key:
      if (c == '}') return close();
      [[fallthrough]];
    case State::key:
      return c == '"' ? begin_string(String::key) : fail();
    case State::colon:
      if (c != ':') return fail();
      s_.state_ = State::value;
      return;
    case State::comma:
      if (c == (is_in_object() ? '}' : ']')) return close();
      if (c != ',') return fail();
      s_.state_ = is_in_object() ? State::key : State::value;
      return;
    default:
      return fail();  // something behind a whole text
  }
}

void Scanner::Run::begin_value(char c) {
  if (c == '{') return open(Kind::object);
  if (c == '[') return open(Kind::array);
  s_.is_wanted_ = is_heard() && visitor_.wants(value_path());
  if (c == '"') return begin_string(String::value);
  --at_;
  if (!is_token_character(c)) return fail();
  s_.state_ = State::token;
  begin_text();
}

void Scanner::Run::open(Kind kind) {
  if (s_.level_ == kMaxLevel) return fail();
  const Path path = value_path();
  const bool is_quiet = is_heard() && !visitor_.on_begin(path, kind);
  const bool is_object = kind == Kind::object;
  if (s_.level_ <= Path::kMaxDepth) s_.path_ = path;
  s_.objects_ = (s_.objects_ << 1U) | (is_object ? 1U : 0U);
  ++s_.level_;
  s_.name_ = kOtherName;
  if (is_quiet) {
    s_.quiet_ = s_.level_;
    s_.state_ = State::quiet;
  } else {
    s_.state_ = is_object ? State::first_key : State::first_element;
  }
}

void Scanner::Run::close() {
  const Kind kind = is_in_object() ? Kind::object : Kind::array;
  s_.quiet_ = 0;
  s_.objects_ >>= 1U;
  --s_.level_;
  const int level = s_.level_;
  expect_more();
  if (level > Path::kMaxDepth) return;
  visitor_.on_end(s_.path_, kind);
  if (level > 0) s_.path_ = s_.path_.parent();
}

// Vectors are most of an answer with embeddings: only strings and brackets are looked at.
void Scanner::Run::read_quietly() {
  at_ = base::find_bracket_or_quote(at_, end_);
  if (at_ == end_) return;
  const char c = *at_++;
  if (c == '"') return skip_string();
  if (c == '{' || c == '[') {
    if (s_.level_ == kMaxLevel) return fail();
    s_.objects_ = (s_.objects_ << 1U) | (c == '{' ? 1U : 0U);
    ++s_.level_;
    return;
  }
  if (c != (is_in_object() ? '}' : ']')) return fail();
  if (s_.level_ == s_.quiet_) return close();
  s_.objects_ >>= 1U;
  --s_.level_;
}

// One of which nothing is told. Usually its end is there, and no escape before it.
void Scanner::Run::skip_string() {
  const char* const stop = skip_plain_characters(at_, end_);
  if (stop != end_ && *stop == '"') {
    at_ = stop + 1;
    return;
  }
  s_.is_wanted_ = false;
  begin_string(String::value);
}

// A value has ended. What usually stands next is taken at once.
void Scanner::Run::expect_more() {
  if (s_.quiet_ != 0) {
    s_.state_ = State::quiet;
  } else if (s_.level_ == 0) {
    s_.state_ = State::complete;
  } else if (at_ == end_ || *at_ != ',') {
    s_.state_ = State::comma;
  } else {
    ++at_;
    s_.state_ = is_in_object() ? State::key : State::value;
  }
}

void Scanner::Run::begin_next_key() {
  if (s_.state_ != State::key || at_ == end_ || *at_ != '"') return;
  ++at_;
  begin_string(String::key);
}

void Scanner::Run::begin_text() {
  s_.text_length_ = 0;
  s_.high_surrogate_ = 0;
  s_.has_part_ = false;
  s_.is_cut_ = false;
  s_.characters_ = 0;
}

void Scanner::Run::begin_string(String string) {
  s_.string_ = string;
  if (string == String::key) s_.is_wanted_ = is_heard();
  s_.state_ = State::string;
  begin_text();
}

void Scanner::Run::read_string() {
  const char* const begin = at_;
  at_ = skip_plain_characters(at_, end_);
  const std::string_view piece(begin, static_cast<std::size_t>(at_ - begin));
  if (at_ == end_) return take(piece);
  const char c = *at_++;
  if (c == '"') return end_string(piece);
  take(piece);
  s_.state_ = c == '\\' ? State::escape : State::malformed;
}

void Scanner::Run::end_string(std::string_view last_piece) {
  const std::string_view text = s_.is_wanted_ ? whole_text(last_piece) : std::string_view();
  if (s_.string_ == String::value) return deliver(Kind::string, text);
  const bool can_be_known = s_.is_wanted_ && !s_.is_cut_ && text.size() <= kMaxKey;
  s_.name_ = can_be_known ? visitor_.name_of(text) : kOtherName;
  s_.state_ = State::colon;
  if (at_ == end_ || *at_ != ':') return;
  ++at_;
  s_.state_ = State::value;
  if (at_ != end_ && *at_ > ' ') begin_value(*at_++);
}

// Copied only if it came in several parts.
std::string_view Scanner::Run::whole_text(std::string_view last_piece) {
  if (s_.has_part_) {
    take(last_piece);
    take_lone_surrogate();
    return {s_.text_.data(), s_.text_length_};
  }
  if (s_.string_ == String::value) s_.characters_ = count_characters(last_piece);
  s_.is_cut_ = last_piece.size() > kMaxText;
  return last_piece.substr(0, kMaxText);
}

void Scanner::Run::read_escape() {
  const char c = *at_++;
  if (c == 'u') {
    s_.digits_ = 0;
    s_.code_unit_ = 0;
    s_.state_ = State::unicode_escape;
    return;
  }
  const auto meant = simple_escape(c);
  if (!meant) return fail();
  s_.state_ = State::string;
  take({&*meant, 1});
}

void Scanner::Run::read_unicode_escape() {
  const int digit = hex_value(*at_++);
  if (digit < 0) return fail();
  s_.code_unit_ = static_cast<std::uint16_t>(s_.code_unit_ * 16 + digit);
  if (++s_.digits_ < 4) return;
  s_.state_ = State::string;
  take_code_unit(s_.code_unit_);
}

void Scanner::Run::take_code_unit(std::uint32_t unit) {
  if (is_low_surrogate(unit)) {
    const std::uint32_t high = std::exchange(s_.high_surrogate_, std::uint16_t{0});
    return take_character(high == 0 ? kReplacementCharacter : combine_surrogates(high, unit));
  }
  if (!is_high_surrogate(unit)) return take_character(unit);
  take_lone_surrogate();
  s_.high_surrogate_ = static_cast<std::uint16_t>(unit);
  s_.has_part_ = true;
}

void Scanner::Run::take_lone_surrogate() {
  if (std::exchange(s_.high_surrogate_, std::uint16_t{0}) != 0) {
    take_character(kReplacementCharacter);
  }
}

void Scanner::Run::take_character(std::uint32_t code) {
  std::string bytes;  // never leaves the object
  append_utf8(bytes, code);
  take(bytes);
}

void Scanner::Run::take(std::string_view piece) {
  if (piece.empty()) return;
  take_lone_surrogate();
  s_.has_part_ = true;
  if (!s_.is_wanted_) return;
  if (s_.string_ == String::value) s_.characters_ += count_characters(piece);
  keep(piece);
}

void Scanner::Run::keep(std::string_view piece) {
  const std::string_view kept = piece.substr(0, kMaxText - s_.text_length_);
  std::copy(kept.begin(), kept.end(), s_.text_.begin() + s_.text_length_);
  s_.text_length_ = static_cast<std::uint16_t>(s_.text_length_ + kept.size());
  if (kept.size() < piece.size()) s_.is_cut_ = true;
}

// A number or a literal: it ends where something else begins.
void Scanner::Run::read_token() {
  const char* const begin = at_;
  while (at_ != end_ && is_token_character(*at_))
    ++at_;
  std::string_view token(begin, static_cast<std::size_t>(at_ - begin));
  if (at_ == end_ || s_.has_part_) keep(token);
  s_.has_part_ = s_.has_part_ || at_ == end_;
  if (at_ == end_) return;
  if (s_.has_part_) token = {s_.text_.data(), s_.text_length_};
  const bool begins_a_literal = token[0] >= 'a' && token[0] <= 'z';
  if (s_.is_cut_ || !(begins_a_literal ? is_literal(token) : is_number(token))) return fail();
  deliver(begins_a_literal ? Kind::literal : Kind::number, token);
}

void Scanner::Run::deliver(Kind kind, std::string_view text) {
  expect_more();
  if (s_.is_wanted_) visitor_.on_scalar(value_path(), {kind, text, !s_.is_cut_, s_.characters_});
  begin_next_key();  // only now: it takes the place of what was told
}

}  // namespace spillway::aoai::json
