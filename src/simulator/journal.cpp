#include "simulator/journal.hpp"

#include <spillway/base/text.hpp>

#include <algorithm>
#include <array>

namespace spillway::simulator {
namespace {

constexpr std::array<std::pair<Event, std::string_view>, kEvents.size()> kEventNames{{
    {Event::connected, "connected"},
    {Event::disconnected, "disconnected"},
    {Event::received, "received"},
    {Event::completed, "completed"},
    {Event::aborted, "aborted"},
    {Event::faulted, "faulted"},
    {Event::throttled, "throttled"},
    {Event::ws_opened, "ws_opened"},
    {Event::ws_message, "ws_message"},
    {Event::ws_closed, "ws_closed"},
}};

}  // namespace

std::string_view name_of(Event event) {
  for (const auto& [value, name] : kEventNames) {
    if (value == event) return name;
  }
  return "unknown";
}

std::optional<Event> event_of(std::string_view name) {
  for (const auto& [value, known] : kEventNames) {
    if (known == name) return value;
  }
  return std::nullopt;
}

std::optional<std::string> RecordedRequest::header(std::string_view name) const {
  for (const auto& field : headers) {
    if (base::equals_ignoring_case(field.name, name)) return field.value;
  }
  return std::nullopt;
}

std::uint64_t Journal::begin(RecordedRequest request) {
  const std::lock_guard lock(mutex_);
  request.id = next_id_++;
  if (request.body.size() > kBodyKept) request.body.resize(kBodyKept);
  count_locked(request.endpoint, Event::received);
  requests_.push_back(std::move(request));
  if (requests_.size() > kRequestsKept) requests_.pop_front();
  return next_id_ - 1;
}

void Journal::decide(std::uint64_t id, unsigned status, std::string_view fault) {
  const std::lock_guard lock(mutex_);
  auto* request = find_locked(id);
  if (request == nullptr) return;
  request->status = status;
  request->fault = fault;
  if (status == 429) count_locked(request->endpoint, Event::throttled);
}

void Journal::finish(std::uint64_t id, Event outcome) {
  const std::lock_guard lock(mutex_);
  auto* request = find_locked(id);
  if (request == nullptr) return;
  request->outcome = outcome;
  count_locked(request->endpoint, outcome);
}

void Journal::change(std::uint64_t id, const std::function<void(RecordedRequest&)>& change) {
  const std::lock_guard lock(mutex_);
  if (auto* request = find_locked(id)) change(*request);
}

void Journal::note(std::uint64_t id, Event event,
                   const std::function<void(RecordedRequest&)>& change) {
  const std::lock_guard lock(mutex_);
  auto* request = find_locked(id);
  if (request == nullptr) return;
  change(*request);
  count_locked(request->endpoint, event);
}

void Journal::count(const std::string& endpoint, Event event) {
  const std::lock_guard lock(mutex_);
  count_locked(endpoint, event);
}

std::vector<RecordedRequest> Journal::requests(std::string_view endpoint) const {
  const std::lock_guard lock(mutex_);
  std::vector<RecordedRequest> found;
  std::copy_if(requests_.begin(), requests_.end(), std::back_inserter(found),
               [endpoint](const RecordedRequest& request) {
                 return endpoint.empty() || request.endpoint == endpoint;
               });
  return found;
}

std::uint64_t Journal::counted(const std::string& endpoint, Event event) const {
  const std::lock_guard lock(mutex_);
  return counted_locked(endpoint, event);
}

bool Journal::wait_for(const std::string& endpoint, Event event, std::uint64_t count,
                       std::chrono::milliseconds timeout) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [&] { return counted_locked(endpoint, event) >= count; });
}

void Journal::clear() {
  const std::lock_guard lock(mutex_);
  requests_.clear();
  counts_.clear();
}

void Journal::count_locked(const std::string& endpoint, Event event) {
  ++counts_[{endpoint, event}];
  changed_.notify_all();
}

RecordedRequest* Journal::find_locked(std::uint64_t id) {
  const auto found = std::lower_bound(
      requests_.begin(), requests_.end(), id,
      [](const RecordedRequest& request, std::uint64_t wanted) { return request.id < wanted; });
  return found != requests_.end() && found->id == id ? &*found : nullptr;
}

std::uint64_t Journal::counted_locked(const std::string& endpoint, Event event) const {
  const auto found = counts_.find({endpoint, event});
  return found == counts_.end() ? 0 : found->second;
}

}  // namespace spillway::simulator
