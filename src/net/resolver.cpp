#include <spillway/net/resolver.hpp>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <netdb.h>
#include <sys/socket.h>
#include <thread>
#include <utility>

namespace spillway::net {
namespace {

using base::Error;
using base::Fault;
using base::Side;
using base::SteadyClock;

constexpr auto kRefresh = std::chrono::seconds(30);
constexpr auto kRetry = std::chrono::seconds(5);

Error dns_error(const std::string& host, const std::string& why) {
  return {Fault::dns_failed, Side::upstream, "no address for " + host + ": " + why};
}

boost::asio::ip::address address_of(const addrinfo& entry) {
  using namespace boost::asio::ip;  // NOLINT(google-build-using-namespace)
  if (entry.ai_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(entry.ai_addr);
    return address_v4(ntohl(v4->sin_addr.s_addr));
  }
  const auto* v6 = reinterpret_cast<const sockaddr_in6*>(entry.ai_addr);
  address_v6::bytes_type bytes{};
  std::copy_n(v6->sin6_addr.s6_addr, bytes.size(), bytes.begin());
  return address_v6(bytes, v6->sin6_scope_id);
}

base::Result<Addresses> look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error != 0) return dns_error(host, gai_strerror(error));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);
  Addresses addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_family == AF_INET || entry->ai_family == AF_INET6) {
      addresses.push_back(address_of(*entry));
    }
  }
  if (addresses.empty()) return dns_error(host, "the answer holds none");
  return addresses;
}

struct Known {
  std::shared_ptr<const Addresses> addresses;
  std::string last_error;
  base::SteadyTime next_lookup = base::SteadyTime::min();
  bool was_looked_up = false;
};

}  // namespace

// Shared with the threads, which may outlive the Resolver by the length of one look-up. One for
// each name: a name that takes its time to fail must not keep the others waiting.
struct Resolver::State {
  explicit State(Lookup how) : lookup(std::move(how)) {}

  void keep_resolved(const std::string& host);
  void store(const std::string& host, base::Result<Addresses> result);
  [[nodiscard]] bool has_tried_all() const {
    return std::all_of(known.begin(), known.end(),
                       [](const auto& entry) { return entry.second.was_looked_up; });
  }

  Lookup lookup;
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::string, Known> known;
  bool is_stopping = false;
};

void Resolver::State::store(const std::string& host, base::Result<Addresses> result) {
  Known& entry = known[host];
  entry.was_looked_up = true;
  if (result) {
    entry.addresses = std::make_shared<const Addresses>(std::move(result.value()));
    entry.last_error.clear();
    entry.next_lookup = SteadyClock::now() + kRefresh;
  } else {
    entry.last_error = result.error().detail();
    entry.next_lookup = SteadyClock::now() + kRetry;
  }
  changed.notify_all();
}

void Resolver::State::keep_resolved(const std::string& host) {
  std::unique_lock lock(mutex);
  while (!is_stopping) {
    const base::SteadyTime due = known[host].next_lookup;
    if (due > SteadyClock::now()) {
      changed.wait_until(lock, due);
      continue;
    }
    lock.unlock();
    auto result = lookup(host);
    lock.lock();
    store(host, std::move(result));
  }
}

Resolver::Resolver() : Resolver(look_up) {}

Resolver::Resolver(Lookup lookup) : state_(std::make_shared<State>(std::move(lookup))) {}

Resolver::~Resolver() {
  const std::lock_guard lock(state_->mutex);
  state_->is_stopping = true;
  state_->changed.notify_all();
}

void Resolver::watch(const std::string& host) {
  boost::system::error_code not_a_literal;
  const auto literal = boost::asio::ip::make_address(host, not_a_literal);
  const std::lock_guard lock(state_->mutex);
  const auto [entry, is_new] = state_->known.try_emplace(host);
  if (!is_new) return;
  if (!not_a_literal) {
    entry->second.addresses = std::make_shared<const Addresses>(Addresses{literal});
    entry->second.was_looked_up = true;
    return;
  }
  std::thread([state = state_, host] { state->keep_resolved(host); }).detach();
}

void Resolver::wait_for_first(base::Duration at_most) {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait_for(lock, at_most, [&] { return state_->has_tried_all(); });
}

bool Resolver::has_tried_all() const {
  const std::lock_guard lock(state_->mutex);
  return state_->has_tried_all();
}

base::Result<std::shared_ptr<const Addresses>> Resolver::addresses_of(
    const std::string& host) const {
  const std::lock_guard lock(state_->mutex);
  const auto entry = state_->known.find(host);
  if (entry == state_->known.end()) return dns_error(host, "the name is not watched");
  if (entry->second.addresses) return entry->second.addresses;
  const std::string& why = entry->second.last_error;
  return why.empty() ? dns_error(host, "not looked up yet")
                     : Error(Fault::dns_failed, Side::upstream, why);
}

}  // namespace spillway::net
