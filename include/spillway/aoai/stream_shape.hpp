#pragma once
// The dialects of server-sent events that the APIs speak, and the event by which the gateway says
// in each of them that a stream broke off.

#include <spillway/aoai/api_path.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::aoai {

enum class StreamShape : std::uint8_t {
  chat,        // chat completions and completions
  responses,   // also of a stored response that is streamed again
  assistants,  // runs of threads
  other,       // audio and images
};

/// The dialect in which a call would be answered if it were answered by a stream.
StreamShape stream_shape_of(const ApiPath& path);

/// The last event of a stream that broke after output had begun, in the API's own shape
/// (behaviour §5; wire reference §5.5), blank line included. Only the Responses shape carries a
/// sequence number: one per event from 0, so event_count() is the next one of a stream read from
/// its start.
std::string make_stream_error_event(StreamShape shape, std::string_view message,
                                    std::uint64_t sequence_number = 0);

}  // namespace spillway::aoai
