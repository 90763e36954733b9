#include <spillway/gateway/address_counts.hpp>

#include <functional>

namespace spillway::gateway {

namespace ip = boost::asio::ip;

std::uint64_t AddressCounts::key_of(const ip::address& address) {
  // 0000:ffff::/32 is no address of anybody (RFC 4291 §2.4), so that the two kinds do not meet.
  constexpr std::uint64_t of_version_4 = 0xFFFF'0000'0000ULL;
  if (address.is_v4()) return of_version_4 | address.to_v4().to_uint();
  const ip::address_v6 wide = address.to_v6();
  if (wide.is_v4_mapped()) return of_version_4 | ip::make_address_v4(ip::v4_mapped, wide).to_uint();
  const auto bytes = wide.to_bytes();
  std::uint64_t prefix = 0;
  for (std::size_t i = 0; i < 8; ++i)
    prefix = (prefix << 8U) | bytes[i];
  return prefix;
}

AddressCounts::Shard& AddressCounts::shard_of(std::uint64_t key) {
  constexpr std::uint64_t spread = 0x9E37'79B9'7F4A'7C15ULL;  // neighbours on different shards
  return shards_[static_cast<std::size_t>((key * spread) >> 60U)];
}

AddressCounts::Seat AddressCounts::take(const ip::address& address, std::uint64_t most) {
  const std::uint64_t key = key_of(address);
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const auto known = shard.seats.find(key);
  const std::uint64_t taken = known == shard.seats.end() ? 0 : known->second;
  if (taken >= most) return {};
  if (taken == 0) {
    shard.seats.emplace(key, 1);
  } else {
    ++known->second;
  }
  return {*this, key};
}

void AddressCounts::leave(std::uint64_t key) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const auto known = shard.seats.find(key);
  if (known != shard.seats.end() && --known->second == 0) shard.seats.erase(known);
}

std::size_t AddressCounts::size() const {
  std::size_t sum = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    sum += shard.seats.size();
  }
  return sum;
}

}  // namespace spillway::gateway
