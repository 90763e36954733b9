#pragma once
// Reads HTTP/1.1 messages from a stream, one after the other. Beast's parser is the tokeniser of heads
// and is driven by hand; framing is ours (framing_rules, chunked_decoder). The caller sets deadlines
// by closing the stream. Bytes read beyond a message stay for the next.

#include <spillway/base/result.hpp>
#include <spillway/http/chunked_decoder.hpp>
#include <spillway/http/limits.hpp>
#include <spillway/http/message.hpp>
#include <spillway/net/stream.hpp>
#include <spillway/net/task.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace spillway::http {

class MessageReader {
 public:
  /// `side`: whose bytes these are; decides the faults (client: bad_request, client_gone; upstream:
  /// upstream_malformed, upstream_closed).
  MessageReader(net::Stream& stream, Limits limits, base::Side side);

  /// The next request's head. An end of stream before its first byte is client_gone with the detail
  /// "closed between requests". Up to two leading CRLFs are skipped (RFC 9112 §2.2).
  net::Task<base::Result<RequestHead>> read_request_head();

  /// The final response's head; 1xx are counted and dropped, but 101 is final.
  net::Task<base::Result<ResponseHead>> read_response_head(std::string_view request_method);

  /// The next bytes of the current message's body, as they came, without chunk framing; an empty
  /// view is its end. Valid until the next call. One read of the stream at most, and only if nothing
  /// is buffered: back-pressure is not calling this.
  net::Task<base::Result<std::string_view>> read_body_piece();

  /// What of the body is already buffered, without waiting; empty: nothing (or the end, see
  /// is_body_done).
  base::Result<std::string_view> take_buffered_body();
  [[nodiscard]] bool is_body_done() const;

  /// Bytes that came from elsewhere (net::ReadAhead) and stand before what the stream will give.
  void push_back_input(std::string_view bytes);
  /// Bytes read but not consumed: of the next message, if this one is done.
  [[nodiscard]] std::string_view buffered() const;
  /// Whether any byte was read since the last head was begun; "closed before any byte" needs it.
  [[nodiscard]] bool has_begun() const { return has_begun_; }
  /// Gives the buffer's memory back while idle; a no-op while bytes are held.
  void release_memory();

 private:
  net::Stream& stream_;
  Limits limits_;
  base::Side side_;
  bool has_begun_ = false;
  // The rest is the module's own.
};

}  // namespace spillway::http
