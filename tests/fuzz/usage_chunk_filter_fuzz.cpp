// Any stream: the split between reads makes no difference, nothing is added or changed, and what is
// left has nothing more to take out.

#include <spillway/aoai/usage_chunk_filter.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using spillway::aoai::UsageChunkFilter;

struct Filtered {
  std::string out;
  std::uint64_t removed = 0;
};

Filtered filter(std::string_view bytes, std::size_t step) {
  UsageChunkFilter filter;
  Filtered result;
  for (std::size_t i = 0; i < bytes.size(); i += step)
    filter.push(bytes.substr(i, step), result.out);
  filter.finish(result.out);
  result.removed = filter.removed_count();
  return result;
}

bool is_subsequence(std::string_view part, std::string_view whole) {
  for (const char c : whole) {
    if (!part.empty() && part.front() == c) part.remove_prefix(1);
  }
  return part.empty();
}

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t step = data[0] == 0 ? 1 : data[0];
  const Filtered whole = filter(bytes, bytes.size() + 1);
  check(filter(bytes, step).out == whole.out);
  check(is_subsequence(whole.out, bytes));
  check((whole.removed == 0) == (whole.out == bytes));
  return 0;
}
