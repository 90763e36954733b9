#include "bench/backend/answers.hpp"

namespace spillway::bench {
namespace {

constexpr std::size_t kEmbeddingBytes = 20'000;

std::string whole(std::string_view status, std::string_view more_fields, std::string_view body) {
  std::string text = "HTTP/1.1 ";
  text += status;
  text += "\r\ncontent-type: application/json\r\n";
  text += more_fields;
  text += "content-length: ";
  text += std::to_string(body.size());
  text += "\r\n\r\n";
  text += body;
  return text;
}

std::string chat_body() {
  return R"({"id":"chatcmpl-bench","object":"chat.completion","created":1730000000,)"
         R"("model":"gpt-4o-2024-11-20","choices":[{"index":0,"message":{"role":"assistant",)"
         R"("content":")" +
         std::string(400, 'x') +
         R"("},"logprobs":null,"finish_reason":"stop"}],)"
         R"("usage":{"prompt_tokens":20,"completion_tokens":100,"total_tokens":120}})";
}

void append_event(std::string& out, std::string_view json) {
  std::string event = "data: ";
  event += json;
  event += "\n\n";
  constexpr std::string_view digits = "0123456789abcdef";
  std::string size;
  for (std::size_t left = event.size(); left > 0; left /= 16)
    size.insert(size.begin(), digits[left % 16]);
  out += size;
  out += "\r\n";
  out += event;
  out += "\r\n";
}

std::string stream_answer(unsigned events) {
  std::string text =
      "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
      "transfer-encoding: chunked\r\n\r\n";
  for (unsigned i = 0; i < events; ++i) {
    append_event(text,
                 R"({"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1730000000,)"
                 R"("model":"gpt-4o-2024-11-20","choices":[{"index":0,"delta":{"content":"word "},)"
                 R"("finish_reason":null}]})");
  }
  append_event(text,
               R"({"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1730000000,)"
               R"("model":"gpt-4o-2024-11-20","choices":[{"index":0,"delta":{},)"
               R"("finish_reason":"stop"}]})");
  append_event(text, "[DONE]");
  text += "0\r\n\r\n";
  return text;
}

std::string embeddings_body() {
  return R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":")" +
         std::string(kEmbeddingBytes, 'A') +
         R"("}],"model":"text-embedding-3-large",)"
         R"("usage":{"prompt_tokens":1000,"total_tokens":1000}})";
}

}  // namespace

Answers::Answers(const Faults& faults, unsigned stream_events)
    : faults_(faults),
      chat_(whole("200 OK", "", chat_body())),
      stream_(stream_answer(stream_events)),
      embeddings_(whole("200 OK", "", embeddings_body())),
      throttled_(whole("429 Too Many Requests", "retry-after-ms: 50\r\n",
                       R"({"error":{"code":"429","message":"Rate limit is exceeded."}})")),
      failed_(whole("500 Internal Server Error", "",
                    R"({"error":{"code":"InternalServerError","message":"bench"}})")) {}

BackendAnswer Answers::next(std::string_view target, std::string_view body) {
  ++count_;
  if (is_due(faults_.throttle_each)) return {throttled_};
  if (is_due(faults_.fail_each)) return {failed_};
  const bool is_stream = body.find(R"("stream":true)") != std::string_view::npos;
  const bool is_embedding = target.find("/embeddings") != std::string_view::npos;
  const std::string& answer = is_stream ? stream_ : is_embedding ? embeddings_ : chat_;
  if (is_due(faults_.cut_each))
    return {std::string_view(answer).substr(0, answer.size() / 2), true};
  return {answer};
}

}  // namespace spillway::bench
