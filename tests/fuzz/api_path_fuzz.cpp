// Any target: what is accepted is unambiguous, carries no credential, and takes another deployment
// name exactly where it stands.

#include <spillway/aoai/api_path.hpp>
#include <spillway/aoai/query.hpp>

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void check_accepted(const spillway::aoai::ApiPath& path) {
  const std::string_view target = path.canonical_target;
  if (!target.starts_with("/openai/")) std::abort();
  const std::string_view raw_path = target.substr(0, target.find('?'));
  if (raw_path.find("//") != std::string_view::npos) std::abort();
  if (raw_path.find("/../") != std::string_view::npos) std::abort();
  const auto mark = target.find('?');
  const auto query = mark == std::string_view::npos ? "" : target.substr(mark + 1);
  if (spillway::aoai::find_query_value(query, "api-key").count != 0) std::abort();
  if (spillway::aoai::find_query_value(query, "authorization").count != 0) std::abort();
  if (path.deployment_offset + path.deployment_length > target.size()) std::abort();
  if (path.deployment_length == 0) return;

  const auto renamed = spillway::aoai::upstream_target(path, "", "other dep");
  const auto again = spillway::aoai::parse_api_path("POST", renamed);
  if (!again || again->deployment != "other dep") std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view target(reinterpret_cast<const char*>(data), size);
  (void)spillway::aoai::redacted_target(target);
  const auto path = spillway::aoai::parse_api_path("POST", target);
  if (path) check_accepted(*path);
  return 0;
}
