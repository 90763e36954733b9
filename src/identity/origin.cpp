#include <spillway/base/text.hpp>
#include <spillway/identity/origin.hpp>

namespace spillway::identity {
namespace {

base::Error unusable(std::string_view url, std::string_view reason) {
  return {base::Fault::internal, base::Side::gateway,
          "'" + base::json_escape(url, 200) + "' " + std::string(reason) +
              "; an authority is https://HOST or http://HOST"};
}

struct HostAndPort {
  std::string_view host;
  std::string_view port;  // empty: the scheme's own
  bool is_well_formed = true;
};

HostAndPort split_authority(std::string_view authority) {
  if (authority.starts_with('[')) {
    const auto bracket = authority.find(']');
    if (bracket == std::string_view::npos) return {{}, {}, false};
    const std::string_view rest = authority.substr(bracket + 1);
    const bool has_port = rest.starts_with(':');
    return {authority.substr(1, bracket - 1), has_port ? rest.substr(1) : rest,
            rest.empty() || (has_port && rest.size() > 1)};
  }
  const auto colon = authority.find(':');
  if (colon == std::string_view::npos) return {authority, {}, true};
  return {authority.substr(0, colon), authority.substr(colon + 1), colon + 1 < authority.size()};
}

}  // namespace

base::Result<Origin> parse_origin(std::string_view url) {
  constexpr std::string_view https = "https://";
  constexpr std::string_view http = "http://";
  Origin origin;
  origin.is_tls = base::equals_ignoring_case(url.substr(0, https.size()), https);
  const bool is_plain = base::equals_ignoring_case(url.substr(0, http.size()), http);
  if (!origin.is_tls && !is_plain) return unusable(url, "has no scheme that is known");
  const std::string_view rest = url.substr(origin.is_tls ? https.size() : http.size());
  if (rest.find_first_of("@?# \\") != std::string_view::npos) {
    return unusable(url, "holds more than host, port and path");
  }
  const auto slash = rest.find('/');
  const HostAndPort parts = split_authority(rest.substr(0, slash));
  const auto port = parts.port.empty() ? (origin.is_tls ? 443U : 80U)
                                       : base::parse_unsigned(parts.port).value_or(0);
  if (!parts.is_well_formed || parts.host.empty() || port == 0 || port > 65535) {
    return unusable(url, "has no usable host or port");
  }
  origin.host = parts.host;
  origin.port = static_cast<std::uint16_t>(port);
  if (slash != std::string_view::npos) origin.path_prefix = rest.substr(slash);
  while (origin.path_prefix.ends_with('/'))
    origin.path_prefix.pop_back();
  return origin;
}

}  // namespace spillway::identity
