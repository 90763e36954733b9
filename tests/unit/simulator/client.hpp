#pragma once
// A blocking client of the simulator with one connection, for its unit tests.

#include "simulator/config.hpp"
#include "simulator/request.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <string>
#include <vector>

namespace spillway::simulator {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using Response = http::response<http::string_body>;

inline http::request<http::string_body> request_for(http::verb method, const std::string& target,
                                                    const std::string& body) {
  http::request<http::string_body> request(method, target, 11);
  request.set(http::field::host, "sim.test");
  request.body() = body;
  request.prepare_payload();
  return request;
}

class Client {
 public:
  explicit Client(std::uint16_t port) { socket_.connect({asio::ip::address_v4::loopback(), port}); }

  Response send(http::verb method, const std::string& target, const std::string& body = {},
                const std::vector<Header>& headers = {}) {
    start(method, target, body, headers);
    Response response;
    http::read(socket_, buffer_, response, failure_);
    return response;
  }

  void start(http::verb method, const std::string& target, const std::string& body = {},
             const std::vector<Header>& headers = {}) {
    auto request = request_for(method, target, body);
    for (const auto& [name, value] : headers)
      request.insert(name, value);
    http::write(socket_, request);
  }

  /// Everything up to the end of the connection.
  std::string read_to_end() {
    std::string all;
    char piece[4096];
    for (;;) {
      const auto count = socket_.read_some(asio::buffer(piece), failure_);
      if (failure_) return all;
      all.append(piece, count);
    }
  }

  void close() { socket_.close(); }
  [[nodiscard]] error_code failure() const { return failure_; }

 private:
  asio::io_context loop_;
  tcp::socket socket_{loop_};
  boost::beast::flat_buffer buffer_;
  error_code failure_;
};

inline Endpoint endpoint(const std::string& name) {
  Endpoint made;
  made.name = name;
  Deployment chat;
  chat.name = "gpt-4o";
  Deployment embeddings;
  embeddings.name = "embed";
  embeddings.kind = DeploymentKind::embeddings;
  made.deployments = {chat, embeddings};
  return made;
}

}  // namespace spillway::simulator
