#pragma once
// The certificates of a listener: read from their files, and shown by the name a caller asks for.

#include <spillway/base/result.hpp>
#include <spillway/net/tls_context.hpp>

#include <openssl/ssl.h>

#include <vector>

namespace spillway::net {

/// Gives the context the first of `files` as its certificate, and the others by name. Errors name
/// the file.
base::Result<void> use_certificates(SSL_CTX* context, const std::vector<CertificateFiles>& files);

}  // namespace spillway::net
