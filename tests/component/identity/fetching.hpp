#pragma once
// What a fetcher needs, for one test: an event loop, a clock moved by hand, variables.

#include "support/test_clocks.hpp"
#include <spillway/identity/token_fetcher.hpp>

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

namespace spillway::identity {

class Fetching : public ::testing::Test {
 protected:
  FetchSurroundings surroundings() {
    FetchSurroundings made{transport, resolver,
                           [this](std::string_view name) -> std::optional<std::string> {
                             const auto found = variables.find(name);
                             if (found == variables.end()) return std::nullopt;
                             return found->second;
                           },
                           clock};
    made.arc_directory = arc_directory;
    made.proxies = proxies;
    return made;
  }
  static config::Credential credential_of(config::CredentialKind kind) {
    config::Credential credential;
    credential.name = "platform";
    credential.kind = std::move(kind);
    return credential;
  }

  std::map<std::string, std::string, std::less<>> variables;
  std::filesystem::path arc_directory{kArcTokenDirectory};
  upstream::ProxyRules proxies;
  support::StillClock clock;
  net::DeadlineWheel wheel{base::SteadyClock::now()};  // outlives what still waits on the loop
  net::asio::io_context context{1};
  net::Resolver resolver;
  upstream::ConnectionPool pool;
  upstream::Transport transport{context.get_executor(), wheel, resolver, pool};
};

}  // namespace spillway::identity
