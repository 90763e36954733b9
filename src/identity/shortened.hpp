#pragma once
// What jitter does to a time: both schedules take a share off, so that processes which started
// together do not stay together.

#include <spillway/base/time.hpp>

namespace spillway::identity {

inline base::Duration shortened(base::Duration duration, double share) {
  const auto cut = static_cast<double>(duration.count()) * share;
  return duration - base::Duration(static_cast<base::Duration::rep>(cut));
}

}  // namespace spillway::identity
