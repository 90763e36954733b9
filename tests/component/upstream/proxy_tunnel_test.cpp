#include "support/memory_stream.hpp"
#include "support/run_task.hpp"
#include <spillway/upstream/proxy_tunnel.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spillway::upstream {
namespace {

using support::MemoryStream;
using testing::HasSubstr;
using testing::Not;

class ProxyTunnel : public ::testing::Test {
 protected:
  ProxyTunnel() {
    proxy.host = "proxy.example";
    proxy.port = 3128;
  }
  // "open", or why not.
  std::string open() {
    const auto opened =
        support::run_task(context, open_tunnel(stream, proxy, "contoso.openai.azure.com:443"));
    if (!opened) return "still waiting";
    if (*opened) return "open";
    EXPECT_EQ(opened->error().fault(), base::Fault::connect_failed) << "nothing was accepted";
    EXPECT_THAT(opened->error().detail(), Not(HasSubstr("dXNlcjpw")));
    return opened->error().detail();
  }
  std::string open_with(const std::string& answer) {
    stream.input().push(answer);
    return open();
  }

  net::asio::io_context context{1};
  MemoryStream stream{context.get_executor(), base::Side::upstream};
  Proxy proxy;
};

TEST_F(ProxyTunnel, IsAskedForByConnect) {
  EXPECT_EQ(open_with("HTTP/1.1 200 Connection established\r\n\r\n"), "open");
  EXPECT_EQ(stream.output().take(),
            "CONNECT contoso.openai.azure.com:443 HTTP/1.1\r\n"
            "host: contoso.openai.azure.com:443\r\n\r\n");
}

TEST_F(ProxyTunnel, WithUserAndPasswordWhereTheProxyHasThem) {
  proxy.authorization = base::Secret("Basic dXNlcjpw");
  EXPECT_EQ(open_with("HTTP/1.0 200 OK\r\nVia: x\r\nContent-Length: 17\r\n\r\n"), "open");
  EXPECT_THAT(stream.output().take(), HasSubstr("\r\nproxy-authorization: Basic dXNlcjpw\r\n"));
}

TEST_F(ProxyTunnel, ComesByteByByte) {
  stream.input().limit_reads(1);
  EXPECT_EQ(open_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 Fine\r\n\r\n"), "open");
}

TEST_F(ProxyTunnel, AMissingPasswordIsSaid) {
  proxy.authorization = base::Secret("Basic dXNlcjpw");
  EXPECT_EQ(open_with("HTTP/1.1 407 Proxy Authentication Required\r\n"
                      "Proxy-Authenticate: Basic\r\nContent-Length: 3\r\n\r\nno!"),
            "the proxy proxy.example:3128 asks for a user and password (407); write them in "
            "HTTPS_PROXY");
}

TEST_F(ProxyTunnel, ARefusalIsSaidWithItsStatus) {
  EXPECT_EQ(open_with("HTTP/1.1 403 Not by \"me\"\r\nContent-Length: 0\r\n\r\n"),
            "the proxy proxy.example:3128 refused the tunnel: status 403 Not by \\\"me\\\"");
}

TEST_F(ProxyTunnel, ARedirectIsARefusal) {
  EXPECT_THAT(open_with("HTTP/1.1 302 Found\r\nLocation: http://x\r\nContent-Length: 0\r\n\r\n"),
              HasSubstr("refused the tunnel: status 302"));
}

TEST_F(ProxyTunnel, GarbageIsNoAnswer) {
  EXPECT_THAT(open_with("SSH-2.0-OpenSSH_9.2\r\n\r\n"), HasSubstr("gave no usable answer"));
}

TEST_F(ProxyTunnel, AnAnswerWithoutEndIsCutOff) {
  EXPECT_THAT(open_with("HTTP/1.1 200 OK\r\nx: " + std::string(70'000, 'x')),
              HasSubstr("gave no usable answer"));
}

TEST_F(ProxyTunnel, AnEarlyEndIsNoAnswer) {
  stream.input().push("HTTP/1.1 200 OK\r\n");
  stream.input().end();
  EXPECT_THAT(open(), HasSubstr("gave no usable answer"));
}

TEST_F(ProxyTunnel, BytesBehindTheAnswerAreNobodys) {
  EXPECT_THAT(open_with("HTTP/1.1 200 OK\r\n\r\nhello"), HasSubstr("spoke before the target"));
}

TEST_F(ProxyTunnel, ASilentProxyIsWaitedForUntilTheStreamIsClosed) {
  net::Timer deadline(context.get_executor(), std::chrono::milliseconds(20));
  deadline.async_wait([&](const boost::system::error_code&) {
    stream.close({base::Fault::connect_failed, base::Side::upstream, "connect timeout"});
  });
  EXPECT_THAT(open(), HasSubstr("gave no usable answer: connect timeout"));
}

}  // namespace
}  // namespace spillway::upstream
