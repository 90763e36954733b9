#include "simulator/content_coding.hpp"

#include <boost/beast/zlib/deflate_stream.hpp>
#include <boost/crc.hpp>

#include <array>
#include <cstdint>

namespace spillway::simulator {
namespace {

namespace zlib = boost::beast::zlib;

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (const unsigned shift : {24U, 16U, 8U, 0U})
    bytes += static_cast<char>((value >> shift) & 0xffU);
  return bytes;
}

std::string little_endian(std::uint32_t value) {
  const auto bytes = big_endian(value);
  return {bytes.rbegin(), bytes.rend()};
}

class Encoder {
 public:
  explicit Encoder(Coding coding) : coding_(coding) {}

  [[nodiscard]] std::string head() const {
    if (coding_ == Coding::gzip) return {"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", 10};
    return "\x78\x9c";
  }

  std::string add(const std::string& text) {
    crc_.process_bytes(text.data(), text.size());
    for (const char c : text) {
      low_ = (low_ + static_cast<unsigned char>(c)) % 65'521U;
      high_ = (high_ + low_) % 65'521U;
    }
    count_ += static_cast<std::uint32_t>(text.size());
    return deflate(text, zlib::Flush::sync);
  }

  std::string finish() {
    auto out = deflate("", zlib::Flush::finish);
    if (coding_ == Coding::gzip)
      return out + little_endian(crc_.checksum()) + little_endian(count_);
    return out + big_endian((high_ << 16U) | low_);
  }

 private:
  std::string deflate(const std::string& text, zlib::Flush flush) {
    std::string out;
    std::array<char, 4096> piece{};
    zlib::z_params window;
    window.next_in = text.data();
    window.avail_in = text.size();
    do {
      window.next_out = piece.data();
      window.avail_out = piece.size();
      boost::beast::error_code end;
      stream_.write(window, flush, end);
      out.append(piece.data(), piece.size() - window.avail_out);
      if (end) break;
    } while (window.avail_out == 0);
    return out;
  }

  Coding coding_;
  zlib::deflate_stream stream_;
  boost::crc_32_type crc_;
  std::uint32_t low_ = 1;
  std::uint32_t high_ = 0;
  std::uint32_t count_ = 0;
};

}  // namespace

void encode_content(Reply& reply) {
  if (reply.coding == Coding::identity || (!reply.is_stream() && reply.body.empty())) return;
  reply.headers.push_back({"Content-Encoding", reply.coding == Coding::gzip ? "gzip" : "deflate"});
  Encoder encoder(reply.coding);
  if (!reply.is_stream()) {
    const auto whole = encoder.add(reply.body);
    reply.body = encoder.head() + whole + encoder.finish();
    return;
  }
  auto head = encoder.head();
  for (auto& event : reply.events) {
    event.text = head + encoder.add(event.text);
    head.clear();
  }
  reply.events.back().text += encoder.finish();
}

}  // namespace spillway::simulator
