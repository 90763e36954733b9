#pragma once
// Reads the backend's text messages of a WebSocket in passing: what its responses cost, and which
// ids a later request may name. Each message is a JSON text of its own; nothing is held.

#include <spillway/aoai/answer_ids.hpp>
#include <spillway/aoai/answer_reader.hpp>
#include <spillway/aoai/usage.hpp>
#include <spillway/gateway/request_context.hpp>

#include <optional>
#include <string_view>

namespace spillway::gateway {

class MessageObserver {
 public:
  /// `backend` is the name of who speaks; it outlives this.
  MessageObserver(RequestContext& context, std::string_view backend);

  /// The next bytes of the message begun.
  void observe(std::string_view piece);
  /// It is whole: what comes next is another one.
  void end_message();

  /// The sum of what the messages said (`response.done`, `response.completed`, transcriptions).
  [[nodiscard]] const aoai::Usage& usage() const { return usage_; }

 private:
  RequestContext& context_;
  std::string_view backend_;
  bool names_ids_;
  std::optional<aoai::AnswerReader> reader_;
  std::optional<aoai::AnswerIds> ids_;
  aoai::Usage usage_;
};

}  // namespace spillway::gateway
