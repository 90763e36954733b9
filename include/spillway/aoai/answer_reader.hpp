#pragma once
// Reads a backend's answer as it goes by, without holding it, and knows at any time: has it carried
// output yet (behaviour §5), has it failed, is it whole, what did it cost (§6). In any split of the
// bytes; what it does not understand it lets pass, and never throws. Ids: answer_ids.hpp.

#include <spillway/aoai/body_usage.hpp>
#include <spillway/aoai/content_decoder.hpp>
#include <spillway/aoai/stream_error.hpp>
#include <spillway/aoai/stream_shape.hpp>
#include <spillway/aoai/usage.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace spillway::aoai {

enum class AnswerForm : std::uint8_t {
  json,
  event_stream,
  opaque,  // audio, files, HTML: nothing is read
};

class AnswerReader {
 public:
  /// `content_encoding` is that of the answer's head. gzip and deflate are decoded on the side (see
  /// content_decoder.hpp); any other but identity makes the answer opaque.
  AnswerReader(AnswerForm form, StreamShape shape, std::string_view content_encoding = {});
  AnswerReader(AnswerReader&&) noexcept;
  AnswerReader& operator=(AnswerReader&&) noexcept;
  ~AnswerReader();

  /// How long the body is, where its head says so: see BodyUsage. Before the first byte.
  void expect_length(std::uint64_t bytes) {
    if (!is_encoded_) body_.expect_length(bytes);
  }
  /// The next bytes of the body, in order, transfer coding undone; time linear in their number.
  void observe(std::string_view bytes);

  /// Where an event of ours may be put: see EventStream. Never in what is no event stream, nor in
  /// one that is encoded.
  [[nodiscard]] bool is_between_events() const;
  /// Events that went by, those with at least one data line.
  [[nodiscard]] std::uint64_t event_count() const;

  /// Some event carried output, or the end of it. Not so: prompt filter results, role-only deltas,
  /// comments, announcements (`response.created`, `thread.run.queued`, …), errors. What is unknown
  /// is output, and so is the first byte of what is no event stream.
  [[nodiscard]] bool has_output() const;

  /// The first error event; nullptr: none. In an event stream only.
  [[nodiscard]] const StreamError* error() const;

  /// The API said that the stream is over: chat: a finish_reason or `[DONE]`; Responses: a terminal
  /// event; Assistants: `done` or the end of the run; any: an error event. True for other shapes,
  /// and for all that is not read as an event stream: there the framing tells.
  [[nodiscard]] bool is_complete() const;

  /// What the answer said; the last one if more than one did.
  [[nodiscard]] const Usage& usage() const;
  /// A guess for a stream that was cut before it said: from the output seen so far and the
  /// characters of the prompt.
  [[nodiscard]] Usage estimate(std::uint64_t prompt_characters) const;

 private:
  class Events;

  void observe_decoded(std::string_view bytes);
  [[nodiscard]] bool is_event_stream() const { return form_ == AnswerForm::event_stream; }

  AnswerForm form_;
  bool is_encoded_;
  bool has_bytes_ = false;  // some have come
  std::optional<ContentDecoder> decoder_;
  BodyUsage body_;                  // what is no event stream
  std::unique_ptr<Events> events_;  // also when they can no longer be read
};

}  // namespace spillway::aoai
