#include "digest.hpp"

#include <openssl/sha.h>

namespace spillway::config {

std::string sha256(std::string_view text) {
  std::string bytes(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(bytes.data()));
  return bytes;
}

}  // namespace spillway::config
