// Any bytes as the value of each delay field: the parser must neither crash nor overflow, and what
// it finds must be positive and bounded.
#include <spillway/routing/retry_after.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace spillway;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const base::WallTime now{std::chrono::hours(24 * 365 * 56)};  // in 2025
  for (const std::string_view name :
       {"retry-after-ms", "retry-after", "x-ratelimit-reset-tokens"}) {
    const std::array<base::Field, 1> headers = {{{name, text}}};
    const routing::Delay delay = routing::parse_retry_after(headers, now);
    const bool is_found = delay.source != routing::DelaySource::none;
    if (is_found != (delay.duration > base::Duration::zero())) std::abort();
    if (delay.duration > routing::kLongestDelay) std::abort();
  }
  return 0;
}
