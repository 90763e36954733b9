#pragma once
// The keys that session tickets are sealed with (RFC 5077, RFC 8446 §4.6.1): random, in memory
// only, wiped when they go. A new one every twelve hours; the one before opens tickets for twelve
// more. They outlive certificates and reloads, so that callers resume over both. Any thread.

#include <spillway/base/clock.hpp>

#include <array>
#include <memory>
#include <mutex>
#include <span>
#include <utility>

namespace spillway::net {

struct TicketKey {
  static constexpr std::size_t kNameBytes = 16;

  TicketKey() = default;
  TicketKey(const TicketKey&) = delete;
  TicketKey& operator=(const TicketKey&) = delete;
  ~TicketKey();

  std::array<unsigned char, kNameBytes> name{};  // stands in the ticket, in the open
  std::array<unsigned char, 32> cipher_key{};    // AES-256-CBC
  std::array<unsigned char, 32> mac_key{};       // HMAC-SHA256
  base::SteadyTime made_at;
};

class TicketKeys {
 public:
  /// How long a key seals, and how long after that it still opens.
  static constexpr base::Duration kPeriod = std::chrono::hours(12);
  /// How long a ticket is good for: no ticket outlives its key.
  static constexpr std::chrono::seconds kTicketLifetime = std::chrono::hours(2);

  /// Keeps a reference.
  explicit TicketKeys(const base::Clock& clock) : clock_(clock) {}

  /// To seal a ticket with now. Null: the system gives no random bytes.
  std::shared_ptr<const TicketKey> sealing();

  struct Opening {
    std::shared_ptr<const TicketKey> key;  // null: nobody's, or one that has gone
    bool is_newest = false;                // else the ticket should be sealed anew
  };
  Opening opening(std::span<const unsigned char, TicketKey::kNameBytes> name);

 private:
  void drop_old(base::SteadyTime now);

  const base::Clock& clock_;
  std::mutex mutex_;
  std::shared_ptr<const TicketKey> newest_;
  std::shared_ptr<const TicketKey> previous_;
};

}  // namespace spillway::net
