#include "simulator/key_ring.hpp"

#include "simulator/base64url.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>

namespace spillway::simulator {
namespace {

using nlohmann::ordered_json;

/// Looks like a key; its number is nobody's.
ordered_json filler_key(std::size_t index) {
  const auto seed = sha256("filler " + std::to_string(index));
  std::string modulus;
  for (int i = 0; i < 8; ++i)
    modulus += sha256(seed + std::to_string(i));
  modulus.front() = static_cast<char>(0xc1);
  modulus.back() = static_cast<char>(0x0b);
  const auto id = base64url(seed).substr(0, 27);
  return {{"kty", "RSA"}, {"use", "sig"}, {"kid", id}, {"x5t", id}, {"n", base64url(modulus)},
          {"e", "AQAB"}};
}

void add_to_set(ordered_json& set, ordered_json key, std::string_view issuer) {
  if (!issuer.empty()) {
    key["cloud_instance_name"] = "microsoftonline.com";
    key["issuer"] = issuer;
  }
  set.push_back(std::move(key));
}

[[noreturn]] void unknown_key(std::string_view id) {
  throw std::invalid_argument("no key has the id '" + std::string(id) + "'");
}

}  // namespace

KeyRing::Held& KeyRing::make(SignatureAlgorithm algorithm) {
  keys_.push_back({std::make_unique<SigningKey>(algorithm), false});
  return keys_.back();
}

KeyRing::Held* KeyRing::held(const SigningKey* key) {
  for (auto& held : keys_) {
    if (held.key.get() == key) return &held;
  }
  return nullptr;
}

const SigningKey& KeyRing::current() {
  if (current_ != nullptr) return *current_;
  auto& made = make(SignatureAlgorithm::rs256);
  made.is_published = true;
  current_ = made.key.get();
  return *current_;
}

const SigningKey& KeyRing::next() {
  if (next_ == nullptr) next_ = make(SignatureAlgorithm::rs256).key.get();
  return *next_;
}

const SigningKey& KeyRing::other() {
  if (other_ == nullptr) other_ = make(SignatureAlgorithm::rs256).key.get();
  return *other_;
}

const SigningKey& KeyRing::find(std::string_view id) {
  for (const auto& held : keys_) {
    if (held.key->id() == id) return *held.key;
  }
  unknown_key(id);
}

const std::string& KeyRing::publish_next() {
  current();
  const auto& key = next();
  held(&key)->is_published = true;
  return key.id();
}

const std::string& KeyRing::use_next() {
  publish_next();
  current_ = next_;
  next_ = nullptr;
  return current_->id();
}

const std::string& KeyRing::add(SignatureAlgorithm algorithm) {
  current();
  auto& made = make(algorithm);
  made.is_published = true;
  return made.key->id();
}

void KeyRing::remove_old() {
  for (auto& held : keys_) {
    if (held.key.get() != current_ && held.key.get() != next_) held.is_published = false;
  }
}

void KeyRing::remove(std::string_view id) {
  for (auto& held : keys_) {
    if (held.key->id() != id) continue;
    held.is_published = false;
    return;
  }
  unknown_key(id);
}

const std::string& KeyRing::replace_all() {
  use_next();
  remove_old();
  return current_->id();
}

std::vector<KeyRing::Entry> KeyRing::list() const {
  std::vector<Entry> entries;
  for (const auto& [key, is_published] : keys_) {
    std::string_view role = "added";
    if (key.get() == current_) role = "current";
    if (key.get() == next_) role = "next";
    if (key.get() == other_) role = "other";
    entries.push_back({key->id(), key->algorithm(), is_published, role});
  }
  return entries;
}

std::string KeyRing::to_json(std::string_view issuer) {
  current();
  auto set = ordered_json::array();
  for (const auto& [key, is_published] : keys_) {
    if (is_published) add_to_set(set, ordered_json::parse(key->jwk()), issuer);
  }
  for (std::size_t i = 0; i < filler_; ++i)
    add_to_set(set, filler_key(i), issuer);
  return ordered_json{{"keys", set}}.dump();
}

}  // namespace spillway::simulator
