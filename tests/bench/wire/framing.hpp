#pragma once
// Where an HTTP/1.1 message ends, by Content-Length or chunks, and nothing more: what load, backend
// and floor need to know of it. Trusts what it reads.

#include <cstddef>
#include <string>
#include <string_view>

namespace spillway::bench {

class Framing {
 public:
  enum class Kind { request, response };

  explicit Framing(Kind kind) : kind_(kind) {}

  /// Takes some of the message from the front of `input`; returns what of it is body, maybe
  /// nothing.
  std::string_view take(std::string_view& input);
  /// Takes all of the message that is in `input`, from its front.
  void skip(std::string_view& input);
  void restart();

  [[nodiscard]] bool is_whole() const { return state_ == State::whole; }
  /// Nothing of the message has come yet.
  [[nodiscard]] bool is_fresh() const { return state_ == State::head && head_.empty(); }
  [[nodiscard]] bool is_head_whole() const { return state_ != State::head; }
  /// Up to the empty line, once it has come.
  [[nodiscard]] std::string_view head() const { return head_; }
  /// Of a response.
  [[nodiscard]] unsigned status() const;

 private:
  enum class State { head, counted, until_close, chunk_size, chunk, chunk_end, trailer, whole };

  void take_head(std::string_view& input);
  void judge_head();
  void take_size_line(std::string_view& input);
  void take_trailer(std::string_view& input);

  Kind kind_;
  State state_ = State::head;
  std::string head_;
  std::size_t left_ = 0;        // of the body or chunk
  bool is_size_over_ = false;   // in a chunk's extension
  std::size_t line_bytes_ = 0;  // of a trailer line
};

/// The value of the first field of this name (lower case) in a head; empty if there is none.
std::string_view field_in(std::string_view head, std::string_view name);

}  // namespace spillway::bench
