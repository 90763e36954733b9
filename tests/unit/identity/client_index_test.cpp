#include <spillway/identity/client_index.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace spillway::identity {
namespace {

AccessToken token_of(std::string app_id, std::string object_id = "o-1") {
  AccessToken token;
  token.app_id = std::move(app_id);
  token.object_id = std::move(object_id);
  return token;
}

config::Client client_of(std::string name, config::ClientEntra entra) {
  config::Client client;
  client.name = std::move(name);
  client.entra = std::move(entra);
  return client;
}

std::string match(const std::vector<config::Client>& clients, const AccessToken& token) {
  const config::Client* found = ClientIndex(clients).find(token);
  return found == nullptr ? "" : found->name;
}

TEST(ClientIndex, EveryKindOfListDecides) {
  std::vector<config::Client> clients;
  clients.push_back(client_of("app", {{"a-1", "a-2"}, {}, {}, {}, {}}));
  clients.push_back(client_of("object", {{}, {"o-2"}, {}, {}, {}}));
  clients.push_back(client_of("role", {{}, {}, {"Chat.Use"}, {}, {}}));
  clients.push_back(client_of("group", {{}, {}, {}, {"g-1"}, {}}));
  clients.push_back(client_of("scope", {{}, {}, {}, {}, {"chat"}}));
  EXPECT_EQ(match(clients, token_of("a-2")), "app");
  EXPECT_EQ(match(clients, token_of("a-3", "o-2")), "object");
  AccessToken token = token_of("a-3");
  EXPECT_EQ(match(clients, token), "");
  token.scopes = {"email", "chat"};
  EXPECT_EQ(match(clients, token), "scope");
  token.groups = {"g-0", "g-1"};
  EXPECT_EQ(match(clients, token), "group") << "before scope in the file";
  token.roles = {"Chat.Use"};
  EXPECT_EQ(match(clients, token), "role");
  token.roles = {"chat.use"};
  EXPECT_EQ(match(clients, token), "group") << "roles have capitals";
}

TEST(ClientIndex, EveryListMustNameTheCaller) {
  const std::vector<config::Client> clients = {
      client_of("both", {{"a-1"}, {}, {"Chat.Use"}, {"g-1", "g-2"}, {}})};
  AccessToken token = token_of("a-1");
  EXPECT_EQ(match(clients, token), "");
  token.roles = {"Chat.Use"};
  EXPECT_EQ(match(clients, token), "");
  token.groups = {"g-2"};
  EXPECT_EQ(match(clients, token), "both");
  token.app_id = "a-2";
  EXPECT_EQ(match(clients, token), "");
}

TEST(ClientIndex, TheFirstInTheFileCounts) {
  std::vector<config::Client> clients;
  clients.push_back(client_of("by-role", {{}, {}, {"r"}, {}, {}}));
  clients.push_back(client_of("by-app-and-role", {{"a-1"}, {}, {"r"}, {}, {}}));
  clients.push_back(client_of("by-app", {{"a-1"}, {}, {}, {}, {}}));
  AccessToken token = token_of("a-1");
  EXPECT_EQ(match(clients, token), "by-app");
  token.roles = {"r"};
  EXPECT_EQ(match(clients, token), "by-role");
  std::swap(clients[0], clients[1]);
  EXPECT_EQ(match(clients, token), "by-app-and-role");
}

TEST(ClientIndex, WhatATokenDoesNotSayMatchesNothing) {
  const std::vector<config::Client> clients = {client_of("app", {{"a-1"}, {}, {}, {}, {}}),
                                               client_of("group", {{}, {}, {}, {"g"}, {}})};
  EXPECT_EQ(match(clients, AccessToken{}), "");
  config::Client with_keys;
  with_keys.name = "keys";
  EXPECT_TRUE(ClientIndex({with_keys}).empty());
  EXPECT_EQ(match({with_keys}, token_of("a-1")), "");
}

TEST(ClientIndex, TenThousandClientsAreFoundByWhatTheTokenSays) {
  std::vector<config::Client> clients;
  for (int i = 0; i < 10'000; ++i) {
    const std::string number = std::to_string(i);
    clients.push_back(client_of("c-" + number, {{"a-" + number}, {}, {}, {}, {}}));
  }
  const ClientIndex index(clients);
  for (const int i : {0, 17, 9'999})
    EXPECT_EQ(index.find(token_of("a-" + std::to_string(i))), &clients[static_cast<size_t>(i)]);
}

}  // namespace
}  // namespace spillway::identity
