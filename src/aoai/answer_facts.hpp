#pragma once
// What one JSON text of an answer (a body, or the data of an event) says that matters: collected
// from what a json::Scanner tells.

#include "answer_names.hpp"
#include "usage_reader.hpp"
#include <spillway/aoai/json_events.hpp>
#include <spillway/aoai/stream_error.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::aoai {

struct AnswerFacts {
  // The members that errors have, wherever they stand.
  struct ErrorFields {
    std::string code;
    std::string type;
    std::string message;
    std::string status;
  };

  bool is_object = false;
  bool has_prompt_filter = false;  // prompt_filter_results or prompt_annotations
  bool has_choices = false;        // an array
  bool has_choice = false;
  bool has_choice_output =
      false;  // a delta or text that says something, or a choice of no known kind
  bool has_finish_reason = false;
  bool has_usage = false;              // at top level, an object
  bool has_error = false;              // a top-level `error` that is not null
  std::uint64_t characters = 0;        // of output: in choices, messages and runs
  std::uint64_t delta_characters = 0;  // of a top-level `delta`, which may be audio
  std::string type;
  ErrorFields outside;  // of the text itself: {"type":"error","code":…}
  ErrorFields inside;   // of its `error`, `response.error` or `last_error`
  std::vector<StreamError::Header> headers;
};

class AnswerFactsReader final : public json::Visitor {
 public:
  /// Forgets the facts, for another text of the same answer. Usage stays.
  void reset();

  [[nodiscard]] const AnswerFacts& facts() const { return facts_; }
  [[nodiscard]] const Usage& usage() const { return usage_.usage(); }

  json::NameId name_of(std::string_view key) override;
  bool wants(json::Path path) override;
  void on_scalar(json::Path path, const json::Scalar& scalar) override;
  bool on_begin(json::Path path, json::Kind kind) override;
  void on_end(json::Path path, json::Kind kind) override;

 private:
  void take_choice_scalar(json::Path path, const json::Scalar& scalar);
  void take_characters(json::Path path, const json::Scalar& scalar);
  void take_error_field(json::Path path, const json::Scalar& scalar);
  void take_header(Name name, const json::Scalar& scalar);

  AnswerFacts facts_;
  UsageReader usage_;
  bool is_choice_known_ = false;  // the choice being read has a delta or a text
};

}  // namespace spillway::aoai
