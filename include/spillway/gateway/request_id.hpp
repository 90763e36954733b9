#pragma once
// The name under which a request is found in logs: the caller's own where it brought one.

#include <spillway/base/random.hpp>
#include <spillway/http/message.hpp>

#include <string>

namespace spillway::gateway {

/// x-ms-client-request-id if it is 1 to 128 visible ASCII characters, else the trace id of a
/// traceparent (W3C Trace Context §3.2), else 32 random hex digits.
std::string request_id_of(const http::FieldList& fields, base::Random& random);

}  // namespace spillway::gateway
