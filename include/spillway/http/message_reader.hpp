#pragma once
// Reads HTTP/1.1 messages from a stream, one after the other. Heads are head_parser's, framing of
// bodies is ours (framing_rules, chunked_decoder). Waiting holds no memory. The caller sets
// deadlines by closing the stream. Bytes read beyond a message stay for the next.

#include <spillway/base/result.hpp>
#include <spillway/http/chunked_decoder.hpp>
#include <spillway/http/head_scanner.hpp>
#include <spillway/http/input_buffer.hpp>
#include <spillway/http/limits.hpp>
#include <spillway/http/message.hpp>
#include <spillway/http/refusal.hpp>
#include <spillway/net/stream.hpp>
#include <spillway/net/task.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace spillway::http {

/// What has come of the answer to a request that is still being sent.
enum class Heard : std::uint8_t {
  nothing,
  interim,  // 1xx: it asks for more of the request, not for less
  final,    // the head of the final answer has begun, or nothing more will come
};

class MessageReader {
 public:
  /// `side`: whose bytes these are; decides the faults (client: bad_request, client_gone; upstream:
  /// upstream_malformed, upstream_closed). After a failure every later call fails with it: framing
  /// in doubt ends the connection.
  MessageReader(net::Stream& stream, Limits limits, base::Side side);
  MessageReader(const MessageReader&) = delete;
  MessageReader& operator=(const MessageReader&) = delete;

  /// The next request's head. An end of stream before its first byte is client_gone with the detail
  /// "closed between requests". Up to two leading CRLFs are skipped (RFC 9112 §2.2). The body of
  /// the message before must have been read to its end; else Fault::internal.
  net::Task<base::Result<RequestHead>> read_request_head();
  /// The same if all of it is buffered, or enough to fail; else nothing.
  std::optional<base::Result<RequestHead>> take_request_head();

  /// The final response's head, with the interim ones before it but for 100; a 101 is final. Too
  /// many of them, or more bytes of them than one head may have, are refused.
  net::Task<base::Result<ResponseHead>> read_response_head(std::string_view request_method);
  /// Its steps, for who waits in a coroutine of his own. First wait for the stream to be readable
  /// if has_to_wait(); then this reads once. Nothing: go on with read_response_head(). Only where
  /// nothing of the answer can be buffered yet.
  std::optional<base::Result<ResponseHead>> receive_response_head(std::string_view request_method);
  /// Before a read, for who waits holds no memory. False: something is there.
  [[nodiscard]] bool has_to_wait();

  /// The next bytes of the current message's body, as they came, without chunk framing; an empty
  /// view is its end. Valid until the next call. Reads the stream only if nothing is buffered, and
  /// again only if nothing but chunk framing came: back-pressure is not calling this.
  net::Task<base::Result<std::string_view>> read_body_piece();

  /// What of the body is already buffered, without waiting; empty: nothing (or the end, see
  /// is_body_done).
  base::Result<std::string_view> take_buffered_body();
  /// Of a body whose length was announced, and of which nothing is buffered: the next bytes,
  /// straight into `room`, which is not larger than what is left. Gives their number, not 0.
  net::Task<base::Result<std::size_t>> read_body_into(std::span<char> room);
  /// As read_body_piece, but takes from the stream only what is there now: empty and no
  /// is_body_done means that nothing was.
  base::Result<std::string_view> take_available_body();
  [[nodiscard]] bool is_body_done() const { return framing_ == Framing::none; }

  /// The status that answers the refused head or body: 400, 405, 414, 417, 431, 501 or 505; 0 while
  /// nothing was refused. Of use on the client's side; a refused backend is a 502.
  [[nodiscard]] unsigned problem_status() const { return problem_status_; }
  /// The bound that the refused head or body passed, if it is that.
  [[nodiscard]] Bound passed_bound() const { return passed_bound_; }

  /// Bytes that came from elsewhere (net::ReadAhead) and stand before what the stream will give.
  void push_back_input(std::string_view bytes);
  /// Between two messages: takes what the stream has to give now, without waiting. False: it has
  /// ended or failed, which the read that waits will find again.
  bool take_what_is_there();
  /// The same for an answer that may come early (Heard), and sets whole
  /// interim heads aside for read_response_head().
  Heard listen_for_response();
  /// Bytes read but not consumed: of the next message, if this one is done.
  [[nodiscard]] std::string_view buffered() const { return buffer_.view(); }
  /// Whether any byte of a head was there since the last was begun, skipped CRLFs not counted;
  /// "closed before any byte" needs it.
  [[nodiscard]] bool has_begun() const { return has_begun_; }
  /// Gives the buffer's memory back while idle; a no-op while bytes are held.
  void release_memory() { buffer_.release(); }

 private:
  net::Stream& stream_;
  Limits limits_;
  base::Side side_;
  bool has_begun_ = false;

  // The raw bytes of the next head, still in the buffer, once all of them are there.
  base::Result<std::optional<std::string_view>> find_raw_head(HeadScanner& scanner);
  [[nodiscard]] bool take_interim_head();
  void keep_interim(ResponseHead head, std::size_t raw_bytes);
  [[nodiscard]] bool has_too_many_interims() const;
  void skip_blank_lines();
  // The number of bytes that came, 0 at the end of the stream; nothing: wait. Into `elsewhere`; if
  // that is empty, into the buffer, in room for `at_least` bytes.
  std::optional<base::Result<std::size_t>> try_read_stream(std::span<char> elsewhere,
                                                           std::size_t at_least);
  // The same with all the waiting: for where a wait and an attempt were not enough.
  net::Task<base::Result<std::size_t>> read_stream(std::span<char> elsewhere, std::size_t at_least);
  // Where the next bytes are read to.
  [[nodiscard]] net::asio::mutable_buffer room_for(std::size_t at_least);
  // What a read of `came` bytes means for the head; nothing: it goes on.
  std::optional<base::Error> note_head_read(const base::Result<std::size_t>& came);
  // Unless one has begun to come.
  std::optional<base::Error> begin_head();
  // As take_request_head().
  std::optional<base::Result<ResponseHead>> take_response_head(std::string_view request_method);
  template <class Head>
  base::Result<Head> take_head(Judged<Head> judged, std::size_t raw_bytes);
  base::Result<std::string_view> take_chunked();
  // What a read of `came` bytes means for the body: the end of it, or too little of it.
  base::Result<void> note_body_read(const base::Result<std::size_t>& came);

  base::Error refuse(const Refusal& refusal);
  base::Error keep_failure(base::Error error);
  base::Error closed_in_head() const;
  base::Error cut_short(const std::optional<base::Error>& cause) const;

  InputBuffer buffer_;
  std::optional<HeadScanner> scanner_;  // of the head that has begun to come
  Framing framing_ = Framing::none;     // of the body still to be read
  std::uint64_t left_ = 0;              // with Framing::length
  std::optional<ChunkedDecoder> chunks_;
  unsigned blank_lines_ = 0;           // skipped before this head
  std::vector<InterimHead> interims_;  // before the final head that is awaited
  unsigned interim_count_ = 0;         // those that are not kept as well
  std::size_t interim_bytes_ = 0;
  std::size_t room_wanted_;   // for the next read of a body
  bool wants_write_ = false;  // the stream has to write before it can be read on
  unsigned problem_status_ = 0;
  Bound passed_bound_ = Bound::none;
  std::optional<base::Error> failure_;
};

}  // namespace spillway::http
