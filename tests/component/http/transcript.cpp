#include "transcript.hpp"

#include "support/run_task.hpp"
#include <spillway/http/message_reader.hpp>

namespace spillway::http {
namespace {

using support::MemoryStream;

std::string line_of(const MessageReader& reader, const base::Error& error) {
  const std::string fault(base::name_of(error.fault()));
  const unsigned status = reader.problem_status();
  return fault + " " + (status == 0 ? error.detail() : std::to_string(status)) + "\n";
}

// Ends with "}\n" or, where the body is not to be had, with the failure.
net::Task<std::string> body_lines(MessageReader& reader) {
  std::string text = "{";
  for (;;) {
    const base::Result<std::string_view> piece = co_await reader.read_body_piece();
    if (!piece) co_return "{cut} " + line_of(reader, piece.error());
    if (piece->empty()) break;
    text += *piece;
  }
  co_return text + "}\n";
}

net::Task<std::string> read_requests(MessageReader& reader) {
  std::string text;
  for (;;) {
    const base::Result<RequestHead> head = co_await reader.read_request_head();
    if (!head) {
      text += line_of(reader, head.error());
      co_return text;
    }
    const std::string version = head->version == Version::http_1_0 ? " 1.0 " : " 1.1 ";
    text += head->method + " " + head->target + version;
    text += co_await body_lines(reader);
    if (!text.ends_with("}\n")) co_return text;
  }
}

net::Task<std::string> read_responses(MessageReader& reader, std::vector<std::string> methods) {
  std::string text;
  for (const std::string& method : methods) {
    const base::Result<ResponseHead> head = co_await reader.read_response_head(method);
    if (!head) {
      text += line_of(reader, head.error());
      co_return text;
    }
    text += std::to_string(head->status) + (head->keep_alive ? " " : " closing ");
    text += co_await body_lines(reader);
  }
  co_return text;
}

}  // namespace

Script all_at_once(std::string bytes) {
  return in_steps(std::move(bytes), 1U << 20U);
}

Script cut_at(std::string bytes, std::size_t offset) {
  return [bytes = std::move(bytes), offset](support::BytePipe& pipe) {
    pipe.push(bytes.substr(0, offset));
    pipe.push(bytes.substr(offset));
    pipe.end();
  };
}

Script in_steps(std::string bytes, std::size_t step) {
  return [bytes = std::move(bytes), step](support::BytePipe& pipe) {
    pipe.limit_reads(step);
    pipe.push(bytes);
    pipe.end();
  };
}

std::string request_transcript(const Script& script) {
  net::asio::io_context context(1);
  MemoryStream stream(context.get_executor(), base::Side::client);
  script(stream.input());
  MessageReader reader(stream, Limits(), base::Side::client);
  return support::run_task(context, read_requests(reader)).value_or("(waits for ever)");
}

std::string response_transcript(const Script& script, std::vector<std::string> methods) {
  net::asio::io_context context(1);
  MemoryStream stream(context.get_executor(), base::Side::upstream);
  script(stream.input());
  MessageReader reader(stream, response_limits(), base::Side::upstream);
  return support::run_task(context, read_responses(reader, std::move(methods)))
      .value_or("(waits for ever)");
}

}  // namespace spillway::http
