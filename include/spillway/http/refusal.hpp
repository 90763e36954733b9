#pragma once
// Why a message is not acceptable: the rule it breaks, and the status that says so to a client. The
// verdict of the pure rules; message_reader makes a base::Error of it.

#include <spillway/base/error.hpp>
#include <spillway/http/limits.hpp>

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <string>
#include <utility>

namespace spillway::http {

/// Not an aggregate, as base::Error is not (GCC 12).
class Refusal {
 public:
  /// What boost::system::result gives for `.error()` of a value.
  Refusal() = default;
  /// `status`: 400, 405, 414, 417, 431, 501 or 505. `rule` holds no field value: it may be a
  /// secret.
  /// Cold, as base::Error.
  [[gnu::cold]] Refusal(unsigned status, std::string rule, Bound passed = Bound::none);

  [[nodiscard]] unsigned status() const { return status_; }
  [[nodiscard]] const std::string& rule() const { return rule_; }
  /// The bound of http::Limits that the message passed, if it is that.
  [[nodiscard]] Bound passed() const { return passed_; }

  /// What a client sent is bad_request or (414, 431) too_large; what a backend sent is
  /// upstream_malformed.
  [[nodiscard]] base::Error to_error(base::Side side) const;

 private:
  std::string rule_;
  unsigned status_ = 0;
  Bound passed_ = Bound::none;
};

template <class T>
using Judged = boost::system::result<T, Refusal>;

/// Required by boost::system::result for `.value()` on a refusal; a defect of ours if ever reached.
[[noreturn]] void throw_exception_from_error(const Refusal& refusal,
                                             const boost::source_location& where);

}  // namespace spillway::http
