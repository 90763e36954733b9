#include <spillway/base/secret.hpp>

#include <openssl/crypto.h>

#include <cstring>
#include <utility>

namespace spillway::base {

// Not OPENSSL_cleanse: a head with a credential goes by at each request, and that took a thousand
// instructions for it.
void wipe(std::string& text) {
  explicit_bzero(text.data(), text.size());
  text.clear();
}

void Secret::wipe() {
  base::wipe(text_);
}

// A moved-from std::string may keep short text inline, so the text is copied and the source wiped.
// NOLINTNEXTLINE(performance-move-constructor-init)
Secret::Secret(Secret&& other) noexcept : text_(other.text_) {
  other.wipe();
}

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) {
    wipe();
    text_ = other.text_;
  }
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    text_ = other.text_;
    other.wipe();
  }
  return *this;
}

Secret::~Secret() {
  wipe();
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace spillway::base
