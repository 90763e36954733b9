#include <spillway/http/field_rules.hpp>
#include <spillway/http/head_scanner.hpp>

#include <algorithm>

namespace spillway::http {
namespace {

constexpr char kTlsHandshake = 0x16;

Judged<void> check_first_byte(char first, base::Side side) {
  const bool is_fine = side == base::Side::upstream ? first == 'H' : is_token_char(first);
  if (is_fine) return Judged<void>();
  if (first == kTlsHandshake) return Refusal(400, "a TLS handshake where plain HTTP is spoken");
  if (first == '\r') return Refusal(400, "blank line where a head was to begin");
  return Refusal(400, "first byte is not that of an HTTP/1 message");
}

}  // namespace

std::size_t HeadScanner::last_line_end() const {
  const std::size_t of_head = limits_.header_bytes - 1;
  return line_start_ == 0 ? std::min(of_head, limits_.request_line_bytes + 1) : of_head;
}

Refusal HeadScanner::too_long() const {
  if (last_line_end() < limits_.header_bytes - 1) {
    return {414,
            "start line over the limit of " + std::to_string(limits_.request_line_bytes) + " bytes",
            Bound::request_line};
  }
  return {431,
          "header section over the limit of " + std::to_string(limits_.header_bytes) + " bytes",
          Bound::header_bytes};
}

Judged<std::optional<std::size_t>> HeadScanner::scan(std::string_view held) {
  if (scanned_ == 0 && !held.empty()) {
    if (auto verdict = check_first_byte(held.front(), side_); !verdict) return verdict.error();
  }
  for (;;) {
    const std::size_t end = held.find('\n', scanned_);
    if (std::min(end, held.size()) > last_line_end()) return too_long();
    if (end == std::string_view::npos) {
      scanned_ = held.size();
      return std::optional<std::size_t>();
    }
    if (end == 0 || held[end - 1] != '\r') return Refusal(400, "line ends in a bare LF");
    if (end == line_start_ + 1) return std::optional<std::size_t>(end + 1);
    line_start_ = scanned_ = end + 1;
  }
}

}  // namespace spillway::http
