#include <spillway/base/text.hpp>
#include <spillway/gateway/hops.hpp>

namespace spillway::gateway {
namespace {

constexpr unsigned kMostPassages = 2;

// `1.1 name`, `HTTP/1.1 name:port`, `1.1 name (comment)`.
bool is_our_hop(std::string_view member) {
  const auto blank = member.find_first_of(" \t");
  if (blank == std::string_view::npos) return false;
  const std::string_view by = base::trim(member.substr(blank));
  return base::equals_ignoring_case(by.substr(0, by.find_first_of(" \t:(")), kPseudonym);
}

std::optional<std::uint64_t> max_forwards(const http::RequestHead& head) {
  if (head.method != "OPTIONS") return std::nullopt;
  return base::parse_unsigned(head.fields.find("Max-Forwards").value_or(""));
}

}  // namespace

std::string via_for_backend(const http::RequestHead& head) {
  std::string via = head.fields.join("Via");
  if (!via.empty()) via += ", ";
  via += head.version == http::Version::http_1_0 ? "1.0 " : "1.1 ";
  via += kPseudonym;
  return via;
}

std::optional<Reply> refusal_of_loop(const http::RequestHead& head) {
  unsigned passages = 0;
  const std::string via = head.fields.join("Via");
  for (const std::string_view member : base::split_list(via)) {
    if (is_our_hop(member)) ++passages;
  }
  if (passages < kMostPassages) return std::nullopt;
  Reply refusal;
  refusal.status = 508;
  refusal.code = "spillway_loop";
  refusal.message =
      "The request has passed this gateway twice already (Via): a backend of its configuration "
      "leads back to it. Check backends[].url.";
  refusal.should_not_retry = true;
  return refusal;
}

bool is_for_gateway(const http::RequestHead& head) {
  if (head.method != "OPTIONS") return false;
  return head.target == "*" || max_forwards(head) == 0U;
}

std::optional<std::uint64_t> forwards_left(const http::RequestHead& head) {
  const auto most = max_forwards(head);
  if (!most || *most == 0) return std::nullopt;
  return *most - 1;
}

}  // namespace spillway::gateway
