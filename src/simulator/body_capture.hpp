#pragma once
// What is kept of a request body as it comes: JSON whole, of everything else the first 64 KiB; size
// and SHA-256 of all; the parts of a form. So that an upload of 512 MiB takes constant memory.

#include "simulator/digest.hpp"
#include "simulator/multipart_reader.hpp"
#include "simulator/request.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::simulator {

class BodyCapture {
 public:
  static constexpr std::size_t kKept = std::size_t{64} * 1024;

  /// Before the first byte.
  void begin(std::string_view content_type);
  void add(std::string_view bytes);
  /// Moves what was captured into the request.
  void finish(Request& request);

 private:
  bool is_kept_whole_ = true;
  std::string kept_;
  Digest digest_;
  std::optional<MultipartReader> form_;
};

}  // namespace spillway::simulator
