// Any bytes, either sender: the split between reads makes no difference to what is told, and no
// more is told than came.

#include <spillway/http/websocket_frames.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using spillway::http::FrameSender;
using spillway::http::SeenFrame;
using spillway::http::WebSocketFrames;

struct Told {
  std::string events;
  std::string payload;
  bool is_between = false;
};

void watch(WebSocketFrames& frames, std::string_view bytes, Told& told) {
  for (;;) {
    const SeenFrame seen = frames.next(bytes);
    if (seen.kind == SeenFrame::Kind::nothing) break;
    told.payload += seen.payload;
    const bool is_piece =
        seen.kind == SeenFrame::Kind::text_piece || seen.kind == SeenFrame::Kind::binary_piece;
    if (!is_piece) told.events += static_cast<char>('a' + static_cast<int>(seen.kind));
    told.events += seen.close_code != 0 ? std::to_string(seen.close_code) : std::string();
  }
  if (!bytes.empty()) std::abort();
  told.is_between = frames.is_between_messages();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const FrameSender sender = (data[0] & 1U) != 0 ? FrameSender::client : FrameSender::server;
  const std::size_t step = data[1] == 0 ? 1 : data[1];
  Told whole;
  WebSocketFrames at_once(sender);
  watch(at_once, bytes, whole);
  Told split;
  WebSocketFrames in_pieces(sender);
  for (std::size_t i = 0; i < bytes.size(); i += step)
    watch(in_pieces, bytes.substr(i, step), split);
  if (bytes.empty()) return 0;
  if (whole.events != split.events || whole.payload != split.payload) std::abort();
  if (whole.is_between != split.is_between) std::abort();
  if (whole.payload.size() > bytes.size()) std::abort();
  return 0;
}
