// `backends`: the Azure OpenAI endpoints.

#include "scalars.hpp"
#include "sections.hpp"

#include <algorithm>

namespace spillway::config {
namespace {

constexpr std::size_t kMaxDeploymentLength = 128;

std::optional<Url> read_url(Section& section) {
  const auto value =
      section.require("url", "write one such as https://contoso-eastus.openai.azure.com");
  if (!value) return std::nullopt;
  const auto text = section.reading().text(*value, "a URL");
  if (!text) return std::nullopt;
  auto url = parse_url(*text);
  if (url) return *url;
  // A URL with an @ may carry a password.
  const bool is_showable = value->node->text.find('@') == std::string::npos;
  section.reading().report(*value, (is_showable ? show(*value) + " " : "") + url.message());
  return std::nullopt;
}

void read_backend_tls(Section& backend, const std::optional<Url>& url, BackendTls& out) {
  const auto value = backend.find("tls");
  if (!value) return;
  Section tls(backend.reading(), *value, "a map with ca_file, server_name or min_version");
  if (url && !url->is_tls) {
    backend.reading().report(*value, "has no effect, because the url is http; write https there");
  }
  if (tls.find("ca_file")) tls.file("ca_file", out.ca_file.emplace());
  if (tls.find("server_name")) {
    tls.text("server_name", out.server_name.emplace());
    if (!out.server_name->empty() && !is_host(*out.server_name)) {
      const Value where = tls.place_of("server_name");
      backend.reading().report(where, show(where) + " is not a host name");
    }
  }
  read_min_version(tls, out.min_version);
  tls.finish();
}

void read_deployments(Section& backend, Backend& out) {
  Reading& reading = backend.reading();
  const auto value = backend.find("deployments");
  if (!value) return;
  if (!reading.is_kind(*value, Node::Kind::map, "a map such as { gpt-4o: gpt-4o-ptu }")) return;
  if (value->node->entries.empty()) {
    reading.report(*value, "is empty; leave it out to pass every deployment under its own name");
  }
  for (const Entry& entry : value->node->entries) {
    // The key is a scalar like any other: substitutions and all.
    Node key;
    key.kind = Node::Kind::scalar;
    key.mark = entry.key_mark;
    key.text = entry.key;
    const std::string path = child_path(value->path, entry.key);
    const auto asked = read_deployment(reading, {&key, path}, Wildcards::refused);
    const auto called = read_deployment(reading, {&entry.value, path}, Wildcards::refused);
    if (asked && called && !out.deployments.emplace(*asked, *called).second) {
      reading.report(entry.key_mark, path, "stands for the same deployment as another key");
    }
  }
}

void read_credential_name(Section& section, Backend& out) {
  const auto value = section.find("credential");
  if (!value) return;
  const auto name = read_name(section.reading(), *value);
  if (!name) return;
  out.credential = *name;
  if (*name != kEnvironmentCredential) {
    section.reading().refer(NameKind::credential, *name, *value);
  }
}

bool is_deployment_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._-:@+").find(c) != std::string_view::npos;
}

}  // namespace

std::optional<std::string> read_deployment(Reading& reading, const Value& value,
                                           Wildcards wildcards) {
  auto text = reading.text(value, "a deployment's name");
  if (!text) return std::nullopt;
  const bool takes_wildcards = wildcards == Wildcards::allowed;
  const bool is_fine =
      !text->empty() && text->size() <= kMaxDeploymentLength &&
      std::all_of(text->begin(), text->end(), [&](char c) {
        return is_deployment_character(c) || (takes_wildcards && (c == '*' || c == '?'));
      });
  if (is_fine) return text;
  reading.report(value,
                 show(value) +
                     " is not a deployment's name; allowed: 1 to 128 letters, digits and . _ "
                     "- : @ +" +
                     (takes_wildcards ? ", and * and ? as wildcards" : ""));
  return std::nullopt;
}

void read_backends(Section& root, std::vector<Backend>& out) {
  root.require("backends", "write at least one, with name and url");
  read_each(root, "backends", [&](Section& section) {
    Backend backend;
    backend.name = read_own_name(section, NameKind::backend);
    const auto url = read_url(section);
    if (url) backend.url = *url;
    read_credential_name(section, backend);
    read_deployments(section, backend);
    read_backend_tls(section, url, backend.tls);
    section.number("max_connections", backend.max_connections, {1, 65535});
    section.finish();
    out.push_back(std::move(backend));
  });
}

}  // namespace spillway::config
