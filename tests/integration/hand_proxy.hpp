#pragma once
// An HTTP proxy for tests: answers CONNECT as it is told and then moves bytes to one fixed port of
// 127.0.0.1, whatever name was asked for.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace spillway::integration {

class HandProxy {
 public:
  /// `answer`: to every CONNECT; a tunnel is opened if it is a 200.
  HandProxy(std::uint16_t target_port, std::string answer = "HTTP/1.1 200 OK\r\n\r\n");
  ~HandProxy();
  HandProxy(const HandProxy&) = delete;
  HandProxy& operator=(const HandProxy&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  /// The heads of the requests so far.
  [[nodiscard]] std::vector<std::string> heads() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace spillway::integration
