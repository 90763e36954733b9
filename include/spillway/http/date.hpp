#pragma once
// The date as HTTP writes it (RFC 9110 §5.6.7). Pure.

#include <spillway/base/time.hpp>

#include <string>

namespace spillway::http {

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
std::string format_date(base::WallTime time);

}  // namespace spillway::http
