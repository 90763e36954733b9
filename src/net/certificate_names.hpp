#pragma once
// Whom a certificate names.

#include <openssl/types.h>

#include <string>
#include <vector>

namespace spillway::net {

/// Its DNS, URI and e-mail names, or its common names where it has none of these (RFC 6125 §6.4.4).
/// At most 100; names that hold control characters are left out.
std::vector<std::string> names_in(const X509& certificate);

}  // namespace spillway::net
