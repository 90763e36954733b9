#pragma once
// A wait that takes no coroutine of its own: `co_await wait`, and what goes on when it is over is
// handed to whoever ends it. A Task<void> for the same would be a frame to be made and destroyed at
// each wait, and there are several in a request.

#include <spillway/net/continuation.hpp>

#include <boost/asio/async_result.hpp>

#include <utility>

namespace spillway::net {

/// `begin(Continuation)` is called once, when the coroutine that waits is suspended. What it is
/// given is run once, from the event loop.
template <class Begin>
class Wait {
  struct Initiate {
    template <class Handler>
    void operator()(Handler&& handler) {
      (*begin)(Continuation(std::forward<Handler>(handler)));
    }
    Begin* begin;
  };

 public:
  explicit Wait(Begin begin) : begin_(std::move(begin)) {}

  /// What makes it an asynchronous operation of Asio.
  template <class Token>
  auto operator()(Token&& token)
      -> decltype(boost::asio::async_initiate<Token, void()>(std::declval<Initiate>(), token)) {
    return boost::asio::async_initiate<Token, void()>(Initiate{&begin_}, token);
  }

 private:
  Begin begin_;
};

}  // namespace spillway::net
