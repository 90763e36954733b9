#include <spillway/base/base64.hpp>
#include <spillway/base/text.hpp>
#include <spillway/upstream/proxy.hpp>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <algorithm>
#include <utility>

namespace spillway::upstream {
namespace {

namespace ip = boost::asio::ip;
using base::Result;

constexpr std::uint16_t kHttpPort = 80;

struct Setting {
  std::string name;
  std::string text;
};

Setting setting(const ProxyRules::Variable& variable, const std::string& name) {
  for (const std::string& spelling : {name, base::to_lower(name)}) {
    auto text = variable ? variable(spelling) : std::nullopt;
    if (text && !text->empty()) return {spelling, std::move(*text)};
  }
  return {name, {}};
}

base::Error unusable(const std::string& name, const std::string& why) {
  return {base::Fault::internal, base::Side::gateway,
          "the environment variable " + name + " " + why +
              "; write http://host:port, or http://user:password@host:port"};
}

// `host`, `host:port`, `[v6]`, `[v6]:port`; without a port it is 0.
std::optional<std::pair<std::string, std::uint16_t>> split_port(std::string_view text) {
  std::string_view host = text;
  std::string_view port;
  if (text.starts_with('[')) {
    const auto bracket = text.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    host = text.substr(1, bracket - 1);
    port = text.substr(bracket + 1);
    if (!port.empty() && (port.front() != ':' || port.size() == 1)) return std::nullopt;
    if (!port.empty()) port.remove_prefix(1);
  } else if (const auto colon = text.find(':');
             colon != std::string_view::npos &&
             text.find(':', colon + 1) == std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (port.empty()) return std::nullopt;
  }
  const auto number = port.empty() ? std::optional<std::uint64_t>(0) : base::parse_unsigned(port);
  if (host.empty() || !number || *number > 65535 || (!port.empty() && *number == 0)) {
    return std::nullopt;
  }
  return std::pair(base::to_lower(host), static_cast<std::uint16_t>(*number));
}

std::optional<ip::address> address_in(const std::string& text) {
  boost::system::error_code error;
  const auto address = ip::make_address(text, error);
  if (error) return std::nullopt;
  return address;
}

// The metadata services, and what is on this machine.
bool is_near(const std::string& host) {
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  const auto address = address_in(host);
  if (!address) return false;
  if (address->is_v6()) return address->is_loopback() || address->to_v6().is_link_local();
  const auto bytes = address->to_v4().to_bytes();
  return address->is_loopback() || (bytes[0] == 169 && bytes[1] == 254);
}

bool is_in_network(const ip::address& address, const std::string& network) {
  boost::system::error_code error;
  if (address.is_v4()) {
    const auto v4 = ip::make_network_v4(network, error);
    return !error && ip::network_v4(address.to_v4(), 32).is_subnet_of(v4);
  }
  const auto v6 = ip::make_network_v6(network, error);
  return !error && ip::network_v6(address.to_v6(), 128).is_subnet_of(v6);
}

bool matches(const std::string& exception, const std::string& host) {
  if (exception == "*") return true;
  if (const auto address = address_in(host)) {
    if (exception.find('/') != std::string::npos) return is_in_network(*address, exception);
    return address_in(exception) == address;
  }
  if (exception.starts_with('.')) return host.ends_with(exception) && host != exception;
  return host == exception || host.ends_with("." + exception);
}

std::string without_last_dot(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  return base::to_lower(host);
}

// Nothing where its percent escapes are wrong.
std::optional<base::Secret> basic_authorization(std::string_view user_info) {
  const auto colon = user_info.find(':');
  const auto user = base::percent_decode(user_info.substr(0, colon));
  const bool has_password = colon != std::string_view::npos;
  auto password = base::percent_decode(has_password ? user_info.substr(colon + 1) : "");
  if (!user || !password) return std::nullopt;
  std::string pair = *user + ":" + *password;
  std::string encoded = base::to_base64(pair);
  base::Secret value("Basic " + encoded);
  base::wipe(pair);
  base::wipe(*password);
  base::wipe(encoded);
  return value;
}

Result<std::shared_ptr<const Proxy>> read_proxy(const Setting& setting) {
  std::string_view rest = setting.text;
  if (const auto scheme = rest.find("://"); scheme != std::string_view::npos) {
    if (!base::equals_ignoring_case(rest.substr(0, scheme), "http")) {
      return unusable(setting.name, "names a proxy that is not spoken to by plain HTTP");
    }
    rest.remove_prefix(scheme + 3);
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  auto proxy = std::make_shared<Proxy>();
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
    auto authorization = basic_authorization(rest.substr(0, at));
    if (!authorization) return unusable(setting.name, "has a malformed % escape");
    proxy->authorization = std::move(*authorization);
    rest.remove_prefix(at + 1);
  }
  const auto where = split_port(rest);
  if (!where || rest.find_first_of("/?# \t") != std::string_view::npos) {
    return unusable(setting.name, "is not a proxy's URL");
  }
  proxy->host = where->first;
  proxy->port = where->second == 0 ? kHttpPort : where->second;
  return std::shared_ptr<const Proxy>(std::move(proxy));
}

}  // namespace

std::string Proxy::address() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<ProxyRules> ProxyRules::read(const Variable& variable) {
  ProxyRules rules;
  Setting proxy = setting(variable, "HTTPS_PROXY");
  if (proxy.text.empty()) return rules;
  auto read = read_proxy(proxy);
  base::wipe(proxy.text);
  if (!read) return read.error();
  rules.proxy_ = std::move(*read);
  const Setting exceptions = setting(variable, "NO_PROXY");
  for (const std::string_view text : base::split_list(exceptions.text))
    rules.exceptions_.push_back(read_exception(text));
  return rules;
}

// What is no host with a port is taken as it is, and then matches nothing but itself.
ProxyRules::Exception ProxyRules::read_exception(std::string_view text) {
  if (text.starts_with("*.")) text.remove_prefix(1);
  const auto split = split_port(text);
  if (!split) return {base::to_lower(text), 0};
  return {without_last_dot(split->first), split->second};
}

std::shared_ptr<const Proxy> ProxyRules::find(std::string_view host, std::uint16_t port) const {
  if (!proxy_) return nullptr;
  const std::string name = without_last_dot(host);
  return is_near(name) || is_excepted(name, port) ? nullptr : proxy_;
}

bool ProxyRules::is_excepted(const std::string& host, std::uint16_t port) const {
  return std::any_of(exceptions_.begin(), exceptions_.end(), [&](const Exception& exception) {
    return (exception.port == 0 || exception.port == port) && matches(exception.text, host);
  });
}

}  // namespace spillway::upstream
