#include "bench/load/call.hpp"

namespace spillway::bench {
namespace {

constexpr std::size_t kPromptBytes = 700;
constexpr std::size_t kLargePromptBytes = 100'000;
constexpr std::string_view kChat = "/openai/deployments/gpt-4o/chat/completions";
constexpr std::string_view kEmbeddings = "/openai/deployments/text-embedding-3-large/embeddings";

std::string post(std::string_view host, std::string_view path, std::string_view key,
                 std::string_view body) {
  std::string text = "POST ";
  text += path;
  text += "?api-version=2024-10-21 HTTP/1.1\r\nhost: ";
  text += host;
  text += "\r\napi-key: ";
  text += key;
  text += "\r\ncontent-type: application/json\r\nuser-agent: spillway-load\r\ncontent-length: ";
  text += std::to_string(body.size());
  text += "\r\n\r\n";
  text += body;
  return text;
}

std::string chat_body(std::size_t prompt_bytes, std::string_view more) {
  std::string text = R"({"messages":[{"role":"user","content":")";
  text.append(prompt_bytes, 'p');
  text += R"("}])";
  text += more;
  text += "}";
  return text;
}

bool is_unavailable(unsigned status) {
  return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

Verdict right_if(bool is_right) {
  return is_right ? Verdict::right : Verdict::wrong;
}

}  // namespace

Calls::Calls(std::string_view host, std::string_view key)
    : chat_(post(host, kChat, key, chat_body(kPromptBytes, ""))),
      stream_(post(host, kChat, key, chat_body(kPromptBytes, R"(,"stream":true)"))),
      embeddings_(post(host, kEmbeddings, key, R"({"input":"some text"})")),
      large_(post(host, kChat, key, chat_body(kLargePromptBytes, ""))),
      wrong_key_(post(host, kChat, "not-a-key", chat_body(kPromptBytes, ""))),
      no_route_(post(host, "/no/such/path", key, "{}")),
      malformed_(
          "POST / HTTP/1.1\r\nhost: gateway\r\ncontent-length: 3\r\n"
          "transfer-encoding: chunked\r\n\r\n") {}

Call Calls::plain() const {
  return {CallKind::chat, chat_};
}

Call Calls::draw(base::Random& random) const {
  const std::uint64_t lot = random.below(100);
  if (lot < 58) return {CallKind::chat, chat_};
  if (lot < 80) return {CallKind::stream, stream_};
  if (lot < 85) return {CallKind::embeddings, embeddings_};
  if (lot < 88) return {CallKind::large_prompt, large_};
  if (lot < 91) return {CallKind::wrong_key, wrong_key_};
  if (lot < 93) return {CallKind::no_route, no_route_};
  if (lot < 95) return {CallKind::malformed, malformed_, true};
  if (lot < 97) return {CallKind::hang_up, chat_, true};
  return {CallKind::reconnects, chat_, true};
}

Verdict judge(CallKind kind, unsigned status, std::string_view body) {
  switch (kind) {
    case CallKind::wrong_key:
      return right_if(status == 401);
    case CallKind::no_route:
      return right_if(status == 404);
    case CallKind::malformed:
      return right_if(status == 400);
    default:
      break;
  }
  if (is_unavailable(status)) return Verdict::unavailable;
  if (status != 200) return Verdict::wrong;
  if (kind == CallKind::stream) return right_if(body.ends_with("data: [DONE]\n\n"));
  const bool is_list = kind == CallKind::embeddings;
  const std::string_view object =
      is_list ? R"({"object":"list")" : R"({"id":"chatcmpl-bench","object":"chat.completion")";
  return right_if(body.starts_with(object) && body.ends_with("}}"));
}

}  // namespace spillway::bench
