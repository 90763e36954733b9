// Any bytes: the split between reads makes no difference.

#include <spillway/aoai/event_stream.hpp>

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t step = data[0] == 0 ? 1 : data[0];
  spillway::aoai::EventStream whole;
  whole.observe(bytes);
  spillway::aoai::EventStream split;
  for (std::size_t i = 0; i < bytes.size(); i += step)
    split.observe(bytes.substr(i, step));
  if (whole.is_between_events() != split.is_between_events()) std::abort();
  if (whole.event_count() != split.event_count()) std::abort();
  return 0;
}
