#include "strict_json.hpp"
#include <spillway/base/text.hpp>
#include <spillway/identity/base64url.hpp>
#include <spillway/identity/json_web_key_set.hpp>
#include <spillway/identity/tenant_text.hpp>

#include <nlohmann/json.hpp>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <utility>

namespace spillway::identity {
namespace {

using base::Error;
using nlohmann::json;

constexpr std::size_t kP256NumberBytes = 32;
constexpr std::size_t kMaxExponentBytes = 8;

struct NumberFree {
  void operator()(BIGNUM* number) const { BN_free(number); }
};
struct BuilderFree {
  void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
};
struct ParametersFree {
  void operator()(OSSL_PARAM* parameters) const { OSSL_PARAM_free(parameters); }
};
struct ContextFree {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
using Number = std::unique_ptr<BIGNUM, NumberFree>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, BuilderFree>;
using PublicKey = std::shared_ptr<EVP_PKEY>;

Error bad_key_set(std::string what) {
  return {base::Fault::upstream_malformed, base::Side::upstream, std::move(what)};
}

Number number_of(std::string_view bytes) {
  return Number(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                          static_cast<int>(bytes.size()), nullptr));
}

std::optional<std::string> bytes_member(const json& object, const char* name) {
  const auto text = text_member(object, name);
  return text ? decode_base64url(*text) : std::nullopt;
}

// Null: OpenSSL does not take the numbers for a public key.
PublicKey make_key(const char* type, OSSL_PARAM_BLD* builder) {
  const std::unique_ptr<OSSL_PARAM, ParametersFree> parameters(OSSL_PARAM_BLD_to_param(builder));
  const std::unique_ptr<EVP_PKEY_CTX, ContextFree> context(
      EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1) return nullptr;
  EVP_PKEY* raw = nullptr;
  if (EVP_PKEY_fromdata(context.get(), &raw, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  return {raw, &EVP_PKEY_free};
}

bool is_on_curve(EVP_PKEY* key) {
  const std::unique_ptr<EVP_PKEY_CTX, ContextFree> check(
      EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  return check && EVP_PKEY_public_check(check.get()) == 1;
}

PublicKey make_rsa_key(const json& object) {
  const auto modulus = bytes_member(object, "n");
  const auto exponent = bytes_member(object, "e");
  if (!modulus || !exponent) return nullptr;
  constexpr std::size_t most = JsonWebKeySet::kMaxRsaBits / 8;
  if (modulus->size() > most || exponent->size() > kMaxExponentBytes) return nullptr;
  const Number n = number_of(*modulus);
  const Number e = number_of(*exponent);
  if (!n || !e || BN_num_bits(n.get()) < JsonWebKeySet::kMinRsaBits) return nullptr;
  if (BN_is_odd(n.get()) == 0 || BN_is_odd(e.get()) == 0 || BN_is_one(e.get()) == 1) {
    return nullptr;
  }
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return nullptr;
  }
  // Not EVP_PKEY_public_check: it tests the modulus for being no prime, which takes milliseconds a
  // key, and a set may have a thousand.
  return make_key("RSA", builder.get());
}

PublicKey make_ec_key(const json& object) {
  if (text_member(object, "crv") != "P-256") return nullptr;
  const auto x = bytes_member(object, "x");
  const auto y = bytes_member(object, "y");
  if (!x || !y || x->size() != kP256NumberBytes || y->size() != kP256NumberBytes) return nullptr;
  const std::string point = '\x04' + *x + *y;  // not compressed
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) !=
          1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    return nullptr;
  }
  PublicKey key = make_key("EC", builder.get());
  return key && is_on_curve(key.get()) ? key : nullptr;
}

bool is_for_signatures(const json& object) {
  if (object.contains("use") && text_member(object, "use") != "sig") return false;
  const auto operations = object.find("key_ops");
  if (operations == object.end()) return true;
  return operations->is_array() &&
         std::any_of(operations->begin(), operations->end(), [](const json& operation) {
           return operation.is_string() && operation.get_ref<const std::string&>() == "verify";
         });
}

bool is_of_owner(const json& object, const KeyOwner& owner) {
  if (!object.contains("issuer")) return true;
  const std::string_view issuer = text_member(object, "issuer").value_or("");
  return substitute_tenant(issuer, owner.tenant_id) == owner.issuer;
}

// Nothing: not one that can be used.
std::optional<JsonWebKey> read_key(const json& object, const KeyOwner& owner) {
  if (!object.is_object() || !is_for_signatures(object) || !is_of_owner(object, owner)) {
    return std::nullopt;
  }
  JsonWebKey key;
  key.key_id = text_member(object, "kid").value_or("");
  if (key.key_id.empty() || key.key_id.size() > JsonWebKeySet::kMaxKeyIdBytes) return std::nullopt;
  if (object.contains("alg")) {
    key.algorithm = parse_algorithm(text_member(object, "alg").value_or(""));
    if (!key.algorithm) return std::nullopt;
  }
  const std::string_view type = text_member(object, "kty").value_or("");
  if (type == "RSA") {
    key.public_key = make_rsa_key(object);
  } else if (type == "EC") {
    key.type = JsonWebKey::Type::ec_p256;
    key.public_key = make_ec_key(object);
  }
  if (!key.public_key) return std::nullopt;
  return key;
}

bool are_same(const JsonWebKey& a, const JsonWebKey& b) {
  return a.type == b.type && a.algorithm == b.algorithm &&
         EVP_PKEY_eq(a.public_key.get(), b.public_key.get()) == 1;
}

// `keys` is sorted by kid; gives it with each kid once.
std::vector<JsonWebKey> without_ambiguous(std::vector<JsonWebKey> keys) {
  std::vector<JsonWebKey> unique;
  for (auto first = keys.begin(); first != keys.end();) {
    const auto end = std::find_if(
        first, keys.end(), [&](const JsonWebKey& key) { return key.key_id != first->key_id; });
    const bool is_one =
        std::all_of(first, end, [&](const JsonWebKey& key) { return are_same(key, *first); });
    if (is_one) unique.push_back(std::move(*first));
    first = end;
  }
  return unique;
}

}  // namespace

base::Result<JsonWebKeySet> JsonWebKeySet::parse(std::string_view text, const KeyOwner& owner) {
  if (text.size() > kMaxBytes) return bad_key_set("the key set is larger than 2 MiB");
  const auto object = parse_strict_object(text);
  if (!object) return bad_key_set("the key set is no JSON object, or has a key twice");
  const auto list = object->find("keys");
  if (list == object->end() || !list->is_array()) {
    return bad_key_set("the key set has no array 'keys'");
  }
  if (list->size() > kMaxKeys) return bad_key_set("the key set has more than 1000 keys");
  std::vector<JsonWebKey> keys;
  for (const json& element : *list) {
    if (auto key = read_key(element, owner)) keys.push_back(std::move(*key));
  }
  std::sort(keys.begin(), keys.end(),
            [](const JsonWebKey& a, const JsonWebKey& b) { return a.key_id < b.key_id; });
  JsonWebKeySet set;
  set.keys_ = without_ambiguous(std::move(keys));
  set.left_out_ = list->size() - set.keys_.size();
  ERR_clear_error();  // of keys that OpenSSL did not take
  return set;
}

const JsonWebKey* JsonWebKeySet::find(std::string_view key_id) const {
  const auto found = std::lower_bound(
      keys_.begin(), keys_.end(), key_id,
      [](const JsonWebKey& key, std::string_view wanted) { return key.key_id < wanted; });
  return found != keys_.end() && found->key_id == key_id ? &*found : nullptr;
}

}  // namespace spillway::identity
