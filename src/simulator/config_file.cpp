#include "simulator/config.hpp"
#include "simulator/config_section.hpp"

#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace spillway::simulator {
namespace {

AdmissionMode read_mode(const Section& section) {
  const auto paygo_node = section.child("paygo");
  const auto ptu_node = section.child("ptu");
  if (paygo_node && ptu_node) section.fail(ptu_node, "has paygo and ptu; one of them");
  if (paygo_node) {
    const Section inner(paygo_node, section.path_of("paygo"),
                        {"tpm", "rpm", "token_window", "request_window"});
    Paygo paygo;
    inner.read("tpm", paygo.tokens_per_minute);
    inner.read("rpm", paygo.requests_per_minute);
    inner.read_duration("token_window", paygo.token_window);
    inner.read_duration("request_window", paygo.request_window);
    return paygo;
  }
  if (ptu_node) {
    const Section inner(ptu_node, section.path_of("ptu"), {"capacity_tokens", "drain_per_second"});
    Ptu ptu;
    inner.read("capacity_tokens", ptu.capacity_tokens);
    inner.read("drain_per_second", ptu.drain_per_second);
    if (ptu.capacity_tokens <= 0 || ptu.drain_per_second <= 0) {
      section.fail(ptu_node, "capacity_tokens and drain_per_second must be above 0");
    }
    return ptu;
  }
  return Unlimited{};
}

Latency read_latency(const Section& section, Latency latency) {
  if (!section.child("latency")) return latency;
  const Section inner(section.child("latency"), section.path_of("latency"),
                      {"first_token", "between_tokens", "jitter"});
  inner.read_duration("first_token", latency.first_token);
  inner.read_duration("between_tokens", latency.between_tokens);
  inner.read_duration("jitter", latency.jitter);
  return latency;
}

DeploymentKind read_kind(const Section& section) {
  static const std::map<std::string_view, DeploymentKind> kKinds{
      {"chat", DeploymentKind::chat},         {"completions", DeploymentKind::completions},
      {"realtime", DeploymentKind::realtime}, {"embeddings", DeploymentKind::embeddings},
      {"images", DeploymentKind::images},     {"audio", DeploymentKind::audio},
      {"speech", DeploymentKind::speech}};
  std::string kind = "chat";
  section.read("kind", kind);
  const auto known = kKinds.find(kind);
  if (known != kKinds.end()) return known->second;
  section.fail(section.child("kind"), "kind '" + kind +
                                          "' is none of chat, completions, embeddings, realtime, "
                                          "images, audio, speech");
}

UsageDetails read_usage(const Section& section) {
  UsageDetails usage;
  if (!section.child("usage")) return usage;
  const Section inner(section.child("usage"), section.path_of("usage"),
                      {"cached_tokens", "reasoning_tokens", "audio_tokens"});
  inner.read("cached_tokens", usage.cached_tokens);
  inner.read("reasoning_tokens", usage.reasoning_tokens);
  inner.read("audio_tokens", usage.audio_tokens);
  return usage;
}

Deployment read_deployment(const YAML::Node& node, const std::string& path, Latency latency) {
  const Section section(node, path,
                        {"name", "model", "kind", "paygo", "ptu", "latency", "answer_tokens",
                         "vector_size", "throttle_headers", "usage"});
  Deployment deployment;
  section.read("name", deployment.name);
  if (deployment.name.empty()) section.fail(node, "needs a name");
  section.read("model", deployment.model);
  deployment.kind = read_kind(section);
  deployment.mode = read_mode(section);
  deployment.latency = read_latency(section, latency);
  section.read("answer_tokens", deployment.answer_tokens);
  deployment.usage = read_usage(section);
  section.read("vector_size", deployment.vector_size);
  section.read("throttle_headers", deployment.throttle_headers);
  return deployment;
}

Endpoint read_endpoint(const YAML::Node& node, const std::string& path) {
  const Section section(node, path,
                        {"name", "port", "region", "tls", "auth", "latency", "replication_lag",
                         "content_encoding", "deployments"});
  Endpoint endpoint;
  section.read("name", endpoint.name);
  if (endpoint.name.empty()) section.fail(node, "needs a name");
  section.read("port", endpoint.port);
  section.read("region", endpoint.region);
  if (section.child("tls")) endpoint.tls = read_tls(section);
  if (section.child("auth")) {
    const Section auth(section.child("auth"), section.path_of("auth"),
                       {"api_keys", "accept_tokens", "audiences"});
    auth.read("api_keys", endpoint.auth.api_keys);
    auth.read("accept_tokens", endpoint.auth.accept_tokens);
    auth.read("audiences", endpoint.auth.audiences);
  }
  section.read("content_encoding", endpoint.content_encoding);
  const auto& coding = endpoint.content_encoding;
  if (!coding.empty() && coding != "gzip" && coding != "deflate")
    section.fail(section.child("content_encoding"), "'" + coding + "' is neither gzip nor deflate");
  section.read_duration("replication_lag", endpoint.replication_lag);
  const auto latency = read_latency(section, {});
  for (const auto& child : section.child("deployments")) {
    endpoint.deployments.push_back(read_deployment(child, section.path_of("deployments"), latency));
  }
  return endpoint;
}

Config read_config(const YAML::Node& root) {
  const Section section(root, "simulator", {"address", "endpoints", "identity", "control"});
  Config config;
  section.read("address", config.address);
  for (const auto& child : section.child("endpoints")) {
    config.endpoints.push_back(read_endpoint(child, "endpoints"));
  }
  if (section.child("identity")) config.identity = read_identity(section.child("identity"));
  if (section.child("control")) {
    const Section inner(section.child("control"), "control", {"port"});
    config.control.emplace();
    inner.read("port", config.control->port);
  }
  return config;
}

}  // namespace

TlsFiles read_tls(const Section& section) {
  const Section inner(section.child("tls"), section.path_of("tls"),
                      {"certificate_file", "private_key_file"});
  TlsFiles files;
  inner.read("certificate_file", files.certificate_file);
  inner.read("private_key_file", files.private_key_file);
  return files;
}

Config parse_config(const std::string& yaml, const std::string& file_name) {
  try {
    return read_config(YAML::Load(yaml));
  } catch (const std::exception& error) {
    throw std::runtime_error(file_name + ": " + error.what());
  }
}

Config load_config(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error(file + ": cannot be read");
  std::ostringstream text;
  text << in.rdbuf();
  return parse_config(text.str(), file);
}

}  // namespace spillway::simulator
