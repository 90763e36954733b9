#pragma once
// Whom a certificate names, and until when.

#include <openssl/types.h>

#include <ctime>
#include <string>
#include <vector>

namespace spillway::net {

/// Its DNS, URI and e-mail names, or its common names where it has none of these (RFC 6125 §6.4.4).
/// At most 100; names that hold control characters are left out.
std::vector<std::string> names_in(const X509& certificate);

/// Its DNS names in lower case, without a dot at the end; at most 1000.
std::vector<std::string> dns_names_in(const X509& certificate);

/// Whether its time is over.
bool has_ended(const X509& certificate, std::time_t now);

}  // namespace spillway::net
