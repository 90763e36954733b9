#pragma once
// The stateful half of the Responses API: what is stored when a response is made, and the calls
// that name one. Known only to its endpoint, and after the replication lag.

#include "simulator/answers.hpp"
#include "simulator/api.hpp"
#include "simulator/stored_objects.hpp"

#include <optional>
#include <string>

namespace spillway::simulator {

class ResponsesApi {
 public:
  ResponsesApi(StoredObjects& objects, milliseconds replication_lag)
      : objects_(objects), replication_lag_(replication_lag) {}

  /// Answers a create call and remembers it unless `store` is false.
  Reply create(const Question& question, const Sight& sight);

  /// Get (also as a resumed stream), delete, cancel, input items.
  Reply act(const Request& request, const Call& call, Sight& sight);

  static Reply count_input_tokens(const Question& question);
  static Reply compact(const Question& question);

 private:
  void remember(const Question& question, const Reply& reply, const Sight& sight);
  static Reply cancel(StoredObject& object);

  StoredObjects& objects_;
  milliseconds replication_lag_;
};

}  // namespace spillway::simulator
