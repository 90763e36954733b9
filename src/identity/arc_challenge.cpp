#include <spillway/base/text.hpp>
#include <spillway/identity/arc_challenge.hpp>
#include <spillway/identity/small_file.hpp>

#include <optional>
#include <string>
#include <utility>

namespace spillway::identity {
namespace {

base::Error refused(std::string detail) {
  return {base::Fault::internal, base::Side::gateway, std::move(detail)};
}

// The value of realm, with or without quotes.
std::optional<std::string_view> realm_of(std::string_view challenge) {
  constexpr std::string_view scheme = "Basic realm=";
  challenge = base::trim(challenge);
  if (!base::equals_ignoring_case(challenge.substr(0, scheme.size()), scheme)) return std::nullopt;
  std::string_view realm = challenge.substr(scheme.size());
  if (realm.size() >= 2 && realm.front() == '"' && realm.back() == '"') {
    realm = realm.substr(1, realm.size() - 2);
  }
  return realm;
}

}  // namespace

base::Result<std::filesystem::path> read_arc_challenge(base::FieldView headers,
                                                       const std::filesystem::path& directory) {
  const auto field = base::find_field(headers, "www-authenticate");
  const auto realm = field ? realm_of(*field) : std::nullopt;
  if (!realm || realm->empty()) {
    return refused("Azure Arc's agent answered 401 without naming a key file");
  }
  const std::filesystem::path file{std::string(*realm)};
  const bool is_plain = file.is_absolute() && file.native() == file.lexically_normal().native();
  const bool is_key = file.extension() == ".key" && file.stem() != "";
  if (!is_plain || !is_key || file.parent_path() != directory) {
    return refused("Azure Arc's agent named the key file '" + base::json_escape(*realm, 200) +
                   "', which is not " + directory.string() + "/NAME.key; it was not read");
  }
  return file;
}

base::Result<base::Secret> read_arc_key(const std::filesystem::path& file) {
  auto content = read_small_file(file.string(), kMaxArcKeyBytes, Links::refused);
  if (!content) {
    return refused(content.error().detail() +
                   " (the gateway's user must be in the group himds, or root)");
  }
  base::Secret key = trimmed_visible(*content);
  if (key.empty()) return refused("'" + file.string() + "' holds no key");
  return key;
}

}  // namespace spillway::identity
