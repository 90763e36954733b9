#include <spillway/base/result.hpp>
#include <spillway/http/refusal.hpp>

#include <utility>

namespace spillway::http {

Refusal::Refusal(unsigned status, std::string rule, Bound passed)
    : rule_(std::move(rule)), status_(status), passed_(passed) {}

base::Error Refusal::to_error(base::Side side) const {
  if (side == base::Side::upstream) return {base::Fault::upstream_malformed, side, rule_};
  const bool is_size = status_ == 414 || status_ == 431;
  return {is_size ? base::Fault::too_large : base::Fault::bad_request, side, rule_};
}

void throw_exception_from_error(const Refusal& refusal, const boost::source_location& where) {
  base::throw_exception_from_error(refusal.to_error(base::Side::gateway), where);
}

}  // namespace spillway::http
