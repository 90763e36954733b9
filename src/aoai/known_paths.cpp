#include <spillway/aoai/known_paths.hpp>

#include <functional>

namespace spillway::aoai {
namespace {

// The query came through as it was: nothing was taken out of it.
bool has_whole_query(const ApiPath& path, std::string_view target) {
  const auto mark = target.find('?');
  return mark == std::string_view::npos ||
         std::string_view(path.canonical_target).ends_with(target.substr(mark));
}

}  // namespace

base::Result<ApiPath> KnownPaths::parse(std::string_view method, std::string_view target) {
  Known& known = known_[std::hash<std::string_view>{}(target) % known_.size()];
  if (known.target == target && known.method == method && !target.empty()) return known.path;
  auto path = parse_api_path(method, target);
  if (path && target.size() <= kLongestTarget && has_whole_query(path.value(), target)) {
    known = {std::string(method), std::string(target), path.value()};
  }
  return path;
}

}  // namespace spillway::aoai
