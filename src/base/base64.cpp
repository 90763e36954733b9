#include <spillway/base/base64.hpp>

#include <cstdint>

namespace spillway::base {

std::string to_base64(std::string_view bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::string_view group = bytes.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t at = 0; at < 3; ++at)
      bits = bits << 8U | (at < group.size() ? static_cast<unsigned char>(group[at]) : 0U);
    for (std::size_t digit = 0; digit < 4; ++digit)
      out += digit <= group.size() ? digits[bits >> (18U - 6U * digit) & 63U] : '=';
  }
  return out;
}

}  // namespace spillway::base
