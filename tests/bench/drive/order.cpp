#include "bench/drive/order.hpp"

namespace spillway::bench {
namespace {

// Its size is that of the whole body; a stream says so in front, where the backend looks.
std::string body_text(const Order& order) {
  std::string text = R"({"model":"bench",)";
  if (order.is_stream) text += R"("stream":true,"stream_options":{"include_usage":true},)";
  const bool is_chat = order.operation.find("chat") != std::string::npos;
  text += is_chat ? R"("messages":[{"role":"user","content":")" : R"("input":[")";
  const std::string_view end = is_chat ? R"("}]})" : R"("]})";
  const std::size_t taken = text.size() + end.size();
  for (std::size_t left = order.body_bytes > taken ? order.body_bytes - taken : 0; left > 0; --left)
    text += left % 6 == 0 ? ' ' : 'w';
  text += end;
  return text;
}

}  // namespace

std::string request_text(const Order& order, std::uint32_t number) {
  const std::string body = body_text(order);
  std::string text = "POST /openai/deployments/" + order.deployment + "/" + order.operation +
                     "?api-version=2024-10-21 HTTP/1.1\r\nhost: gateway.example\r\n" +
                     "accept: application/json\r\nuser-agent: OpenAI/Python 1.99.0\r\n" +
                     order.credential + "\r\ncontent-type: application/json\r\n";
  if (number != 0) {
    text += "x-bench-refuse-once: " + std::to_string(order.refused_status) + "-" +
            std::to_string(number) + "\r\n";
  }
  text += "content-length: " + std::to_string(body.size()) + "\r\n\r\n";
  return text + body;
}

}  // namespace spillway::bench
