#include <spillway/identity/text_digest.hpp>

#include <openssl/evp.h>

#include <memory>
#include <new>

namespace spillway::identity {
namespace {

struct DigestFree {
  void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
};
struct TextDigestFree {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// Looked up once: OpenSSL 3 searches its providers anew each time it is asked for "SHA256".
const EVP_MD* sha256() {
  static const std::unique_ptr<EVP_MD, DigestFree> digest(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  return digest.get();
}

}  // namespace

TextDigest digest_of(std::string_view text) {
  thread_local const std::unique_ptr<EVP_MD_CTX, TextDigestFree> context(EVP_MD_CTX_new());
  TextDigest digest{};
  // They fail for want of memory only; a digest that is not one must never be looked up.
  if (!context || EVP_DigestInit_ex2(context.get(), sha256(), nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), text.data(), text.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) != 1) {
    throw std::bad_alloc();
  }
  return digest;
}

}  // namespace spillway::identity
