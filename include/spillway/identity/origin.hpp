#pragma once
// Where a token endpoint is: the first part of its URL. Pure.

#include <spillway/base/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::identity {

/// Scheme, host and port of a URL, and the path before the endpoint's own paths.
struct Origin {
  bool is_tls = true;
  std::string host;  // without brackets
  std::uint16_t port = 443;
  std::string path_prefix;  // "" or "/a/b"

  friend bool operator==(const Origin&, const Origin&) = default;
};

/// `https://host[:port][/path]` or http; nothing with user information, query or fragment.
/// Errors: Fault::internal, naming the text (an authority holds no secret).
base::Result<Origin> parse_origin(std::string_view url);

}  // namespace spillway::identity
