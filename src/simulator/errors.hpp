#pragma once
// The error bodies of Azure OpenAI, byte for byte in the dialect of the layer that writes them:
// front end (blank after `"message":`), rate limiter (none), model (OpenAI's shape). Pure.

#include "simulator/reply.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace spillway::simulator {

struct ErrorText {
  unsigned status;
  std::string body;
  /// Empty: the usual phrase of the status.
  std::string reason;
};

/// A body by name (docs/simulator.md lists them), e.g. `token_rate_limit`, `ptu`, `bad_key`.
std::optional<ErrorText> error_named(std::string_view name);

/// What Azure would most likely answer with that status.
ErrorText usual_error(unsigned status);

Reply error_reply(const ErrorText& error);
/// The reply of a named error; the name is one of ours, so it exists.
Reply error_reply(std::string_view name);

}  // namespace spillway::simulator
