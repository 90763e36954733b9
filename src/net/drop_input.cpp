#include <spillway/net/drop_input.hpp>

#include <array>

namespace spillway::net {

Task<void> drop_input(Stream& stream, std::size_t most) {
  std::array<char, 4096> dropped{};
  std::size_t total = 0;
  while (total < most) {
    const auto bytes = co_await read_some(stream, asio::buffer(dropped));
    if (!bytes || bytes.value() == 0) break;
    total += bytes.value();
  }
}

}  // namespace spillway::net
