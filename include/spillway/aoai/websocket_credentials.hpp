#pragma once
// Where callers put a credential into a WebSocket upgrade besides its headers: browsers cannot set
// those (wire reference §1.6). Only for upgrades; in other requests these places are not looked at.

#include <spillway/base/secret.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace spillway::aoai {

/// The values of `api-key=KEY`, `Authorization=Bearer KEY` (its blank as %20 or, as URLSearchParams
/// writes it, as +) and `access_token=KEY` in a query without its '?'. Decoded, in order; one that
/// cannot be decoded is given as it stands.
std::vector<base::Secret> credentials_in_query(std::string_view query);

/// `openai-insecure-api-key.KEY`: what OpenAI's own browser code offers as a sub-protocol.
bool is_key_protocol(std::string_view protocol);

/// Of the offered sub-protocols: the keys among them, and the list without those, as it may be
/// shown to anybody else.
struct OfferedProtocols {
  std::vector<base::Secret> keys;
  std::string others;  // "realtime, openai-beta.realtime-v1"; empty: none
};
OfferedProtocols split_offered(const std::vector<std::string_view>& protocols);

}  // namespace spillway::aoai
