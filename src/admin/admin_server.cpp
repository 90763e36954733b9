#include <spillway/admin/admin_server.hpp>
#include <spillway/http/message_reader.hpp>
#include <spillway/http/message_writer.hpp>
#include <spillway/net/tcp_stream.hpp>

#include <utility>

namespace spillway::admin {
namespace {

using base::Error;
using base::Fault;
using base::Side;

constexpr unsigned kMaxConnections = 64;
constexpr auto kPatience = std::chrono::seconds(5);  // for a head and for an answer

std::string format_answer(const AdminAnswer& answer, std::string_view method, bool keeps_alive) {
  std::string out;
  http::append_status_line(out, answer.status, http::reason_phrase(answer.status));
  http::append_field(out, "content-type", answer.content_type);
  http::append_field(out, "content-length", static_cast<std::uint64_t>(answer.body.size()));
  http::append_field(out, "cache-control", "no-store");
  if (answer.status == 405) http::append_field(out, "allow", "GET, HEAD");
  if (answer.status == 401) http::append_field(out, "www-authenticate", "Bearer");
  if (!keeps_alive) http::append_field(out, "connection", "close");
  http::append_head_end(out);
  if (method != "HEAD") out += answer.body;
  return out;
}

AdminAnswer method_not_allowed() {
  AdminAnswer answer;
  answer.status = 405;
  answer.body = "{\"error\":\"the admin port answers GET only\"}\n";
  return answer;
}

AdminAnswer unauthorised() {
  AdminAnswer answer;
  answer.status = 401;
  answer.body =
      "{\"error\":\"send admin.token of the configuration as 'Authorization: Bearer TOKEN'\"}\n";
  return answer;
}

}  // namespace

AdminServer::AdminServer(net::Executor executor, base::Descriptor acceptor, net::TaskGroup& tasks,
                         net::DeadlineWheel& wheel, Handler handler, base::Secret token)
    : executor_(std::move(executor)),
      tasks_(tasks),
      wheel_(wheel),
      handler_(std::move(handler)),
      token_(std::move(token)),
      listener_(executor_, wheel, std::move(acceptor),
                {[this](net::Accepted accepted) {
                   if (connections_ < kMaxConnections)
                     tasks_.spawn(serve(std::move(accepted.socket)));
                 },
                 [](const std::string&) {},
                 {}}) {}

void AdminServer::start() {
  tasks_.spawn(listener_.run());
}

void AdminServer::close() {
  listener_.close();
}

void AdminServer::leave() {
  has_left_ = true;
  listener_.leave();
}

bool AdminServer::is_allowed(const http::RequestHead& request, std::string_view path) const {
  if (token_.empty() || path == "/livez" || path == "/readyz") return true;
  constexpr std::string_view scheme = "Bearer ";
  const std::string_view presented = request.fields.find("authorization").value_or("");
  return presented.starts_with(scheme) &&
         base::equal_in_constant_time(presented.substr(scheme.size()), token_.reveal());
}

AdminAnswer AdminServer::answer(const http::RequestHead& request) const {
  if (request.method != "GET" && request.method != "HEAD") return method_not_allowed();
  const std::string path = request.target.substr(0, request.target.find('?'));
  return is_allowed(request, path) ? handler_(path) : unauthorised();
}

net::Task<void> AdminServer::serve(base::Descriptor socket) {
  ++connections_;
  net::TcpStream stream(executor_, std::move(socket), Side::client);
  http::MessageReader reader(stream, http::Limits(), Side::client);
  net::Deadline deadline(
      wheel_, [&stream] { stream.close(Error(Fault::timed_out, Side::client, "admin timeout")); });
  bool keeps_alive = true;
  while (keeps_alive && !stream.is_closed()) {
    deadline.set_after(kPatience);
    const auto head = co_await reader.read_request_head();
    if (!head) break;
    const http::RequestHead& request = head.value();
    keeps_alive = request.keep_alive && request.body.kind == http::Framing::none && !has_left_;
    const AdminAnswer answered = answer(request);
    const std::string text = format_answer(answered, request.method, keeps_alive);
    const auto written = co_await net::write_all(stream, net::asio::buffer(text));
    if (!written) break;
  }
  stream.shutdown_write();
  stream.close(Error(Fault::client_gone, Side::gateway, "admin session ended"));
  --connections_;
}

}  // namespace spillway::admin
