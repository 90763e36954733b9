#pragma once
// OpenSSL's objects as owning pointers, and what the signing files say when OpenSSL fails.

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace spillway::simulator {

template <auto free_object>
struct FreedBy {
  template <class T>
  void operator()(T* pointer) const {
    free_object(pointer);
  }
};

using KeyHandle = std::unique_ptr<EVP_PKEY, FreedBy<EVP_PKEY_free>>;
using X509Certificate = std::unique_ptr<X509, FreedBy<X509_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreedBy<EVP_MD_CTX_free>>;
using MemoryFile = std::unique_ptr<BIO, FreedBy<BIO_free_all>>;
using BigNumber = std::unique_ptr<BIGNUM, FreedBy<BN_free>>;

[[noreturn]] inline void openssl_failed(const std::string& doing) {
  throw std::runtime_error("spillway-sim: OpenSSL failed: " + doing);
}

}  // namespace spillway::simulator
