#include <spillway/identity/text_digest.hpp>

#include <openssl/sha.h>

namespace spillway::identity {

// OpenSSL 3 would have a digest reached by way of a provider. That takes a thousand instructions
// more for each key, and 2 % of a small request's time. What is made here is the index of a table,
// and no business of a provider's.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

TextDigest digest_of(std::string_view text) {
  TextDigest digest{};
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, text.data(), text.size());
  SHA256_Final(digest.data(), &context);  // wipes what it kept of the text
  return digest;
}

#pragma GCC diagnostic pop

}  // namespace spillway::identity
