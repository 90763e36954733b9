#pragma once
// The payloads under tests/support/wire-samples, byte for byte.

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace spillway::test {

/// `name` is relative to the folder, e.g. "chat/stream-default.sse".
inline std::string read_wire_sample(const std::string& name) {
  const std::string path = SPILLWAY_SOURCE_DIR "/tests/support/wire-samples/" + name;
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace spillway::test
