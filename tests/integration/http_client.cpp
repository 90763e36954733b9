#include "integration/http_client.hpp"

#include <spillway/base/text.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/optional.hpp>

#include <stdexcept>

namespace spillway::integration {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

std::string format(const Request& request) {
  std::string text = request.method + " " + request.target + " HTTP/1.1\r\nHost: gateway\r\n";
  for (const auto& [name, value] : request.headers)
    text += name + ": " + value + "\r\n";
  const bool has_length = !request.body.empty() || request.method == "POST";
  bool is_framed = false;
  for (const auto& header : request.headers) {
    const std::string name = base::to_lower(header.first);
    is_framed = is_framed || name == "transfer-encoding" || name == "content-length";
  }
  if (has_length && !is_framed) {
    text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  }
  return text + "\r\n" + request.body;
}

std::string chat_target(std::string_view deployment) {
  return "/openai/deployments/" + std::string(deployment) +
         "/chat/completions?api-version=2024-10-21";
}

}  // namespace

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) {
    ++found;
  }
  return found;
}

std::string Answer::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

std::string chat_body(std::string_view model, std::string_view more) {
  return "{\"model\":\"" + std::string(model) +
         "\",\"messages\":[{\"role\":\"user\",\"content\":\"What is a spillway for?\"}]" +
         std::string(more) + "}";
}

Request chat(std::string_view deployment, std::string_view more) {
  Request request;
  request.target = chat_target(deployment);
  request.headers = {{"api-key", "test-key"}, {"content-type", "application/json"}};
  request.body = chat_body(deployment, more);
  return request;
}

Request chat_v1(std::string_view model, std::string_view more) {
  Request request = chat(model, more);
  request.target = "/openai/v1/chat/completions";
  request.headers = {{"authorization", "Bearer test-key"}, {"content-type", "application/json"}};
  return request;
}

struct Connection::State {
  asio::io_context context{1};
  tcp::socket socket{context};
  boost::beast::flat_buffer buffer;

  [[nodiscard]] std::string_view received() const;
};

Connection::Connection(std::uint16_t port) : state_(std::make_unique<State>()) {
  state_->socket.connect(tcp::endpoint(asio::ip::address_v4::loopback(), port));
  state_->socket.set_option(tcp::no_delay(true));
}

Connection::~Connection() = default;
Connection::Connection(Connection&&) noexcept = default;

void Connection::write(const Request& request) {
  write_raw(format(request));
}

void Connection::write_raw(std::string_view bytes) {
  asio::write(state_->socket, asio::const_buffer(bytes.data(), bytes.size()));
}

Answer Connection::read(std::string_view method) {
  http::response_parser<http::string_body> parser;
  parser.body_limit(boost::none);
  parser.skip(method == "HEAD");
  boost::system::error_code error;
  http::read(state_->socket, state_->buffer, parser, error);
  Answer answer;
  answer.is_complete = !error && parser.is_done();
  if (!parser.is_header_done()) {
    answer.body = error.message();
    return answer;
  }
  const auto& message = parser.get();
  answer.status = message.result_int();
  for (const auto& field : message) {
    answer.headers[base::to_lower(std::string_view(field.name_string()))] =
        std::string(field.value());
  }
  answer.body = message.body();
  return answer;
}

std::string_view Connection::State::received() const {
  const auto bytes = buffer.cdata();
  return {static_cast<const char*>(bytes.data()), bytes.size()};
}

std::string Connection::read_until(std::string_view text, std::size_t times) {
  while (count(state_->received(), text) < times) {
    const auto space = state_->buffer.prepare(16384);
    state_->buffer.commit(state_->socket.read_some(space));
  }
  return std::string(state_->received());
}

std::string Connection::read_to_end() {
  boost::system::error_code error;
  while (!error) {
    const auto space = state_->buffer.prepare(16384);
    state_->buffer.commit(state_->socket.read_some(space, error));
  }
  return std::string(state_->received());
}

void Connection::close(How how) {
  if (how == How::reset) state_->socket.set_option(asio::socket_base::linger(true, 0));
  state_->socket.close();
}

Answer send(std::uint16_t port, const Request& request) {
  try {
    Connection connection(port);
    connection.write(request);
    return connection.read(request.method);
  } catch (const std::exception& error) {
    Answer answer;
    answer.body = error.what();
    return answer;
  }
}

Answer get(std::uint16_t port, const std::string& target) {
  Request request;
  request.method = "GET";
  request.target = target;
  request.headers = {{"api-key", "test-key"}};
  return send(port, request);
}

}  // namespace spillway::integration
