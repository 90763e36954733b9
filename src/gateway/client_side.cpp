#include <spillway/gateway/client_side.hpp>

#include <string>

namespace spillway::gateway {

void ClientTimer::pass() {
  std::string what = "the time to close";
  if (limit) {
    counters.count(*limit);
    what = "limits.";
    what += name_of(*limit);
  }
  what += " has passed";
  stream.close(base::Error(base::Fault::timed_out, base::Side::client, what));
}

}  // namespace spillway::gateway
