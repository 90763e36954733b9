#include "bench/backend/answers.hpp"

#include "bench/wire/framing.hpp"
#include "bench/wire/stamp.hpp"

#include <charconv>

namespace spillway::bench {
namespace {

constexpr std::size_t kEmbeddingBytes = 20'000;
constexpr std::size_t kSeenSlots = 1U << 16U;

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

std::string event_of(std::string_view json) {
  const std::string event = "data: " + std::string(json) + "\n\n";
  constexpr std::string_view digits = "0123456789abcdef";
  std::string size;
  for (std::size_t left = event.size(); left > 0; left /= 16)
    size.insert(size.begin(), digits[left % 16]);
  return size + "\r\n" + event + "\r\n";
}

std::string chunk_json(std::string_view choices, std::string_view more) {
  std::string text =
      R"({"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1730000000,)"
      R"("model":"gpt-4o-2024-11-20","system_fingerprint":")";
  text += kStampMark;
  text += kNoStamp;
  text += R"(","choices":[)";
  text += choices;
  text += "]";
  text += more;
  return text + "}";
}

std::string stream_tail(bool has_usage) {
  std::string text = event_of(chunk_json(R"({"index":0,"delta":{},"finish_reason":"stop"})", ""));
  if (has_usage) {
    text += event_of(chunk_json(
        "", R"(,"usage":{"prompt_tokens":20,"completion_tokens":50,"total_tokens":70})"));
  }
  return text + event_of("[DONE]") + "0\r\n\r\n";
}

std::string embeddings_body() {
  return R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":")" +
         std::string(kEmbeddingBytes, 'A') +
         R"("}],"model":"text-embedding-3-large",)"
         R"("usage":{"prompt_tokens":1000,"total_tokens":1000}})";
}

std::string_view target_of(std::string_view head) {
  const auto begin = head.find(' ') + 1;
  return head.substr(begin, head.find(' ', begin) - begin);
}

unsigned number_in(std::string_view& text) {
  unsigned number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(result.ptr - text.data()));
  return number;
}

}  // namespace

Answers::Answers(const Faults& faults, unsigned stream_events)
    : faults_(faults),
      stream_events_(stream_events),
      chat_(whole("200 OK", "", chat_body())),
      embeddings_(whole("200 OK", "", embeddings_body())),
      throttled_(whole("429 Too Many Requests", "retry-after-ms: 50\r\n",
                       R"({"error":{"code":"429","message":"Rate limit is exceeded."}})")),
      unavailable_(whole("503 Service Unavailable", "",
                         R"({"error":{"code":"503","message":"Try again, please, elsewhere."}})")),
      failed_(whole("500 Internal Server Error", "",
                    R"({"error":{"code":"InternalServerError","message":"bench"}})")),
      stream_head_(
          "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
          "transfer-encoding: chunked\r\n\r\n"),
      tail_(stream_tail(false)),
      tail_with_usage_(stream_tail(true)),
      event_(event_of(
          chunk_json(R"({"index":0,"delta":{"content":"word "},"finish_reason":null})", ""))),
      stamp_at_(event_.find(kStampMark) + kStampMark.size()),
      seen_(kSeenSlots) {}

bool Answers::is_seen_first(std::string_view number) {
  std::uint32_t value = 0;
  std::from_chars(number.data(), number.data() + number.size(), value);
  std::uint32_t& seen = seen_[value % kSeenSlots];
  const bool is_first = seen != value;
  seen = value;
  return is_first;
}

std::string_view Answers::stamped_event() {
  write_stamp(event_.data() + stamp_at_);
  return event_;
}

BackendAnswer Answers::stream(std::string_view target, bool wants_usage) {
  constexpr std::string_view mark = "/stream-";
  const std::string& tail = wants_usage ? tail_with_usage_ : tail_;
  const auto at = target.find(mark);
  BackendAnswer answer;
  if (at != std::string_view::npos) {
    std::string_view rest = target.substr(at + mark.size());
    answer.plan.events = number_in(rest);
    if (rest.starts_with('x')) rest.remove_prefix(1);
    answer.plan.gap = std::chrono::milliseconds(number_in(rest));
    answer.bytes = stream_head_;
    answer.tail = tail;
    return answer;
  }
  std::string& text = whole_streams_[{stream_events_, wants_usage}];
  if (text.empty()) {
    text = stream_head_;
    for (unsigned i = 0; i < stream_events_; ++i)
      text += event_;
    text += tail;
  }
  answer.bytes = text;
  return answer;
}

BackendAnswer Answers::next(std::string_view head, std::string_view body) {
  ++count_;
  const std::string_view refusal = field_in(head, "x-bench-refuse-once");
  if (refusal.size() > 4 && is_seen_first(refusal.substr(4)))
    return {refusal.starts_with("503") ? unavailable_ : throttled_, false, {}, {}};
  if (is_due(faults_.throttle_each)) return {throttled_, false, {}, {}};
  if (is_due(faults_.fail_each)) return {failed_, false, {}, {}};
  const std::string_view target = target_of(head);
  BackendAnswer answer;
  if (body.find(R"("stream":true)") != std::string_view::npos) {
    answer = stream(target, body.find(R"("include_usage":true)") != std::string_view::npos);
  } else {
    answer.bytes = target.find("/embeddings") != std::string_view::npos ? embeddings_ : chat_;
  }
  if (is_due(faults_.cut_each)) {
    answer.bytes = answer.bytes.substr(0, answer.bytes.size() / 2);
    answer.is_cut = true;
  }
  return answer;
}

}  // namespace spillway::bench
