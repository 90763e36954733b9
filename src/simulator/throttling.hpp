#pragma once
// How an endpoint tells of its limits: the 429 of the admission control in Azure's words, and the
// limit headers that every answer carries.

#include "simulator/admission.hpp"
#include "simulator/api.hpp"
#include "simulator/config.hpp"
#include "simulator/reply.hpp"

#include <string_view>

namespace spillway::simulator {

/// A deployment and what it has admitted.
struct Slot {
  Deployment deployment;
  Admission admission;
};

/// `version` is the api-version of the request, or "v1".
Reply throttle_reply(const Slot& slot, const Verdict& verdict, Operation operation,
                     std::string_view version);

/// x-ratelimit-* or the utilisation, and which deployment answered.
void add_limit_headers(const Slot& slot, Reply& reply);

}  // namespace spillway::simulator
