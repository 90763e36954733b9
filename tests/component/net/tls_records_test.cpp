// What came together is read together, and the end behind it is not lost.

#include "component/net/tls_pair.hpp"
#include "support/certificates.hpp"
#include "support/run_task.hpp"
#include <spillway/net/tcp_connect.hpp>
#include <spillway/net/tls_stream.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace spillway::net {
namespace {

using test::Certificates;
using Tcp = boost::asio::ip::tcp;

constexpr std::size_t kRecord = 10'000;
constexpr std::size_t kRecords = 3;

enum class Farewell { close_notify, garbage };

// Sends its records and what ends them in one write.
void serve_one(Tcp::acceptor& acceptor, SSL_CTX* context, asio::io_context& io, Farewell farewell) {
  Tcp::socket socket(io);
  acceptor.accept(socket);
  const Ssl ssl(SSL_new(context));
  SSL_set_fd(ssl.get(), socket.native_handle());
  if (SSL_accept(ssl.get()) != 1) return;
  BIO* const gathered = BIO_new(BIO_f_buffer());
  BIO_set_write_buffer_size(gathered, 64L << 10U);
  BIO* const straight = SSL_get_wbio(ssl.get());
  BIO_up_ref(straight);
  SSL_set0_wbio(ssl.get(), BIO_push(gathered, straight));
  const std::string record(kRecord, 'x');
  for (std::size_t i = 0; i < kRecords; ++i)
    SSL_write(ssl.get(), record.data(), static_cast<int>(record.size()));
  if (farewell == Farewell::close_notify) SSL_shutdown(ssl.get());
  if (farewell == Farewell::garbage) BIO_write(gathered, record.data(), 100);
  static_cast<void>(BIO_flush(gathered));
  char byte = 0;
  while (::recv(socket.native_handle(), &byte, 1, 0) > 0) {
  }
}

// The sizes of the reads up to the end, and how that was found.
Task<std::string> read_all(Executor executor, Tcp::endpoint server, TlsContext context) {
  TcpConnect opening(executor);
  auto connected = co_await opening.connect(server);
  if (!connected) co_return connected.error().detail();
  TlsStream stream(executor, std::move(connected.value()), context, base::Side::upstream);
  const std::string name = "localhost";
  const auto established = co_await stream.connect(name);
  if (!established) co_return established.error().detail();
  std::vector<char> room(64U << 10U);
  const auto buffer = asio::buffer(room);
  std::string outcome;
  for (;;) {
    const auto read = co_await read_some(stream, buffer);
    if (!read) outcome += read.error().detail().substr(0, 18);
    if (!read || read.value() == 0) break;
    outcome += std::to_string(read.value()) + ", ";
  }
  const base::Error done(base::Fault::upstream_closed, base::Side::gateway, "done");
  stream.close(done);
  co_return outcome;
}

class TlsRecords : public ::testing::Test {
 protected:
  std::string read_from_server(Farewell farewell) {
    asio::io_context io(1);
    Tcp::acceptor acceptor(io, Tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    const SslContext context(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate_chain_file(context.get(), certificates.certificate_file().c_str());
    SSL_CTX_use_PrivateKey_file(context.get(), certificates.private_key_file().c_str(),
                                SSL_FILETYPE_PEM);
    std::thread server([&] { serve_one(acceptor, context.get(), io, farewell); });
    const auto trusting =
        made(TlsContext::for_client({certificates.ca_file(), TlsVersion::tls_1_2}));
    asio::io_context loop(1);
    auto outcome =
        support::run_task(loop, read_all(loop.get_executor(), acceptor.local_endpoint(), trusting));
    server.join();
    return outcome.value_or("still waiting");
  }

  Certificates certificates;
};

TEST_F(TlsRecords, ThatCameTogetherAreReadTogether) {
  EXPECT_EQ(read_from_server(Farewell::close_notify), "30000, ") << "and the end is found after it";
}

TEST_F(TlsRecords, AreNotLostToWhatIsWrongBehindThem) {
  EXPECT_EQ(read_from_server(Farewell::garbage), "30000, TLS connection cut");
}

}  // namespace
}  // namespace spillway::net
