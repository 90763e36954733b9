#pragma once
// IP addresses and networks as values: read from text, compared, written. No sockets, no names.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::base {

/// IPv4 is held in its IPv4-mapped IPv6 form, so that `::ffff:192.0.2.1` and `192.0.2.1` are one.
class IpAddress {
 public:
  /// `192.0.2.1` or `2001:db8::1`; no brackets, port, zone or blanks.
  static std::optional<IpAddress> parse(std::string_view text);

  [[nodiscard]] bool is_v4() const;
  /// As RFC 5952 writes it; IPv4 with dots.
  [[nodiscard]] std::string to_text() const;

  friend bool operator==(const IpAddress&, const IpAddress&) = default;

 private:
  friend class IpNetwork;
  std::array<std::uint8_t, 16> bytes_{};
};

/// An address, or all that begin alike.
class IpNetwork {
 public:
  /// `10.0.0.0/8`, `fd00::/8`, or an address alone. Nothing if bits are set behind the prefix: it
  /// would not be clear which network was meant.
  static std::optional<IpNetwork> parse(std::string_view text);

  [[nodiscard]] bool contains(const IpAddress& address) const;

  friend bool operator==(const IpNetwork&, const IpNetwork&) = default;

 private:
  IpAddress first_;
  unsigned prefix_ = 128;  // of the mapped form
};

}  // namespace spillway::base
