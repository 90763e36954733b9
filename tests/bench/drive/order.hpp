#pragma once
// What bench_drive is told to do, and the request that follows from it.

#include <cstdint>
#include <string>
#include <vector>

namespace spillway::bench {

struct Order {
  std::uint16_t port = 0;
  bool is_tls = false;
  std::vector<int> processes;  // of the proxy, whose time and memory are taken

  std::string deployment = "chat";
  std::string operation = "chat/completions";
  std::size_t body_bytes = 1000;
  bool is_stream = false;
  std::string credential = "api-key: bench-key";  // a whole field

  unsigned connections = 64;
  double warm_up_s = 0.3;
  double seconds = 1;
  double stagger_s = 0;          // the connections begin within this time, not all at once
  double rate = 0;               // requests a second, whether answered or not; 0: one after another
  bool reconnects = false;       // a connection for each request
  unsigned idle = 0;             // so many connections more, which made one request and then wait
  unsigned refused_percent = 0;  // of the requests are refused at the first attempt
  unsigned refused_status = 429;
};

/// The text of a request. One with a number is refused once, see Answers::next.
std::string request_text(const Order& order, std::uint32_t number);

}  // namespace spillway::bench
