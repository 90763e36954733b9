#pragma once
// What may stand in the parts of a head: tokens, field values, authorities, request targets, lists
// (RFC 9110 §5, RFC 3986). Stricter than Beast 345, which takes any visible byte in a target and
// any text as Host. Pure.

#include <spillway/base/text.hpp>

#include <cstddef>
#include <string_view>

namespace spillway::http {

/// At least one byte, all of them tchar (RFC 9110 §5.6.2).
bool is_token(std::string_view text);
bool is_token_char(char c);
/// How many bytes at the beginning are tchar.
std::size_t token_length(std::string_view text);

/// No control character but HTAB; bytes from 0x80 on are let through (obs-text).
bool is_field_text(std::string_view text);
/// The first byte that may not stand in a field value, or `end`.
const char* find_field_text_end(const char* at, const char* end);

/// `host`, `host:port` or `[v6]:port`, port 1-65535, no userinfo. Names are limited to unreserved
/// characters: DNS knows no others, and nobody downstream can read them in two ways.
bool is_authority(std::string_view text);

/// An absolute path of RFC 3986 with well-formed escapes, and optionally a query. In the query the
/// characters that browsers leave as they are ({ } | ^ ` [ ]) are let through.
bool is_origin_form(std::string_view target);

using base::for_each_member;

}  // namespace spillway::http
