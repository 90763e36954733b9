#include <spillway/net/ticket_keys.hpp>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>

namespace spillway::net {
namespace {

template <std::size_t size>
bool fill(std::array<unsigned char, size>& bytes) {
  return RAND_priv_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1;
}

std::shared_ptr<const TicketKey> make_key(base::SteadyTime now) {
  auto key = std::make_shared<TicketKey>();
  key->made_at = now;
  const bool is_filled = fill(key->name) && fill(key->cipher_key) && fill(key->mac_key);
  return is_filled ? key : nullptr;
}

}  // namespace

TicketKey::~TicketKey() {
  OPENSSL_cleanse(cipher_key.data(), cipher_key.size());
  OPENSSL_cleanse(mac_key.data(), mac_key.size());
}

void TicketKeys::drop_old(base::SteadyTime now) {
  const auto has_gone = [now](const std::shared_ptr<const TicketKey>& key) {
    return key && now - key->made_at >= 2 * kPeriod;
  };
  if (has_gone(newest_)) newest_.reset();
  if (has_gone(previous_)) previous_.reset();
}

std::shared_ptr<const TicketKey> TicketKeys::sealing() {
  const std::lock_guard lock(mutex_);
  const base::SteadyTime now = clock_.steady_now();
  drop_old(now);
  if (newest_ && now - newest_->made_at < kPeriod) return newest_;
  auto key = make_key(now);
  if (!key) return nullptr;
  previous_ = std::exchange(newest_, std::move(key));
  return newest_;
}

TicketKeys::Opening TicketKeys::opening(
    std::span<const unsigned char, TicketKey::kNameBytes> name) {
  const std::lock_guard lock(mutex_);
  const base::SteadyTime now = clock_.steady_now();
  drop_old(now);
  for (const auto& key : {newest_, previous_}) {
    if (!key || !std::equal(name.begin(), name.end(), key->name.begin())) continue;
    return {key, now - key->made_at < kPeriod};
  }
  return {};
}

}  // namespace spillway::net
