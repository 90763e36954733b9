#pragma once
// The key files of Azure Arc's challenge: who can read such a file is on the machine. Each is good
// for one request and goes away with it; the rest when the simulator ends.

#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::simulator {

enum class Redeemed { yes, no };

class ArcKeys {
 public:
  explicit ArcKeys(std::string directory) : directory_(std::move(directory)) {}
  ~ArcKeys();
  ArcKeys(const ArcKeys&) = delete;
  ArcKeys& operator=(const ArcKeys&) = delete;

  /// Its path; nothing if it cannot be written. The oldest of more than 16 goes.
  std::optional<std::string> write_one();
  Redeemed redeem(std::string_view content);

 private:
  struct Key {
    std::string file;
    std::string content;
  };

  std::string directory_;
  std::deque<Key> keys_;
};

}  // namespace spillway::simulator
