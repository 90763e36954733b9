#pragma once
// The dates that token endpoints write where others write a number (wire reference §7.2).

#include <spillway/base/time.hpp>

#include <optional>
#include <string_view>

namespace spillway::identity {

/// `11/24/2026 9:20:00 AM +00:00` (App Service 2017: month first) or `2026-11-24T09:20:00Z`;
/// without an offset it is UTC. Nothing for anything else.
std::optional<base::WallTime> parse_date_text(std::string_view text);

/// `Sun, 06 Nov 1994 08:49:37 GMT`, as servers write Date and Retry-After (RFC 9110 §5.6.7).
std::optional<base::WallTime> parse_http_date(std::string_view text);

}  // namespace spillway::identity
