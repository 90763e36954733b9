#include <spillway/aoai/api_path.hpp>
#include <spillway/aoai/query.hpp>
#include <spillway/base/byte_scan.hpp>
#include <spillway/base/text.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace spillway::aoai {
namespace {

using base::Error;
using base::Fault;
using base::Side;

constexpr std::string_view kRoot = "/openai/";
constexpr std::string_view kV1Root = "/openai/v1/";
constexpr std::size_t kMaxQuotedBytes = 200;

struct SplitTarget {
  std::string_view path;
  std::string_view query;
  bool has_query = false;
};

SplitTarget split_target(std::string_view target) {
  const auto mark = target.find('?');
  if (mark == std::string_view::npos) return {target, {}, false};
  return {target.substr(0, mark), target.substr(mark + 1), true};
}

std::string quoted(std::string_view path) {
  return "'" + base::json_escape(path, kMaxQuotedBytes) + "'";
}

Error bad_request(std::string_view path, std::string_view reason) {
  return {Fault::bad_request, Side::client, "path " + quoted(path) + " " + std::string(reason)};
}

Error no_route(std::string_view path, std::string_view reason) {
  return {Fault::no_route, Side::client, "path " + quoted(path) + " " + std::string(reason)};
}

bool is_visible_ascii(char c) {
  return c > 0x20 && c < 0x7F;
}

// What an escape may not stand for: a reader that decodes once more, or earlier, than another would
// see a different path.
bool is_ambiguous_when_encoded(char c) {
  const auto code = static_cast<unsigned char>(c);
  return code < 0x20 || code == 0x7F || c == '/' || c == '\\' || c == '%';
}

std::string_view check_characters(std::string_view text) {
  if (base::is_visible_ascii(text) && text.find('#') == std::string_view::npos) return {};
  for (const char c : text) {
    if (!is_visible_ascii(c)) return "holds a blank, a control or a non-ASCII character";
    if (c == '#') return "holds a '#'";
  }
  return {};
}

std::string_view check_decoded_segment(std::string_view segment) {
  // `..;x` is `..` to servers that know path parameters.
  const std::string_view name = segment.substr(0, segment.find(';'));
  if (name == "." || name == "..") return "holds a dot segment";
  return {};
}

// One segment of the path, still encoded and without '/'. Empty: nothing wrong.
std::string_view check_segment(std::string_view segment) {
  if (segment.find('\\') != std::string_view::npos) return "holds a backslash";
  if (segment.find('%') == std::string_view::npos) return check_decoded_segment(segment);
  const auto decoded = base::percent_decode(segment);
  if (!decoded) return "holds a malformed percent escape";
  if (std::any_of(decoded->begin(), decoded->end(), is_ambiguous_when_encoded)) {
    return "holds an encoded slash, backslash, percent sign or control character";
  }
  return check_decoded_segment(*decoded);
}

// `path` begins with '/'.
std::string_view check_path(std::string_view path) {
  if (const auto reason = check_characters(path); !reason.empty()) return reason;
  std::string_view rest = path.substr(1);
  while (true) {
    const auto slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    if (const auto reason = check_segment(segment); !reason.empty()) return reason;
    if (slash == std::string_view::npos) return {};
    if (segment.empty()) return "holds '//'";
    if (segment.find(';') != std::string_view::npos) return "holds a ';' before a slash";
    rest.remove_prefix(slash + 1);
  }
}

// Takes `segment/` off the front of `path`, compared without case.
bool consume_segment(std::string_view& path, std::string_view segment) {
  const auto slash = path.find('/');
  if (slash == std::string_view::npos) return false;
  if (!base::equals_ignoring_case(path.substr(0, slash), segment)) return false;
  path.remove_prefix(slash + 1);
  return true;
}

// The escapes are known to be well-formed and to hide no slash.
std::string sub_path_for_table(std::string_view encoded) {
  if (!encoded.empty() && encoded.back() == '/') encoded.remove_suffix(1);
  std::string path = base::percent_decode(encoded).value_or(std::string());
  for (char& c : path)
    c = base::to_lower(c);
  return path;
}

void apply(const OperationTraits& traits, ApiPath& path) {
  path.operation = traits.operation;
  path.operation_class = traits.operation_class;
  path.creation = traits.creation;
}

// `rest`: what follows /openai/deployments/, still encoded.
std::optional<Error> read_deployment_path(std::string_view method, std::string_view path,
                                          std::string_view rest, ApiPath& out) {
  const auto slash = rest.find('/');
  const std::string_view segment = rest.substr(0, slash);
  if (segment.empty()) {
    apply(classify_operation(method, "deployments"), out);
    return std::nullopt;
  }
  out.deployment = base::percent_decode(segment).value_or(std::string());
  out.deployment_offset = out.canonical_target.size() - rest.size();
  out.deployment_length = segment.size();
  const bool has_operation = slash != std::string_view::npos && slash + 1 < rest.size();
  if (!has_operation) {
    apply(classify_operation(method, "deployments/id"), out);
    return std::nullopt;
  }
  const std::string sub_path = sub_path_for_table(rest.substr(slash + 1));
  if (sub_path == "openai" || sub_path.starts_with("openai/")) {
    return no_route(path,
                    "names /openai/ again behind the deployment; take it out of the base URL");
  }
  apply(classify_operation(method, sub_path), out);
  return std::nullopt;
}

// With room for a query behind it.
void set_target(ApiPath& out, std::string_view root, std::string_view rest) {
  constexpr std::size_t usual_query = 40;
  out.canonical_target.reserve(root.size() + rest.size() + usual_query);
  out.canonical_target += root;
  out.canonical_target += rest;
}

std::optional<Error> read_classic_path(std::string_view method, std::string_view path,
                                       std::string_view rest, ApiPath& out) {
  out.surface = Surface::classic;
  set_target(out, kRoot, rest);
  std::string_view below = rest;
  if (consume_segment(below, "deployments")) {
    return read_deployment_path(method, path, below, out);
  }
  const std::string first = base::to_lower(rest.substr(0, rest.find('/')));
  if (first == "openai") {
    return no_route(path, "names /openai/ twice; take it out of the base URL (the SDK adds it)");
  }
  if (!is_classic_resource(first)) {
    return no_route(path,
                    "is not a path of Azure OpenAI; use /openai/deployments/{deployment}/… with "
                    "an api-version, or /openai/v1/… with the deployment as \"model\"");
  }
  apply(classify_operation(method, sub_path_for_table(rest)), out);
  return std::nullopt;
}

std::optional<Error> read_v1_path(std::string_view method, std::string_view path,
                                  std::string_view rest, ApiPath& out) {
  out.surface = Surface::v1;
  set_target(out, kV1Root, rest);
  if (rest.empty()) return no_route(path, "names no operation behind /v1/");
  apply(classify_operation(method, sub_path_for_table(rest)), out);
  return std::nullopt;
}

std::optional<Error> read_path(std::string_view method, std::string_view path, ApiPath& out) {
  std::string_view rest = path.substr(1);
  if (consume_segment(rest, "v1")) return read_v1_path(method, path, rest, out);
  if (!consume_segment(rest, "openai")) {
    return no_route(path, "is not a path of Azure OpenAI; those begin with /openai/ or /v1/");
  }
  if (consume_segment(rest, "v1")) return read_v1_path(method, path, rest, out);
  return read_classic_path(method, path, rest, out);
}

// A realtime URL names its deployment in the query (wire reference §1.6); a WebSocket of responses
// may, to be routed by it. The name is then replaced there like a path segment elsewhere.
bool may_name_deployment_in_query(std::string_view method, const ApiPath& path) {
  const bool is_websocket = path.operation == Operation::responses && method == "GET";
  return (path.operation == Operation::realtime || is_websocket) && path.deployment_length == 0;
}

std::optional<Error> read_query_deployment(std::string_view path, std::string_view query,
                                           std::size_t query_offset, ApiPath& out) {
  const std::string_view name = out.surface == Surface::v1 ? "model" : "deployment";
  const QueryValue found = find_query_value(query, name);
  if (found.count > 1) {
    return bad_request(path,
                       "comes with more than one query parameter '" + std::string(name) + "'");
  }
  if (found.length == 0) return std::nullopt;
  auto decoded = base::percent_decode(query.substr(found.offset, found.length));
  if (!decoded) {
    return bad_request(
        path, "comes with a malformed escape in query parameter '" + std::string(name) + "'");
  }
  out.deployment = std::move(*decoded);
  out.deployment_offset = query_offset + found.offset;
  out.deployment_length = found.length;
  return std::nullopt;
}

std::optional<Error> read_query(std::string_view method, std::string_view path,
                                std::string_view raw_query, ApiPath& out) {
  if (const auto reason = check_characters(raw_query); !reason.empty()) {
    return bad_request(path, "has a query that " + std::string(reason));
  }
  const std::string query = without_credentials(raw_query);
  if (query.empty() && !raw_query.empty()) return std::nullopt;
  out.canonical_target += '?';
  const std::size_t query_offset = out.canonical_target.size();
  out.canonical_target += query;
  if (out.surface == Surface::classic) {
    const QueryValue version = find_query_value(query, "api-version");
    const std::string_view value = std::string_view(query).substr(version.offset, version.length);
    out.api_version = base::percent_decode(value).value_or(std::string(value));
  }
  if (!may_name_deployment_in_query(method, out)) return std::nullopt;
  return read_query_deployment(path, query, query_offset, out);
}

}  // namespace

base::Result<ApiPath> parse_api_path(std::string_view method, std::string_view target) {
  const SplitTarget split = split_target(target);
  if (!split.path.starts_with('/')) {
    return bad_request(redacted_target(split.path), "does not begin with '/'");
  }
  if (const auto reason = check_path(split.path); !reason.empty()) {
    return bad_request(split.path, reason);
  }
  ApiPath out;
  if (auto error = read_path(method, split.path, out)) return std::move(*error);
  if (!split.has_query) return out;
  if (auto error = read_query(method, split.path, split.query, out)) return std::move(*error);
  return out;
}

std::string upstream_target(const ApiPath& path, std::string_view path_prefix,
                            std::string_view upstream_deployment) {
  const std::string_view canonical = path.canonical_target;
  std::string target;
  target.reserve(path_prefix.size() + canonical.size() + upstream_deployment.size());
  target += path_prefix;
  const bool is_renamed = path.deployment_length != 0 && !upstream_deployment.empty() &&
                          upstream_deployment != path.deployment;
  if (!is_renamed) {
    target += canonical;
    return target;
  }
  target += canonical.substr(0, path.deployment_offset);
  target += base::percent_encode(upstream_deployment);
  target += canonical.substr(path.deployment_offset + path.deployment_length);
  return target;
}

std::string redacted_target(std::string_view target) {
  const SplitTarget split = split_target(target.substr(0, target.find('#')));
  std::string shown(split.path);
  // Absolute form: `http://user:password@host/…`.
  if (const auto at = shown.find('@'); at != std::string::npos && !shown.starts_with('/')) {
    const auto scheme_end = shown.find("://");
    const auto from = scheme_end == std::string::npos || scheme_end > at ? 0 : scheme_end + 3;
    shown.replace(from, at - from, "***");
  }
  if (!split.has_query) return shown;
  return shown + "?" + redacted_query(split.query);
}

}  // namespace spillway::aoai
