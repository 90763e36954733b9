#include <spillway/aoai/stateful_ids.hpp>
#include <spillway/base/text.hpp>
#include <spillway/gateway/answer_observer.hpp>

namespace spillway::gateway {
namespace {

aoai::AnswerForm form_of(const http::ResponseHead& answer) {
  const std::string_view type = answer.fields.find("content-type").value_or("");
  if (base::starts_with_ignoring_case(type, "application/json")) return aoai::AnswerForm::json;
  const bool is_stream = base::starts_with_ignoring_case(type, "text/event-stream");
  return is_stream ? aoai::AnswerForm::event_stream : aoai::AnswerForm::opaque;
}

bool is_success(const http::ResponseHead& answer) {
  return answer.status >= 200 && answer.status < 300;
}

bool is_encoded(const http::ResponseHead& answer) {
  const auto coding = answer.fields.find("content-encoding");
  return coding && !coding->empty() && !base::equals_ignoring_case(*coding, "identity");
}

}  // namespace

AnswerObserver::AnswerObserver(RequestContext& context, const http::ResponseHead& answer,
                               std::string_view backend)
    : context_(context),
      backend_(backend),
      form_(form_of(answer)),
      reader_(form_, aoai::stream_shape_of(context.path),
              answer.fields.find("content-encoding").value_or("")) {
  if (answer.body.kind == http::Framing::length) reader_.expect_length(answer.body.length);
  const bool names_ids =
      is_success(answer) &&
      aoai::remembers_answer_ids(context.path, context.head.method, context.facts);
  if (names_ids) learn_from_head(answer);
  if (names_ids && form_ != aoai::AnswerForm::opaque && !is_encoded(answer)) {
    ids_ = std::make_unique<aoai::AnswerIds>();
  }
  const bool has_our_chunk = context.is_usage_added && is_event_stream() && !is_encoded(answer);
  if (has_our_chunk) filter_ = std::make_unique<aoai::UsageChunkFilter>();
}

void AnswerObserver::observe(std::string_view bytes) {
  reader_.observe(bytes);
  if (!ids_) return;
  ids_->observe(bytes);
  if (!ids_->has_ids()) return;
  for (const std::string& id : ids_->take())
    learn(id);
}

void AnswerObserver::learn(std::string_view id) {
  context_.worker.process.affinity.learn(context_.named_id(id), backend_, base::SteadyClock::now());
}

void AnswerObserver::learn_from_head(const http::ResponseHead& answer) {
  const auto location = answer.fields.find("location");
  const std::string id = location ? aoai::id_in_location(*location) : std::string();
  if (!id.empty()) learn(id);
}

std::string_view AnswerObserver::passed_on(std::string_view bytes, Place place) {
  if (!filter_) return bytes;
  kept_.clear();
  filter_->push(bytes, kept_);
  if (place == Place::at_end) filter_->finish(kept_);
  return kept_;
}

bool AnswerObserver::is_between_events() const {
  return filter_ ? filter_->is_between_events() : reader_.is_between_events();
}

aoai::Usage AnswerObserver::usage() const {
  const bool is_generated = is_event_stream() && reader_.has_output() &&
                            aoai::stream_shape_of(context_.path) != aoai::StreamShape::other;
  if (reader_.usage().is_known || !is_generated) return reader_.usage();
  return reader_.estimate(aoai::measure_prompt(context_.json_body).characters);
}

}  // namespace spillway::gateway
