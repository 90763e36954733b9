#include <spillway/base/name_set.hpp>
#include <spillway/base/text.hpp>
#include <spillway/gateway/client_address.hpp>

#include <algorithm>
#include <optional>
#include <vector>

namespace spillway::gateway {
namespace {

using base::equals_ignoring_case;
using base::IpAddress;

bool is_port_suffix(std::string_view text) {
  return text.size() >= 2 && text.size() <= 6 && text.front() == ':' &&
         base::parse_unsigned(text.substr(1));
}

// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`.
std::optional<IpAddress> address_in(std::string_view text) {
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && !is_port_suffix(rest)) return std::nullopt;
    return IpAddress::parse(text.substr(1, end - 1));
  }
  const auto colon = text.find(':');
  const bool is_single = colon != std::string_view::npos && colon == text.rfind(':');
  if (!is_single) return IpAddress::parse(text);
  if (!is_port_suffix(text.substr(colon))) return std::nullopt;
  return IpAddress::parse(text.substr(0, colon));
}

bool is_trusted(const IpAddress& address, const config::Forwarded& rules) {
  return std::any_of(rules.trusted_proxies.begin(), rules.trusted_proxies.end(),
                     [&](const base::IpNetwork& network) { return network.contains(address); });
}

bool is_peer_trusted(const Arrival& arrival, const config::Forwarded& rules) {
  const auto peer = address_in(arrival.peer);
  return peer && is_trusted(*peer, rules);
}

// At separators outside quoted strings, trimmed.
std::vector<std::string_view> split_unquoted(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  bool is_quoted = false;
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_quoted && text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      is_quoted = !is_quoted;
    } else if (text[at] == separator && !is_quoted) {
      pieces.push_back(base::trim(text.substr(start, at - start)));
      start = at + 1;
    }
  }
  pieces.push_back(base::trim(text.substr(start)));
  return pieces;
}

// The address of `for=` in an element of Forwarded; empty where there is none.
std::string_view node_of(std::string_view element) {
  for (const std::string_view pair : split_unquoted(element, ';')) {
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos || !equals_ignoring_case(pair.substr(0, equals), "for")) {
      continue;
    }
    std::string_view node = pair.substr(equals + 1);
    if (node.size() >= 2 && node.front() == '"' && node.back() == '"') {
      node = node.substr(1, node.size() - 2);
    }
    return node;
  }
  return {};
}

// Who passed the request on, in that order: the last is whom our peer got it from.
std::vector<std::string_view> hops_of(std::string_view forwarded_for, std::string_view forwarded) {
  if (!forwarded_for.empty()) return split_unquoted(forwarded_for, ',');
  std::vector<std::string_view> hops;
  if (forwarded.empty()) return hops;
  for (const std::string_view element : split_unquoted(forwarded, ','))
    hops.push_back(node_of(element));
  return hops;
}

std::string behind(const std::string& before, const std::string& last) {
  return before.empty() ? last : before + ", " + last;
}

std::string forwarded_element(const IpAddress& peer, std::string_view proto,
                              std::string_view host) {
  std::string element = "for=";
  if (peer.is_v4()) {
    element += peer.to_text();
  } else {
    element += "\"[";
    element += peer.to_text();
    element += "]\"";
  }
  if (!host.empty()) {
    // A Host that came through has no character that would have to be escaped.
    element += ";host=\"";
    element += host;
    element += '"';
  }
  element += ";proto=";
  element += proto;
  return element;
}

}  // namespace

std::string client_address(const Arrival& arrival, const http::FieldList& fields,
                           const config::Forwarded& rules) {
  const auto peer = address_in(arrival.peer);
  if (!peer) return {};
  IpAddress found = *peer;
  if (!is_trusted(found, rules)) return found.to_text();
  const std::string forwarded_for = fields.join("X-Forwarded-For");
  const std::string forwarded = fields.join("Forwarded");
  const auto hops = hops_of(forwarded_for, forwarded);
  for (auto hop = hops.rbegin(); hop != hops.rend() && is_trusted(found, rules); ++hop) {
    const auto address = address_in(*hop);
    if (!address) break;
    found = *address;
  }
  return found.to_text();
}

http::FieldList forwarded_fields(const Arrival& arrival, const http::RequestHead& head,
                                 const config::Forwarded& rules) {
  http::FieldList fields;
  if (rules.to_backends == config::ToBackends::drop) return fields;
  const bool is_believed = is_peer_trusted(arrival, rules);
  const auto told = [&](std::string_view name) {
    return is_believed ? head.fields.join(name) : std::string();
  };
  const std::string_view proto = arrival.is_encrypted ? "https" : "http";
  const std::string_view host = head.fields.find("Host").value_or("");
  if (const auto peer = address_in(arrival.peer)) {
    fields.add("x-forwarded-for", behind(told("X-Forwarded-For"), peer->to_text()));
    fields.add("forwarded", behind(told("Forwarded"), forwarded_element(*peer, proto, host)));
  }
  const std::string proto_told = told("X-Forwarded-Proto");
  fields.add("x-forwarded-proto", proto_told.empty() ? proto : std::string_view(proto_told));
  const std::string host_told = told("X-Forwarded-Host");
  const std::string_view host_shown = host_told.empty() ? host : std::string_view(host_told);
  if (!host_shown.empty()) fields.add("x-forwarded-host", host_shown);
  const std::string port_told = told("X-Forwarded-Port");
  if (!port_told.empty()) fields.add("x-forwarded-port", port_told);
  return fields;
}

bool is_forwarding_field(std::string_view name) {
  static constexpr auto names = base::make_name_set("forwarded", "x-real-ip");
  return names.contains(name) || base::starts_with_ignoring_case(name, "x-forwarded-");
}

}  // namespace spillway::gateway
