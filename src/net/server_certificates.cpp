#include "server_certificates.hpp"

#include "attached.hpp"
#include "certificate_names.hpp"
#include <spillway/net/certificate_choice.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

namespace spillway::net {
namespace {

using base::Error;
using base::Fault;
using base::Result;
using base::Side;

using Context = std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)>;

struct ServerCertificates {
  std::vector<Context> loaded;  // each holds one certificate with its key and chain
  std::vector<std::vector<std::string>> names;
};

Error problem(const std::string& what) {
  return {Fault::tls_failed, Side::gateway, what};
}

Result<void> load(SSL_CTX* context, const CertificateFiles& files) {
  const auto& [certificate_file, private_key_file] = files;
  if (SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1) {
    return problem("certificate_file " + certificate_file +
                   " cannot be used: " + take_openssl_error());
  }
  if (SSL_CTX_use_PrivateKey_file(context, private_key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return problem("private_key_file " + private_key_file + " cannot be used with " +
                   certificate_file + ": " + take_openssl_error());
  }
  if (SSL_CTX_check_private_key(context) != 1) {
    return problem("private_key_file " + private_key_file + " does not fit " + certificate_file +
                   ": " + take_openssl_error());
  }
  return {};
}

Result<void> load_one(ServerCertificates& into, const CertificateFiles& files, int security_level) {
  Context context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context) return problem("TLS cannot be set up: " + take_openssl_error());
  SSL_CTX_set_security_level(context.get(), security_level);
  if (auto loaded = load(context.get(), files); !loaded) return loaded;
  into.names.push_back(dns_names_in(*SSL_CTX_get0_certificate(context.get())));
  into.loaded.push_back(std::move(context));
  if (!into.names.back().empty() || into.names.size() == 1) return {};
  return problem("certificate_file " + files.certificate_file +
                 " has no DNS name (subjectAltName), so no caller can ask for it; a certificate "
                 "without one can only be the listener's first");
}

bool use(SSL* ssl, SSL_CTX* one) {
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(one, static_cast<void*>(&chain));
  constexpr int replace = 1;
  return SSL_use_cert_and_key(ssl, SSL_CTX_get0_certificate(one), SSL_CTX_get0_privatekey(one),
                              chain, replace) == 1;
}

// Called for a full handshake, when the caller's hello has been read.
int show_fitting(SSL* ssl, void*) {
  const ServerCertificates& ours = *Attached<ServerCertificates>::of(ssl);
  const char* asked = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  const auto chosen = choose_certificates(ours.names, asked == nullptr ? "" : asked);
  SSL_certs_clear(ssl);
  // Backwards: of two with the same kind of key the first of the file stays.
  const bool are_used = std::all_of(chosen.rbegin(), chosen.rend(), [&](std::size_t index) {
    return use(ssl, ours.loaded[index].get());
  });
  return are_used ? 1 : 0;
}

}  // namespace

Result<void> use_certificates(SSL_CTX* context, const std::vector<CertificateFiles>& files) {
  if (auto loaded = load(context, files.front()); !loaded) return loaded;
  if (files.size() == 1) return {};
  auto certificates = std::make_unique<ServerCertificates>();
  const int security_level = SSL_CTX_get_security_level(context);
  for (const CertificateFiles& one : files) {
    if (auto loaded = load_one(*certificates, one, security_level); !loaded) return loaded;
  }
  if (!Attached<ServerCertificates>::attach(context, std::move(certificates))) {
    return problem("TLS cannot be set up: " + take_openssl_error());
  }
  SSL_CTX_set_cert_cb(context, show_fitting, nullptr);
  return {};
}

}  // namespace spillway::net
