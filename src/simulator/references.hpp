#pragma once
// The ids that a JSON body refers to, and what an endpoint answers that does not know one of them.
// Pure.

#include "simulator/reply.hpp"
#include "simulator/stored_objects.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::simulator {

struct Reference {
  /// Of StoredObjects, e.g. `files/file-1`.
  std::string path;
  std::string id;
  /// The key it stood under.
  std::string param;
};

/// previous_response_id, conversation, file ids of every kind, vector_store_ids, assistant_id,
/// thread_id, container, item_reference; without `known_id`.
std::vector<Reference> references_in(std::string_view body, std::string_view known_id = {});

/// The refusal for the first that is not known.
std::optional<Reply> refuse_references(const std::vector<Reference>& references,
                                       StoredObjects& objects, Sight& sight);

/// 404 in the shape of the model layer: `No thread found with id 'x'.`
Reply object_not_found(std::string_view path, std::string_view id);

}  // namespace spillway::simulator
