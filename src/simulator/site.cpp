#include "simulator/site.hpp"

#include "simulator/control_service.hpp"
#include "simulator/identity_service.hpp"

#include <boost/asio/ssl/context.hpp>

#include <stdexcept>

namespace spillway::simulator {
namespace {

namespace ssl = boost::asio::ssl;

std::shared_ptr<ssl::context> tls_of(const std::string& name,
                                     const std::optional<TlsFiles>& files) {
  if (!files) return nullptr;
  try {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    context->use_certificate_chain_file(files->certificate_file);
    context->use_private_key_file(files->private_key_file, ssl::context::pem);
    return context;
  } catch (const std::exception& error) {
    throw std::runtime_error("spillway-sim: " + name + ": cannot use " + files->certificate_file +
                             " and " + files->private_key_file + ": " + error.what());
  }
}

}  // namespace

Site::Site(boost::asio::io_context& loop, const Config& config) : loop_(loop) {
  for (const auto& endpoint : config.endpoints) {
    auto backend = std::make_unique<BackendService>(endpoint, &issuer_);
    backends_[endpoint.name] = backend.get();
    add({endpoint.name, config.address, endpoint.port, tls_of(endpoint.name, endpoint.tls)},
        std::move(backend));
  }
  if (config.identity) {
    identity_name_ = config.identity->name;
    const auto& identity = *config.identity;
    add({identity_name_, config.address, identity.port, tls_of(identity_name_, identity.tls)},
        std::make_unique<IdentityService>(identity, issuer_));
  }
  if (config.control) {
    add({"control", config.address, config.control->port, nullptr},
        std::make_unique<ControlService>(*this, loop_));
  }
}

Site::~Site() = default;

void Site::add(Server::Place place, std::unique_ptr<Service> service) {
  for (const auto& other : servers_) {
    if (other->name() != place.name) continue;
    throw std::runtime_error("spillway-sim: two endpoints are called '" + place.name + "'");
  }
  servers_.push_back(std::make_unique<Server>(loop_, std::move(place), *service, journal_));
  services_.push_back(std::move(service));
}

void Site::open() {
  for (const auto& server : servers_)
    server->open();
  if (!identity_name_.empty()) issuer_.set_authority(server(identity_name_).url());
}

void Site::stop() {
  is_stopping_ = true;
  for (const auto& server : servers_)
    server->stop();
}

Server& Site::server(const std::string& name) {
  std::string known;
  for (const auto& server : servers_) {
    if (server->name() == name) return *server;
    known += " " + server->name();
  }
  throw std::out_of_range("no endpoint is called '" + name + "'; there are:" + known);
}

void Site::reset() {
  for (const auto& server : servers_)
    server->clear_faults();
  for (const auto& server : servers_)
    server->clear_chaos();
  for (const auto& [name, backend] : backends_)
    backend->reset();
  journal_.clear();
}

std::vector<BackendService::Level> Site::levels(const std::string& endpoint) {
  const auto found = backends_.find(endpoint);
  if (found == backends_.end()) return {};
  return found->second->levels(std::chrono::steady_clock::now());
}

}  // namespace spillway::simulator
