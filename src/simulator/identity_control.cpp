#include "simulator/identity_control.hpp"

#include <spillway/base/text.hpp>

#include <nlohmann/json.hpp>

#include <stdexcept>

namespace spillway::simulator {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMostFiller = 10'000;

std::uint64_t number(const Request& request, std::string_view name, std::uint64_t otherwise) {
  const auto text = request.query(name);
  if (!text) return otherwise;
  const auto value = base::parse_unsigned(*text);
  if (value) return *value;
  throw std::invalid_argument(std::string(name) + ": '" + *text + "' is not a number");
}

std::string ok() {
  return json{{"ok", true}}.dump(2);
}

std::string key_answer(const std::string& id) {
  return json{{"ok", true}, {"kid", id}}.dump(2);
}

std::string list_keys(const KeyRing& keys) {
  json list = json::array();
  for (const auto& entry : keys.list()) {
    list.push_back({{"kid", entry.id},
                    {"algorithm", name_of(entry.algorithm)},
                    {"published", entry.is_published},
                    {"role", entry.role}});
  }
  return json{{"keys", list}}.dump(2);
}

std::string add_key(const Request& request, KeyRing& keys) {
  const auto name = request.query("algorithm").value_or("RS256");
  const auto algorithm = signature_algorithm_of(name);
  if (!algorithm) {
    throw std::invalid_argument("algorithm is one of RS256, RS384, RS512, PS256, ES256");
  }
  return key_answer(keys.add(*algorithm));
}

std::string act_on_keys(const Request& request, std::string_view action, KeyRing& keys) {
  if (request.method == "DELETE" && action.starts_with('/')) {
    keys.remove(action.substr(1));
    return ok();
  }
  if (request.method == "GET" && action.empty()) return list_keys(keys);
  if (request.method != "POST") throw std::invalid_argument("GET lists keys, POST acts on them");
  if (action == "/publish_next") return key_answer(keys.publish_next());
  if (action == "/use_next") return key_answer(keys.use_next());
  if (action == "/replace_all") return key_answer(keys.replace_all());
  if (action == "/add") return add_key(request, keys);
  if (action == "/remove_old") {
    keys.remove_old();
    return ok();
  }
  if (action != "/filler") {
    throw std::invalid_argument(
        "there are keys/{publish_next,use_next,remove_old,replace_all,add,filler}");
  }
  const auto count = number(request, "count", 0);
  if (count > kMostFiller) throw std::invalid_argument("count: at most 10000");
  keys.set_filler(count);
  return ok();
}

/// `seconds=-90`: behind.
std::string set_clock(const Request& request, Issuer& issuer) {
  const auto text = request.query("seconds").value_or("");
  const bool is_behind = text.starts_with('-');
  const auto value = base::parse_unsigned(std::string_view(text).substr(is_behind ? 1 : 0));
  if (!value || *value > 0x7fff'ffffU) {
    throw std::invalid_argument("seconds: '" + text + "' is not a number of seconds");
  }
  const std::chrono::seconds skew(static_cast<std::int64_t>(*value));
  issuer.set_clock_skew(is_behind ? -skew : skew);
  return ok();
}

std::string issue(const Request& request, Issuer& issuer) {
  TokenRequest wanted;
  const auto take = [&request](std::string_view name, std::string& field) {
    if (const auto value = request.query(name)) field = *value;
  };
  take("tenant", wanted.tenant);
  take("audience", wanted.audience);
  take("client_id", wanted.client_id);
  take("object_id", wanted.object_id);
  take("scopes", wanted.scopes);
  if (const auto role = request.query("role")) wanted.roles.push_back(*role);
  wanted.lifetime =
      std::chrono::seconds(static_cast<std::int64_t>(number(request, "lifetime_s", 3'599)));
  return json{{"access_token", issuer.issue(wanted, issuer.now())}}.dump(2);
}

}  // namespace

std::string mint_by_request(const Request& request, Issuer& issuer) {
  return json{{"access_token", issuer.mint(parse_mint_request(request.body))}}.dump(2);
}

std::string act_on_issuer(const Request& request, std::string_view action, Issuer& issuer) {
  constexpr std::string_view kKeys = "keys";
  if (action.starts_with(kKeys)) {
    return act_on_keys(request, action.substr(kKeys.size()), issuer.keys());
  }
  if (request.method != "POST") throw std::invalid_argument("POST");
  if (action == "token") return issue(request, issuer);
  if (action == "clock") return set_clock(request, issuer);
  if (action == "revoke") {
    issuer.revoke_all();
    return ok();
  }
  if (action == "rotate") return key_answer(issuer.keys().use_next());
  throw std::invalid_argument("there are identity/{revoke,rotate,token,clock,keys}");
}

}  // namespace spillway::simulator
