// Our connections to a server: the next one resumes the session of the last, on either version of
// TLS, and only with the same server.

#include "component/net/tls_pair.hpp"
#include "support/certificates.hpp"
#include "support/run_task.hpp"
#include <spillway/net/tcp_connect.hpp>
#include <spillway/net/tls_stream.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <array>
#include <memory>
#include <string>
#include <thread>
#include <utility>

namespace spillway::net {
namespace {

using test::Certificates;
using Tcp = boost::asio::ip::tcp;

/// Blocks on one connection after the other, so many: handshake, one byte, then until the peer
/// ends.
class PlainServer {
 public:
  PlainServer(const Certificates& certificates, int version, int connections)
      : context_(SSL_CTX_new(TLS_server_method())) {
    SSL_CTX_set_max_proto_version(context_.get(), version);
    SSL_CTX_use_certificate_chain_file(context_.get(), certificates.certificate_file().c_str());
    SSL_CTX_use_PrivateKey_file(context_.get(), certificates.private_key_file().c_str(),
                                SSL_FILETYPE_PEM);
    thread_ = std::thread([this, connections] {
      for (int i = 0; i < connections; ++i)
        serve_one();
    });
  }
  ~PlainServer() { thread_.join(); }
  PlainServer(const PlainServer&) = delete;
  PlainServer& operator=(const PlainServer&) = delete;

  [[nodiscard]] Tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }

 private:
  void serve_one() {
    Tcp::socket socket(io_);
    acceptor_.accept(socket);
    const Ssl ssl(SSL_new(context_.get()));
    SSL_set_fd(ssl.get(), socket.native_handle());
    char byte = 'x';
    if (SSL_accept(ssl.get()) == 1 && SSL_write(ssl.get(), &byte, 1) == 1) {
      while (SSL_read(ssl.get(), &byte, 1) == 1) {
      }
    }
  }

  asio::io_context io_{1};
  Tcp::acceptor acceptor_{io_, Tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  SslContext context_;
  std::thread thread_;
};

enum class End { polite, abrupt };

// "full", "resumed", or why not.
Task<std::string> connect_once(Executor executor, Tcp::endpoint server, TlsContext context,
                               std::string name, End end) {
  TcpConnect opening(executor);
  auto connected = co_await opening.connect(server);
  if (!connected) co_return connected.error().detail();
  TlsStream stream(executor, std::move(connected.value()), context, base::Side::upstream);
  const auto established = co_await stream.connect(name);
  if (!established) {
    stream.close(established.error());
    co_return established.error().detail();
  }
  std::array<char, 1> byte{};
  const auto buffer = asio::buffer(byte);
  const auto read = co_await read_some(stream, buffer);  // and with it what TLS 1.3 sends later
  std::string outcome = stream.is_resumed() ? "resumed" : "full";
  if (!read) outcome += ", " + read.error().detail();
  if (end == End::polite) stream.shutdown_write();
  const base::Error done(base::Fault::upstream_closed, base::Side::gateway, "done");
  stream.close(done);
  co_return outcome;
}

class SessionsOfServers : public ::testing::TestWithParam<int> {
 protected:
  std::string connect(const PlainServer& server, const TlsContext& context,
                      const std::string& name = "localhost", End end = End::polite) {
    auto outcome = support::run_task(
        io, connect_once(io.get_executor(), server.endpoint(), context, name, end));
    return outcome.value_or("still waiting");
  }
  [[nodiscard]] TlsContext trusting() const {
    return made(TlsContext::for_client({certificates.ca_file(), TlsVersion::tls_1_2}));
  }

  asio::io_context io{1};
  Certificates certificates{{"localhost", "other.example"}};
};

TEST_P(SessionsOfServers, AreResumedAgainAndAgain) {
  const PlainServer server(certificates, GetParam(), 4);
  const TlsContext context = trusting();
  EXPECT_EQ(connect(server, context), "full");
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(connect(server, context), "resumed") << i;
}

TEST_P(SessionsOfServers, OutliveAConnectionThatBroke) {
  const PlainServer server(certificates, GetParam(), 3);
  const TlsContext context = trusting();
  EXPECT_EQ(connect(server, context, "localhost", End::abrupt), "full");
  EXPECT_EQ(connect(server, context, "localhost", End::abrupt), "resumed");
  EXPECT_EQ(connect(server, context), "resumed");
}

TEST_P(SessionsOfServers, AreForTheNameThatWasVerified) {
  const PlainServer server(certificates, GetParam(), 4);
  const TlsContext context = trusting();
  EXPECT_EQ(connect(server, context), "full");
  EXPECT_EQ(connect(server, context, "other.example"), "full");
  EXPECT_NE(connect(server, context, "third.example").find("hostname mismatch"), std::string::npos);
  EXPECT_EQ(connect(server, context), "resumed");
}

TEST_P(SessionsOfServers, BelongToOneSetOfAuthorities) {
  const PlainServer server(certificates, GetParam(), 2);
  EXPECT_EQ(connect(server, trusting()), "full");
  const Certificates others;
  const auto stranger = made(TlsContext::for_client({others.ca_file(), TlsVersion::tls_1_2}));
  EXPECT_NE(connect(server, stranger).find("certificate not accepted"), std::string::npos);
}

std::string name_of(const ::testing::TestParamInfo<int>& version) {
  return version.param == TLS1_2_VERSION ? "v1_2" : "v1_3";
}

INSTANTIATE_TEST_SUITE_P(Tls, SessionsOfServers, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         name_of);

}  // namespace
}  // namespace spillway::net
