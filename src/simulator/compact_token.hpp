#pragma once
// A JSON web token in its compact form, taken apart and not yet believed. Pure.

#include <optional>
#include <string>
#include <string_view>

namespace spillway::simulator {

struct CompactToken {
  /// Both are JSON objects.
  std::string header;
  std::string payload;
  std::string signature;
  /// What the signature is of: the first two segments as they came.
  std::string signed_text;
};

/// Nothing unless it is three segments of strict base64url, the first two of them JSON objects.
std::optional<CompactToken> parse_compact_token(std::string_view text);

}  // namespace spillway::simulator
