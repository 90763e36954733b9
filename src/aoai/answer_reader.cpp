#include "answer_facts.hpp"
#include "event_meaning.hpp"
#include "usage_reader.hpp"
#include <spillway/aoai/answer_reader.hpp>
#include <spillway/aoai/content_decoder.hpp>
#include <spillway/aoai/event_stream.hpp>
#include <spillway/base/text.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

namespace spillway::aoai {
namespace {

const std::string& first_not_empty(const std::string& a, const std::string& b) {
  return a.empty() ? b : a;
}

bool is_identity(std::string_view content_encoding) {
  return content_encoding.empty() || base::equals_ignoring_case(content_encoding, "identity");
}

StreamError error_of(const AnswerFacts& facts) {
  StreamError error;
  error.code = first_not_empty(facts.inside.code, facts.outside.code);
  error.type = facts.inside.type;
  error.message = first_not_empty(facts.inside.message, facts.outside.message);
  error.status = status_of_stream_error(first_not_empty(facts.inside.status, facts.outside.status),
                                        error.code, error.type);
  error.headers = facts.headers;
  return error;
}

// What a stream said of a `delta` without saying what it is: text, unless it is sound in base64.
bool is_sound(std::string_view type) {
  return type.find("audio") != std::string_view::npos &&
         type.find("transcript") == std::string_view::npos;
}

}  // namespace

class AnswerReader::Reading final : EventSink {
 public:
  Reading(AnswerForm form, StreamShape shape, std::string_view content_encoding);

  void observe(std::string_view bytes);
  [[nodiscard]] bool is_complete() const;
  [[nodiscard]] bool is_event_stream() const { return form_ == AnswerForm::event_stream; }
  [[nodiscard]] const Usage& usage() const {
    return facts.usage().is_known ? facts.usage() : only_usage_.usage();
  }

  AnswerFactsReader facts;  // of an event
  EventStream events;
  bool is_encoded = false;
  bool has_output = false;
  std::uint64_t characters = 0;        // of output, in the events that have ended
  std::unique_ptr<StreamError> error;  // rare, and large

 private:
  void observe_decoded(std::string_view bytes);
  void on_data(std::string_view piece) override;
  void on_event(std::string_view name) override;
  [[nodiscard]] bool is_done() const;

  AnswerForm form_;
  StreamShape shape_;
  std::optional<ContentDecoder> decoder_;
  json::Scanner scanner_;
  OnlyUsage only_usage_;         // of a body that is no event stream: nothing else matters there
  bool has_ended_ = false;       // so the API said
  std::size_t data_length_ = 0;  // of the event
  std::array<char, 8> data_head_{};
};

AnswerReader::Reading::Reading(AnswerForm form, StreamShape shape,
                               std::string_view content_encoding)
    : is_encoded(!is_identity(content_encoding)), form_(form), shape_(shape) {
  if (!is_encoded || form == AnswerForm::opaque) return;
  if (ContentDecoder::can_decode(content_encoding)) {
    decoder_.emplace();
  } else {
    form_ = AnswerForm::opaque;
  }
}

void AnswerReader::Reading::observe(std::string_view bytes) {
  if (bytes.empty()) return;
  if (!is_event_stream()) has_output = true;
  if (form_ == AnswerForm::opaque) return;
  if (!decoder_) return observe_decoded(bytes);
  const auto sink = [this](std::string_view decoded) { observe_decoded(decoded); };
  if (decoder_->decode(bytes, sink)) return;
  // What cannot be read must be let go: nobody knows what it carries, nor whether it has ended.
  form_ = AnswerForm::opaque;
  has_output = true;
}

void AnswerReader::Reading::observe_decoded(std::string_view bytes) {
  if (is_event_stream()) return events.observe(bytes, *this);
  scanner_.observe(bytes, only_usage_);
}

void AnswerReader::Reading::on_data(std::string_view piece) {
  if (data_length_ < data_head_.size()) {
    const std::string_view head = piece.substr(0, data_head_.size() - data_length_);
    std::copy(head.begin(), head.end(), data_head_.begin() + data_length_);
  }
  data_length_ += piece.size();
  scanner_.observe(piece, facts);
}

bool AnswerReader::Reading::is_done() const {
  return data_length_ <= data_head_.size() &&
         base::trim({data_head_.data(), data_length_}) == "[DONE]";
}

void AnswerReader::Reading::on_event(std::string_view name) {
  const AnswerFacts& said = facts.facts();
  const Event event{name, is_done(), scanner_.is_complete() && said.is_object, said};
  const EventMeaning meaning = meaning_of_event(shape_, event);
  if (meaning.carries == EventMeaning::Carries::error && !error) {
    error = std::make_unique<StreamError>(error_of(said));
    error->came_before_output = !has_output;
  }
  if (meaning.carries == EventMeaning::Carries::output) has_output = true;
  if (meaning.ends_stream) has_ended_ = true;
  characters += said.characters + (is_sound(said.type) ? 0 : said.delta_characters);
  facts.reset();
  scanner_.reset();
  data_length_ = 0;
}

bool AnswerReader::Reading::is_complete() const {
  return !is_event_stream() || shape_ == StreamShape::other || has_ended_;
}

AnswerReader::AnswerReader(AnswerForm form, StreamShape shape, std::string_view content_encoding)
    : reading_(std::make_unique<Reading>(form, shape, content_encoding)) {}
AnswerReader::AnswerReader(AnswerReader&&) noexcept = default;
AnswerReader& AnswerReader::operator=(AnswerReader&&) noexcept = default;
AnswerReader::~AnswerReader() = default;

void AnswerReader::observe(std::string_view bytes) {
  reading_->observe(bytes);
}

bool AnswerReader::is_between_events() const {
  return reading_->is_event_stream() && !reading_->is_encoded &&
         reading_->events.is_between_events();
}

std::uint64_t AnswerReader::event_count() const {
  return reading_->events.event_count();
}

bool AnswerReader::has_output() const {
  return reading_->has_output;
}

const StreamError* AnswerReader::error() const {
  return reading_->error.get();
}

bool AnswerReader::is_complete() const {
  return reading_->is_complete();
}

const Usage& AnswerReader::usage() const {
  return reading_->usage();
}

Usage AnswerReader::estimate(std::uint64_t prompt_characters) const {
  // Of an event that has not ended what has come counts as well.
  const std::uint64_t unfinished = reading_->facts.facts().characters;
  return estimate_usage(prompt_characters, reading_->characters + unfinished);
}

}  // namespace spillway::aoai
