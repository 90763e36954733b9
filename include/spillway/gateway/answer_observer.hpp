#pragma once
// Watches one backend's answer on its way to the caller: what it cost, whether it is whole, which
// ids it names (they are learnt at once: a follow-up may come before the end). Takes out the usage
// chunk that only we had asked for. Changes nothing else, and waits for nothing.

#include <spillway/aoai/answer_ids.hpp>
#include <spillway/aoai/answer_reader.hpp>
#include <spillway/aoai/usage_chunk_filter.hpp>
#include <spillway/gateway/request_context.hpp>
#include <spillway/http/message.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace spillway::gateway {

class AnswerObserver {
 public:
  enum class Place : std::uint8_t { within, at_end };

  /// `backend` is the name of who answers. The ids in the head (Location) are learnt here.
  AnswerObserver(RequestContext& context, const http::ResponseHead& answer,
                 std::string_view backend);

  /// The next bytes of the body, each once, in order.
  void observe(std::string_view bytes);
  /// What of observed bytes goes to the caller: all of them, but for what only we had asked for.
  /// Valid as long as `bytes` and until the next call.
  std::string_view passed_on(std::string_view bytes, Place place);

  [[nodiscard]] bool is_event_stream() const { return form_ == aoai::AnswerForm::event_stream; }
  [[nodiscard]] const aoai::AnswerReader& reader() const { return reader_; }
  /// Whether an event of ours may stand behind what passed_on() gave so far.
  [[nodiscard]] bool is_between_events() const;
  /// What the answer cost: as it said; where a stream did not say (it was cut, or its
  /// api-version cannot be asked), a guess, marked so.
  [[nodiscard]] aoai::Usage usage() const;

 private:
  void learn(std::string_view id);
  void learn_from_head(const http::ResponseHead& answer);

  RequestContext& context_;
  std::string_view backend_;
  aoai::AnswerForm form_;
  aoai::AnswerReader reader_;
  // Not every answer needs these, and each request in work has room for what lies in it.
  std::unique_ptr<aoai::AnswerIds> ids_;
  std::unique_ptr<aoai::UsageChunkFilter> filter_;
  std::string kept_;
};

}  // namespace spillway::gateway
