#pragma once
// From an identity to the request that gets its token, with what has to be read and signed for it:
// projected tokens and certificates are read anew each time, so that what rotates is taken. Blocks
// for small files; for the control thread.

#include <spillway/base/time.hpp>
#include <spillway/config/configuration.hpp>
#include <spillway/identity/fetch_failure.hpp>
#include <spillway/identity/token_request.hpp>

#include <variant>

namespace spillway::identity {

inline constexpr std::size_t kMaxAssertionFileBytes = 64U << 10U;
inline constexpr std::size_t kMaxCertificateFileBytes = 256U << 10U;

using Prepared = std::variant<TokenRequest, FetchFailure>;

/// `identity` is what `credential` came to. Failures are lasting but for a projected token that
/// cannot be read, which may be about to appear.
Prepared prepare_token_request(const TokenIdentity& identity, const config::Credential& credential,
                               const Environment& environment, base::WallTime now);

}  // namespace spillway::identity
