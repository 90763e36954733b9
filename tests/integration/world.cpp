#include "integration/world.hpp"

namespace spillway::integration {
namespace {

simulator::Endpoint endpoint(const std::string& name, const std::string& chat_deployment) {
  simulator::Endpoint made;
  made.name = name;
  made.auth.api_keys = {"backend-key"};
  made.auth.accept_tokens = true;
  simulator::Deployment chat;
  chat.name = chat_deployment;
  simulator::Deployment embeddings;
  embeddings.name = "text-embedding-3-large";
  embeddings.kind = simulator::DeploymentKind::embeddings;
  made.deployments = {chat, embeddings};
  return made;
}

std::string backend(const std::string& name, const std::string& url, const std::string& rest) {
  return "  - { name: " + name + ", url: \"" + url + "\", credential: backend" + rest + " }\n";
}

}  // namespace

simulator::Config usual_config() {
  simulator::Config config;
  config.endpoints = {endpoint("ptu", "gpt-4o-ptu"), endpoint("east", "gpt-4o"),
                      endpoint("west", "gpt-4o")};
  config.identity = simulator::Identity();
  return config;
}

std::unique_ptr<simulator::Simulator> usual_simulator() {
  return simulator::Simulator::start(usual_config());
}

std::string gateway_yaml(const simulator::Simulator& simulator, const GatewayYaml& changes) {
  const std::string mapping =
      ", deployments: { gpt-4o: gpt-4o-ptu, text-embedding-3-large: text-embedding-3-large }";
  std::string yaml = "listeners: [ " + changes.listener + " ]\n";
  yaml += "admin: " + changes.admin + "\n";
  yaml += "credentials: [ " + changes.credential + " ]\n";
  const std::string extra = changes.backend_extra.empty() ? "" : ", " + changes.backend_extra;
  yaml += "backends:\n";
  yaml += backend("ptu", simulator.url("ptu"), mapping + extra);
  yaml += backend("east", simulator.url("east"), extra);
  yaml += backend("west", simulator.url("west"), extra);
  yaml += "pools:\n  - name: default\n    members:\n";
  yaml += "      - { backend: ptu, priority: 1 }\n";
  yaml += "      - { backend: east, priority: 2 }\n";
  yaml += "      - { backend: west, priority: 2 }\n";
  if (!changes.pool_extra.empty()) yaml += "    " + changes.pool_extra + "\n";
  yaml += changes.clients + "\n";
  if (!changes.limits.empty()) yaml += "limits: { " + changes.limits + " }\n";
  yaml += "server: { threads: " + changes.threads + ", drain_timeout: " + changes.drain_timeout +
          (changes.server_extra.empty() ? "" : ", " + changes.server_extra) + " }\n";
  return yaml + changes.more;
}

std::string hand_yaml(const std::string& backend_url, const std::string& more) {
  return "listeners: [ { address: 127.0.0.1:0 } ]\n"
         "credentials: [ { name: key, api_key: backend-key } ]\n"
         "backends: [ { name: hand, url: \"" +
         backend_url +
         "\", credential: key } ]\n"
         "clients: [ { name: app, keys: [ test-key ] } ]\n" +
         more;
}

}  // namespace spillway::integration
