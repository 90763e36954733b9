#pragma once
// SHA-256 of a body, as it comes.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace spillway::simulator {

class Digest {
 public:
  Digest();
  ~Digest();
  Digest(Digest&& other) noexcept;
  Digest& operator=(Digest&& other) noexcept;

  void add(std::string_view bytes);
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  /// Lower-case hex of everything added so far. Nothing can be added afterwards.
  std::string finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
  std::uint64_t bytes_ = 0;
};

}  // namespace spillway::simulator
