#pragma once
// Where a request comes from, also through proxies that are trusted, and what a backend is told of
// it (docs/forwarding.md; RFC 7239). Pure.

#include <spillway/config/configuration.hpp>
#include <spillway/http/message.hpp>

#include <string>
#include <string_view>

namespace spillway::gateway {

/// How a request reached us.
struct Arrival {
  std::string peer;  // of the connection: "address:port"; empty: none
  bool is_encrypted = false;
};

/// The caller's address: the peer's; or, if that is a trusted proxy, the rightmost address of
/// X-Forwarded-For (else of Forwarded) that is none. A member that is no address ends the search,
/// for whatever stands left of it is nobody's word. Empty if the peer has no address.
std::string client_address(const Arrival& arrival, const http::FieldList& fields,
                           const config::Forwarded& rules);

/// What goes to a backend about the way of the request, as `to_backends` wants it: nothing, or
/// X-Forwarded-For, -Proto, -Host, (of a trusted proxy) -Port, and Forwarded. What somebody wrote
/// who is not trusted is not in it.
http::FieldList forwarded_fields(const Arrival& arrival, const http::RequestHead& head,
                                 const config::Forwarded& rules);

/// Whether a field tells of the way of a request: it never passes as it came.
bool is_forwarding_field(std::string_view name);

}  // namespace spillway::gateway
