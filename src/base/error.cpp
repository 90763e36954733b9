#include <spillway/base/error.hpp>
#include <spillway/base/result.hpp>

#include <stdexcept>
#include <utility>

namespace spillway::base {

std::string_view name_of(Fault fault) {
  switch (fault) {
    case Fault::client_gone:
      return "client_gone";
    case Fault::bad_request:
      return "bad_request";
    case Fault::too_large:
      return "too_large";
    case Fault::unauthorized:
      return "unauthorized";
    case Fault::no_route:
      return "no_route";
    case Fault::no_capacity:
      return "no_capacity";
    case Fault::dns_failed:
      return "dns_failed";
    case Fault::connect_failed:
      return "connect_failed";
    case Fault::tls_failed:
      return "tls_failed";
    case Fault::upstream_closed:
      return "upstream_closed";
    case Fault::upstream_malformed:
      return "upstream_malformed";
    case Fault::timed_out:
      return "timed_out";
    case Fault::shutting_down:
      return "shutting_down";
    case Fault::internal:
      return "internal";
  }
  return "unknown";
}

std::string_view name_of(Side side) {
  switch (side) {
    case Side::client:
      return "client";
    case Side::upstream:
      return "upstream";
    case Side::gateway:
      return "gateway";
  }
  return "unknown";
}

Error::Error(Fault fault, Side side, std::string detail)
    : detail_(std::move(detail)), fault_(fault), side_(side) {}

void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw std::logic_error("value() called on an error: " + error.detail());
}

}  // namespace spillway::base
