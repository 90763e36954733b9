#include <spillway/daemon/listeners.hpp>
#include <spillway/net/acceptor.hpp>

#include <algorithm>
#include <utility>

namespace spillway::daemon {
namespace {

using base::Result;

// Only port 0 can be there several times.
std::string name_of(const config::Address& address, std::size_t occurrence) {
  return address.host + " " + std::to_string(address.port) + " " + std::to_string(occurrence);
}

net::CertificateFiles files_of(const config::CertificateFiles& configured) {
  return {configured.certificate_file, configured.private_key_file};
}

Result<std::shared_ptr<const net::TlsContext>> read_tls(
    const config::Listener& listener, const std::shared_ptr<net::TicketKeys>& tickets) {
  if (!listener.tls) return std::shared_ptr<const net::TlsContext>();
  net::ServerTls settings;
  settings.certificates.push_back(files_of(listener.tls->certificate));
  for (const config::CertificateFiles& further : listener.tls->certificates)
    settings.certificates.push_back(files_of(further));
  settings.client_ca_file = listener.tls->client_ca_file;
  settings.min_version = tls_version(listener.tls->min_version);
  settings.tickets = tickets;
  auto tls = net::TlsContext::for_server(settings);
  if (!tls) return tls.error();
  return std::make_shared<const net::TlsContext>(std::move(tls.value()));
}

}  // namespace

net::TlsVersion tls_version(config::TlsVersion configured) {
  return configured == config::TlsVersion::tls_1_3 ? net::TlsVersion::tls_1_3
                                                   : net::TlsVersion::tls_1_2;
}

Result<void> check_listener_tls(const std::vector<config::Listener>& listeners) {
  for (const config::Listener& listener : listeners) {
    if (auto tls = read_tls(listener, nullptr); !tls) return tls.error();
  }
  return {};
}

std::string url_of(const net::asio::ip::tcp::endpoint& endpoint, bool is_tls) {
  const std::string address = endpoint.address().to_string();
  const std::string host = endpoint.address().is_v6() ? "[" + address + "]" : address;
  return (is_tls ? "https://" : "http://") + host + ":" + std::to_string(endpoint.port());
}

Result<ListenOn> Listeners::prepare_one(const config::Listener& listener, const std::string& name,
                                        const Workers& workers) {
  auto tls = read_tls(listener, tickets_);
  if (!tls) return tls.error();
  ListenOn where;
  where.name = name;
  where.tls = std::move(tls.value());
  const auto known = std::find_if(listened_on_.begin(), listened_on_.end(),
                                  [&](const ListenOn& one) { return one.name == where.name; });
  if (known != listened_on_.end()) {
    where.endpoint = known->endpoint;
    return where;
  }
  if (auto sockets = inherited_.take(listener.address, name); !sockets.empty()) {
    if (auto adopted = adopt(where, std::move(sockets), workers); !adopted) return adopted.error();
    return where;
  }
  auto endpoint = net::reserve_endpoint(listener.address.host, listener.address.port);
  if (!endpoint) return endpoint.error();
  where.endpoint = endpoint.value();
  for (const auto& worker : workers) {
    auto opened = worker->open(where);
    if (!opened) return opened.error();
    opened_[name].push_back(opened.value());
  }
  return where;
}

// Every socket has a worker and every worker a socket: what waits at a socket of its own would
// wait for ever, and a worker without one would do nothing.
Result<void> Listeners::adopt(ListenOn& where, std::vector<base::Descriptor> sockets,
                              const Workers& workers) {
  auto endpoint = net::endpoint_of_listener(sockets.front().number());
  if (!endpoint) return endpoint.error();
  where.endpoint = endpoint.value();
  for (std::size_t i = 0; i < std::max(sockets.size(), workers.size()); ++i) {
    base::Descriptor socket = base::Descriptor::duplicate_of(sockets[i % sockets.size()].number());
    auto adopted = workers[i % workers.size()]->adopt(where, std::move(socket));
    if (!adopted) return adopted.error();
    if (i < sockets.size()) opened_[where.name].push_back(adopted.value());
  }
  return {};
}

Result<void> Listeners::prepare(const std::vector<config::Listener>& wanted,
                                const Workers& workers) {
  std::vector<ListenOn> next;
  opened_.clear();
  for (auto listener = wanted.begin(); listener != wanted.end(); ++listener) {
    const auto same = std::count_if(wanted.begin(), listener, [&](const config::Listener& one) {
      return one.address == listener->address;
    });
    auto where =
        prepare_one(*listener, name_of(listener->address, static_cast<std::size_t>(same)), workers);
    if (!where) {
      for (const auto& worker : workers)
        worker->discard_opened();
      return where.error();
    }
    next.push_back(std::move(where.value()));
  }
  Descriptors descriptors;
  for (const ListenOn& where : next) {
    Descriptors& from = opened_.contains(where.name) ? opened_ : descriptors_;
    descriptors[where.name] = std::move(from[where.name]);
  }
  descriptors_ = std::move(descriptors);
  listened_on_ = std::move(next);
  return {};
}

std::vector<NamedSockets> Listeners::sockets() const {
  std::vector<NamedSockets> sockets;
  for (const auto& [name, descriptors] : descriptors_)
    sockets.push_back({name, descriptors});
  return sockets;
}

std::vector<std::string> Listeners::urls() const {
  std::vector<std::string> urls;
  for (const ListenOn& where : listened_on_)
    urls.push_back(url_of(where.endpoint, where.tls != nullptr));
  return urls;
}

}  // namespace spillway::daemon
