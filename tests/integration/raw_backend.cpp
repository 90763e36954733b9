#include "integration/raw_backend.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <cctype>
#include <list>
#include <mutex>
#include <set>
#include <sys/socket.h>
#include <thread>
#include <utility>

namespace spillway::integration {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

bool is_token_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool is_digits(const std::string& text) {
  return !text.empty() && text.size() < 19 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string offence_of_request_line(const std::string& line) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string::npos || first == last || line.find(' ', first + 1) != last) {
    return "request line: " + line;
  }
  if (line.substr(last + 1) != "HTTP/1.1") return "version: " + line;
  const std::string target = line.substr(first + 1, last - first - 1);
  const bool is_clean =
      std::all_of(target.begin(), target.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  if (target.front() != '/' || !is_clean) return "target: " + line;
  return "";
}

struct Seen {
  unsigned hosts = 0;
  unsigned lengths = 0;
  unsigned encodings = 0;
};

std::string judge_field(const std::string& line, Seen& seen, WireVerdict& verdict) {
  const auto colon = line.find(':');
  if (colon == std::string::npos || colon == 0) return "no field: " + line;
  const std::string name = lower(line.substr(0, colon));
  if (!std::all_of(name.begin(), name.end(), is_token_char)) return "name: " + line;
  std::string value = line.substr(colon + 1);
  if (value.starts_with(' ')) value.erase(0, 1);
  for (const char c : value) {
    const auto code = static_cast<unsigned char>(c);
    if ((code < 0x20 && c != '\t') || code == 0x7F) return "control character: " + line;
  }
  if (name == "host") ++seen.hosts;
  if (name == "content-length") {
    ++seen.lengths;
    if (!is_digits(value) || (value.size() > 1 && value[0] == '0')) return "length: " + line;
    verdict.body_bytes = std::stoul(value);
  }
  if (name == "transfer-encoding") {
    ++seen.encodings;
    if (value != "chunked") return "coding: " + line;
    verdict.is_chunked = true;
  }
  for (const char* hop : {"te", "trailer", "keep-alive", "proxy-connection", "http2-settings"}) {
    if (name == hop) return "hop-by-hop: " + line;
  }
  return "";
}

// Chunked to its end within `text`, from `at`; npos: not all of it is there.
std::size_t end_of_chunks(const std::string& text, std::size_t at) {
  for (;;) {
    const auto line_end = text.find("\r\n", at);
    if (line_end == std::string::npos) return std::string::npos;
    const std::size_t size = std::stoul(text.substr(at, line_end - at), nullptr, 16);
    at = line_end + 2 + size + 2;
    if (text.size() < at) return std::string::npos;
    if (size == 0) return at;
  }
}

}  // namespace

WireVerdict judge_request_head(const std::string& head) {
  WireVerdict verdict;
  Seen seen;
  std::size_t at = 0;
  for (bool is_first = true;; is_first = false) {
    const auto end = head.find('\n', at);
    if (end == std::string::npos || end == at || head[end - 1] != '\r') {
      verdict.offence = "line end";
      return verdict;
    }
    const std::string line = head.substr(at, end - 1 - at);
    at = end + 1;
    if (line.empty()) break;
    verdict.offence = is_first ? offence_of_request_line(line) : judge_field(line, seen, verdict);
    if (!verdict.offence.empty()) return verdict;
  }
  if (seen.hosts != 1) verdict.offence = "not exactly one Host";
  if (seen.lengths + seen.encodings > 1) verdict.offence = "more than one framing";
  return verdict;
}

struct RawBackend::State {
  asio::io_context context{1};
  tcp::acceptor acceptor{context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  mutable std::mutex mutex;
  Script script;
  std::vector<std::string> requests;
  std::vector<std::string> offences;
  std::set<int> open;  // descriptors of the connections that are served
  std::list<std::thread> threads;
  std::size_t accepted = 0;
  std::size_t closed_by_gateway = 0;
  bool is_over = false;
  std::thread acceptance;

  void accept_all();
  void serve(tcp::socket socket);
  bool serve_one(tcp::socket& socket, std::string& held);
  Script note(std::string request, const std::string& offence);
};

void RawBackend::State::accept_all() {
  for (;;) {
    boost::system::error_code error;
    tcp::socket socket(context);
    acceptor.accept(socket, error);
    const std::lock_guard lock(mutex);
    if (error || is_over) return;
    ++accepted;
    open.insert(socket.native_handle());
    threads.emplace_back([this, moved = std::move(socket)]() mutable { serve(std::move(moved)); });
  }
}

void RawBackend::State::serve(tcp::socket socket) {
  const int descriptor = socket.native_handle();
  std::string held;
  while (serve_one(socket, held)) {
  }
  const std::lock_guard lock(mutex);
  open.erase(descriptor);
  boost::system::error_code ignored;
  socket.close(ignored);
}

namespace {

// False at the end of the connection.
bool read_more(tcp::socket& socket, std::string& held) {
  char bytes[8192];
  boost::system::error_code error;
  const std::size_t came = socket.read_some(asio::buffer(bytes), error);
  held.append(bytes, came);
  return !error;
}

}  // namespace

RawBackend::Script RawBackend::State::note(std::string request, const std::string& offence) {
  const std::lock_guard lock(mutex);
  requests.push_back(std::move(request));
  if (!offence.empty()) offences.push_back(offence);
  return script;
}

bool RawBackend::State::serve_one(tcp::socket& socket, std::string& held) {
  while (held.find("\r\n\r\n") == std::string::npos) {
    if (read_more(socket, held)) continue;
    const std::lock_guard lock(mutex);
    if (!held.empty()) offences.push_back("cut head: " + held);
    if (!is_over) ++closed_by_gateway;
    return false;
  }
  const std::size_t head_end = held.find("\r\n\r\n") + 4;
  const WireVerdict verdict = judge_request_head(held.substr(0, head_end));
  std::size_t end = head_end + verdict.body_bytes;
  const auto is_whole = [&] {
    if (!verdict.is_chunked) return held.size() >= end;
    end = end_of_chunks(held, head_end);
    return end != std::string::npos;
  };
  while (!is_whole()) {
    if (!read_more(socket, held)) {
      note(held, "cut body");
      return false;
    }
  }
  const std::string behind = held.substr(end);
  std::string offence = verdict.offence;
  if (!behind.empty()) offence = "bytes behind the request: " + behind;
  const Script answer = note(held.substr(0, end), offence);
  held = behind;
  boost::system::error_code error;
  asio::write(socket, asio::buffer(answer.bytes), error);
  if (answer.then == Then::reset) socket.set_option(asio::socket_base::linger(true, 0), error);
  return answer.then == Then::keep;
}

RawBackend::Script RawBackend::ok(const std::string& text) {
  const std::string body = "{\"text\":\"" + text + "\"}";
  return {"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n\r\n" + body,
          Then::keep};
}

RawBackend::RawBackend(Script script) : state_(std::make_unique<State>()) {
  state_->script = std::move(script);
  state_->acceptance = std::thread([state = state_.get()] { state->accept_all(); });
}

RawBackend::~RawBackend() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->is_over = true;
    for (const int descriptor : state_->open)
      ::shutdown(descriptor, SHUT_RDWR);
  }
  // A blocked accept ends by a connection.
  boost::system::error_code ignored;
  asio::io_context context(1);
  tcp::socket knock(context);
  knock.connect(state_->acceptor.local_endpoint(), ignored);
  state_->acceptance.join();
  for (std::thread& thread : state_->threads)
    thread.join();
}

void RawBackend::answer_with(Script script) {
  const std::lock_guard lock(state_->mutex);
  state_->script = std::move(script);
}

std::string RawBackend::url() const {
  return "http://127.0.0.1:" + std::to_string(state_->acceptor.local_endpoint().port());
}

std::vector<std::string> RawBackend::requests() const {
  const std::lock_guard lock(state_->mutex);
  return state_->requests;
}

std::vector<std::string> RawBackend::offences() const {
  const std::lock_guard lock(state_->mutex);
  return state_->offences;
}

std::size_t RawBackend::connections() const {
  const std::lock_guard lock(state_->mutex);
  return state_->accepted;
}

std::size_t RawBackend::closed_by_gateway() const {
  const std::lock_guard lock(state_->mutex);
  return state_->closed_by_gateway;
}

}  // namespace spillway::integration
