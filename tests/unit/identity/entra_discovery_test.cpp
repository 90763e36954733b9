#include <spillway/identity/entra_discovery.hpp>

#include <gtest/gtest.h>

#include <support/entra_world.hpp>
#include <support/wire_sample.hpp>

namespace spillway::identity {
namespace {

using namespace test;
using nlohmann::json;

DiscoverySubject subject_of(TokenVersion version, const std::string& tenant = kTenant,
                            const std::string& authority = kAuthority) {
  DiscoverySubject subject;
  subject.authority = parse_origin(authority).value();
  subject.tenant = tenant;
  subject.version = version;
  return subject;
}

std::string v2_document(const json& changes) {
  json document = json::parse(read_wire_sample("entra/openid-configuration-tenant-v2.json"));
  document.update(changes);
  return document.dump();
}

TEST(EntraDiscovery, AsksForTheDocumentOfTheTenantAndVersion) {
  EXPECT_EQ(discovery_target(subject_of(TokenVersion::v1)),
            "/" + kTenant + "/.well-known/openid-configuration");
  EXPECT_EQ(discovery_target(subject_of(TokenVersion::v2)),
            "/" + kTenant + "/v2.0/.well-known/openid-configuration");
  EXPECT_EQ(discovery_target(subject_of(TokenVersion::v1, "contoso.com", "http://127.0.0.1:80/e/")),
            "/e/contoso.com/.well-known/openid-configuration");
  EXPECT_EQ(discovery_target(subject_of(TokenVersion::v1, "a/../b?c")),
            "/a%2F..%2Fb%3Fc/.well-known/openid-configuration");
}

TEST(EntraDiscovery, ReadsTheRecordedDocuments) {
  const auto v1 = parse_discovery(read_wire_sample("entra/openid-configuration-tenant-v1.json"),
                                  subject_of(TokenVersion::v1));
  ASSERT_TRUE(v1) << v1.error().detail();
  EXPECT_EQ(v1->issuer, v1_issuer());
  EXPECT_EQ(v1->tenant_id, kTenant);
  EXPECT_EQ(v1->keys_target, "/" + kTenant + "/discovery/keys");
  const auto v2 = parse_discovery(read_wire_sample("entra/openid-configuration-tenant-v2.json"),
                                  subject_of(TokenVersion::v2));
  ASSERT_TRUE(v2) << v2.error().detail();
  EXPECT_EQ(v2->issuer, v2_issuer());
  EXPECT_EQ(v2->keys_target, "/" + kTenant + "/discovery/v2.0/keys");
}

TEST(EntraDiscovery, SubstitutesTheTenantInTheCommonDocument) {
  const std::string common = read_wire_sample("entra/openid-configuration-common-v2.json");
  const auto read = parse_discovery(common, subject_of(TokenVersion::v2));
  ASSERT_TRUE(read) << read.error().detail();
  EXPECT_EQ(read->issuer, v2_issuer());
  EXPECT_FALSE(parse_discovery(common, subject_of(TokenVersion::v2, "contoso.com")))
      << "nobody knows the domain's tenant";
}

TEST(EntraDiscovery, LearnsTheTenantOfADomain) {
  const auto read =
      parse_discovery(v2_document(json::object()), subject_of(TokenVersion::v2, "contoso.com"));
  ASSERT_TRUE(read) << read.error().detail();
  EXPECT_EQ(read->tenant_id, kTenant);
}

TEST(EntraDiscovery, AcceptsOtherCloudsIssuersAndAQueryOfTheKeySet) {
  const json document = {{"issuer", "https://sts.chinacloudapi.cn/" + kTenant + "/"},
                         {"jwks_uri", "https://LOGIN.partner.microsoftonline.cn:443/" + kTenant +
                                          "/discovery/keys?appid=" + kAudience}};
  const auto read = parse_discovery(
      document.dump(),
      subject_of(TokenVersion::v1, kTenant, "https://login.partner.microsoftonline.cn"));
  ASSERT_TRUE(read) << read.error().detail();
  EXPECT_EQ(read->keys_target, "/" + kTenant + "/discovery/keys?appid=" + kAudience);
}

TEST(EntraDiscovery, RefusesIssuersThatAreNotTheTenants) {
  for (const std::string& issuer :
       {v2_issuer(kStrangersTenant), v1_issuer(), v2_issuer() + "/", v2_issuer("common"),
        "http://login.microsoftonline.com/" + kTenant + "/v2.0", kTenant + "/v2.0",
        "https://a@login.microsoftonline.com/" + kTenant + "/v2.0", "/" + kTenant + "/v2.0",
        "https://login.microsoftonline.com/\n" + kTenant + "/v2.0", std::string()})
    EXPECT_FALSE(parse_discovery(v2_document({{"issuer", issuer}}), subject_of(TokenVersion::v2)))
        << issuer;
}

TEST(EntraDiscovery, FetchesNoKeysElsewhere) {
  for (const char* const uri :
       {"https://attacker.test/keys", "http://login.microsoftonline.com/keys",
        "https://login.microsoftonline.com:8443/keys", "https://login.microsoftonline.com",
        "https://login.microsoftonline.com.attacker.test/keys", "file:///etc/passwd",
        "https://login.microsoftonline.com@attacker.test/keys", "//attacker.test/keys", "/keys",
        "https://login.microsoftonline.com/keys#x", "https://169.254.169.254/metadata",
        "https://login.microsoftonline.com/keys?x=1\r\nHost: attacker.test",
        "https://login.microsoftonline.com/a b", "https://login.microsoftonline.com\\@x/keys", ""})
    EXPECT_FALSE(parse_discovery(v2_document({{"jwks_uri", uri}}), subject_of(TokenVersion::v2)))
        << uri;
}

TEST(EntraDiscovery, SpeaksPlainHttpWithThisMachineOnly) {
  const auto document = [](const std::string& origin) {
    return json({{"issuer", origin + "/" + kTenant + "/v2.0"}, {"jwks_uri", origin + "/keys"}})
        .dump();
  };
  for (const char* const origin :
       {"http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost"})
    EXPECT_TRUE(parse_discovery(document(origin), subject_of(TokenVersion::v2, kTenant, origin)))
        << origin;
  for (const char* const origin :
       {"http://10.0.0.1:8080", "http://127.attacker.test", "http://169.254.169.254"})
    EXPECT_FALSE(parse_discovery(document(origin), subject_of(TokenVersion::v2, kTenant, origin)))
        << origin;
}

TEST(EntraDiscovery, RefusesWhatIsNoDocument) {
  for (const std::string& text :
       {std::string(), std::string("<html>"), std::string("[]"), std::string("{}"),
        R"({"issuer":")" + v2_issuer() + R"("})", std::string(kMaxDiscoveryBytes + 1, ' '),
        std::string(R"({"issuer":1,"jwks_uri":2})")})
    EXPECT_FALSE(parse_discovery(text, subject_of(TokenVersion::v2))) << text.substr(0, 80);
}

}  // namespace
}  // namespace spillway::identity
