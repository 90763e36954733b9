#pragma once
// The caller's body: held in memory up to `replay_buffer`, so that every attempt can send it;
// beyond that (or beyond `replay_memory` of the process) only its beginning is held and the rest is
// streamed through once.

#include <spillway/base/result.hpp>
#include <spillway/config/configuration.hpp>
#include <spillway/gateway/client_side.hpp>
#include <spillway/gateway/limit_counters.hpp>
#include <spillway/gateway/process_state.hpp>
#include <spillway/http/block_cache.hpp>
#include <spillway/http/message.hpp>
#include <spillway/net/task.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::gateway {

class RequestBody {
 public:
  /// `began`: when the head was there.
  RequestBody(const ClientSide& client, const http::RequestHead& head, const config::Limits& limits,
              ProcessState& process, base::SteadyTime began);
  ~RequestBody();
  RequestBody(const RequestBody&) = delete;
  RequestBody& operator=(const RequestBody&) = delete;

  /// Takes what came with the head. too_large past `max_body`, which is `limit` of the
  /// configuration. Nothing: more has to come, see read().
  std::optional<base::Result<void>> take_buffered(std::uint64_t max_body, Limit limit);
  /// The rest of it, or of the part that may be held.
  net::Task<base::Result<void>> read();
  /// Instead of both, for a request that is refused: takes a small body off the connection, so
  /// that it can be kept. One that is large, or that the caller has not begun to send, is left.
  net::Task<void> drop();

  /// What is held. All of it unless is_streamed().
  [[nodiscard]] std::string_view held() const { return view_; }
  [[nodiscard]] bool is_streamed() const { return is_streamed_; }
  /// Whether another attempt can send the same body.
  [[nodiscard]] bool is_replayable() const { return !has_left_; }
  /// Whether every byte of it was taken off the connection.
  [[nodiscard]] bool is_consumed() const { return client_.reader.is_body_done(); }
  /// The length to announce: known if held whole or if the caller announced it.
  [[nodiscard]] std::optional<std::uint64_t> length() const;
  [[nodiscard]] std::uint64_t received() const { return received_; }

  /// The next bytes after held(), once; empty: the end. From here on it is not replayable.
  net::Task<base::Result<std::string_view>> next_piece();

 private:
  net::Task<base::Result<std::string_view>> read_any_piece();
  net::Task<base::Result<std::string_view>> read_piece();
  [[nodiscard]] bool may_hold(std::uint64_t more);
  [[nodiscard]] bool keep(std::string_view piece);
  void hold(std::string_view piece);
  [[nodiscard]] bool is_read_straight() const;
  net::Task<base::Result<void>> read_straight();
  void set_read_deadline(base::SteadyTime now) const;
  [[nodiscard]] base::Error too_large() const;

  const ClientSide& client_;
  const http::RequestHead& head_;
  const config::Limits& limits_;
  ProcessState& process_;
  base::SteadyTime began_;
  std::string owned_;         // what is held of a body without a length, or of a large one
  http::Block block_;         // of any other
  std::string_view view_;     // what is held, wherever it is
  std::string_view pending_;  // read, but not held: the first of the streamed pieces
  std::uint64_t received_ = 0;
  std::uint64_t reserved_ = 0;
  std::uint64_t max_body_ = 0;
  Limit size_limit_ = Limit::max_request_body;  // what max_body_ is
  base::Duration waited_{};                     // for the client
  bool is_streamed_ = false;
  bool has_left_ = false;
};

}  // namespace spillway::gateway
