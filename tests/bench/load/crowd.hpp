#pragma once
// Clients that take a place and give nothing for it: silent ones, and ones that send a request head
// byte by byte.

#include <spillway/net/task.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>

namespace spillway::bench {

struct CrowdOrder {
  boost::asio::ip::tcp::endpoint gateway;
  unsigned idle = 0;
  unsigned slow = 0;
  std::chrono::milliseconds byte_each{500};  // of the slow ones
};

/// Runs on `loop`, which is of one thread. Whoever is cut off comes back, until close().
class Crowd {
 public:
  Crowd(net::asio::io_context& loop, const CrowdOrder& order);

  void start();
  void close();

  [[nodiscard]] unsigned connected() const { return connected_; }
  /// How often one of them was cut off, by a time limit or otherwise.
  [[nodiscard]] std::uint64_t cut_off() const { return cut_off_; }

 private:
  using Socket = net::asio::basic_stream_socket<net::asio::ip::tcp, net::Executor>;

  net::Task<void> stay(bool is_slow);
  net::Task<void> wait_for_end(Socket& socket);
  net::Task<void> send_slowly(Socket& socket);
  net::Task<void> pause(std::chrono::milliseconds length);

  net::asio::io_context& loop_;
  CrowdOrder order_;
  unsigned connected_ = 0;
  std::uint64_t cut_off_ = 0;
  bool is_over_ = false;
};

}  // namespace spillway::bench
