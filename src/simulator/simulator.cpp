#include "simulator/simulator.hpp"

#include "simulator/site.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <cstdio>
#include <future>
#include <map>
#include <thread>

namespace spillway::simulator {

struct Simulator::Running {
  explicit Running(const Config& config)
      : work(boost::asio::make_work_guard(loop)), site(loop, config) {}

  /// Until stop() has ended every connection, and with it all work.
  void run() {
    for (;;) {
      try {
        loop.run();
        return;
      } catch (const std::exception& error) {
        std::fprintf(stderr, "spillway-sim: escaped exception: %s\n", error.what());
      }
    }
  }

  boost::asio::io_context loop{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work;
  Site site;
  std::map<std::string, std::string> urls;
  std::map<std::string, std::uint16_t> ports;
  std::thread thread;
};

std::unique_ptr<Simulator> Simulator::start(const Config& config) {
  auto running = std::make_unique<Running>(config);
  running->site.open();
  for (const auto& server : running->site.servers()) {
    running->urls[server->name()] = server->url();
    running->ports[server->name()] = server->port();
  }
  running->thread = std::thread([raw = running.get()] { raw->run(); });
  return std::unique_ptr<Simulator>(new Simulator(std::move(running)));
}

Simulator::Simulator(std::unique_ptr<Running> running) : running_(std::move(running)) {}

Simulator::~Simulator() {
  on_loop([this] { running_->site.stop(); });
  running_->work.reset();
  running_->thread.join();
}

/// Runs the action on the simulator's thread and waits for it; its exception comes back.
void Simulator::on_loop(const std::function<void()>& action) const {
  std::packaged_task<void()> task(action);
  auto done = task.get_future();
  boost::asio::post(running_->loop, [&task] { task(); });
  done.get();
}

std::uint16_t Simulator::port(const std::string& name) const {
  return running_->ports.at(name);
}

std::string Simulator::url(const std::string& name) const {
  return running_->urls.at(name);
}

std::vector<std::string> Simulator::listening() const {
  std::vector<std::string> lines;
  for (const auto& server : running_->site.servers()) {
    lines.push_back(server->name() + " " + running_->urls.at(server->name()));
  }
  return lines;
}

void Simulator::set_fault(const std::string& name, const Fault& fault) {
  on_loop([&] { running_->site.server(name).add_fault(fault); });
}

void Simulator::set_fault(const std::string& name, std::string_view fault) {
  set_fault(name, parse_fault(fault));
}

void Simulator::clear_faults(const std::string& name) {
  on_loop([&] { running_->site.server(name).clear_faults(); });
}

void Simulator::set_chaos(const std::string& name, const Chaos& chaos) {
  on_loop([&] { running_->site.server(name).set_chaos(chaos); });
}

void Simulator::clear_chaos(const std::string& name) {
  on_loop([&] { running_->site.server(name).clear_chaos(); });
}

void Simulator::reset() {
  on_loop([this] { running_->site.reset(); });
}

std::vector<RecordedRequest> Simulator::requests(std::string_view name) const {
  return running_->site.journal().requests(name);
}

std::uint64_t Simulator::count(Event event, const std::string& name) const {
  return running_->site.journal().counted(name, event);
}

bool Simulator::wait_for(Event event, const std::string& name, std::uint64_t count,
                         std::chrono::milliseconds timeout) const {
  return running_->site.journal().wait_for(name, event, count, timeout);
}

std::string Simulator::issue_token(const TokenRequest& request) {
  std::string token;
  with_issuer([&](Issuer& issuer) { token = issuer.issue(request, issuer.now()); });
  return token;
}

void Simulator::revoke_tokens() {
  on_loop([this] { running_->site.issuer().revoke_all(); });
}

void Simulator::rotate_signing_key() {
  on_loop([this] { running_->site.issuer().rotate_key(); });
}

std::string Simulator::mint_token(const MintRequest& request) {
  std::string token;
  with_issuer([&](Issuer& issuer) { token = issuer.mint(request); });
  return token;
}

void Simulator::with_issuer(const std::function<void(Issuer&)>& action) {
  on_loop([&] { action(running_->site.issuer()); });
}

}  // namespace spillway::simulator
