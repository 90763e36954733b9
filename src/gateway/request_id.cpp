#include <spillway/base/text.hpp>
#include <spillway/gateway/request_id.hpp>

#include <algorithm>

namespace spillway::gateway {
namespace {

constexpr std::size_t kMaxLength = 128;

bool is_acceptable(std::string_view id) {
  return !id.empty() && id.size() <= kMaxLength &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c < 0x7F && c != '"'; });
}

// "00-<32 hex>-<16 hex>-<2 hex>"; the trace id is the second part.
std::string trace_id_of(std::string_view traceparent) {
  if (traceparent.size() < 55 || traceparent[2] != '-' || traceparent[35] != '-') return {};
  const std::string_view id = traceparent.substr(3, 32);
  const bool is_zero = id.find_first_not_of('0') == std::string_view::npos;
  return base::from_hex(id) && !is_zero ? base::to_lower(id) : std::string();
}

std::string random_id(base::Random& random) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string id(32, '0');
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < id.size(); i += 16) {
    value = random.next();
    for (std::size_t digit = 0; digit < 16; ++digit, value >>= 4U)
      id[i + digit] = digits[value & 0xFU];
  }
  return id;
}

}  // namespace

std::string request_id_of(const http::FieldList& fields, base::Random& random) {
  if (const auto own = fields.find("x-ms-client-request-id"); own && is_acceptable(*own)) {
    return std::string(*own);
  }
  if (const auto traceparent = fields.find("traceparent")) {
    std::string id = trace_id_of(*traceparent);
    if (!id.empty()) return id;
  }
  return random_id(random);
}

}  // namespace spillway::gateway
