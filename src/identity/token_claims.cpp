#include "refuse.hpp"
#include "strict_json.hpp"
#include <spillway/base/text.hpp>
#include <spillway/identity/token_claims.hpp>

#include <nlohmann/json.hpp>

#include <cmath>
#include <utility>

namespace spillway::identity {
namespace {

using nlohmann::json;
using Reason = TokenRefusal::Reason;

// Later times, and their sums with a leeway, have no nanoseconds in 64 bits.
constexpr double kMaxSeconds = 9e9;

// Reads members one after another; remembers the first that is wrong.
class ClaimReader {
 public:
  explicit ClaimReader(const json& claims) : claims_(claims) {}

  [[nodiscard]] bool has(const char* name) const { return claims_.contains(name); }
  std::string text(const char* name);
  std::vector<std::string> texts(const char* name);
  std::optional<base::WallTime> time(const char* name);
  void complain(std::string detail);
  [[nodiscard]] std::optional<TokenRefusal> take_refusal() { return std::move(refusal_); }

 private:
  const json& claims_;
  std::optional<TokenRefusal> refusal_;
};

void ClaimReader::complain(std::string detail) {
  if (!refusal_) refusal_ = refuse(Reason::invalid_claim, std::move(detail));
}

std::string ClaimReader::text(const char* name) {
  const auto found = claims_.find(name);
  if (found == claims_.end()) return {};
  if (found->is_string()) return found->get_ref<const std::string&>();
  complain(std::string(name) + " is no text");
  return {};
}

// A text alone is a list of one: that is how some libraries write lists of one.
std::vector<std::string> ClaimReader::texts(const char* name) {
  const auto found = claims_.find(name);
  if (found == claims_.end()) return {};
  if (found->is_string()) return {found->get_ref<const std::string&>()};
  std::vector<std::string> texts;
  bool is_list = found->is_array();
  for (std::size_t i = 0; is_list && i < found->size(); ++i) {
    const json& element = (*found)[i];
    is_list = element.is_string();
    if (is_list) texts.push_back(element.get_ref<const std::string&>());
  }
  if (is_list) return texts;
  complain(std::string(name) + " is no list of texts");
  return {};
}

std::optional<base::WallTime> ClaimReader::time(const char* name) {
  const auto found = claims_.find(name);
  if (found == claims_.end()) return std::nullopt;
  if (!found->is_number()) {
    complain(std::string(name) + " is no number");
    return std::nullopt;
  }
  const auto seconds = found->get<double>();
  if (!(seconds >= 0 && seconds <= kMaxSeconds)) {
    complain(std::string(name) + " is out of range");
    return std::nullopt;
  }
  return base::WallTime(std::chrono::seconds(static_cast<std::int64_t>(std::floor(seconds))));
}

// Entra writes one audience. A token for several is one that another of them could replay here.
std::string read_audience(ClaimReader& reader) {
  auto audiences = reader.texts("aud");
  if (audiences.size() > 1) reader.complain("aud names several audiences");
  return audiences.empty() ? std::string() : std::move(audiences.front());
}

// v2 says azp, v1 appid. Where both are there they must agree: nobody can know which one counts.
std::string read_app_id(ClaimReader& reader) {
  std::string of_v2 = base::to_lower(reader.text("azp"));
  std::string of_v1 = base::to_lower(reader.text("appid"));
  if (!of_v2.empty() && !of_v1.empty() && of_v2 != of_v1) {
    reader.complain("azp is " + quote(of_v2) + " but appid " + quote(of_v1));
  }
  return of_v2.empty() ? of_v1 : of_v2;
}

std::vector<std::string> split_at_blanks(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (end > 0) words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

// A user of too many groups: `_claim_names` says that the groups are elsewhere, or `hasgroups`
// (implicit flow) that there are some.
bool has_overage(const json& claims) {
  if (claims.contains("hasgroups")) return true;
  const auto names = claims.find("_claim_names");
  return names != claims.end() && (!names->is_object() || names->contains("groups"));
}

void read_groups(const json& claims, ClaimReader& reader, TokenClaims& result) {
  result.are_groups_known = !has_overage(claims);
  auto groups = reader.texts("groups");
  if (!result.are_groups_known) return;
  for (const std::string& group : groups)
    result.groups.push_back(base::to_lower(group));
}

}  // namespace

std::variant<TokenClaims, TokenRefusal> parse_token_claims(std::string_view json_text) {
  const auto claims = parse_strict_object(json_text);
  if (!claims) {
    return refuse(Reason::malformed,
                  "the claims are no JSON object, or too deep, or have a key twice");
  }
  if (claims->size() > kMaxClaims) {
    return refuse(Reason::too_large, "the token has more than 200 claims");
  }
  ClaimReader reader(*claims);
  TokenClaims result;
  result.issuer = reader.text("iss");
  result.tenant_id = base::to_lower(reader.text("tid"));
  result.audience = read_audience(reader);
  result.app_id = read_app_id(reader);
  result.object_id = base::to_lower(reader.text("oid"));
  result.subject = reader.text("sub");
  result.id_type = reader.text("idtyp");
  result.roles = reader.texts("roles");
  read_groups(*claims, reader, result);
  if (reader.has("scp")) result.scopes = split_at_blanks(reader.text("scp"));
  const auto expires_at = reader.time("exp");
  result.not_before = reader.time("nbf");
  reader.time("iat");  // looked at for its type only
  if (!reader.has("iss")) reader.complain("iss is missing");
  if (!reader.has("exp")) reader.complain("exp is missing");
  if (auto refusal = reader.take_refusal()) return std::move(*refusal);
  result.expires_at = *expires_at;
  return result;
}

}  // namespace spillway::identity
