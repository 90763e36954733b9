#include "simulator/mint_request.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <map>
#include <stdexcept>

namespace spillway::simulator {
namespace {

using nlohmann::json;
using Reader = std::function<void(MintRequest&, const json&)>;

[[noreturn]] void fail(const std::string& what) {
  throw std::invalid_argument("token: " + what);
}

TokenVersion version_of(const json& value) {
  const auto text = value.is_string() ? value.get<std::string>() : value.dump();
  if (text == "1.0" || text == "1") return TokenVersion::v1;
  if (text == "2.0" || text == "2") return TokenVersion::v2;
  fail("version is 1.0 or 2.0");
}

SignWith sign_with_of(const json& value) {
  static const std::map<std::string, SignWith> kNames{
      {"current", SignWith::current}, {"next_unpublished", SignWith::next_unpublished},
      {"other", SignWith::other},     {"none", SignWith::none},
      {"broken", SignWith::broken},   {"hs256_public_key", SignWith::hs256_public_key}};
  const auto found = kNames.find(value.get<std::string>());
  if (found != kNames.end()) return found->second;
  fail("sign_with is one of current, next_unpublished, other, none, hs256_public_key, broken");
}

void read_embed(MintRequest& request, const json& value) {
  for (const auto& what : value.get<std::vector<std::string>>()) {
    if (what != "jwk" && what != "x5c") fail("embed is a list of jwk, x5c");
    (what == "jwk" ? request.embeds_jwk : request.embeds_x5c) = true;
  }
}

Reader text(std::string MintRequest::*field) {
  return [field](MintRequest& request, const json& value) {
    request.*field = value.get<std::string>();
  };
}

Reader list(std::vector<std::string> MintRequest::*field) {
  return [field](MintRequest& request, const json& value) {
    request.*field = value.get<std::vector<std::string>>();
  };
}

Reader duration(std::chrono::seconds MintRequest::*field) {
  return [field](MintRequest& request, const json& value) {
    request.*field = std::chrono::seconds(value.get<std::int64_t>());
  };
}

Reader object(std::string MintRequest::*field) {
  return [field](MintRequest& request, const json& value) {
    if (!value.is_object()) fail("claims and header are objects");
    request.*field = value.dump();
  };
}

Reader pairs(std::vector<std::pair<std::string, std::string>> MintRequest::*field) {
  return [field](MintRequest& request, const json& value) {
    request.*field = value.get<std::vector<std::pair<std::string, std::string>>>();
  };
}

Reader whole(std::optional<std::string> MintRequest::*field) {
  return [field](MintRequest& request, const json& value) {
    request.*field = value.get<std::string>();
  };
}

const std::map<std::string, Reader>& readers() {
  using M = MintRequest;
  static const std::map<std::string, Reader> kReaders{
      {"version", [](M& request, const json& value) { request.version = version_of(value); }},
      {"sign_with", [](M& request, const json& value) { request.sign_with = sign_with_of(value); }},
      {"embed", read_embed},
      {"tenant", text(&M::tenant)},
      {"audience", text(&M::audience)},
      {"client_id", text(&M::client_id)},
      {"object_id", text(&M::object_id)},
      {"scopes", text(&M::scopes)},
      {"idtyp", text(&M::idtyp)},
      {"kid", text(&M::key_id)},
      {"algorithm", text(&M::algorithm)},
      {"roles", list(&M::roles)},
      {"groups", list(&M::groups)},
      {"lifetime_s", duration(&M::lifetime)},
      {"not_before_offset_s", duration(&M::not_before_offset)},
      {"issued_at_offset_s", duration(&M::issued_at_offset)},
      {"claims", object(&M::claims)},
      {"header", object(&M::header)},
      {"raw_claims", pairs(&M::raw_claims)},
      {"raw_header", pairs(&M::raw_header)},
      {"payload_text", whole(&M::payload_text)},
      {"header_text", whole(&M::header_text)}};
  return kReaders;
}

}  // namespace

MintRequest parse_mint_request(std::string_view text) {
  MintRequest request;
  if (text.empty()) return request;
  const auto object = json::parse(text, nullptr, false);
  if (!object.is_object()) fail("not a JSON object");
  for (const auto& [key, value] : object.items()) {
    const auto found = readers().find(key);
    if (found == readers().end()) {
      std::string problem = "unknown key '";
      problem.append(key).append("', one of:");
      for (const auto& [name, reader] : readers())
        problem.append(" ").append(name);
      fail(problem);
    }
    try {
      found->second(request, value);
    } catch (const json::exception&) {
      fail(key + " is not a value of the right type");
    }
  }
  return request;
}

}  // namespace spillway::simulator
