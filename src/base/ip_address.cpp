#include <spillway/base/ip_address.hpp>
#include <spillway/base/text.hpp>

#include <algorithm>
#include <arpa/inet.h>

namespace spillway::base {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr unsigned kMappedBits = 96;
constexpr unsigned kAllBits = 128;

// The bits of byte `index` that belong to a prefix of so many bits.
std::uint8_t mask_of(std::size_t index, unsigned prefix) {
  const auto before = static_cast<unsigned>(index * 8);
  if (prefix >= before + 8) return 0xFF;
  if (prefix <= before) return 0;
  return static_cast<std::uint8_t>(0xFFU << (8 - (prefix - before)));
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.empty() || text.size() >= INET6_ADDRSTRLEN) return std::nullopt;
  const std::string ended(text);
  if (ended.find('\0') != std::string::npos) return std::nullopt;
  IpAddress address;
  if (inet_pton(AF_INET6, ended.c_str(), address.bytes_.data()) == 1) return address;
  std::copy(kMapped.begin(), kMapped.end(), address.bytes_.begin());
  if (inet_pton(AF_INET, ended.c_str(), address.bytes_.data() + kMapped.size()) == 1) {
    return address;
  }
  return std::nullopt;
}

bool IpAddress::is_v4() const {
  return std::equal(kMapped.begin(), kMapped.end(), bytes_.begin());
}

std::string IpAddress::to_text() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = is_v4() ? AF_INET : AF_INET6;
  const std::uint8_t* from = is_v4() ? bytes_.data() + kMapped.size() : bytes_.data();
  return inet_ntop(family, from, text.data(), text.size()) == nullptr ? "" : text.data();
}

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
  const auto slash = text.find('/');
  const std::string_view written = text.substr(0, slash);
  const auto address = IpAddress::parse(written);
  if (!address) return std::nullopt;
  IpNetwork network;
  network.first_ = *address;
  if (slash == std::string_view::npos) return network;

  const auto digits = text.substr(slash + 1);
  const auto bits = digits.size() <= 3 ? parse_unsigned(digits) : std::nullopt;
  const bool is_dotted = written.find(':') == std::string_view::npos;
  const unsigned offset = is_dotted ? kMappedBits : 0;
  if (!bits || *bits > kAllBits - offset) return std::nullopt;
  network.prefix_ = offset + static_cast<unsigned>(*bits);
  for (std::size_t i = 0; i < network.first_.bytes_.size(); ++i) {
    const auto inside = mask_of(i, network.prefix_);
    if ((network.first_.bytes_[i] & inside) != network.first_.bytes_[i]) return std::nullopt;
  }
  return network;
}

bool IpNetwork::contains(const IpAddress& address) const {
  for (std::size_t i = 0; i < address.bytes_.size(); ++i) {
    if ((address.bytes_[i] & mask_of(i, prefix_)) != first_.bytes_[i]) return false;
  }
  return true;
}

}  // namespace spillway::base
