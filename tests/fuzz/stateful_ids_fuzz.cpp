// Any target: ids within their bounds, and only such as have the shape of one. Any answer: the same
// ids in one piece and in two, within their bound.

#include <spillway/aoai/answer_ids.hpp>
#include <spillway/aoai/stateful_ids.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace spillway::aoai;

void check_target(std::string_view target) {
  for (const std::string_view method : {"GET", "POST", "DELETE"}) {
    const auto path = parse_api_path(method, target);
    if (!path) continue;
    const auto ids = ids_in_path(path.value());
    if (ids.size() > kMaxPathIds) std::abort();
    if (!std::all_of(ids.begin(), ids.end(), has_id_shape)) std::abort();
    const std::string deleted = id_deleted_by(path.value(), method);
    if (!deleted.empty() && (method != "DELETE" || ids.front() != deleted)) std::abort();
    remembers_answer_ids(path.value(), method, {});
  }
}

void check_answer(std::string_view answer) {
  AnswerIds whole;
  whole.observe(answer);
  const auto ids = whole.take();
  if (ids.size() > AnswerIds::kMaxTaken) std::abort();
  if (!std::all_of(ids.begin(), ids.end(), has_id_shape)) std::abort();
  AnswerIds split;
  const std::size_t half =
      answer.empty() ? 0 : static_cast<unsigned char>(answer[0]) % answer.size();
  split.observe(answer.substr(0, half));
  split.observe(answer.substr(half));
  if (split.take() != ids) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_target(text);
  check_answer(text);
  return 0;
}
