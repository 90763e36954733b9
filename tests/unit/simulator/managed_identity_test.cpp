#include "simulator/managed_identity.hpp"

#include "support/certificates.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace spillway::simulator {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::EndsWith;
using testing::HasSubstr;

const std::string kMetadata = "/metadata/identity/oauth2/token?resource=r&api-version=";
const std::string kSite = "/msi/token?resource=r&api-version=";
const std::vector<Header> kTrue{{"Metadata", "true"}};

std::size_t file_count(const fs::path& directory) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

std::string content_of(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

class ManagedIdentityTest : public testing::Test {
 protected:
  ManagedIdentityTest() {
    identity_.managed_identities = {{"cid"}, {"cid2", "oid2", "/subscriptions/S/id2"}};
    identity_.app_service_header = "secret";
    identity_.arc_key_directory = directory_.path().string();
  }

  Reply ask(const std::string& target, const std::vector<Header>& headers,
            const std::string& method = "GET") {
    if (!endpoints_) endpoints_ = std::make_unique<ManagedIdentityEndpoints>(identity_, issuer_);
    Request request;
    request.method = method;
    request.target = target;
    request.headers = headers;
    return target.starts_with("/msi") ? endpoints_->app_service(request)
                                      : endpoints_->metadata(request);
  }
  std::string client_of(const std::string& target, const std::vector<Header>& headers) {
    return json::parse(ask(target, headers).body).value("client_id", "");
  }

  test::TemporaryDirectory directory_;
  Issuer issuer_;
  Identity identity_;
  std::unique_ptr<ManagedIdentityEndpoints> endpoints_;
};

TEST_F(ManagedIdentityTest, TheMetadataServiceKnowsEveryNameOfAnIdentity) {
  const auto base = kMetadata + "2018-02-01";
  EXPECT_EQ(client_of(base, kTrue), "22222222-2222-4222-8222-222222222222");
  EXPECT_EQ(client_of(base + "&client_id=cid", kTrue), "cid");
  EXPECT_EQ(client_of(base + "&object_id=OID2", kTrue), "cid2");
  EXPECT_EQ(client_of(base + "&msi_res_id=%2Fsubscriptions%2Fs%2Fid2", kTrue), "cid2");
  EXPECT_EQ(client_of(base + "&mi_res_id=/subscriptions/S/id2", kTrue), "cid2");
  const auto unknown = ask(base + "&client_id=nobody", kTrue);
  EXPECT_EQ(unknown.status, 400U);
  EXPECT_THAT(unknown.body, HasSubstr("Identity not found"));
  const auto body = json::parse(ask(base, kTrue).body);
  for (const auto* name : {"expires_in", "expires_on", "ext_expires_in", "not_before"})
    EXPECT_TRUE(body[name].is_string()) << name;
}

TEST_F(ManagedIdentityTest, TheMetadataServiceRefusesWhatMayBeForwarded) {
  const auto base = kMetadata + "2018-02-01";
  EXPECT_THAT(ask("/metadata/identity/oauth2/token", {}).body, HasSubstr("bad_request_102"));
  EXPECT_THAT(ask(base, {{"Metadata", "false"}}).body, HasSubstr("bad_request_102"));
  EXPECT_EQ(ask(base, {{"Metadata", "true"}, {"X-Forwarded-For", "10.0.0.1"}}).status, 400U);
  EXPECT_EQ(ask(base, kTrue, "POST").status, 405U);
  EXPECT_THAT(ask("/metadata/identity/oauth2/token?resource=r", kTrue).body,
              HasSubstr("api-version"));
  EXPECT_THAT(ask("/metadata/identity/oauth2/token?api-version=2018-02-01", kTrue).body,
              HasSubstr("invalid_resource"));
}

TEST_F(ManagedIdentityTest, WithoutASystemIdentityOneMustBeNamed) {
  identity_.has_system_identity = false;
  EXPECT_EQ(ask(kMetadata + "2018-02-01", kTrue).status, 400U);
  EXPECT_EQ(client_of(kMetadata + "2018-02-01&client_id=cid", kTrue), "cid");
}

TEST_F(ManagedIdentityTest, AppServiceHasTwoDialects) {
  const std::vector<Header> header{{"X-IDENTITY-HEADER", "secret"}};
  const auto body = json::parse(ask(kSite + "2019-08-01", header).body);
  EXPECT_TRUE(body["expires_on"].is_string());
  EXPECT_FALSE(body.contains("expires_in"));
  EXPECT_EQ(client_of(kSite + "2019-08-01&mi_res_id=/subscriptions/s/id2", header), "cid2");
  const std::vector<Header> old{{"secret", "secret"}};
  const auto date = json::parse(ask(kSite + "2017-09-01&clientid=cid", old).body);
  EXPECT_THAT(date["expires_on"].get<std::string>(), EndsWith("M +00:00"));
  EXPECT_FALSE(date.contains("client_id"));
}

TEST_F(ManagedIdentityTest, AppServiceRefuses) {
  const std::vector<Header> header{{"X-IDENTITY-HEADER", "secret"}};
  EXPECT_EQ(ask(kSite + "2019-08-01", {}).status, 401U);
  EXPECT_EQ(ask(kSite + "2019-08-01", {{"X-IDENTITY-HEADER", "wrong"}}).status, 401U);
  EXPECT_EQ(ask(kSite + "2017-09-01", header).status, 401U);
  EXPECT_EQ(ask(kSite + "2018-01-01", header).status, 400U);
  EXPECT_EQ(ask("/msi/token?api-version=2019-08-01", header).status, 400U);
  EXPECT_THAT(ask(kSite + "2019-08-01&client_id=nobody", header).body,
              HasSubstr("No User Assigned or Delegated Managed Identity found"));
}

TEST_F(ManagedIdentityTest, ArcChallengesWithAFile) {
  const auto challenge = ask(kMetadata + "2020-06-01", kTrue);
  EXPECT_EQ(challenge.status, 401U);
  EXPECT_EQ(challenge.body, "");
  ASSERT_EQ(challenge.headers.size(), 1U);
  const auto realm = challenge.headers[0].value;
  const auto file = realm.substr(std::string("Basic realm=").size());
  EXPECT_EQ(realm, "Basic realm=" + file);
  EXPECT_EQ(fs::path(file).parent_path(), directory_.path());
  EXPECT_EQ(fs::path(file).extension(), ".key");
  auto headers = kTrue;
  headers.push_back({"Authorization", "Basic " + content_of(file)});
  EXPECT_EQ(ask(kMetadata + "2020-06-01", headers).status, 200U);
  EXPECT_FALSE(fs::exists(file));
  // A key is good for one request.
  EXPECT_EQ(ask(kMetadata + "2020-06-01", headers).status, 401U);
  EXPECT_EQ(ask(kMetadata + "2020-06-01&client_id=cid", kTrue).status, 400U);
}

TEST_F(ManagedIdentityTest, ArcKeepsFewKeysAndLeavesNone) {
  for (int i = 0; i < 20; ++i)
    ask(kMetadata + "2020-06-01", kTrue);
  EXPECT_EQ(file_count(directory_.path()), 16U);
  endpoints_.reset();
  EXPECT_EQ(file_count(directory_.path()), 0U);
}

TEST_F(ManagedIdentityTest, WhereArcIsNotConfiguredItsVersionsAreOrdinary) {
  identity_.arc_key_directory.clear();
  EXPECT_EQ(client_of(kMetadata + "2020-06-01&client_id=cid", kTrue), "cid");
  identity_.arc_key_directory = (directory_.path() / "nowhere").string();
  endpoints_.reset();
  EXPECT_EQ(ask(kMetadata + "2020-06-01", kTrue).status, 500U);
}

}  // namespace
}  // namespace spillway::simulator
