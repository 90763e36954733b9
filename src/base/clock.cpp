#include <spillway/base/clock.hpp>

namespace spillway::base {

const Clock& system_clock() {
  static const Clock clock;
  return clock;
}

}  // namespace spillway::base
