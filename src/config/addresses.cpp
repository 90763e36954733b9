// The address-like half of scalars.hpp: hosts, ports, URLs.

#include "scalars.hpp"
#include <spillway/base/text.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <array>

namespace spillway::config {
namespace {

constexpr std::string_view kAddressForms =
    "write host:port, such as 0.0.0.0:8080, 127.0.0.1:8080, [::1]:8080 or localhost:8080";
constexpr std::string_view kUrlForms =
    "write https://host[:port][/prefix], such as https://contoso-eastus.openai.azure.com";
constexpr std::size_t kMaxHostLength = 253;  // RFC 1035 §2.3.4
constexpr std::size_t kMaxLabelLength = 63;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_alphanumeric(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_ip(int family, std::string_view text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return inet_pton(family, std::string(text).c_str(), bytes.data()) == 1 &&
         text.find('\0') == std::string_view::npos;
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kMaxLabelLength && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), [](char c) {
           return is_alphanumeric(c) || c == '-' || c == '_';
         });
}

bool is_name(std::string_view text) {
  if (text.empty() || text.size() > kMaxHostLength) return false;
  if (text.ends_with('.')) text.remove_suffix(1);
  const auto last_dot = text.rfind('.');
  const auto last = last_dot == std::string_view::npos ? text : text.substr(last_dot + 1);
  // A numeric last label would be read as an IPv4 address by some and as a name by others.
  if (std::all_of(last.begin(), last.end(), is_digit)) return false;
  while (true) {
    const auto dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

struct Authority {
  std::string host;
  std::optional<std::uint16_t> port;
};

// `host`, `host:port`, `[v6]`, `[v6]:port`.
std::optional<Authority> split_authority(std::string_view text) {
  std::string_view host;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    host = text.substr(1, close - 1);
    text.remove_prefix(close + 1);
    if (!is_ip(AF_INET6, host)) return std::nullopt;
  } else {
    host = text.substr(0, text.find(':'));
    text.remove_prefix(host.size());
    if (!is_name(host) && !is_ip(AF_INET, host)) return std::nullopt;
  }
  Authority authority{base::to_lower(host), std::nullopt};
  if (text.empty()) return authority;
  const auto port = parse_number(text.substr(1));
  if (text.front() != ':' || !port || *port > 65535) return std::nullopt;
  authority.port = static_cast<std::uint16_t>(*port);
  return authority;
}

bool is_prefix_character(char c) {
  return is_alphanumeric(c) || c == '/' || c == '-' || c == '.' || c == '_' || c == '~';
}

// What is wrong with a path prefix, which begins with '/' and does not end in one; nothing if fine.
bool is_prefix(std::string_view path) {
  if (!std::all_of(path.begin(), path.end(), is_prefix_character)) return false;
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    if (segment.empty() || segment == "." || segment == "..") return false;
    path.remove_prefix(segment.size());
  }
  return true;
}

Parsed<Url> wrong_url(std::string_view what) {
  return Parsed<Url>::wrong(std::string(what) + "; " + std::string(kUrlForms));
}

}  // namespace

bool is_host(std::string_view text) {
  return is_name(text) || is_ip(AF_INET, text) || is_ip(AF_INET6, text);
}

Parsed<Address> parse_address(std::string_view text) {
  const auto wrong = [](std::string_view what) {
    return Parsed<Address>::wrong(std::string(what) + "; " + std::string(kAddressForms));
  };
  if (is_ip(AF_INET6, text)) return wrong("is IPv6 without brackets and port");
  if (text.starts_with(':') || text.starts_with('*')) {
    return wrong("names no host (every interface is 0.0.0.0 or [::])");
  }
  const auto authority = split_authority(text);
  if (!authority) return wrong("is not an address");
  if (!authority->port) return wrong("has no port");
  return Address{authority->host, *authority->port};
}

Parsed<Url> parse_url(std::string_view text) {
  Url url;
  const auto colon = text.find("://");
  const std::string scheme =
      base::to_lower(text.substr(0, colon == std::string_view::npos ? 0 : colon));
  if (scheme.empty()) return wrong_url("is not a URL");
  if (scheme != "https" && scheme != "http") return wrong_url("is neither https nor http");
  url.is_tls = scheme == "https";
  text.remove_prefix(colon + 3);
  if (text.find_first_of("?#") != std::string_view::npos) {
    return wrong_url("has a query or a fragment");
  }
  const auto slash = std::min(text.find('/'), text.size());
  std::string_view path = text.substr(slash);
  const std::string_view host_and_port = text.substr(0, slash);
  if (host_and_port.find('@') != std::string_view::npos) {
    return wrong_url("carries a user name or password");
  }
  const auto authority = split_authority(host_and_port);
  if (!authority) return wrong_url("has no valid host and port");
  url.host = authority->host;
  url.port = authority->port.value_or(url.is_tls ? 443 : 80);
  if (url.port == 0) return wrong_url("has port 0");
  if (path.ends_with('/')) path.remove_suffix(1);
  if (!is_prefix(path)) {
    return wrong_url(
        "has a path with empty or dot segments, or with other characters than "
        "letters, digits and - . _ ~");
  }
  url.path_prefix = path;
  return url;
}

bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || (host.starts_with("127.") && is_ip(AF_INET, host));
}

Parsed<std::string> parse_authority(std::string_view text) {
  const auto url = parse_url(text);
  if (!url) return Parsed<std::string>::wrong(url.message());
  if (!url->is_tls && !is_loopback(url->host) && url->host != "169.254.169.254") {
    return Parsed<std::string>::wrong(
        "is not https; http is allowed only for loopback addresses and 169.254.169.254");
  }
  if (text.ends_with('/')) text.remove_suffix(1);
  return std::string(text);
}

}  // namespace spillway::config
