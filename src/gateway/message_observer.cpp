#include <spillway/gateway/message_observer.hpp>

namespace spillway::gateway {

// Of realtime nothing outlives its session; responses are made inside the socket and continued
// outside of it.
MessageObserver::MessageObserver(RequestContext& context, std::string_view backend)
    : context_(context),
      backend_(backend),
      names_ids_(context.path.operation == aoai::Operation::responses) {}

void MessageObserver::observe(std::string_view piece) {
  if (!reader_) {
    reader_.emplace(aoai::AnswerForm::json, aoai::StreamShape::other);
    if (names_ids_) ids_.emplace();
  }
  reader_->observe(piece);
  if (!ids_) return;
  ids_->observe(piece);
  if (!ids_->has_ids()) return;
  const base::SteadyTime now = base::SteadyClock::now();
  for (const std::string& id : ids_->take())
    context_.worker.process.affinity.learn(context_.named_id(id), backend_, now);
}

void MessageObserver::end_message() {
  if (reader_ && reader_->usage().is_known) usage_ += reader_->usage();
  reader_.reset();
  ids_.reset();
}

}  // namespace spillway::gateway
