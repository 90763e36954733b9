#pragma once
// A port of 127.0.0.1 whose answers are known beforehand: the next connection's request is noted
// and answered with the next of them, then the connection is closed. On a thread of its own.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace spillway::support {

class ScriptedServer {
 public:
  explicit ScriptedServer(std::vector<std::string> answers);
  /// Ends the listening at once, whatever was not asked for.
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  /// `http://127.0.0.1:PORT`
  [[nodiscard]] std::string url() const;
  /// What was received so far, whole requests in order.
  [[nodiscard]] std::vector<std::string> requests() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// An answer with a body of JSON.
std::string json_answer(const std::string& status_line_rest, const std::string& body,
                        const std::string& more_fields = "");

}  // namespace spillway::support
