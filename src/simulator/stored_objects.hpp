#pragma once
// What one endpoint remembers: responses, files, conversations, batches, ... by the path they are
// fetched under, e.g. `responses/resp_1`, `threads/thread_1/messages/msg_1`. Pure and bounded:
// beyond kObjectsKept the oldest goes. Not thread-safe.

#include "simulator/admission.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::simulator {

struct StoredObject {
  /// What GET answers.
  std::string body;
  /// What the GETs after the next one answer, in turn: how something queued gets on.
  std::deque<std::string> later;
  /// Bytes behind `/content`: of an uploaded file its first 64 KiB.
  std::string content;
  /// Replication lag: as if it did not exist before.
  SteadyTime known_from{};
};

/// How a request sees the store.
struct Sight {
  SteadyTime now{};
  /// Ids are answered as if they were unknown (fault `unknown_id`).
  bool hides_ids = false;
  /// Whether that has hidden one that is known.
  bool has_hidden = false;
};

class StoredObjects {
 public:
  static constexpr std::size_t kObjectsKept = 10'000;

  StoredObject& put(const std::string& path, StoredObject object);
  /// Null where there is nothing, or nothing to be seen yet.
  StoredObject* find(std::string_view path, Sight& sight);
  /// With everything below it.
  void erase(const std::string& path);
  /// Bodies of the objects right below `collection`, oldest first.
  [[nodiscard]] std::vector<std::string> list(std::string_view collection) const;
  /// Ids that were made so far; grows with each call.
  std::uint64_t next_number() { return ++numbers_; }
  void clear();

 private:
  struct Entry {
    std::uint64_t order = 0;
    StoredObject object;
  };
  std::map<std::string, Entry, std::less<>> objects_;
  std::map<std::uint64_t, std::string> by_age_;
  std::uint64_t numbers_ = 0;
  std::uint64_t orders_ = 0;
};

}  // namespace spillway::simulator
