#include <spillway/base/text.hpp>
#include <spillway/http/message_reader.hpp>
#include <spillway/http/message_writer.hpp>
#include <spillway/upstream/proxy_tunnel.hpp>

#include <utility>

namespace spillway::upstream {
namespace {

using base::Error;
using base::Result;

std::string connect_request(const Proxy& proxy, const std::string& authority) {
  std::string head;
  head.reserve(256 + authority.size() * 2 + proxy.authorization.reveal().size());
  http::append_request_line(head, "CONNECT", authority);
  http::append_field(head, "host", authority);
  if (!proxy.authorization.empty()) {
    http::append_field(head, "proxy-authorization", proxy.authorization.reveal());
  }
  http::append_head_end(head);
  return head;
}

Error refused(const Proxy& proxy, const std::string& why) {
  return {base::Fault::connect_failed, base::Side::upstream,
          "the proxy " + proxy.address() + " " + why};
}

std::string explain(const http::ResponseHead& head) {
  if (head.status == 407) {
    return "asks for a user and password (407); write them in HTTPS_PROXY";
  }
  return "refused the tunnel: status " + std::to_string(head.status) + " " +
         base::json_escape(head.reason, 64);
}

}  // namespace

net::Task<Result<void>> open_tunnel(net::Stream& stream, const Proxy& proxy,
                                    const std::string& authority) {
  std::string head = connect_request(proxy, authority);
  const auto sent = co_await net::write_all(stream, net::asio::buffer(head));
  base::wipe(head);
  if (!sent) co_return refused(proxy, "closed the connection: " + sent.error().detail());
  const http::Limits limits;
  http::MessageReader reader(stream, limits, base::Side::upstream);
  // A 2xx to CONNECT has no body whatever it says, as an answer to HEAD has none.
  const auto answer = co_await reader.read_response_head("HEAD");
  if (!answer) co_return refused(proxy, "gave no usable answer: " + answer.error().detail());
  const bool is_open = answer.value().status >= 200 && answer.value().status < 300;
  if (!is_open) co_return refused(proxy, explain(answer.value()));
  if (!reader.buffered().empty()) co_return refused(proxy, "spoke before the target could");
  co_return Result<void>();
}

}  // namespace spillway::upstream
