#include <gtest/gtest.h>

#include <support/entra_world.hpp>

namespace spillway::identity {
namespace {

using namespace test;
using nlohmann::json;

config::Entra entra_of(std::vector<std::string> tenants) {
  config::Entra entra;
  entra.tenants = std::move(tenants);
  entra.audiences = {kAudience};
  return entra;
}

std::shared_ptr<const TokenIssuer> some_issuer() {
  return v2_issuer_of(json::array({TokenSigner::rsa().jwk("K1")}));
}

TEST(EntraKeys, WaitForAllOfATenantUntilItIsFetched) {
  EntraKeys keys(entra_of({kTenant, kOtherTenant}));
  EXPECT_FALSE(keys.issuers()->find(v2_issuer()));
  EXPECT_TRUE(keys.issuers()->is_waiting_for(kTenant));
  EXPECT_FALSE(keys.issuers()->is_waiting_for(kStrangersTenant));
  EXPECT_FALSE(keys.issuers()->is_waiting_for(""));
  keys.publish(0, TokenVersion::v2, some_issuer());
  EXPECT_TRUE(keys.issuers()->is_waiting_for(kTenant)) << "v1 is to come";
  keys.publish(0, TokenVersion::v1, issuer_of(v1_issuer(), kTenant, json::array()));
  EXPECT_FALSE(keys.issuers()->is_waiting_for(kTenant));
  EXPECT_TRUE(keys.issuers()->is_waiting_for(kOtherTenant));
  const auto found = keys.issuers()->find(v2_issuer());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->tenant, 0U);
}

TEST(EntraKeys, WaitForWhomeverADomainIsUntilThatIsKnown) {
  EntraKeys keys(entra_of({"Contoso.com"}));
  EXPECT_EQ(keys.tenant_name(0), "contoso.com");
  EXPECT_TRUE(keys.issuers()->is_waiting_for(kStrangersTenant));
  keys.publish(0, TokenVersion::v2, some_issuer());
  EXPECT_FALSE(keys.issuers()->is_waiting_for(kStrangersTenant));
  EXPECT_TRUE(keys.issuers()->is_waiting_for(kTenant));
}

TEST(EntraKeys, TheGenerationChangesWithTheKeysOnly) {
  EntraKeys keys(entra_of({kTenant}));
  const auto generation = keys.generation();
  keys.publish(0, TokenVersion::v2, some_issuer());
  const auto with_key = keys.generation();
  EXPECT_NE(with_key, generation);
  EXPECT_EQ(keys.issuers()->generation(), with_key);
  const auto fetched_again = some_issuer();
  keys.publish(0, TokenVersion::v2, fetched_again);
  EXPECT_EQ(keys.generation(), with_key) << "the same again";
  EXPECT_EQ(keys.issuers()->tenants()[0].issuers[1], fetched_again);
  keys.publish(0, TokenVersion::v2, nullptr);
  EXPECT_NE(keys.generation(), with_key) << "withdrawn";
  const auto without = keys.generation();
  keys.publish(0, TokenVersion::v2, nullptr);
  EXPECT_EQ(keys.generation(), without);
}

TEST(EntraKeys, AnUnknownKeyIsReportedOfItsTenantAndTakenOnce) {
  EntraKeys keys(entra_of({kTenant, kOtherTenant}));
  keys.report_unknown_key(1);
  keys.report_unknown_key(1);
  EXPECT_FALSE(keys.take_unknown_key(0));
  EXPECT_TRUE(keys.take_unknown_key(1));
  EXPECT_FALSE(keys.take_unknown_key(1));
}

TEST(EntraKeys, AReloadKeepsWhatIsKnownOfTenantsThatStay) {
  EntraKeys before(entra_of({kTenant, kStrangersTenant}));
  before.publish(0, TokenVersion::v2, some_issuer());
  EntraKeys after(entra_of({kOtherTenant, kTenant}));
  after.take_over(before);
  const auto found = after.issuers()->find(v2_issuer());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->tenant, 1U);
  EXPECT_TRUE(after.issuers()->is_waiting_for(kOtherTenant));

  config::Entra elsewhere = entra_of({kTenant});
  elsewhere.authority_host = "https://login.microsoftonline.us";
  EntraKeys of_another_authority(elsewhere);
  of_another_authority.take_over(before);
  EXPECT_FALSE(of_another_authority.issuers()->find(v2_issuer()));
}

TEST(EntraKeys, TheStatusNamesTheTenant) {
  EntraKeys keys(entra_of({kTenant, kOtherTenant}));
  EntraKeysStatus status;
  status.state = EntraKeysStatus::State::failing;
  status.last_error = "v1: timed_out";
  keys.set_status(1, status);
  const auto all = keys.status();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].tenant, kTenant);
  EXPECT_EQ(all[0].state, EntraKeysStatus::State::refreshing);
  EXPECT_EQ(all[1].tenant, kOtherTenant);
  EXPECT_EQ(name_of(all[1].state), "failing");
  EXPECT_EQ(all[1].last_error, "v1: timed_out");
}

}  // namespace
}  // namespace spillway::identity
