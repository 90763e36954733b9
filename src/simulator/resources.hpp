#pragma once
// Files, conversations, batches, vector stores, assistants and their kin: made, listed, read,
// changed, cancelled and deleted in the way they all share, known only to their endpoint. Minimal
// but shaped as the real ones.

#include "simulator/config.hpp"
#include "simulator/reply.hpp"
#include "simulator/resource_table.hpp"
#include "simulator/stored_objects.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::simulator {

class Resources {
 public:
  /// Null for a name that no deployment has.
  using FindDeployment = std::function<const Deployment*(const std::string&)>;

  Resources(std::string endpoint, StoredObjects& objects, FindDeployment find)
      : endpoint_(std::move(endpoint)), objects_(objects), find_(std::move(find)) {}

  /// Nothing where the path is no resource's, or takes no such method.
  std::optional<Reply> answer(const Request& request, std::string_view rest, Sight& sight);

 private:
  std::optional<Reply> answer_collection(const Request& request, const ResourcePath& path,
                                         Sight& sight);
  std::optional<Reply> answer_object(const Request& request, const ResourcePath& path,
                                     StoredObject& object);
  std::optional<Reply> act(const Request& request, const ResourcePath& path, StoredObject& object);
  Reply create(const Request& request, const ResourcePath& path);
  Reply create_items(const Request& request, const ResourcePath& path);
  Reply stream_run(const std::string& run, const std::string& thread, const std::string& body);
  [[nodiscard]] Reply list(const ResourcePath& path) const;
  std::string new_id(std::string_view prefix);

  std::string endpoint_;
  StoredObjects& objects_;
  FindDeployment find_;
};

}  // namespace spillway::simulator
