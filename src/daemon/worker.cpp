#include <spillway/base/free_memory.hpp>
#include <spillway/base/published.hpp>
#include <spillway/daemon/worker.hpp>
#include <spillway/gateway/session.hpp>
#include <spillway/gateway/tunnel.hpp>
#include <spillway/http/block_cache.hpp>
#include <spillway/net/tcp_stream.hpp>

#include <algorithm>
#include <random>
#include <unordered_set>
#include <utility>
#include <variant>

namespace spillway::daemon {
namespace {

constexpr auto kSweep = std::chrono::seconds(1);
constexpr auto kBetweenHandshakeFailures = std::chrono::seconds(10);
constexpr auto kTellRefusalAgain = std::chrono::seconds(10);

std::uint64_t random_seed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32U) | device();
}

}  // namespace

Worker::Worker(const net::Resolver& resolver, gateway::ProcessState& process,
               std::shared_ptr<const gateway::Snapshot> snapshot, WorkerHooks hooks)
    : hooks_(std::move(hooks)),
      state_(loop_.executor(), resolver, process, random_seed()),
      sessions_(loop_.executor(),
                [this](const std::string& what) {
                  state_.process.escaped_exceptions.fetch_add(1);
                  hooks_.on_trouble("session_failed", what);
                }),
      accepting_(loop_.executor(), failure_hook()),
      chores_(loop_.executor(), failure_hook()) {
  state_.snapshot = std::move(snapshot);
  state_.on_access = hooks_.on_access;
  state_.on_transition = hooks_.on_transition;
  state_.waiting.on_request([this](gateway::ClientConnection connection) {
    sessions_.spawn(gateway::Session::run(state_, std::move(connection)));
  });
  state_.on_handshake_failure = [this](const std::string& peer, const base::Error& error) {
    tell_handshake_failure(peer, error);
  };
}

std::function<void(const std::string&)> Worker::failure_hook() {
  return [this](const std::string& what) {
    state_.process.escaped_exceptions.fetch_add(1);
    hooks_.on_trouble("worker_failed", what);
  };
}

Worker::~Worker() {
  join();
}

base::Result<int> Worker::open(const ListenOn& where) {
  auto acceptor = net::open_acceptor(where.endpoint);
  if (!acceptor) return acceptor.error();
  return add(where, std::move(acceptor.value()));
}

base::Result<int> Worker::adopt(const ListenOn& where, base::Descriptor socket) {
  auto acceptor = net::adopt_acceptor(std::move(socket));
  if (!acceptor) return acceptor.error();
  return add(where, std::move(acceptor.value()));
}

int Worker::add(const ListenOn& where, base::Descriptor acceptor) {
  const int descriptor = acceptor.number();
  auto listening = std::make_shared<Listening>();
  listening->name = where.name;
  listening->tls = where.tls;
  net::ListenerHooks hooks;
  hooks.on_accept = [this, of = listening.get()](net::Accepted accepted) {
    accept(std::move(accepted), of->tls);
  };
  hooks.on_trouble = [this](const std::string& what) { hooks_.on_trouble("accept_failed", what); };
  hooks.on_out_of_descriptors = [this] {
    state_.process.limit_hits.count(gateway::Limit::descriptors);
  };
  listening->listener = std::make_unique<net::Listener>(loop_.executor(), state_.wheel,
                                                        std::move(acceptor), std::move(hooks));
  opened_.push_back(std::move(listening));
  return descriptor;
}

void Worker::accept(net::Accepted accepted, const std::shared_ptr<const net::TlsContext>& tls) {
  const auto security = tls ? gateway::Security::tls : gateway::Security::plain;
  auto admitted = gateway::admit_connection(state_.process, state_.snapshot->configuration.limits,
                                            accepted.peer.address(), security);
  if (const auto* limit = std::get_if<gateway::Limit>(&admitted)) {
    refuse(std::move(accepted.socket), *limit, security);
    return;
  }
  auto& places = std::get<gateway::ConnectionPlaces>(admitted);
  if (tls) {
    sessions_.spawn(gateway::Session::run_tls(state_, std::move(accepted), tls, std::move(places)));
    return;
  }
  auto stream = std::make_unique<net::TcpStream>(loop_.executor(), std::move(accepted.socket),
                                                 base::Side::client);
  state_.waiting.add(
      gateway::new_connection(state_, std::move(stream), accepted.peer, std::move(places)),
      gateway::Limit::header_timeout);
}

void Worker::refuse(base::Descriptor socket, gateway::Limit limit, gateway::Security security) {
  // Now and then: who is refused must not fill the log.
  const base::SteadyTime now = base::SteadyClock::now();
  if (refusal_told_at_ == base::SteadyTime() || now - refusal_told_at_ >= kTellRefusalAgain) {
    refusal_told_at_ = now;
    std::string what = "the limit of open files";
    if (limit != gateway::Limit::descriptors) {
      what = "limits.";
      what += gateway::name_of(limit);
    }
    what += " is reached; /status counts under limits who is refused";
    hooks_.on_trouble("connection_refused", what);
  }
  // Else the socket closes here.
  if (security == gateway::Security::plain && gateway::can_tell(state_)) {
    sessions_.spawn(gateway::tell_no_place(state_, std::move(socket)));
  }
}

// Callers make them, so they must not fill the log.
void Worker::tell_handshake_failure(const std::string& peer, const base::Error& error) {
  const base::SteadyTime now = base::SteadyClock::now();
  if (now < next_handshake_failure_told_) {
    ++untold_handshake_failures_;
    return;
  }
  next_handshake_failure_told_ = now + kBetweenHandshakeFailures;
  HandshakeFailure failure;
  failure.peer = peer;
  failure.what = error.detail();
  failure.untold = std::exchange(untold_handshake_failures_, 0);
  if (hooks_.on_handshake_failure) hooks_.on_handshake_failure(failure);
}

void Worker::start() {
  // Alive from here on: /livez may be asked before the first tick.
  last_turn_ns_.store(base::SteadyClock::now().time_since_epoch().count());
  listeners_ = std::exchange(opened_, {});
  for (const auto& listening : listeners_)
    accepting_.spawn(accept_from(listening));
  next_sweep_ = base::SteadyClock::now() + kSweep;
  thread_ = std::thread([this] { run(); });
}

// Owns it: a reload may take it out of the list while it still waits.
net::Task<void> Worker::accept_from(std::shared_ptr<Listening> listening) {
  co_await listening->listener->run();
}

void Worker::follow(std::shared_ptr<const gateway::Snapshot> snapshot,
                    std::vector<ListenOn> wanted) {
  loop_.post([this, next = std::move(snapshot), wanted = std::move(wanted),
              opened = std::exchange(opened_, {})] {
    state_.snapshot = next;
    if (state_.is_draining) return;
    close_unwanted(wanted);
    for (const auto& listening : opened) {
      listeners_.push_back(listening);
      accepting_.spawn(accept_from(listening));
    }
    std::unordered_set<const upstream::Target*> targets;
    for (const gateway::BackendRuntime& backend : next->backends)
      targets.insert(backend.target.get());
    state_.connections.keep_only(targets);
  });
}

void Worker::close_unwanted(const std::vector<ListenOn>& wanted) {
  std::erase_if(listeners_, [&](const std::shared_ptr<Listening>& listening) {
    const auto where = std::find_if(wanted.begin(), wanted.end(), [&](const ListenOn& one) {
      return one.name == listening->name;
    });
    if (where != wanted.end()) {
      listening->tls = where->tls;
      return false;
    }
    listening->listener->close();
    return true;
  });
}

// An exception that gets here is a defect of ours; the other sessions of this worker go on.
void Worker::run() {
  for (;;) {
    try {
      loop_.run(net::DeadlineWheel::kTick, [this] { turn(); });
      break;
    } catch (const std::exception& error) {
      state_.process.escaped_exceptions.fetch_add(1);
      hooks_.on_trouble("worker_failed", error.what());
    }
  }
  has_ended_.store(true);
}

void Worker::turn() {
  const base::SteadyTime now = base::SteadyClock::now();
  last_turn_ns_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  state_.wheel.advance(now);
  if (now < next_sweep_) return;
  state_.connections.sweep(now);
  http::trim_blocks();
  base::Seen::forget();  // tokens and keys that were replaced
  next_sweep_ = now + kSweep;
}

base::SteadyTime Worker::last_turn() const {
  return base::SteadyTime(base::Duration(last_turn_ns_.load(std::memory_order_relaxed)));
}

void Worker::drain(gateway::IdleClients idle_clients) {
  loop_.post([this, idle_clients] {
    if (state_.is_draining) return;
    state_.is_draining = true;
    state_.idle_clients = idle_clients;
    for (const auto& listening : listeners_)
      listening->listener->close();
    if (idle_clients == gateway::IdleClients::close) state_.waiting.close_idle();
    state_.waiting.serve_all();             // a last time
    const auto sessions = state_.sessions;  // drain() may end one, which changes the set
    for (gateway::Session* session : sessions)
      session->drain();
    for (gateway::Tunnel* tunnel : state_.tunnels)
      tunnel->drain();
    chores_.spawn(end_when_drained());
  });
}

void Worker::close_idle() {
  loop_.post([this] {
    state_.waiting.close_idle();
    const auto sessions = state_.sessions;  // closing one may change the set
    for (gateway::Session* session : sessions)
      session->close_if_idle();
    base::give_free_memory_back();  // it counts until the system has it
  });
}

void Worker::cut() {
  loop_.post([this] {
    const base::Error reason(base::Fault::shutting_down, base::Side::gateway,
                             "cut at the end of server.drain_timeout");
    for (net::Stream* stream : state_.handshakes)
      stream->close(reason);
    for (gateway::Session* session : state_.sessions)
      session->cut(reason);
  });
}

net::Task<void> Worker::end_when_drained() {
  co_await accepting_.wait_until_empty();
  co_await sessions_.wait_until_empty();
  state_.connections.close_all();
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

}  // namespace spillway::daemon
