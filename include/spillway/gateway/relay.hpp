#pragma once
// Passes a backend's answer to the caller as it comes: one read, one write, next read, so that
// back-pressure is the absence of a read. From its first byte on there is no second attempt; if the
// backend breaks off, the caller sees that it did (behaviour §5).

#include <spillway/aoai/event_stream.hpp>
#include <spillway/gateway/attempt.hpp>
#include <spillway/gateway/request_context.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace spillway::gateway {

class Relay {
 public:
  /// `when_complete`: what the connection is good for once the answer has reached the caller whole.
  Relay(RequestContext& context, Attempt& attempt, AfterRequest when_complete);

  /// Delivers the answer, gives the connection back or closes it, tells the breaker of a break.
  net::Task<AfterRequest> run();

 private:
  net::Task<base::Result<void>> relay_body();
  net::Task<base::Result<void>> write(std::string_view bytes);
  net::Task<AfterRequest> break_off(const base::Error& error);
  [[nodiscard]] base::Result<std::string_view> first_bytes();
  [[nodiscard]] bool is_chunked() const { return framing_.kind == http::Framing::chunked; }

  RequestContext& context_;
  Attempt& attempt_;
  upstream::Exchange& exchange_;
  http::BodyFraming framing_;
  AfterRequest when_complete_;
  bool is_event_stream_ = false;
  aoai::EventStream events_;
  std::string head_;  // goes out with the first bytes
};

}  // namespace spillway::gateway
