#include <spillway/identity/client_index.hpp>

#include <algorithm>

namespace spillway::identity {
namespace {

using Texts = std::vector<std::string>;

bool names(const Texts& wanted, const std::string& value) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

bool names_one_of(const Texts& wanted, const Texts& values) {
  return wanted.empty() || std::any_of(values.begin(), values.end(), [&](const auto& value) {
           return std::find(wanted.begin(), wanted.end(), value) != wanted.end();
         });
}

bool matches(const config::ClientEntra& wanted, const AccessToken& token) {
  return names(wanted.app_ids, token.app_id) && names(wanted.object_ids, token.object_id) &&
         names_one_of(wanted.groups, token.groups) && names_one_of(wanted.roles, token.roles) &&
         names_one_of(wanted.scopes, token.scopes);
}

}  // namespace

ClientIndex::ClientIndex(const std::vector<config::Client>& clients) : clients_(&clients) {
  for (std::size_t i = 0; i < clients.size(); ++i) {
    if (clients[i].entra) add(*clients[i].entra, i);
  }
}

bool ClientIndex::empty() const {
  return by_app_.empty() && by_object_.empty() && by_group_.empty() && by_role_.empty() &&
         by_scope_.empty();
}

// The lists that few callers share come first, so that few clients stand under one value.
void ClientIndex::add(const config::ClientEntra& entra, std::size_t place) {
  const std::pair<const Texts*, Wanted*> lists[] = {{&entra.app_ids, &by_app_},
                                                    {&entra.object_ids, &by_object_},
                                                    {&entra.groups, &by_group_},
                                                    {&entra.roles, &by_role_},
                                                    {&entra.scopes, &by_scope_}};
  for (const auto& [values, wanted] : lists) {
    if (values->empty()) continue;
    for (const std::string& value : *values)
      (*wanted)[value].push_back(place);
    return;
  }
}

void ClientIndex::look_up(const Wanted& wanted, std::string_view value, const AccessToken& token,
                          std::size_t& first) const {
  if (wanted.empty()) return;
  const auto found = wanted.find(value);
  if (found == wanted.end()) return;
  for (const std::size_t place : found->second) {
    if (place >= first) return;
    if (matches(*(*clients_)[place].entra, token)) first = place;
  }
}

const config::Client* ClientIndex::find(const AccessToken& token) const {
  std::size_t first = clients_->size();
  look_up(by_app_, token.app_id, token, first);
  look_up(by_object_, token.object_id, token, first);
  for (const std::string& group : token.groups)
    look_up(by_group_, group, token, first);
  for (const std::string& role : token.roles)
    look_up(by_role_, role, token, first);
  for (const std::string& scope : token.scopes)
    look_up(by_scope_, scope, token, first);
  return first == clients_->size() ? nullptr : &(*clients_)[first];
}

}  // namespace spillway::identity
