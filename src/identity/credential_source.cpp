#include <spillway/identity/credential_source.hpp>

#include <utility>

namespace spillway::identity {

std::optional<Authorization> CredentialSource::current() const {
  const Current* current = current_.look();
  if (!is_valid(current)) return std::nullopt;
  return current->authorization;
}

bool CredentialSource::has_current() const {
  return is_valid(current_.get().get());
}

bool CredentialSource::is_valid(const Current* current) const {
  if (current == nullptr) return false;
  const bool may_expire = current->expires_at != base::SteadyTime::max();
  return !may_expire || clock_.steady_now() < current->expires_at;
}

void CredentialSource::set_api_key(const base::Secret& key) {
  auto next = std::make_shared<Current>();
  next->authorization = {"api-key", std::make_shared<const base::Secret>(key)};
  current_.set(std::move(next));
  set_status({CredentialStatus::State::ok, std::nullopt, {}, {}});
}

void CredentialSource::set_pass_through() {
  is_pass_through_ = true;
  set_status({CredentialStatus::State::ok, std::nullopt, {}, {}});
}

void CredentialSource::set_token(const base::Secret& token, base::SteadyTime expires_at) {
  std::string text = "Bearer ";
  text += token.reveal();
  auto next = std::make_shared<Current>();
  next->authorization = {"authorization", std::make_shared<const base::Secret>(std::move(text))};
  next->expires_at = expires_at;
  current_.set(std::move(next));
}

void CredentialSource::set_status(CredentialStatus status) {
  status_.set(std::make_shared<const CredentialStatus>(std::move(status)));
}

void CredentialSource::take_over(const CredentialSource& other) {
  if (&other == this) return;
  if (auto current = other.current_.get()) current_.set(std::move(current));
  if (auto status = other.status_.get()) status_.set(std::move(status));
}

CredentialStatus CredentialSource::status() const {
  const auto status = status_.get();
  return status ? *status : CredentialStatus{};
}

}  // namespace spillway::identity
