#pragma once
// The date as HTTP writes it (RFC 9110 §5.6.7). Pure.

#include <spillway/base/time.hpp>

#include <chrono>
#include <string>

namespace spillway::http {

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
std::string format_date(base::WallTime time);

/// The same for somebody who asks for it many times a second. One thread.
class DateOfNow {
 public:
  /// Valid until the next call.
  const std::string& at(base::WallTime now);

 private:
  std::chrono::seconds second_{};  // since the epoch
  std::string text_;               // of it; empty: none was asked for yet
};

}  // namespace spillway::http
