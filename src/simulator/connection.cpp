#include "simulator/connection.hpp"

#include "simulator/body_capture.hpp"
#include "simulator/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include <functional>
#include <poll.h>
#include <stdexcept>

namespace spillway::simulator {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr std::uint64_t kBodyLimitBytes = 1ULL << 30U;
constexpr std::uint32_t kHeaderLimitBytes = 60U * 1024U;

/// A body above this is read in pieces of this size; Beast takes 512 bytes at a time otherwise.
constexpr std::size_t kLargeBytes = std::size_t{64} * 1024;

/// Long enough for "never"; what is waited for then is the client's going away.
constexpr auto kForEver = std::chrono::hours(24);

/// How often a client that has sent ahead is looked at; nothing wakes us for its closing then.
constexpr auto kLookInterval = std::chrono::milliseconds(2);

/// Beast's body type of what is kept of a body.
struct CapturedBody {
  using value_type = BodyCapture;

  class reader {
   public:
    /// The header is still empty here.
    template <bool is_request, class Fields>
    reader(http::header<is_request, Fields>& header, BodyCapture& capture)
        : content_type_([&header] { return std::string(header[http::field::content_type]); }),
          capture_(capture) {}

    void init(const boost::optional<std::uint64_t>&, error_code& failure) {
      failure = {};
      capture_.begin(content_type_());
    }

    template <class Buffers>
    std::size_t put(const Buffers& buffers, error_code& failure) {
      failure = {};
      std::size_t taken = 0;
      for (const auto buffer : boost::beast::buffers_range_ref(buffers)) {
        capture_.add({static_cast<const char*>(buffer.data()), buffer.size()});
        taken += buffer.size();
      }
      return taken;
    }

    void finish(error_code& failure) { failure = {}; }

   private:
    std::function<std::string()> content_type_;
    BodyCapture& capture_;
  };
};

using Parser = http::request_parser<CapturedBody>;

template <class Stream>
asio::awaitable<error_code> read_message(Stream& stream, boost::beast::flat_buffer& buffer,
                                         Parser& parser) {
  error_code failure;
  co_await http::async_read_header(stream, buffer, parser,
                                   asio::redirect_error(asio::use_awaitable, failure));
  if (failure) co_return failure;
  const bool is_large = parser.chunked() || parser.content_length().value_or(0) > kLargeBytes;
  if (is_large) buffer.reserve(kLargeBytes);
  if (boost::beast::iequals(parser.get()[http::field::expect], "100-continue")) {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    co_await asio::async_write(stream, asio::buffer(kContinue),
                               asio::redirect_error(asio::use_awaitable, failure));
    if (failure) co_return failure;
  }
  co_await http::async_read(stream, buffer, parser,
                            asio::redirect_error(asio::use_awaitable, failure));
  co_return failure;
}

Request request_of(http::request<CapturedBody>& message) {
  Request request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  for (const auto& field : message) {
    request.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  }
  message.body().finish(request);
  return request;
}

RecordedRequest record_of(const Request& request, const std::string& endpoint,
                          std::uint64_t connection) {
  RecordedRequest record;
  record.endpoint = endpoint;
  record.connection = connection;
  record.method = request.method;
  record.target = request.target;
  record.headers = request.headers;
  record.body = request.body;
  record.body_bytes = request.body_bytes;
  record.body_sha256 = request.body_sha256;
  record.form = request.form;
  record.received_at = std::chrono::system_clock::now();
  return record;
}

/// Whether the answer tells its name: not where the test has chosen all that is in it.
bool name_answer(const Request& request, Reply& reply) {
  if (request.header("x-sim-seed") && !request.wants_unique_answer) return false;
  reply.headers.push_back({"x-sim-answer", request.answer});
  return true;
}

/// Whether the connection ends in place of, or in the middle of, the 101.
bool replaces_handshake(const std::optional<Fault>& fault) {
  if (!fault || acts_within_socket(fault->kind)) return false;
  return fault->kind != FaultKind::stall_before_headers || !fault->delay;
}

std::chrono::milliseconds handshake_delay(const std::optional<Fault>& fault) {
  if (!fault || fault->kind != FaultKind::stall_before_headers) return {};
  return fault->delay.value_or(std::chrono::milliseconds(0));
}

}  // namespace

struct Connection::TlsStream {
  TlsStream(tcp::socket& socket, asio::ssl::context& context) : stream(socket, context) {}
  asio::ssl::stream<tcp::socket&> stream;
};

Connection::~Connection() = default;

Connection::Connection(tcp::socket socket, std::shared_ptr<asio::ssl::context> tls, Server& server,
                       std::uint64_t number)
    : socket_(std::move(socket)),
      tls_context_(std::move(tls)),
      timer_(socket_.get_executor()),
      server_(server),
      number_(number) {
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  if (tls_context_) tls_ = std::make_unique<TlsStream>(socket_, *tls_context_);
}

asio::awaitable<void> Connection::run() {
  if (tls_) {
    error_code failure;
    co_await tls_->stream.async_handshake(asio::ssl::stream_base::server,
                                          asio::redirect_error(asio::use_awaitable, failure));
    if (failure) {
      close();
      co_return;
    }
  }
  for (;;) {
    std::optional<Exchange> exchange = co_await read_request();
    if (!exchange) break;
    const bool goes_on = co_await respond(*exchange);
    if (!goes_on) break;
  }
  close();
}

asio::awaitable<std::optional<Connection::Exchange>> Connection::read_request() {
  Parser parser;
  parser.body_limit(kBodyLimitBytes);
  parser.header_limit(kHeaderLimitBytes);
  error_code failure;
  if (tls_) {
    failure = co_await read_message(tls_->stream, buffer_, parser);
  } else {
    failure = co_await read_message(socket_, buffer_, parser);
  }
  std::optional<Exchange> exchange;
  if (failure) co_return exchange;
  exchange.emplace();
  exchange->request = request_of(parser.get());
  exchange->request.answer = server_.next_answer();
  exchange->request.wants_unique_answer = server_.has_chaos();
  exchange->wants_websocket = boost::beast::websocket::is_upgrade(parser.get());
  if (exchange->request.method == "HEAD") exchange->framing.body = BodyUse::left_out;
  if (!parser.get().keep_alive()) exchange->framing.persistence = Persistence::close;
  co_return exchange;
}

asio::awaitable<bool> Connection::respond(Exchange& exchange) {
  auto& journal = server_.journal();
  const auto id = journal.begin(record_of(exchange.request, server_.name(), number_));
  begin_watching();
  std::optional<Fault> fault;
  Upgrade answer = co_await answer_to(exchange, fault);
  const bool is_named = name_answer(exchange.request, answer.reply);
  const auto fault_name = fault ? name_of(fault->kind) : std::string_view();
  if (answer.dialogue && !replaces_handshake(fault)) {
    journal.decide(id, 101, fault_name);
    const auto quiet = handshake_delay(fault);
    const bool goes_on = quiet.count() == 0 || co_await pause(quiet);
    end_watching();
    if (!goes_on) co_return conclude(id, Event::aborted);
    SocketPlan plan{std::move(answer.dialogue), fault, std::move(answer.reply.headers), &journal,
                    id};
    co_await converse(exchange.request, std::move(plan));
    co_return false;
  }
  const auto script = make_script(std::move(answer.reply), fault, exchange.framing);
  journal.decide(id, script.status, fault_name);
  journal.change(id, [&](RecordedRequest& record) {
    if (is_named) record.answer = exchange.request.answer;
    record.answer_bytes = script.body_bytes;
    record.answer_sha256 = script.body_sha256;
  });
  const bool is_whole = co_await play(script);
  end_watching();
  if (is_client_gone_ || is_killed_ || !is_whole) co_return conclude(id, Event::aborted);
  const bool is_broken_off = fault && breaks_off(fault->kind);
  conclude(id, is_broken_off ? Event::faulted : Event::completed);
  if (script.ending == Ending::reset) reset();
  co_return script.ending == Ending::keep_alive;
}

bool Connection::conclude(std::uint64_t record, Event outcome) {
  server_.journal().finish(record, is_killed_ ? Event::faulted : outcome);
  return false;
}

asio::awaitable<void> Connection::converse(const Request& request, SocketPlan plan) {
  const auto record = plan.record;
  if (plan.fault && !acts_within_socket(plan.fault->kind)) plan.fault.reset();
  Event outcome = Event::aborted;
  if (tls_) {
    outcome = co_await hold_websocket(tls_->stream, socket_, request, std::move(plan));
  } else {
    outcome = co_await hold_websocket(socket_, request, std::move(plan));
  }
  conclude(record, outcome);
}

asio::awaitable<Upgrade> Connection::ask_service(const Exchange& exchange) {
  Upgrade answer;
  if (exchange.wants_websocket) {
    answer = server_.service().upgrade(exchange.request);
  } else {
    answer.reply = co_await server_.service().answer(exchange.request);
  }
  co_return answer;
}

asio::awaitable<Upgrade> Connection::answer_to(Exchange& exchange, std::optional<Fault>& fault) {
  auto& request = exchange.request;
  Upgrade answer;
  try {
    fault = server_.fault_for(request);
  } catch (const std::invalid_argument& error) {
    answer.reply =
        json_reply(400, "{\"error\":\"x-sim-fault: bad " + std::string(error.what()) + "\"}");
  }
  if (answer.reply.status == 400) co_return answer;
  const bool is_drawn = !fault;
  if (is_drawn) fault = server_.draw_fault();
  std::optional<Reply> instead;
  if (fault) instead = replacement(*fault);
  if (instead) {
    if (!is_drawn) server_.use_up(request);
    answer.reply = std::move(*instead);
    co_return answer;
  }
  request.hides_ids = fault && fault->kind == FaultKind::unknown_id;
  answer = co_await ask_service(exchange);
  if (fault && concerns(*fault, answer.reply)) {
    if (!is_drawn) server_.use_up(request);
  } else {
    fault.reset();
  }
  co_return answer;
}

asio::awaitable<bool> Connection::play(const Script& script) {
  for (const auto& step : script.steps) {
    if (step.delay.count() > 0) {
      const bool goes_on = co_await pause(step.delay);
      if (!goes_on) co_return false;
    }
    if (is_client_gone_ || is_killed_) co_return false;
    const bool is_written = co_await write(step.bytes);
    if (!is_written) co_return false;
  }
  if (script.ending == Ending::hold) co_await pause(kForEver);
  co_return true;
}

asio::awaitable<bool> Connection::pause(std::chrono::milliseconds time) {
  if (is_client_gone_ || is_killed_) co_return false;
  error_code cancelled;
  timer_.expires_after(time);
  co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  co_return !is_client_gone_ && !is_killed_;
}

asio::awaitable<bool> Connection::write(const std::string& bytes) {
  error_code failure;
  const asio::const_buffer all = asio::buffer(bytes);
  if (tls_) {
    co_await asio::async_write(tls_->stream, all,
                               asio::redirect_error(asio::use_awaitable, failure));
  } else {
    co_await asio::async_write(socket_, all, asio::redirect_error(asio::use_awaitable, failure));
  }
  co_return !failure;
}

/// Ends with end_watching().
void Connection::begin_watching() {
  ++exchange_;
  asio::co_spawn(socket_.get_executor(), watch_client(shared_from_this(), exchange_),
                 [](const std::exception_ptr&) {});
}

void Connection::end_watching() {
  ++exchange_;
  error_code ignored;
  socket_.cancel(ignored);
}

asio::awaitable<void> Connection::watch_client(std::shared_ptr<Connection> self,
                                               std::uint64_t exchange) {
  asio::steady_timer look(self->socket_.get_executor());
  for (;;) {
    error_code failure;
    co_await socket_.async_wait(tcp::socket::wait_read,
                                asio::redirect_error(asio::use_awaitable, failure));
    if (exchange != exchange_ || is_killed_) co_return;
    if (failure || has_client_closed()) {
      is_client_gone_ = true;
      timer_.cancel();
      close();
      co_return;
    }
    look.expires_after(kLookInterval);
    co_await look.async_wait(asio::redirect_error(asio::use_awaitable, failure));
    if (exchange != exchange_ || is_killed_) co_return;
  }
}

/// Also where bytes of the next request, or TLS's own, lie in front of the end.
bool Connection::has_client_closed() {
  pollfd state{socket_.native_handle(), POLLIN | POLLRDHUP, 0};
  if (::poll(&state, 1, 0) < 0) return true;
  return (state.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0;
}

void Connection::kill() {
  is_killed_ = true;
  timer_.cancel();
  reset();
}

void Connection::reset() {
  error_code ignored;
  socket_.set_option(tcp::socket::linger(true, 0), ignored);
  socket_.close(ignored);
}

void Connection::close() {
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
}

}  // namespace spillway::simulator
