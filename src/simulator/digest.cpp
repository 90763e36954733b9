#include "simulator/digest.hpp"

#include <spillway/base/text.hpp>

#include <openssl/evp.h>

#include <array>

namespace spillway::simulator {

struct Digest::Context {
  Context() { EVP_DigestInit_ex(raw, EVP_sha256(), nullptr); }
  ~Context() { EVP_MD_CTX_free(raw); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  EVP_MD_CTX* raw = EVP_MD_CTX_new();
};

Digest::Digest() : context_(std::make_unique<Context>()) {}
Digest::~Digest() = default;
Digest::Digest(Digest&& other) noexcept = default;
Digest& Digest::operator=(Digest&& other) noexcept = default;

void Digest::add(std::string_view bytes) {
  EVP_DigestUpdate(context_->raw, bytes.data(), bytes.size());
  bytes_ += bytes.size();
}

std::string Digest::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned length = 0;
  EVP_DigestFinal_ex(context_->raw, hash.data(), &length);
  return base::to_hex(std::string_view(reinterpret_cast<const char*>(hash.data()), length));
}

}  // namespace spillway::simulator
