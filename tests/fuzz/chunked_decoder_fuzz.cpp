// Any bytes as a chunked body: the split between reads makes no difference, and nothing is consumed
// behind the end.

#include <spillway/http/chunked_decoder.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace spillway;

struct Decoded {
  std::string body;
  std::size_t consumed = 0;
  bool is_done = false;
  bool is_refused = false;
};

Decoded decode(const std::string& bytes, std::size_t step) {
  http::ChunkedDecoder decoder(http::Limits(), base::Side::client);
  Decoded result;
  for (std::size_t begin = 0; begin < bytes.size() && !decoder.is_done(); begin += step) {
    std::string piece = bytes.substr(begin, step);
    const auto progress = decoder.decode(piece);
    if (!progress) {
      result.is_refused = true;
      return result;
    }
    if (progress->consumed > piece.size() || progress->body > progress->consumed) std::abort();
    if (progress->consumed < piece.size() && !decoder.is_done()) std::abort();
    result.body.append(piece, 0, progress->body);
    result.consumed += progress->consumed;
  }
  result.is_done = decoder.is_done();
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Decoded whole = decode(bytes, std::max<std::size_t>(bytes.size(), 1));
  const Decoded split = decode(bytes, std::max<std::size_t>(data[0], 1));
  if (whole.is_refused != split.is_refused || whole.is_done != split.is_done) std::abort();
  if (!whole.is_refused && (whole.body != split.body || whole.consumed != split.consumed)) {
    std::abort();
  }
  return 0;
}
