#include "simulator/stored_objects.hpp"

namespace spillway::simulator {

StoredObject& StoredObjects::put(const std::string& path, StoredObject object) {
  auto& entry = objects_[path];
  if (entry.order == 0) {
    entry.order = ++orders_;
    by_age_[entry.order] = path;
  }
  entry.object = std::move(object);
  if (objects_.size() > kObjectsKept) {
    objects_.erase(by_age_.begin()->second);
    by_age_.erase(by_age_.begin());
  }
  return entry.object;
}

StoredObject* StoredObjects::find(std::string_view path, Sight& sight) {
  const auto found = objects_.find(path);
  if (found == objects_.end() || sight.now < found->second.object.known_from) return nullptr;
  if (sight.hides_ids) {
    sight.has_hidden = true;
    return nullptr;
  }
  return &found->second.object;
}

void StoredObjects::erase(const std::string& path) {
  const auto forget = [this](auto place) {
    by_age_.erase(place->second.order);
    return objects_.erase(place);
  };
  if (const auto found = objects_.find(path); found != objects_.end()) forget(found);
  const auto below = path + "/";
  for (auto place = objects_.lower_bound(below);
       place != objects_.end() && place->first.starts_with(below);)
    place = forget(place);
}

std::vector<std::string> StoredObjects::list(std::string_view collection) const {
  const auto below = std::string(collection) + "/";
  std::map<std::uint64_t, const std::string*> by_order;
  for (auto place = objects_.lower_bound(below);
       place != objects_.end() && place->first.starts_with(below); ++place) {
    const bool is_direct = place->first.find('/', below.size()) == std::string::npos;
    if (is_direct) by_order[place->second.order] = &place->second.object.body;
  }
  std::vector<std::string> bodies;
  for (const auto& [order, body] : by_order)
    bodies.push_back(*body);
  return bodies;
}

void StoredObjects::clear() {
  objects_.clear();
  by_age_.clear();
}

}  // namespace spillway::simulator
