#include "event_meaning.hpp"

#include <algorithm>
#include <iterator>

namespace spillway::aoai {
namespace {

using Carries = EventMeaning::Carries;

constexpr std::string_view kAnnouncements[] = {
    // Responses
    "response.created",
    "response.in_progress",
    "response.queued",
    // Assistants
    "thread.created",
    "thread.message.created",
    "thread.message.in_progress",
    "thread.run.created",
    "thread.run.in_progress",
    "thread.run.queued",
    "thread.run.step.created",
    "thread.run.step.in_progress",
};

constexpr std::string_view kEnds[] = {
    "response.cancelled",
    "response.completed",
    "response.failed",
    "response.incomplete",
    "done",
    "thread.run.cancelled",
    "thread.run.completed",
    "thread.run.expired",
    "thread.run.failed",
    "thread.run.incomplete",
    "thread.run.requires_action",
};

constexpr std::string_view kErrors[] = {
    "error",
    "response.failed",
    "thread.run.failed",
    "thread.run.step.failed",
};

template <typename List>
bool holds(const List& list, std::string_view name) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

// The prompt's verdict, or a delta that only says who speaks.
bool is_chat_output(const AnswerFacts& facts) {
  if (!facts.has_choices || !facts.has_choice) {
    return facts.has_usage || !facts.has_prompt_filter;
  }
  return facts.has_choice_output || facts.has_finish_reason;
}

bool is_error_event(const Event& event) {
  return event.facts.has_error || event.name == "error" || event.facts.type == "error";
}

EventMeaning meaning_in_chat(const Event& event) {
  if (is_error_event(event)) return {Carries::error, true};
  return {is_chat_output(event.facts) ? Carries::output : Carries::nothing,
          event.facts.has_finish_reason};
}

EventMeaning meaning_by_name(std::string_view name) {
  if (holds(kErrors, name)) return {Carries::error, true};
  if (holds(kAnnouncements, name)) return {Carries::nothing, false};
  return {Carries::output, holds(kEnds, name)};
}

EventMeaning meaning_in_responses(const Event& event) {
  const std::string_view type = event.facts.type.empty() ? event.name : event.facts.type;
  if (type.empty() && event.facts.has_error) return {Carries::error, true};
  return meaning_by_name(type);
}

EventMeaning meaning_in_assistants(const Event& event) {
  // `type` is of a step there, and says nothing of the event.
  return event.facts.has_error ? meaning_by_name("error") : meaning_by_name(event.name);
}

EventMeaning meaning_elsewhere(const Event& event) {
  const bool is_error = is_error_event(event);
  return {is_error ? Carries::error : Carries::output, is_error};
}

}  // namespace

EventMeaning meaning_of_event(StreamShape shape, const Event& event) {
  if (event.is_done) return {Carries::output, true};
  // An `event: error` is one, whatever its data looks like.
  if (!event.is_json_object && event.name != "error") return {};
  switch (shape) {
    case StreamShape::chat:
      return meaning_in_chat(event);
    case StreamShape::responses:
      return meaning_in_responses(event);
    case StreamShape::assistants:
      return meaning_in_assistants(event);
    case StreamShape::other:
      break;
  }
  return meaning_elsewhere(event);
}

}  // namespace spillway::aoai
