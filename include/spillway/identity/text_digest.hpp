#pragma once
// By which keys and tokens are looked up: never by themselves.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace spillway::identity {

/// SHA-256.
using TextDigest = std::array<std::uint8_t, 32>;

TextDigest digest_of(std::string_view text);

/// For hash tables: a digest is as evenly distributed as any hash of it.
struct TextDigestHash {
  std::size_t operator()(const TextDigest& digest) const {
    std::size_t hash = 0;
    std::memcpy(&hash, digest.data(), sizeof hash);
    return hash;
  }
};

}  // namespace spillway::identity
