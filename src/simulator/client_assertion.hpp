#pragma once
// Whether Entra takes a client assertion in place of a secret: one signed with the application's
// certificate, or one of a federated identity provider. Pure, but for reading the configured files.

#include "simulator/config.hpp"
#include "simulator/errors.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::simulator {

struct AssertionPlace {
  std::chrono::system_clock::time_point now;
  /// What `aud` may be: the URLs of the token endpoint that was asked.
  std::vector<std::string> audiences;
};

/// Entra's refusal; nothing if the assertion is taken.
std::optional<ErrorText> refuse_assertion(const App& app, std::string_view assertion,
                                          const AssertionPlace& place);

}  // namespace spillway::simulator
