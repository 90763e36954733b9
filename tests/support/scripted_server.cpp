#include "support/scripted_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <mutex>
#include <thread>
#include <utility>

namespace spillway::support {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

std::size_t length_of_body(const std::string& head) {
  constexpr std::string_view name = "content-length: ";
  const auto at = head.find(name);
  return at == std::string::npos ? 0 : std::stoul(head.substr(at + name.size()));
}

std::string read_request(tcp::socket& socket) {
  std::string text;
  boost::system::error_code error;
  const std::size_t head = asio::read_until(socket, asio::dynamic_buffer(text), "\r\n\r\n", error);
  if (error) return text;
  const std::size_t whole = head + length_of_body(text.substr(0, head));
  while (text.size() < whole && !error) {
    char more[4096];
    const std::size_t came = socket.read_some(asio::buffer(more), error);
    text.append(more, came);
  }
  return text;
}

}  // namespace

struct ScriptedServer::State {
  asio::io_context context{1};
  tcp::acceptor acceptor{context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  std::vector<std::string> answers;
  std::vector<std::string> requests;
  std::mutex mutex;
  std::thread thread;
  bool is_over = false;

  // Nobody holds the lock while he waits for the other side: the test that asks for the requests
  // so far is often the one whose event loop has still to send the next.
  void serve() {
    for (const std::string& answer : answers) {
      boost::system::error_code error;
      tcp::socket socket(context);
      acceptor.accept(socket, error);
      if (error || !begin(socket)) return;
      std::string request = read_request(socket);
      end(std::move(request));
      asio::write(socket, asio::buffer(answer), error);
    }
  }
  bool begin(tcp::socket& socket) {
    const std::lock_guard lock(mutex);
    if (is_over) return false;
    being_read = &socket;
    return true;
  }
  void end(std::string request) {
    const std::lock_guard lock(mutex);
    being_read = nullptr;
    requests.push_back(std::move(request));
  }
  void stop() {
    const std::lock_guard lock(mutex);
    is_over = true;
    boost::system::error_code ignored;
    if (being_read != nullptr) being_read->shutdown(tcp::socket::shutdown_both, ignored);
  }

  tcp::socket* being_read = nullptr;
};

ScriptedServer::ScriptedServer(std::vector<std::string> answers)
    : state_(std::make_unique<State>()) {
  state_->answers = std::move(answers);
  state_->thread = std::thread([state = state_.get()] { state->serve(); });
}

ScriptedServer::~ScriptedServer() {
  state_->stop();
  // A blocked accept ends by a connection.
  boost::system::error_code ignored;
  tcp::socket knock(state_->context);
  knock.connect(state_->acceptor.local_endpoint(), ignored);
  state_->thread.join();
}

std::uint16_t ScriptedServer::port() const {
  return state_->acceptor.local_endpoint().port();
}

std::string ScriptedServer::url() const {
  return "http://127.0.0.1:" + std::to_string(port());
}

std::vector<std::string> ScriptedServer::requests() const {
  const std::lock_guard lock(state_->mutex);
  return state_->requests;
}

std::string json_answer(const std::string& status_line_rest, const std::string& body,
                        const std::string& more_fields) {
  return "HTTP/1.1 " + status_line_rest + "\r\nContent-Type: application/json\r\n" + more_fields +
         "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
}

}  // namespace spillway::support
