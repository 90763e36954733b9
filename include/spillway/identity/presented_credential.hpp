#pragma once
// What a caller presented to prove who it is, before anybody looks whether it is right (behaviour
// §9, §10).

#include <spillway/base/field.hpp>
#include <spillway/base/secret.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace spillway::identity {

struct PresentedCredential {
  enum class Kind : std::uint8_t {
    none,       // nothing, or nothing that we understand
    key,        // `text` is it; a view into the fields or into `elsewhere`
    ambiguous,  // two that differ, or one field twice: nobody can know which one counts elsewhere
  };
  Kind kind = Kind::none;
  std::string_view text;
  /// It came where tokens are taken from: `Authorization: Bearer`, or as a WebSocket presents it.
  bool may_be_token = false;
};

/// Reads `api-key` and `Authorization: Bearer`, and where neither is there
/// `Ocp-Apim-Subscription-Key`, which callers of API Management send: beside another it may be left
/// over and is for nobody here. Empty values count as absent; another scheme than Bearer is nothing
/// by itself, but differs from any key beside it. `elsewhere`: what a WebSocket upgrade presents in
/// its query or as sub-protocols, decoded; it must be the same key everywhere.
PresentedCredential read_presented_credential(base::FieldView headers,
                                              std::span<const base::Secret> elsewhere = {});

}  // namespace spillway::identity
