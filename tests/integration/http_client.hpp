#pragma once
// A blocking HTTP client for tests, on Beast's and Asio's own calls: whole exchanges, and
// connections that a test reads piece by piece or breaks off.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spillway::integration {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Answer {
  unsigned status = 0;
  std::map<std::string, std::string> headers;  // names in lower case; the last of each
  std::string body;
  bool is_complete = false;  // ended by its own framing

  [[nodiscard]] std::string header(const std::string& name) const;
};

struct Request {
  std::string method = "POST";
  std::string target;
  Headers headers;
  std::string body;
};

/// How often `what` stands in `text`.
std::size_t count(std::string_view text, std::string_view what);

/// `{"model":…,"messages":[…],…}` with whatever `more` adds (",\"stream\":true").
std::string chat_body(std::string_view model, std::string_view more = "");
/// A chat request on a classic URL with the key "test-key".
Request chat(std::string_view deployment, std::string_view more = "");
/// The same on the v1 surface.
Request chat_v1(std::string_view model, std::string_view more = "");

/// One request on a connection of its own to 127.0.0.1. Never throws: a connection that fails gives
/// status 0 and the reason as body.
Answer send(std::uint16_t port, const Request& request);
Answer get(std::uint16_t port, const std::string& target);

/// A connection that a test holds. Its members throw std::exception where the connection fails.
class Connection {
 public:
  explicit Connection(std::uint16_t port);
  ~Connection();
  Connection(Connection&&) noexcept;

  /// Writes the request, whole.
  void write(const Request& request);
  void write_raw(std::string_view bytes);
  /// The answer to the oldest request not answered yet; `method` HEAD has no body.
  Answer read(std::string_view method = "POST");
  /// Blocks until the raw bytes received since the last read() hold `text` that often; those bytes.
  std::string read_until(std::string_view text, std::size_t times = 1);
  /// All raw bytes until the peer closes.
  std::string read_to_end();
  /// Closes at once. `reset`: with a RST.
  enum class How { orderly, reset };
  void close(How how = How::orderly);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace spillway::integration
