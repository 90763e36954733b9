#pragma once
// A backend for tests of the wire itself: answers the bytes it was told, whatever they are, and
// keeps what it gets, byte for byte. It reads requests by strict rules of its own (one framing, one
// Host, CRLF, HTTP/1.1, nothing behind the end), so that what leaves the gateway is judged by
// somebody else than the gateway's parser.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace spillway::integration {

class RawBackend {
 public:
  /// What becomes of the connection behind the answer.
  enum class Then : std::uint8_t { keep, close, reset };
  struct Script {
    std::string bytes;
    Then then = Then::keep;
  };

  /// A 200 with a small JSON body that holds `text`, on a connection that is kept.
  static Script ok(const std::string& text);

  explicit RawBackend(Script script = ok("raw"));
  ~RawBackend();
  RawBackend(const RawBackend&) = delete;
  RawBackend& operator=(const RawBackend&) = delete;

  /// For all requests from now on.
  void answer_with(Script script);
  /// `http://127.0.0.1:PORT`
  [[nodiscard]] std::string url() const;

  /// Head and body as they came, in order.
  [[nodiscard]] std::vector<std::string> requests() const;
  /// Which rule a request broke; should stay empty.
  [[nodiscard]] std::vector<std::string> offences() const;
  [[nodiscard]] std::size_t connections() const;
  /// Those that the gateway has closed.
  [[nodiscard]] std::size_t closed_by_gateway() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What is wrong with a request head, its blank line included; empty: nothing. Sets the number of
/// body bytes, or `chunked`.
struct WireVerdict {
  std::string offence;
  std::size_t body_bytes = 0;
  bool is_chunked = false;
};
WireVerdict judge_request_head(const std::string& head);

}  // namespace spillway::integration
