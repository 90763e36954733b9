#include <spillway/base/published.hpp>

#include <array>
#include <cstddef>

namespace spillway::base {
namespace {

// Several times what a usual configuration has of backends and credentials. Two in one place are
// right all the same, but take the lock each time.
constexpr std::size_t kPlaces = 256;

std::array<Seen, kPlaces>& places() {
  static thread_local std::array<Seen, kPlaces> places;
  return places;
}

}  // namespace

Seen& Seen::at(const void* where) {
  // The high bits of the product depend on all of the address.
  constexpr std::uint64_t golden_ratio = 0x9E3779B97F4A7C15;
  const auto address = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(where));
  return places()[(address * golden_ratio) >> 56U];
}

std::uint64_t Seen::next_stamp() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

void Seen::forget() {
  places().fill({});
}

}  // namespace spillway::base
