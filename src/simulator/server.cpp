#include "simulator/server.hpp"

#include "simulator/connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <stdexcept>

namespace spillway::simulator {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

std::uint64_t next_connection_number() {
  static std::atomic<std::uint64_t> number{0};
  return ++number;
}

}  // namespace

Server::Server(asio::io_context& loop, Place place, Service& service, Journal& journal)
    : loop_(loop),
      place_(std::move(place)),
      service_(service),
      journal_(journal),
      acceptor_(loop) {}

Server::~Server() = default;

std::string Server::url() const {
  const char* scheme = place_.tls ? "https://" : "http://";
  return scheme + place_.address + ":" + std::to_string(place_.port);
}

void Server::open() {
  try {
    bind();
    listen();
  } catch (const std::exception& error) {
    throw std::runtime_error("spillway-sim: " + place_.name + ": cannot listen on " +
                             place_.address + ":" + std::to_string(place_.port) + ": " +
                             error.what());
  }
}

void Server::bind() {
  const tcp::endpoint where(asio::ip::make_address(place_.address), place_.port);
  acceptor_.open(where.protocol());
  acceptor_.set_option(tcp::acceptor::reuse_address(true));
  acceptor_.bind(where);
  place_.port = acceptor_.local_endpoint().port();
}

void Server::listen() {
  acceptor_.listen();
  is_listening_ = true;
  asio::co_spawn(loop_, accept_connections(), [](const std::exception_ptr&) {});
}

/// The port stays bound without listening, so that nobody else gets it and connecting is refused.
void Server::refuse() {
  if (!is_listening_) return;
  is_listening_ = false;
  error_code ignored;
  acceptor_.close(ignored);
  bind();
}

void Server::stop() {
  is_listening_ = false;
  error_code ignored;
  acceptor_.close(ignored);
  kill_connections();
}

void Server::kill_connections() {
  const auto connections = connections_;
  for (const auto& connection : connections)
    connection->kill();
}

asio::awaitable<void> Server::accept_connections() {
  asio::steady_timer pause(loop_);
  for (;;) {
    error_code failure;
    tcp::socket socket =
        co_await acceptor_.async_accept(loop_, asio::redirect_error(asio::use_awaitable, failure));
    if (!is_listening_ || failure == asio::error::operation_aborted) co_return;
    if (!failure) {
      admit(std::move(socket));
      continue;
    }
    pause.expires_after(std::chrono::milliseconds(50));
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, failure));
  }
}

void Server::admit(tcp::socket socket) {
  const auto connection =
      std::make_shared<Connection>(std::move(socket), place_.tls, *this, next_connection_number());
  connections_.insert(connection);
  journal_.count(place_.name, Event::connected);
  asio::co_spawn(loop_, connection->run(), [this, connection](const std::exception_ptr&) {
    connections_.erase(connection);
    journal_.count(place_.name, Event::disconnected);
  });
}

void Server::add_fault(Fault fault) {
  const auto kind = fault.kind;
  faults_.push_back({std::move(fault)});
  if (acts_on_listener(kind)) refuse();
  if (kind == FaultKind::down) kill_connections();
}

void Server::clear_faults() {
  faults_.clear();
  if (!is_listening_ && acceptor_.is_open()) listen();
}

std::vector<Fault> Server::faults() const {
  std::vector<Fault> all;
  for (const auto& active : faults_) {
    auto fault = active.fault;
    if (fault.times != 0 && active.used >= fault.times) continue;
    if (fault.times != 0) fault.times -= active.used;
    all.push_back(std::move(fault));
  }
  return all;
}

std::optional<std::size_t> Server::matching(const Request& request) const {
  for (std::size_t i = 0; i < faults_.size(); ++i) {
    const auto& [fault, used] = faults_[i];
    if (acts_on_listener(fault.kind)) continue;
    if (fault.times != 0 && used >= fault.times) continue;
    if (!fault.deployment.empty() && fault.deployment != service_.deployment_of(request)) continue;
    if (request.target.find(fault.path_contains) == std::string::npos) continue;
    return i;
  }
  return std::nullopt;
}

std::optional<Fault> Server::fault_for(const Request& request) const {
  if (const auto text = request.header("x-sim-fault")) return parse_fault(*text);
  const auto index = matching(request);
  if (!index) return std::nullopt;
  return faults_[*index].fault;
}

void Server::use_up(const Request& request) {
  if (request.header("x-sim-fault")) return;
  if (const auto index = matching(request)) ++faults_[*index].used;
}

}  // namespace spillway::simulator
