// A caller's session ticket goes out with the first thing that is said to him.

#include "component/net/tls_pair.hpp"
#include "support/certificates.hpp"
#include "support/socket_pair.hpp"
#include <spillway/base/clock.hpp>
#include <spillway/net/task_group.hpp>
#include <spillway/net/tls_stream.hpp>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <sys/socket.h>

namespace spillway::net {
namespace {

class HeldTicket : public ::testing::Test {
 protected:
  HeldTicket() {
    SSL_set_fd(client.get(), pair.peer.number());
    SSL_set_connect_state(client.get());
    ours = pair.ours.number();
    stream = std::make_unique<TlsStream>(io.get_executor(), std::move(pair.ours), context,
                                         base::Side::client);
    tasks.spawn(accept());
    constexpr int enough = 10;
    for (int i = 0; i < enough && !is_accepted; ++i) {
      SSL_do_handshake(client.get());
      io.poll();
    }
  }
  ~HeldTicket() override { stream->close({base::Fault::client_gone, base::Side::client, "done"}); }

  Task<void> accept() {
    const auto accepted = co_await stream->accept();
    is_accepted = accepted.has_value();
  }
  TlsContext serve() {
    ServerTls settings;
    settings.certificates = {{certificates.certificate_file(), certificates.private_key_file()}};
    settings.tickets = std::make_shared<TicketKeys>(base::system_clock());
    return made(TlsContext::for_server(settings));
  }
  /// How many bytes wait for the client.
  [[nodiscard]] ssize_t waiting() const {
    std::array<char, 4096> bytes{};
    const ssize_t count =
        ::recv(pair.peer.number(), bytes.data(), bytes.size(), MSG_PEEK | MSG_DONTWAIT);
    return count < 0 ? 0 : count;
  }
  [[nodiscard]] std::string heard() const {
    std::string text(64, '\0');
    const int count = SSL_read(client.get(), text.data(), static_cast<int>(text.size()));
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
  }
  [[nodiscard]] bool has_ticket() const {
    return SSL_SESSION_has_ticket(SSL_get0_session(client.get())) == 1;
  }

  test::Certificates certificates;
  TlsContext context = serve();
  test::SocketPair pair;
  SslContext client_context{SSL_CTX_new(TLS_client_method())};
  Ssl client{SSL_new(client_context.get())};
  asio::io_context io{1};
  int ours = -1;  // the stream's
  std::unique_ptr<TlsStream> stream;
  TaskGroup tasks{io.get_executor(), [](const std::string& what) { FAIL() << what; }};
  bool is_accepted = false;
};

TEST_F(HeldTicket, WaitsForWhatIsWrittenFirst) {
  ASSERT_TRUE(is_accepted);
  EXPECT_EQ(waiting(), 0);
  const std::string first = "first";
  const std::array<asio::const_buffer, 1> pieces{asio::buffer(first)};
  ASSERT_EQ(stream->try_write(pieces).bytes, first.size());
  EXPECT_GT(waiting(), 100);
  EXPECT_EQ(heard(), "first");
  EXPECT_TRUE(has_ticket());
  const std::string second = "second";
  const std::array<asio::const_buffer, 1> more{asio::buffer(second)};
  ASSERT_EQ(stream->try_write(more).bytes, second.size());
  EXPECT_LT(waiting(), 100);
  EXPECT_EQ(heard(), "second");
}

TEST_F(HeldTicket, GoesWithTheFarewellWhereNothingWasSaid) {
  ASSERT_TRUE(is_accepted);
  stream->shutdown_write();
  EXPECT_EQ(heard(), "");
  EXPECT_EQ(SSL_get_shutdown(client.get()), SSL_RECEIVED_SHUTDOWN);
  EXPECT_TRUE(has_ticket());
}

TEST_F(HeldTicket, IsKeptWhereThereIsNoRoom) {
  ASSERT_TRUE(is_accepted);
  const std::string filler(4096, 'f');
  std::size_t filled = 0;
  for (ssize_t sent = 0; sent >= 0; filled += static_cast<std::size_t>(std::max<ssize_t>(sent, 0)))
    sent = ::send(ours, filler.data(), filler.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  const std::string text = "text";
  const std::array<asio::const_buffer, 1> pieces{asio::buffer(text)};
  EXPECT_EQ(stream->try_write(pieces).outcome, Try::wants_write);
  std::string dropped(filled, '\0');
  ASSERT_EQ(::recv(pair.peer.number(), dropped.data(), filled, MSG_WAITALL),
            static_cast<ssize_t>(filled));
  EXPECT_EQ(stream->try_write(pieces).bytes, text.size());
  EXPECT_EQ(heard(), "text");
  EXPECT_TRUE(has_ticket());
}

}  // namespace
}  // namespace spillway::net
