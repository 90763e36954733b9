#pragma once
// Base64url as JOSE wants it (RFC 7515 §2), and nothing that only looks like it.

#include <optional>
#include <string>
#include <string_view>

namespace spillway::identity {

/// The bytes that `text` stands for; nothing for any other character than A-Z a-z 0-9 - _ (padding
/// and blanks included), for a length that no bytes have, and for bits left over that are not zero:
/// each sequence of bytes has exactly one text. Empty stands for empty.
std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace spillway::identity
