#pragma once
// How many connections each address holds, over all workers (limits.max_connections_per_address).
// IPv6 counts by /64: that is what one subscriber has. Sharded mutexes, taken when a connection
// comes and goes, never for a request. Only addresses that hold a connection are known.

#include <boost/asio/ip/address.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace spillway::gateway {

class AddressCounts {
 public:
  /// Held by a connection as long as it lives. Without one it was not counted.
  class Seat {
   public:
    Seat() = default;
    Seat(Seat&& other) noexcept
        : counts_(std::exchange(other.counts_, nullptr)), key_(other.key_) {}
    Seat& operator=(Seat&& other) noexcept {
      std::swap(counts_, other.counts_);
      std::swap(key_, other.key_);
      return *this;
    }
    ~Seat() {
      if (counts_ != nullptr) counts_->leave(key_);
    }
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;

    [[nodiscard]] bool is_held() const { return counts_ != nullptr; }

   private:
    friend class AddressCounts;
    Seat(AddressCounts& counts, std::uint64_t key) : counts_(&counts), key_(key) {}

    AddressCounts* counts_ = nullptr;
    std::uint64_t key_ = 0;
  };

  /// No seat if the address holds `most` already. This outlives the seat.
  Seat take(const boost::asio::ip::address& address, std::uint64_t most);
  /// Addresses that hold at least one seat.
  [[nodiscard]] std::size_t size() const;

  /// What counts as one address: an IPv4 address (mapped into IPv6 or not), a /64 of IPv6.
  static std::uint64_t key_of(const boost::asio::ip::address& address);

 private:
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<std::uint64_t, std::uint64_t> seats;
  };
  Shard& shard_of(std::uint64_t key);
  void leave(std::uint64_t key);

  std::array<Shard, 16> shards_;
};

}  // namespace spillway::gateway
