#include <spillway/base/text.hpp>
#include <spillway/net/certificate_choice.hpp>

#include <algorithm>

namespace spillway::net {
namespace {

std::vector<std::size_t> having(const std::vector<std::vector<std::string>>& names,
                                const std::string& wanted) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (std::find(names[i].begin(), names[i].end(), wanted) != names[i].end()) found.push_back(i);
  }
  return found;
}

}  // namespace

std::vector<std::size_t> choose_certificates(const std::vector<std::vector<std::string>>& names,
                                             std::string_view server_name) {
  if (server_name.ends_with('.')) server_name.remove_suffix(1);
  const std::string asked = base::to_lower(server_name);
  if (asked.empty()) return {0};
  if (auto exact = having(names, asked); !exact.empty()) return exact;
  const auto dot = asked.find('.');
  if (dot != std::string::npos && dot > 0) {
    if (auto wild = having(names, "*" + asked.substr(dot)); !wild.empty()) return wild;
  }
  return {0};
}

}  // namespace spillway::net
