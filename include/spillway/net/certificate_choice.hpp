#pragma once
// Which of a listener's certificates a caller is shown (SNI, RFC 6066 §3). A pure function.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::net {

/// Indexes of those certificates that answer for `server_name`: each that has the very name; if
/// there is none, each with a wildcard for it; if there is none, the first of all, the default.
/// Several are one name's certificates with keys of different kinds, from which OpenSSL takes what
/// the caller can verify.
///
/// `names`: of each certificate, in lower case; at least one certificate. A wildcard is a whole
/// label, the leftmost, and stands for exactly one (RFC 6125 §6.4.3). `server_name` is compared
/// without case and without a dot at its end; empty: the caller named none.
std::vector<std::size_t> choose_certificates(const std::vector<std::vector<std::string>>& names,
                                             std::string_view server_name);

}  // namespace spillway::net
