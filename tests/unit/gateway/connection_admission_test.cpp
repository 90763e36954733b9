#include <spillway/gateway/connection_admission.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace spillway::gateway {
namespace {

class ConnectionAdmission : public ::testing::Test {
 protected:
  /// The limit that refused it; nothing: it was let in and is held.
  std::optional<Limit> come(const std::string& from, Security security = Security::plain) {
    auto admitted =
        admit_connection(process, limits, boost::asio::ip::make_address(from), security);
    if (const auto* limit = std::get_if<Limit>(&admitted)) return *limit;
    held.push_back(std::move(std::get<ConnectionPlaces>(admitted)));
    return std::nullopt;
  }

  config::Limits limits;
  ProcessState process;
  std::vector<ConnectionPlaces> held;
};

TEST_F(ConnectionAdmission, MoreThanTheProcessTakesAreRefusedAndCounted) {
  limits.max_connections = 2;
  EXPECT_FALSE(come("192.0.2.1"));
  EXPECT_FALSE(come("192.0.2.2"));
  EXPECT_EQ(come("192.0.2.3"), Limit::max_connections);
  EXPECT_EQ(process.client_connections.load(), 2U);
  EXPECT_EQ(process.limit_hits.hits(Limit::max_connections), 1U);
  held.pop_back();
  EXPECT_FALSE(come("192.0.2.3"));
}

TEST_F(ConnectionAdmission, OneAddressCannotTakeAllPlaces) {
  limits.max_connections_per_address = 2;
  EXPECT_FALSE(come("192.0.2.1"));
  EXPECT_FALSE(come("192.0.2.1"));
  EXPECT_EQ(come("192.0.2.1"), Limit::max_connections_per_address);
  EXPECT_FALSE(come("192.0.2.2"));
  EXPECT_EQ(process.client_connections.load(), 3U) << "who was refused holds nothing";
}

TEST_F(ConnectionAdmission, AddressesAreNotCountedUnlessTheyAreLimited) {
  EXPECT_FALSE(come("192.0.2.1"));
  EXPECT_EQ(process.addresses.size(), 0U);
}

TEST_F(ConnectionAdmission, HandshakesAreBoundedAndEndBeforeTheConnection) {
  limits.max_handshakes = 1;
  EXPECT_FALSE(come("192.0.2.1", Security::tls));
  EXPECT_EQ(come("192.0.2.2", Security::tls), Limit::max_handshakes);
  EXPECT_FALSE(come("192.0.2.2", Security::plain));
  held.front().handshake.give_back();
  EXPECT_FALSE(come("192.0.2.2", Security::tls));
}

TEST_F(ConnectionAdmission, DescriptorsBoundItToo) {
  process.connections_that_fit.store(1);
  EXPECT_FALSE(come("192.0.2.1"));
  EXPECT_EQ(come("192.0.2.1"), Limit::descriptors);
}

TEST_F(ConnectionAdmission, WhoFindsNoPlaceIsToldWhenToComeAgain) {
  const std::string answer(no_place_answer());
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 ")) << answer;
  for (const char* field : {"x-spillway-error: spillway_overloaded\r\n", "retry-after-ms: 1000\r\n",
                            "connection: close\r\n"})
    EXPECT_NE(answer.find(field), std::string::npos) << field;
}

}  // namespace
}  // namespace spillway::gateway
