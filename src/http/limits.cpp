#include <spillway/http/limits.hpp>

namespace spillway::http {

Limits response_limits() {
  Limits limits;
  limits.header_bytes = 60U << 10U;
  limits.header_count = 200;
  limits.field_value_bytes = 32U << 10U;
  return limits;
}

}  // namespace spillway::http
