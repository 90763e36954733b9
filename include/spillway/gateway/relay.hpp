#pragma once
// Passes a backend's answer to the caller as it comes: one read, one write, next read, so that
// back-pressure is the absence of a read. From its first byte on there is no second attempt; if the
// backend breaks off, the caller sees that it did (behaviour §5).

#include <spillway/gateway/attempt.hpp>
#include <spillway/gateway/client_response.hpp>
#include <spillway/gateway/request_context.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace spillway::gateway {

/// What we say of ourselves in the answer's head, as far as the operator lets us.
ClientResponse response_about(const RequestContext& context, const Attempt& attempt);

/// How an answer ended that was broken off for this fault.
telemetry::Ending ending_of(base::Fault fault);

class Relay {
 public:
  /// `when_complete`: what the connection is good for once the answer has reached the caller whole.
  Relay(RequestContext& context, Attempt& attempt, AfterRequest when_complete);

  /// Delivers the answer, gives the connection back or closes it, tells the breaker of a break.
  net::Task<AfterRequest> run();

 private:
  enum class End : std::uint8_t { more, last };  // behind the bytes that are written

  std::optional<base::Result<void>> try_pass_on(std::string_view observed);
  net::Task<base::Result<std::string_view>> next_piece();
  net::Task<base::Result<std::string_view>> next_piece_in_silence(base::Duration silence);
  std::optional<base::Result<void>> try_write(std::string_view bytes, End end);
  net::Task<base::Result<void>> write_own_chunk(std::string_view text);
  net::Task<AfterRequest> break_off(const base::Error& error);
  AfterRequest complete();
  void note_usage();
  void begin();
  [[nodiscard]] base::Result<std::string_view> first_bytes();
  [[nodiscard]] bool is_truncated() const;
  [[nodiscard]] bool is_chunked() const { return framing_.kind == http::Framing::chunked; }

  RequestContext& context_;
  Attempt& attempt_;
  upstream::Exchange& exchange_;
  AnswerObserver& observer_;
  http::BodyFraming framing_;
  AfterRequest when_complete_;
  std::string head_;     // goes out with the first bytes
  bool is_cut_ = false;  // the piece that is passed on is the last, and a false end
  std::string before_;   // of the bytes that are written: a head, a chunk's head
  net::Pieces pieces_;   // of them, what is still to be written
};

}  // namespace spillway::gateway
