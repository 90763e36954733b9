#include <spillway/http/message_writer.hpp>
#include <spillway/upstream/fetch.hpp>

#include <utility>

namespace spillway::upstream {
namespace {

std::string format_head(const Target& target, const FetchRequest& request) {
  std::string head;
  http::append_request_line(head, request.method, request.target);
  http::append_field(head, "host", target.authority);
  for (std::size_t i = 0; i < request.fields.size(); ++i) {
    const base::Field field = request.fields[i];
    http::append_field(head, field.name, field.value);
  }
  for (const FetchField& field : request.secret_fields)
    http::append_field(head, field.name, field.value.reveal());
  const std::uint64_t length = request.body.reveal().size();
  if (request.method == "POST") http::append_field(head, "content-length", length);
  http::append_field(head, "connection", "close");
  http::append_head_end(head);
  return head;
}

net::Task<base::Result<std::string>> read_body(Exchange& exchange, std::size_t max_bytes) {
  std::string body;
  while (!exchange.is_body_done()) {
    const auto piece = co_await exchange.read_body_piece();
    if (!piece) co_return piece.error();
    if (piece.value().empty()) break;
    body += piece.value();
    if (body.size() > max_bytes) {
      co_return base::Error(base::Fault::upstream_malformed, base::Side::upstream,
                            "the answer is larger than " + std::to_string(max_bytes) + " bytes");
    }
  }
  co_return body;
}

}  // namespace

net::Task<base::Result<FetchAnswer>> fetch(Transport& transport,
                                           std::shared_ptr<const Target> target,
                                           const FetchRequest& request, base::Duration within) {
  std::string head = format_head(*target, request);
  Exchange exchange(transport, target);
  exchange.set_deadline(base::SteadyClock::now() + within, "total");
  const auto connected = co_await exchange.connect();
  if (!connected) co_return connected.error();
  const auto sent = co_await exchange.send(head, request.body.reveal());
  base::wipe(head);
  if (!sent) co_return sent.error();
  auto answered = co_await exchange.read_head(request.method);
  if (!answered) co_return answered.error();
  auto body = co_await read_body(exchange, request.max_answer_bytes);
  if (!body) co_return body.error();
  FetchAnswer answer;
  answer.head = std::move(answered.value());
  answer.body = std::move(body.value());
  co_return answer;
}

}  // namespace spillway::upstream
