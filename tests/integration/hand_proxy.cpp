#include "integration/hand_proxy.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <list>
#include <mutex>
#include <thread>
#include <utility>

namespace spillway::integration {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

void pump(tcp::socket& from, tcp::socket& to) {
  boost::system::error_code error;
  char bytes[16'384];
  while (!error) {
    const std::size_t came = from.read_some(asio::buffer(bytes), error);
    if (error) break;
    asio::write(to, asio::buffer(bytes, came), error);
  }
  to.shutdown(tcp::socket::shutdown_both, error);
  from.shutdown(tcp::socket::shutdown_both, error);
}

}  // namespace

struct HandProxy::State {
  struct Tunnel {
    explicit Tunnel(asio::io_context& context) : client(context), target(context) {}
    tcp::socket client;
    tcp::socket target;
    std::thread thread;
  };

  asio::io_context context{1};
  tcp::acceptor acceptor{context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  std::uint16_t target_port = 0;
  std::string answer;
  std::mutex mutex;
  std::vector<std::string> heads;
  std::list<Tunnel> tunnels;
  bool is_over = false;
  std::thread thread;

  void accept_all() {
    for (;;) {
      boost::system::error_code error;
      tcp::socket socket(context);
      acceptor.accept(socket, error);
      const std::lock_guard lock(mutex);
      if (error || is_over) return;
      Tunnel& tunnel = tunnels.emplace_back(context);
      tunnel.client = std::move(socket);
      tunnel.thread = std::thread([this, &tunnel] { serve(tunnel); });
    }
  }

  void serve(Tunnel& tunnel) {
    boost::system::error_code error;
    std::string head;
    asio::read_until(tunnel.client, asio::dynamic_buffer(head), "\r\n\r\n", error);
    if (error) return;
    {
      const std::lock_guard lock(mutex);
      heads.push_back(head);
    }
    const bool is_open = answer.find(" 200 ") != std::string::npos;
    if (is_open) {
      tunnel.target.connect({asio::ip::address_v4::loopback(), target_port}, error);
    }
    asio::write(tunnel.client, asio::buffer(answer), error);
    if (!is_open || error) {
      tunnel.client.shutdown(tcp::socket::shutdown_both, error);
      return;
    }
    std::thread back([&tunnel] { pump(tunnel.target, tunnel.client); });
    pump(tunnel.client, tunnel.target);
    back.join();
  }
};

HandProxy::HandProxy(std::uint16_t target_port, std::string answer)
    : state_(std::make_unique<State>()) {
  state_->target_port = target_port;
  state_->answer = std::move(answer);
  state_->thread = std::thread([state = state_.get()] { state->accept_all(); });
}

HandProxy::~HandProxy() {
  boost::system::error_code ignored;
  {
    const std::lock_guard lock(state_->mutex);
    state_->is_over = true;
  }
  tcp::socket knock(state_->context);  // a blocked accept ends by a connection
  knock.connect(state_->acceptor.local_endpoint(), ignored);
  state_->thread.join();
  for (auto& tunnel : state_->tunnels) {
    tunnel.client.shutdown(tcp::socket::shutdown_both, ignored);
    tunnel.thread.join();
  }
}

std::uint16_t HandProxy::port() const {
  return state_->acceptor.local_endpoint().port();
}

std::vector<std::string> HandProxy::heads() const {
  const std::lock_guard lock(state_->mutex);
  return state_->heads;
}

}  // namespace spillway::integration
