#include "answer_facts.hpp"
#include "event_meaning.hpp"
#include <spillway/aoai/answer_reader.hpp>
#include <spillway/aoai/event_stream.hpp>
#include <spillway/base/text.hpp>

#include <algorithm>
#include <array>
#include <memory>
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

// What the events of a stream say.
class AnswerReader::Events final : EventSink {
 public:
  explicit Events(StreamShape shape) : shape_(shape) {}

  void observe(std::string_view bytes) { stream.observe(bytes, *this); }
  [[nodiscard]] bool is_complete() const { return shape_ == StreamShape::other || has_ended_; }

  AnswerFactsReader facts;  // of an event
  EventStream stream;
  bool has_output = false;
  std::uint64_t characters = 0;        // of output, in the events that have ended
  std::unique_ptr<StreamError> error;  // rare, and large

 private:
  void on_data(std::string_view piece) override;
  void on_event(std::string_view name) override;
  [[nodiscard]] bool is_done() const;

  StreamShape shape_;
  json::Scanner scanner_;
  bool has_ended_ = false;       // so the API said
  std::size_t data_length_ = 0;  // of the event
  std::array<char, 8> data_head_{};
};

void AnswerReader::Events::on_data(std::string_view piece) {
  if (data_length_ < data_head_.size()) {
    const std::string_view head = piece.substr(0, data_head_.size() - data_length_);
    std::copy(head.begin(), head.end(), data_head_.begin() + data_length_);
  }
  data_length_ += piece.size();
  scanner_.observe(piece, facts);
}

bool AnswerReader::Events::is_done() const {
  return data_length_ <= data_head_.size() &&
         base::trim({data_head_.data(), data_length_}) == "[DONE]";
}

void AnswerReader::Events::on_event(std::string_view name) {
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

AnswerReader::AnswerReader(AnswerForm form, StreamShape shape, std::string_view content_encoding)
    : form_(form), is_encoded_(!is_identity(content_encoding)) {
  if (is_encoded_ && form_ != AnswerForm::opaque) {
    if (ContentDecoder::can_decode(content_encoding)) {
      decoder_.emplace();
    } else {
      form_ = AnswerForm::opaque;
    }
  }
  if (form_ == AnswerForm::event_stream) events_ = std::make_unique<Events>(shape);
}
AnswerReader::AnswerReader(AnswerReader&&) noexcept = default;
AnswerReader& AnswerReader::operator=(AnswerReader&&) noexcept = default;
AnswerReader::~AnswerReader() = default;

void AnswerReader::observe(std::string_view bytes) {
  if (bytes.empty()) return;
  has_bytes_ = true;
  if (form_ == AnswerForm::opaque) return;
  if (!decoder_) return observe_decoded(bytes);
  const auto sink = [this](std::string_view decoded) { observe_decoded(decoded); };
  // What cannot be read must be let go: nobody knows what it carries, nor whether it has ended.
  if (!decoder_->decode(bytes, sink)) form_ = AnswerForm::opaque;
}

void AnswerReader::observe_decoded(std::string_view bytes) {
  if (events_) return events_->observe(bytes);
  body_.observe(bytes);
}

bool AnswerReader::is_between_events() const {
  return is_event_stream() && !is_encoded_ && events_->stream.is_between_events();
}

std::uint64_t AnswerReader::event_count() const {
  return events_ ? events_->stream.event_count() : 0;
}

bool AnswerReader::has_output() const {
  return is_event_stream() ? events_->has_output : has_bytes_;
}

const StreamError* AnswerReader::error() const {
  return events_ ? events_->error.get() : nullptr;
}

bool AnswerReader::is_complete() const {
  return !is_event_stream() || events_->is_complete();
}

const Usage& AnswerReader::usage() const {
  return events_ ? events_->facts.usage() : body_.usage();
}

Usage AnswerReader::estimate(std::uint64_t prompt_characters) const {
  if (!events_) return estimate_usage(prompt_characters, 0);
  // Of an event that has not ended what has come counts as well.
  const std::uint64_t unfinished = events_->facts.facts().characters;
  return estimate_usage(prompt_characters, events_->characters + unfinished);
}

}  // namespace spillway::aoai
