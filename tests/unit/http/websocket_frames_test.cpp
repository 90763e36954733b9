#include <spillway/http/websocket_frames.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace spillway::http {
namespace {

using Kind = SeenFrame::Kind;

enum class Mask : std::uint8_t { yes, no };

std::string bytes_of(std::uint64_t number, unsigned count) {
  std::string bytes;
  for (unsigned i = count; i > 0; --i)
    bytes += static_cast<char>((number >> (8U * (i - 1))) & 0xFFU);
  return bytes;
}

// `first`: FIN, RSV and opcode.
std::string frame(unsigned first, const std::string& payload, Mask mask = Mask::no) {
  const unsigned masked = mask == Mask::yes ? 0x80U : 0;
  std::string text(1, static_cast<char>(first));
  if (payload.size() < 126) {
    text += bytes_of(masked | payload.size(), 1);
  } else if (payload.size() <= 0xFFFFU) {
    text += bytes_of(masked | 126U, 1) + bytes_of(payload.size(), 2);
  } else {
    text += bytes_of(masked | 127U, 1) + bytes_of(payload.size(), 8);
  }
  if (mask == Mask::no) return text + payload;
  const std::string key = "\x37\xfa\x21\x3d";
  text += key;
  for (std::size_t i = 0; i < payload.size(); ++i)
    text += static_cast<char>(payload[i] ^ key[i % 4]);
  return text;
}

// What was told, pieces joined: "text(…)", "ping(…)", "close(1000,…)", "violation".
struct Told {
  std::vector<std::string> what;
  bool is_between = false;
  bool operator==(const Told&) const = default;
};

void PrintTo(const Told& told, std::ostream* out) {
  for (const auto& each : told.what)
    *out << each.substr(0, 100) << ' ';
  *out << (told.is_between ? "between" : "inside");
}

class Watch {
 public:
  explicit Watch(FrameSender sender) : frames_(sender) {}

  void feed(std::string_view bytes) {
    for (SeenFrame seen = frames_.next(bytes); seen.kind != Kind::nothing;
         seen = frames_.next(bytes))
      tell(seen);
    EXPECT_TRUE(bytes.empty());
  }
  [[nodiscard]] Told told() const { return {what_, frames_.is_between_messages()}; }
  [[nodiscard]] const WebSocketFrames& frames() const { return frames_; }

 private:
  void tell(const SeenFrame& seen) {
    switch (seen.kind) {
      case Kind::text_piece:
      case Kind::binary_piece:
        message_ += seen.payload;
        break;
      case Kind::text_end:
        what_.push_back("text(" + std::exchange(message_, {}) + ")");
        break;
      case Kind::binary_end:
        what_.push_back("binary(" + std::exchange(message_, {}) + ")");
        break;
      case Kind::ping:
        what_.push_back("ping(" + std::string(seen.payload) + ")");
        break;
      case Kind::pong:
        what_.push_back("pong(" + std::string(seen.payload) + ")");
        break;
      case Kind::close:
        what_.push_back("close(" + std::to_string(seen.close_code) + "," +
                        std::string(seen.payload) + ")");
        break;
      case Kind::violation:
        what_.emplace_back("violation");
        break;
      case Kind::nothing:
        break;
    }
  }

  WebSocketFrames frames_;
  std::string message_;
  std::vector<std::string> what_;
};

Told watch(FrameSender sender, const std::string& bytes, std::size_t step = 0) {
  Watch watch(sender);
  const std::size_t size = step == 0 ? bytes.size() + 1 : step;
  for (std::size_t at = 0; at < bytes.size(); at += size)
    watch.feed(std::string_view(bytes).substr(at, size));
  return watch.told();
}

// A conversation with everything in it: fragments with a ping between them, an empty message, one
// of each length form, a close with a reason.
std::string conversation(Mask mask) {
  return frame(0x81, "{\"type\":\"session.created\"}", mask) + frame(0x01, "frag", mask) +
         frame(0x89, "are you there", mask) + frame(0x00, "men", mask) + frame(0x80, "ts", mask) +
         frame(0x81, "", mask) + frame(0x8A, "", mask) + frame(0x82, std::string(300, 'b'), mask) +
         frame(0x81, std::string(70'000, 't'), mask) + frame(0x88, bytes_of(1000, 2) + "bye", mask);
}

Told told_of_conversation() {
  return {{"text({\"type\":\"session.created\"})", "ping(are you there)", "text(fragments)",
           "text()", "pong()", "binary(" + std::string(300, 'b') + ")",
           "text(" + std::string(70'000, 't') + ")", "close(1000,bye)"},
          false};
}

TEST(WebSocketFrames, EverythingIsToldInOrder) {
  EXPECT_EQ(watch(FrameSender::server, conversation(Mask::no)), told_of_conversation());
  EXPECT_EQ(watch(FrameSender::client, conversation(Mask::yes)), told_of_conversation());
}

TEST(WebSocketFrames, EverySplitTellsTheSame) {
  for (const std::size_t step : {1, 2, 3, 5, 7, 13, 64, 125, 4096, 65'536}) {
    EXPECT_EQ(watch(FrameSender::server, conversation(Mask::no), step), told_of_conversation());
    EXPECT_EQ(watch(FrameSender::client, conversation(Mask::yes), step), told_of_conversation());
  }
}

TEST(WebSocketFrames, TheExamplesOfTheRfc) {
  const std::string masked = "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
  EXPECT_EQ(watch(FrameSender::client, masked), (Told{{"text(Hello)"}, true}));
  EXPECT_EQ(watch(FrameSender::server, "\x81\x05\x48\x65\x6c\x6c\x6f"),
            (Told{{"text(Hello)"}, true}));
  EXPECT_EQ(watch(FrameSender::server, "\x89\x05\x48\x65\x6c\x6c\x6f"),
            (Told{{"ping(Hello)"}, true}));
}

TEST(WebSocketFrames, BetweenMessagesIsWhereNothingIsBegun) {
  Watch watch(FrameSender::server);
  EXPECT_TRUE(watch.frames().is_between_messages());
  const std::string first = frame(0x01, "ab");
  watch.feed(first.substr(0, 1));
  EXPECT_FALSE(watch.frames().is_between_messages()) << "half a head";
  watch.feed(first.substr(1));
  EXPECT_FALSE(watch.frames().is_between_messages()) << "half a message";
  watch.feed(frame(0x89, ""));
  EXPECT_FALSE(watch.frames().is_between_messages()) << "a ping ends no message";
  watch.feed(frame(0x80, "c"));
  EXPECT_TRUE(watch.frames().is_between_messages());
  EXPECT_EQ(watch.told().what, (std::vector<std::string>{"ping()", "text(abc)"}));
}

TEST(WebSocketFrames, WhatRfc6455ForbidsIsAViolation) {
  const std::string violations[] = {
      frame(0xC1, "compressed"),  // RSV1 without an extension
      frame(0x91, ""),            // RSV3
      frame(0x83, ""),            // unknown opcodes
      frame(0x8B, ""),
      frame(0x80, "continues nothing"),
      frame(0x01, "a") + frame(0x81, "b"),           // a message inside a message
      frame(0x09, ""),                               // a control frame in fragments
      frame(0x89, std::string(126, 'p')),            // and one that is too long
      frame(0x88, "x"),                              // half a close code
      frame(0x81, "masked", Mask::yes),              // by a server
      "\x81" + bytes_of(126, 1) + bytes_of(125, 2),  // lengths not in their shortest form
      "\x81" + bytes_of(127, 1) + bytes_of(0xFFFF, 8),
      "\x81" + bytes_of(127, 1) + bytes_of(1ULL << 63U, 8),  // 64 bits
  };
  for (const std::string& bytes : violations) {
    for (const std::size_t step : {std::size_t{0}, std::size_t{1}}) {
      const Told told = watch(FrameSender::server, bytes + frame(0x81, "later"), step);
      ASSERT_FALSE(told.what.empty());
      EXPECT_EQ(told.what.back(), "violation") << "and nothing behind it";
      EXPECT_FALSE(told.is_between);
    }
  }
  EXPECT_EQ(watch(FrameSender::client, frame(0x81, "unmasked")).what.back(), "violation");
}

TEST(WebSocketFrames, WhatCannotBeAFrameIsToldWithItsSecondByte) {
  EXPECT_EQ(watch(FrameSender::server, "HTTP"), (Told{{"violation"}, false}));
}

TEST(WebSocketFrames, NothingIsToldBehindAClose) {
  Watch watch(FrameSender::server);
  watch.feed(frame(0x88, "") + frame(0x81, "late") + "garbage");
  EXPECT_EQ(watch.told().what, (std::vector<std::string>{"close(1005,)"}));
  EXPECT_TRUE(watch.frames().has_closed());
  EXPECT_FALSE(watch.frames().is_lost());
}

TEST(WebSocketFrames, OurCloseFrameIsOne) {
  EXPECT_EQ(watch(FrameSender::server, make_close_frame(1001, "going away")),
            (Told{{"close(1001,going away)"}, false}));
  EXPECT_EQ(make_close_frame(1000, std::string(500, 'r')).size(), 127U);
}

}  // namespace
}  // namespace spillway::http
