#include "integration/http_client.hpp"

#include <spillway/base/text.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/optional.hpp>
#include <boost/system/system_error.hpp>
#include <openssl/ssl.h>

#include <cerrno>
#include <functional>
#include <poll.h>
#include <stdexcept>

namespace spillway::integration {
namespace {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;
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

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};

// False if nothing comes for ten seconds: a test fails then, rather than hangs.
bool wait_for_input(int descriptor) {
  constexpr int kPatienceMs = 10'000;
  pollfd state{descriptor, POLLIN, 0};
  int ready = -1;
  do {
    ready = ::poll(&state, 1, kPatienceMs);
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

}  // namespace

std::string without_null_usage(std::string body) {
  constexpr std::string_view null_usage = ",\"usage\":null";
  for (auto at = body.find(null_usage); at != std::string::npos; at = body.find(null_usage, at))
    body.erase(at, null_usage.size());
  return body;
}

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

namespace {

void expect(int result, const char* what) {
  if (result != 1) throw std::runtime_error(std::string("TLS: ") + what + " failed");
}

}  // namespace

struct Connection::State {
  asio::io_context context{1};
  tcp::socket socket{context};
  std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>> tls_context;
  std::unique_ptr<SSL, Freed<SSL_free>> tls;  // on the socket itself: it buffers nothing of its own
  boost::beast::flat_buffer buffer;

  void connect(std::uint16_t port);
  void start_tls(const Tls& options);
  void accept_tls(const std::string& certificate_file, const std::string& private_key_file,
                  int max_version);
  [[nodiscard]] std::string_view received() const;
  void write(std::string_view bytes);
  std::size_t read_some(asio::mutable_buffer room, boost::system::error_code& error);
  std::size_t read_tls(asio::mutable_buffer room, boost::system::error_code& error);

  // What Beast asks of a stream that it reads.
  template <class Buffers>
  std::size_t read_some(const Buffers& buffers, boost::system::error_code& error) {
    return read_some(asio::mutable_buffer(*asio::buffer_sequence_begin(buffers)), error);
  }
  template <class Buffers>
  std::size_t read_some(const Buffers& buffers) {
    boost::system::error_code error;
    const std::size_t bytes = read_some(buffers, error);
    if (error) throw boost::system::system_error(error);
    return bytes;
  }
};

std::size_t Connection::State::read_some(asio::mutable_buffer room,
                                         boost::system::error_code& error) {
  error = {};
  if (room.size() == 0) return 0;
  const bool is_decrypted = tls && SSL_pending(tls.get()) > 0;
  if (!is_decrypted && !wait_for_input(socket.native_handle())) {
    error = asio::error::timed_out;
    return 0;
  }
  return tls ? read_tls(room, error) : socket.read_some(room, error);
}

std::size_t Connection::State::read_tls(asio::mutable_buffer room,
                                        boost::system::error_code& error) {
  std::size_t bytes = 0;
  const int returned = SSL_read_ex(tls.get(), room.data(), room.size(), &bytes);
  if (returned == 1) return bytes;
  const bool is_end = SSL_get_error(tls.get(), returned) == SSL_ERROR_ZERO_RETURN;
  error = is_end ? asio::error::make_error_code(asio::error::eof)
                 : asio::error::make_error_code(asio::error::connection_reset);
  return 0;
}

void Connection::State::write(std::string_view bytes) {
  if (!tls) {
    asio::write(socket, asio::const_buffer(bytes.data(), bytes.size()));
    return;
  }
  std::size_t written = 0;
  if (!bytes.empty() && SSL_write_ex(tls.get(), bytes.data(), bytes.size(), &written) != 1) {
    throw std::runtime_error("TLS connection broken");
  }
}

void Connection::State::connect(std::uint16_t port) {
  socket.connect(tcp::endpoint(asio::ip::address_v4::loopback(), port));
  socket.set_option(tcp::no_delay(true));
}

void Connection::State::accept_tls(const std::string& certificate_file,
                                   const std::string& private_key_file, int max_version) {
  tls_context.reset(SSL_CTX_new(TLS_server_method()));
  if (max_version != 0) {
    SSL_CTX_set_security_level(tls_context.get(), 0);  // else there is nothing below TLS 1.2
    SSL_CTX_set_min_proto_version(tls_context.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(tls_context.get(), max_version);
  }
  expect(SSL_CTX_use_certificate_chain_file(tls_context.get(), certificate_file.c_str()),
         "loading the certificate");
  expect(SSL_CTX_use_PrivateKey_file(tls_context.get(), private_key_file.c_str(), SSL_FILETYPE_PEM),
         "loading the key");
  tls.reset(SSL_new(tls_context.get()));
  expect(SSL_set_fd(tls.get(), socket.native_handle()), "taking the socket");
  expect(SSL_accept(tls.get()), "the handshake");
}

void Connection::State::start_tls(const Tls& options) {
  tls_context.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_verify(tls_context.get(), SSL_VERIFY_PEER, nullptr);
  expect(SSL_CTX_load_verify_file(tls_context.get(), options.ca_file.c_str()), "loading the CA");
  if (!options.certificate_file.empty()) {
    expect(SSL_CTX_use_certificate_chain_file(tls_context.get(), options.certificate_file.c_str()),
           "loading the certificate");
    expect(SSL_CTX_use_PrivateKey_file(tls_context.get(), options.private_key_file.c_str(),
                                       SSL_FILETYPE_PEM),
           "loading the key");
  }
  tls.reset(SSL_new(tls_context.get()));
  expect(SSL_set1_host(tls.get(), options.server_name.c_str()), "expecting a name");
  expect(SSL_set_tlsext_host_name(tls.get(), options.server_name.c_str()) == 1 ? 1 : 0, "SNI");
  expect(SSL_set_fd(tls.get(), socket.native_handle()), "taking the socket");
  expect(SSL_connect(tls.get()), "the handshake");
}

Connection::Connection(std::uint16_t port) : state_(std::make_unique<State>()) {
  state_->connect(port);
}

Connection::Connection(std::uint16_t port, const Tls& tls) : state_(std::make_unique<State>()) {
  state_->connect(port);
  state_->start_tls(tls);
}

Connection::Connection(std::unique_ptr<State> state) : state_(std::move(state)) {}

Connection::~Connection() = default;
Connection::Connection(Connection&&) noexcept = default;

void Connection::write(const Request& request) {
  write_raw(format(request));
}

void Connection::write_raw(std::string_view bytes) {
  state_->write(bytes);
}

Answer Connection::read(std::string_view method) {
  beast_http::response_parser<beast_http::string_body> parser;
  parser.body_limit(boost::none);
  parser.skip(method == "HEAD");
  boost::system::error_code error;
  beast_http::read(*state_, state_->buffer, parser, error);
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
    state_->buffer.commit(state_->read_some(space));
  }
  return std::string(state_->received());
}

std::string Connection::read_bytes(std::size_t size) {
  while (state_->received().size() < size) {
    const auto space = state_->buffer.prepare(65536);
    state_->buffer.commit(state_->read_some(space));
  }
  std::string bytes(state_->received().substr(0, size));
  drop_received(size);
  return bytes;
}

std::string Connection::read_to_end() {
  boost::system::error_code error;
  while (!error) {
    const auto space = state_->buffer.prepare(16384);
    state_->buffer.commit(state_->read_some(space, error));
  }
  return std::string(state_->received());
}

void Connection::drop_received(std::size_t bytes) {
  state_->buffer.consume(bytes);
}

void Connection::end_sending() {
  state_->socket.shutdown(tcp::socket::shutdown_send);
}

void Connection::close(How how) {
  const bool is_reset = how == How::reset;
  if (is_reset) state_->socket.set_option(asio::socket_base::linger(true, 0));
  if (state_->tls && how == How::orderly) SSL_shutdown(state_->tls.get());
  state_->socket.close();
}

namespace {

Answer exchange_on(const std::function<Connection()>& connect, const Request& request) {
  try {
    Connection connection = connect();
    connection.write(request);
    return connection.read(request.method);
  } catch (const std::exception& error) {
    Answer answer;
    answer.body = error.what();
    return answer;
  }
}

}  // namespace

Answer send(std::uint16_t port, const Request& request) {
  return exchange_on([port] { return Connection(port); }, request);
}

Answer send(std::uint16_t port, const Request& request, const Tls& tls) {
  return exchange_on([port, &tls] { return Connection(port, tls); }, request);
}

Answer get(std::uint16_t port, const std::string& target) {
  Request request;
  request.method = "GET";
  request.target = target;
  request.headers = {{"api-key", "test-key"}};
  return send(port, request);
}

struct HandServer::State {
  asio::io_context context{1};
  tcp::acceptor acceptor{context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
};

HandServer::HandServer() : state_(std::make_unique<State>()) {}
HandServer::~HandServer() = default;

std::uint16_t HandServer::port() const {
  return state_->acceptor.local_endpoint().port();
}

std::string HandServer::url() const {
  return "http://127.0.0.1:" + std::to_string(port());
}

Connection HandServer::accept() {
  if (!wait_for_input(state_->acceptor.native_handle())) {
    throw std::runtime_error("nobody connected");
  }
  auto accepted = std::make_unique<Connection::State>();
  state_->acceptor.accept(accepted->socket);
  accepted->socket.set_option(tcp::no_delay(true));
  return Connection(std::move(accepted));
}

Connection HandServer::accept_tls(const std::string& certificate_file,
                                  const std::string& private_key_file, int max_version) {
  Connection connection = accept();
  connection.state_->accept_tls(certificate_file, private_key_file, max_version);
  return connection;
}

}  // namespace spillway::integration
