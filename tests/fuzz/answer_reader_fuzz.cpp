// Any answer in any form, shape and encoding: the split between reads makes no difference.

#include <spillway/aoai/answer_reader.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace spillway::aoai;

struct Read {
  Usage usage;
  Usage estimate;
  std::string code, type, message;
  unsigned status = 0;
  bool came_before_output = false;
  bool has_output = false, is_complete = false, is_between_events = false;
  std::uint64_t event_count = 0;
  friend bool operator==(const Read&, const Read&) = default;
};

void check(bool holds) {
  if (!holds) std::abort();
}

Read read(std::uint8_t kind, std::string_view bytes, std::size_t step) {
  constexpr std::string_view kCodings[] = {"", "gzip", "deflate", "br"};
  AnswerReader reader(static_cast<AnswerForm>(kind % 3), static_cast<StreamShape>(kind / 4 % 4),
                      kCodings[kind / 16 % 4]);
  Read result;
  for (std::size_t i = 0; i < bytes.size(); i += step)
    reader.observe(bytes.substr(i, step));
  result.usage = reader.usage();
  result.estimate = reader.estimate(7);
  result.has_output = reader.has_output();
  result.is_complete = reader.is_complete();
  result.is_between_events = reader.is_between_events();
  result.event_count = reader.event_count();
  if (const StreamError* error = reader.error()) {
    result.code = error->code;
    result.type = error->type;
    result.message = error->message;
    result.status = error->status;
    result.came_before_output = error->came_before_output;
    check(error->status >= 400 && error->status <= 599);
    check(error->message.size() <= 256 && error->headers.size() <= 5);
  }
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t step = data[1] == 0 ? 1 : data[1];
  const Read whole = read(data[0], bytes, bytes.size() + 1);
  const bool is_encoded = data[0] / 16 % 4 != 0;
  const Read split = read(data[0], bytes, step);
  // How far a malformed encoding is read depends on the reads.
  if (!is_encoded) check(whole == split);
  return 0;
}
