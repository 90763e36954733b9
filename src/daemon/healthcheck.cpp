#include <spillway/daemon/healthcheck.hpp>
#include <spillway/net/resolver.hpp>
#include <spillway/net/task_group.hpp>
#include <spillway/upstream/fetch.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace spillway::daemon {
namespace {

using base::Error;
using base::Fault;
using base::Result;
using base::Side;

constexpr auto kPatience = std::chrono::seconds(2);

// Somebody who listens on every address is asked on the loopback one.
std::string host_to_ask(const std::string& host) {
  if (host == "0.0.0.0" || host == "localhost") return "127.0.0.1";
  return host == "::" ? "::1" : host;
}

net::Task<void> ask(upstream::Transport& transport, std::shared_ptr<const upstream::Target> target,
                    Result<void>& verdict) {
  upstream::FetchRequest request;
  request.target = "/livez";
  const auto answer = co_await upstream::fetch(transport, std::move(target), request, kPatience);
  if (!answer) {
    verdict = answer.error();
  } else if (answer.value().head.status != 200) {
    verdict = Error(Fault::internal, Side::gateway, "/livez answered " + answer.value().body);
  }
}

}  // namespace

Result<void> check_health(const config::Configuration& configuration) {
  if (!configuration.admin) {
    return Error(Fault::no_route, Side::gateway,
                 "the configuration has no admin address to ask; add admin: { address: … }");
  }
  auto target = std::make_shared<upstream::Target>();
  target->name = "admin";
  target->host = host_to_ask(configuration.admin->address.host);
  target->port = configuration.admin->address.port;
  target->authority = upstream::authority_of(target->host, target->port, 80);
  net::Resolver resolver;
  resolver.watch(target->host);
  resolver.wait_for_first(kPatience);
  net::DeadlineWheel wheel(base::SteadyClock::now());
  net::asio::io_context context(1);  // goes before what its unfinished tasks refer to
  upstream::ConnectionPool connections;
  upstream::Transport transport{context.get_executor(), wheel, resolver, connections};
  Result<void> verdict;
  net::TaskGroup tasks(context.get_executor(), [](const std::string&) {});
  tasks.spawn(ask(transport, target, verdict));
  context.run_for(kPatience);
  if (tasks.size() > 0) {
    return Error(Fault::timed_out, Side::gateway, "the admin port did not answer in two seconds");
  }
  return verdict;
}

}  // namespace spillway::daemon
