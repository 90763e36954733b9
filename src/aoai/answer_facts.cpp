#include "answer_facts.hpp"

#include <algorithm>
#include <utility>

namespace spillway::aoai {
namespace {

using json::Kind;
using json::Path;
using json::Scalar;

constexpr Path kChoice = path_of(Name::choices, Name::element);
constexpr Path kDelta = path_of(Name::choices, Name::element, Name::delta);

Name last_of(Path path) {
  return static_cast<Name>(path.last());
}

// Where text stands that the model has written. What is said twice (`…done` events, the whole
// response at the end of a stream) is left out.
bool is_written_text(Path path) {
  switch (path.packed()) {
    case path_of(Name::choices, Name::element, Name::text).packed():
    case path_of(Name::choices, Name::element, Name::delta, Name::content).packed():
    case path_of(Name::choices, Name::element, Name::delta, Name::refusal).packed():
    case path_of(Name::choices, Name::element, Name::delta, Name::reasoning_content).packed():
    case path_of(Name::choices, Name::element, Name::delta, Name::function_call, Name::arguments)
        .packed():
    case path_of(Name::choices, Name::element, Name::delta, Name::tool_calls, Name::element,
                 Name::function, Name::arguments)
        .packed():
    case path_of(Name::choices, Name::element, Name::message, Name::content).packed():
    case path_of(Name::output, Name::element, Name::content, Name::element, Name::text).packed():
    case path_of(Name::delta, Name::content, Name::element, Name::text, Name::value).packed():
    case path_of(Name::delta, Name::step_details, Name::tool_calls, Name::element, Name::function,
                 Name::arguments)
        .packed():
      return true;
    default:
      return false;
  }
}

bool is_error_object(Path path) {
  return path == path_of(Name::error) || path == path_of(Name::response, Name::error) ||
         path == path_of(Name::last_error);
}

// Large, and nothing in it is of interest.
bool is_passed_over(Name name) {
  return name == Name::content_filter_results || name == Name::logprobs ||
         name == Name::embedding || name == Name::prompt_filter_results ||
         name == Name::prompt_annotations;
}

}  // namespace

void AnswerFactsReader::reset() {
  std::string type = std::move(facts_.type);  // keeps its memory: every event has one
  facts_ = AnswerFacts();
  type.clear();
  facts_.type = std::move(type);
  is_choice_known_ = false;
}

json::NameId AnswerFactsReader::name_of(std::string_view key) {
  return static_cast<json::NameId>(name_of_key(key));
}

bool AnswerFactsReader::wants(Path path) {
  if (path.depth() == 0) return false;
  const Name name = last_of(path);
  const bool is_named = name != Name::other && name != Name::element && !is_passed_over(name);
  return is_named || path.parent() == kDelta;
}

bool AnswerFactsReader::on_begin(Path path, Kind kind) {
  usage_.on_begin(path, kind);
  const Name name = last_of(path);
  if (path.depth() == 0) facts_.is_object = kind == Kind::object;
  if (path == kChoice) {
    facts_.has_choice = true;
    is_choice_known_ = false;
  } else if (path == kDelta) {
    is_choice_known_ = true;
  } else if (path.depth() == 4 && path.parent() == kDelta) {
    facts_.has_choice_output = true;
  } else if (path.depth() == 1) {
    if (name == Name::choices && kind == Kind::array) facts_.has_choices = true;
    if (name == Name::usage && kind == Kind::object) facts_.has_usage = true;
    if (name == Name::error) facts_.has_error = true;
    if (name == Name::prompt_filter_results || name == Name::prompt_annotations) {
      facts_.has_prompt_filter = true;
    }
  }
  return !is_passed_over(name);
}

void AnswerFactsReader::on_end(Path path, Kind /*kind*/) {
  usage_.on_end(path);
  if (path == kChoice && !is_choice_known_) facts_.has_choice_output = true;
}

void AnswerFactsReader::on_scalar(Path path, const Scalar& scalar) {
  usage_.on_scalar(path, scalar);
  if (scalar.kind == Kind::string) take_characters(path, scalar);
  if (path.outer(1) == path_of(Name::choices)) return take_choice_scalar(path, scalar);
  if (path == path_of(Name::type)) facts_.type = scalar.text;
  take_error_field(path, scalar);
}

void AnswerFactsReader::take_characters(Path path, const Scalar& scalar) {
  if (is_written_text(path)) facts_.characters += scalar.characters;
  if (path == path_of(Name::delta)) facts_.delta_characters += scalar.characters;
}

void AnswerFactsReader::take_choice_scalar(Path path, const Scalar& scalar) {
  const Name name = last_of(path);
  const bool says_something = !scalar.is_null() && !scalar.text.empty();
  if (path == kChoice) facts_.has_choice = facts_.has_choice_output = true;
  if (path.depth() == 3 && path.parent() == kChoice) {
    if (name == Name::finish_reason && !scalar.is_null()) facts_.has_finish_reason = true;
    if (name != Name::text && name != Name::delta) return;
    is_choice_known_ = true;
    if (says_something) facts_.has_choice_output = true;
  } else if (path.depth() == 4 && path.parent() == kDelta) {
    if (name != Name::role && says_something) facts_.has_choice_output = true;
  }
}

void AnswerFactsReader::take_error_field(Path path, const Scalar& scalar) {
  if (scalar.is_null()) return;
  const Name name = last_of(path);
  if (path == path_of(Name::error)) {
    facts_.has_error = true;
    facts_.inside.message = scalar.text;
    return;
  }
  if (path == path_of(Name::error, Name::headers, name)) return take_header(name, scalar);
  if (path.depth() > 1 && !is_error_object(path.parent())) return;
  AnswerFacts::ErrorFields& fields = path.depth() == 1 ? facts_.outside : facts_.inside;
  if (name == Name::code) fields.code = scalar.text;
  if (name == Name::type) fields.type = scalar.text;
  if (name == Name::message) fields.message = scalar.text;
  if (name == Name::status || name == Name::status_code) fields.status = scalar.text;
}

void AnswerFactsReader::take_header(Name name, const Scalar& scalar) {
  switch (name) {
    case Name::retry_after:
    case Name::retry_after_ms:
    case Name::x_ms_retry_after_ms:
    case Name::x_ratelimit_reset_requests:
    case Name::x_ratelimit_reset_tokens:
      break;
    default:
      return;
  }
  const std::string_view key = key_of(name);
  const bool is_repeated = std::any_of(facts_.headers.begin(), facts_.headers.end(),
                                       [&](const auto& header) { return header.name == key; });
  if (!is_repeated) facts_.headers.push_back({key, std::string(scalar.text)});
}

}  // namespace spillway::aoai
