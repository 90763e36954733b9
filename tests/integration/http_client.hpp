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

/// The body of a stream without what the gateway's question for its usage leaves in it:
/// `"usage":null` on chunks (behaviour §10).
std::string without_null_usage(std::string body);

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

/// The client's side of TLS.
struct Tls {
  std::string ca_file;
  std::string server_name = "localhost";
  std::string certificate_file;  // the client's own; empty: none
  std::string private_key_file;
};

/// As above, over TLS.
Answer send(std::uint16_t port, const Request& request, const Tls& tls);

/// A connection that a test holds. Its members throw std::exception where the connection fails, or
/// where nothing comes for ten seconds.
class Connection {
 public:
  explicit Connection(std::uint16_t port);
  /// With the handshake done.
  Connection(std::uint16_t port, const Tls& tls);
  ~Connection();
  Connection(Connection&&) noexcept;

  /// Writes the request, whole.
  void write(const Request& request);
  void write_raw(std::string_view bytes);
  /// The answer to the oldest request not answered yet; `method` HEAD has no body.
  Answer read(std::string_view method = "POST");
  /// Blocks until the raw bytes received since the last read() hold `text` that often; those bytes.
  std::string read_until(std::string_view text, std::size_t times = 1);
  /// So many raw bytes, which are then forgotten.
  std::string read_bytes(std::size_t size);
  /// All raw bytes until the peer closes.
  std::string read_to_end();
  /// Forgets the raw bytes received so far, or the first of them.
  void drop_received(std::size_t bytes = std::string::npos);
  /// Nothing more will be written; reading goes on.
  void end_sending();
  /// Closes at once. `reset`: with a RST. `unannounced`: TCP only, without TLS's close_notify.
  enum class How { orderly, reset, unannounced };
  void close(How how = How::orderly);

 private:
  friend class HandServer;
  struct State;
  explicit Connection(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// A listening port whose connections the test plays by hand, byte for byte.
class HandServer {
 public:
  HandServer();
  ~HandServer();
  HandServer(const HandServer&) = delete;
  HandServer& operator=(const HandServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  /// `http://127.0.0.1:PORT`
  [[nodiscard]] std::string url() const;
  /// The next connection; throws if none comes for ten seconds.
  Connection accept();
  /// The same with the server's side of TLS; files in PEM. `max_version`: of OpenSSL, such as
  /// TLS1_1_VERSION; 0: any. Throws if the handshake fails.
  Connection accept_tls(const std::string& certificate_file, const std::string& private_key_file,
                        int max_version = 0);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace spillway::integration
