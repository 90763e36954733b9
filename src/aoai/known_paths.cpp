#include <spillway/aoai/known_paths.hpp>

#include <functional>

namespace spillway::aoai {
std::size_t KnownPaths::place_of(std::string_view target) {
  return std::hash<std::string_view>{}(target) % kMost;
}

const KnownPaths::Known* KnownPaths::find(std::string_view method, std::string_view target) const {
  const Known& known = known_[place_of(target)];
  const bool is_it = known.target == target && known.method == method && !target.empty();
  return is_it ? &known : nullptr;
}

base::Result<ApiPath> KnownPaths::parse(std::string_view method, std::string_view target) {
  if (const Known* known = find(method, target)) return known->path;
  auto path = parse_api_path(method, target);
  if (path && target.size() <= kLongestTarget && redacted_target(target) == target) {
    known_[place_of(target)] = {std::string(method), std::string(target), path.value()};
  }
  return path;
}

}  // namespace spillway::aoai
