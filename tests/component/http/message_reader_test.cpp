#include "support/memory_stream.hpp"
#include "support/run_task.hpp"
#include "transcript.hpp"
#include <spillway/http/message_reader.hpp>

#include <gtest/gtest.h>

namespace spillway::http {
namespace {

using base::Fault;
using support::BytePipe;
using support::MemoryStream;
using support::run_task;

const std::string kChunkedPost =
    "POST /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    "3\r\nabc\r\nA;ext=\"1\"\r\n0123456789\r\n0\r\nX-Trailer: t\r\n\r\n";

void expect_same_for_every_split(const std::string& bytes, const std::string& expected) {
  EXPECT_EQ(request_transcript(all_at_once(bytes)), expected);
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    EXPECT_EQ(request_transcript(cut_at(bytes, cut)), expected) << "cut at " << cut;
  }
  for (const std::size_t step : {1U, 2U, 3U, 5U, 17U}) {
    EXPECT_EQ(request_transcript(in_steps(bytes, step)), expected) << "step " << step;
  }
}

TEST(ReadRequests, PipelinedInEverySplit) {
  const std::string bytes = "\r\nGET /a?x=1 HTTP/1.1\r\nHost: h\r\n\r\n" + kChunkedPost +
                            "\r\n\r\nPOST /c HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
                            "GET http://h/d HTTP/1.0\r\n\r\n";
  expect_same_for_every_split(bytes,
                              "GET /a?x=1 1.1 {}\nPOST /b 1.1 {abc0123456789}\n"
                              "POST /c 1.1 {hello}\nGET /d 1.0 {}\n"
                              "client_gone closed between requests\n");
}

TEST(ReadRequests, CutShortInEverySplit) {
  expect_same_for_every_split("GET / HTTP/1.1\r\nHost: h\r\n",
                              "client_gone closed after 25 bytes of a head\n");
  expect_same_for_every_split("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc",
                              "POST / 1.1 {cut} client_gone closed before the body's end, 6 bytes "
                              "missing\n");
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  expect_same_for_every_split(head + "5\r\nabc",
                              "POST / 1.1 {cut} client_gone closed before the body's end, 2 bytes "
                              "of a chunk missing\n");
  expect_same_for_every_split(head + "3\r\nabc\r\n",
                              "POST / 1.1 {cut} client_gone closed before the body's end, the "
                              "last chunk missing\n");
  expect_same_for_every_split("\r\n", "client_gone closed between requests\n");
  expect_same_for_every_split("", "client_gone closed between requests\n");
}

TEST(ReadRequests, BrokenAtEveryByte) {
  const std::string bytes = kChunkedPost;
  for (std::size_t offset = 0; offset < bytes.size(); ++offset) {
    for (const auto ending : {BytePipe::Ending::closed, BytePipe::Ending::reset}) {
      const std::string text = request_transcript([&](BytePipe& pipe) {
        pipe.push(bytes);
        pipe.break_reads_at(offset, ending);
      });
      EXPECT_NE(text.find("client_gone "), std::string::npos) << offset << ": " << text;
      EXPECT_EQ(text.find("}\n"), std::string::npos) << text;  // no body is complete
    }
  }
}

TEST(ReadRequests, OversizeIsRefusedInEverySplit) {
  const std::string get = "GET / HTTP/1.1\r\nHost: h\r\n";
  std::string many = get;
  for (int i = 0; i < 100; ++i)
    many += "A: b\r\n";
  const std::vector<std::pair<std::string, std::string>> cases{
      {"GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", "too_large 414\n"},
      {std::string(9000, 'a'), "too_large 414\n"},
      {many + "\r\n", "too_large 431\n"},
      {get + "A: " + std::string(16385, 'v') + "\r\n\r\n", "too_large 431\n"},
      {get + "A: " + std::string(40000, 'v') + "\r\n\r\n", "too_large 431\n"},
      {get + std::string(40000, 'v'), "too_large 431\n"},
      {"ABCDEFGHIJKLMNOPQ / HTTP/1.1\r\nHost: h\r\n\r\n", "bad_request 501\n"},
  };
  for (const auto& [bytes, expected] : cases) {
    for (const std::size_t step : {1U, 1000U, 100000U}) {
      EXPECT_EQ(request_transcript(in_steps(bytes, step)), expected) << bytes.substr(0, 60);
    }
  }
}

TEST(ReadRequests, LargestHeadIsTaken) {
  const std::string start = "GET / HTTP/1.1\r\nHost: h\r\nA: ";
  const std::string middle = start + std::string(16384, 'v') + "\r\nB: ";
  const std::string bytes =
      middle + std::string((32U << 10U) - middle.size() - 4, 'w') + "\r\n\r\n";
  ASSERT_EQ(bytes.size(), 32U << 10U);
  for (const std::size_t step : {1U, 1000U, 100000U}) {
    EXPECT_EQ(request_transcript(in_steps("\r\n\r\n" + bytes, step)),
              "GET / 1.1 {}\nclient_gone closed between requests\n");
  }
}

TEST(ReadResponses, SequencesInEverySplit) {
  const std::string bytes =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
      "HTTP/1.1 204 No Content\r\n\r\n"
      "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n"
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
      "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end";
  const std::vector<std::string> methods{"POST", "HEAD", "DELETE", "GET", "GET", "GET"};
  const std::string expected =
      "200 {ok}\n200 {}\n204 {}\n304 {}\n200 {ab}\n"
      "200 closing {until the end}\n";
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    EXPECT_EQ(response_transcript(cut_at(bytes, cut), methods), expected) << cut;
  }
  EXPECT_EQ(response_transcript(in_steps(bytes, 1), methods), expected);
}

TEST(ReadResponses, InterimResponsesAreCapped) {
  std::string interim;
  for (int i = 0; i < 8; ++i)
    interim += "HTTP/1.1 102 Processing\r\n\r\n";
  const std::string final = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  EXPECT_EQ(response_transcript(all_at_once(interim + final), {"GET"}), "200 {}\n");
  EXPECT_TRUE(response_transcript(all_at_once(interim + interim + final), {"GET"})
                  .starts_with("upstream_malformed"));
  EXPECT_EQ(response_transcript(all_at_once("HTTP/1.1 100 Continue\r\n\r\n"), {"GET"}),
            "upstream_closed closed after an interim response\n");
}

TEST(ReadResponses, ClosedOrResetIsNeverACompleteAnswer) {
  EXPECT_EQ(response_transcript(all_at_once(""), {"GET"}),
            "upstream_closed closed before any byte of the answer\n");
  EXPECT_EQ(
      response_transcript(all_at_once("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"), {"GET"}),
      "200 {cut} upstream_closed closed before the body's end, 3 bytes missing\n");
  // A body that ends with the connection is complete only if it was closed in good order.
  const std::string until_close = "HTTP/1.1 200 OK\r\n\r\nab";
  EXPECT_EQ(response_transcript(all_at_once(until_close), {"GET"}), "200 closing {ab}\n");
  EXPECT_EQ(response_transcript(
                [&](BytePipe& pipe) {
                  pipe.push(until_close);
                  pipe.end(BytePipe::Ending::reset);
                },
                {"GET"}),
            "200 closing {cut} upstream_closed Connection reset by peer; body cut short\n");
}

class ReaderTest : public testing::Test {
 protected:
  base::Result<RequestHead> read_head() {
    return run_task(context_, reader_.read_request_head()).value();
  }
  base::Result<std::string_view> read_piece() {
    return run_task(context_, reader_.read_body_piece()).value();
  }

  net::asio::io_context context_{1};
  MemoryStream stream_{context_.get_executor(), base::Side::client};
  MessageReader reader_{stream_, Limits(), base::Side::client};
};

TEST_F(ReaderTest, OnePieceIsOneRead) {
  stream_.input().push("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\n");
  stream_.input().push("ab");
  stream_.input().push("cd");
  stream_.input().push("ef");
  ASSERT_TRUE(read_head());
  for (const std::string expected : {"ab", "cd", "ef"}) {
    const std::size_t before = stream_.reads();
    EXPECT_EQ(read_piece().value(), expected);
    EXPECT_EQ(stream_.reads(), before + 1);
  }
  EXPECT_TRUE(reader_.is_body_done());
  EXPECT_EQ(read_piece().value(), "");
  EXPECT_EQ(stream_.reads(), 4U);
}

TEST_F(ReaderTest, ChunkFramingAloneIsNoPiece) {
  stream_.input().push("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (const char* piece : {"2", "\r\n", "ab", "\r\n", "0\r\n", "\r\n"})
    stream_.input().push(piece);
  ASSERT_TRUE(read_head());
  EXPECT_EQ(read_piece().value(), "ab");
  EXPECT_FALSE(reader_.is_body_done());
  EXPECT_EQ(read_piece().value(), "");
  EXPECT_TRUE(reader_.is_body_done());
}

TEST_F(ReaderTest, SeveralChunksOfOneReadAreOnePiece) {
  stream_.input().push(kChunkedPost + "GET");
  ASSERT_TRUE(read_head());
  EXPECT_EQ(reader_.take_buffered_body().value(), "abc0123456789");
  EXPECT_TRUE(reader_.is_body_done());
  EXPECT_EQ(reader_.buffered(), "GET");
}

TEST_F(ReaderTest, TakeBufferedBodyNeverReads) {
  stream_.input().push("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nab");
  stream_.input().push("cdef");
  ASSERT_TRUE(read_head());
  EXPECT_EQ(reader_.take_buffered_body().value(), "ab");
  EXPECT_EQ(reader_.take_buffered_body().value(), "");
  EXPECT_FALSE(reader_.is_body_done());
  EXPECT_EQ(stream_.reads(), 1U);
  EXPECT_EQ(read_piece().value(), "cdef");
}

TEST_F(ReaderTest, LargeBodiesComeInLargerPieces) {
  const std::size_t size = 1U << 20U;
  stream_.input().push("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(size) +
                       "\r\n\r\n");
  stream_.input().push(std::string(size, 'x'));
  ASSERT_TRUE(read_head());
  std::size_t total = 0;
  std::size_t largest = 0;
  while (!reader_.is_body_done()) {
    const std::size_t bytes = read_piece().value().size();
    total += bytes;
    largest = std::max(largest, bytes);
  }
  EXPECT_EQ(total, size);
  EXPECT_EQ(largest, 64U << 10U);
}

TEST_F(ReaderTest, PushedBackInputStandsBeforeTheStream) {
  reader_.push_back_input("GET /pushed HTTP/1.1\r\nHo");
  stream_.input().push("st: h\r\n\r\n");
  EXPECT_EQ(read_head().value().target, "/pushed");
  reader_.push_back_input("");
  reader_.push_back_input("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
  reader_.push_back_input("GET /b HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(read_head().value().target, "/a");
  EXPECT_EQ(read_head().value().target, "/b");
}

TEST_F(ReaderTest, HasBegunTellsWhetherAHeadWasComing) {
  EXPECT_FALSE(reader_.has_begun());
  stream_.input().push("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  stream_.input().push("\r\n");
  ASSERT_TRUE(read_head());
  EXPECT_TRUE(reader_.has_begun());
  stream_.input().end();
  EXPECT_FALSE(read_head());
  EXPECT_FALSE(reader_.has_begun());
}

TEST_F(ReaderTest, MemoryIsGivenBackOnlyWhenEmpty) {
  stream_.input().push("GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(read_head());
  reader_.release_memory();
  EXPECT_EQ(read_head().value().target, "/b");
  reader_.release_memory();
  EXPECT_EQ(reader_.buffered(), "");
  stream_.input().push("GET /c HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(read_head().value().target, "/c");
}

TEST_F(ReaderTest, AnUnreadBodyBlocksTheNextHead) {
  stream_.input().push("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 30\r\n\r\n" +
                       std::string("GET /smuggled HTTP/1.1\r\n\r\n"));
  ASSERT_TRUE(read_head());
  EXPECT_EQ(read_head().error().fault(), Fault::internal);
}

TEST_F(ReaderTest, StaysFailed) {
  stream_.input().push("GET /\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(read_head().error().fault(), Fault::bad_request);
  EXPECT_EQ(read_head().error().fault(), Fault::bad_request);
  EXPECT_EQ(read_piece().error().fault(), Fault::bad_request);
  EXPECT_EQ(reader_.problem_status(), 400U);
}

TEST_F(ReaderTest, ClosingTheStreamEndsAWaitWithItsReason) {
  stream_.input().push("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 30\r\n\r\n");
  ASSERT_TRUE(read_head());
  net::asio::post(context_, [&] {
    stream_.close(base::Error(Fault::timed_out, base::Side::client, "request body"));
  });
  const auto piece = read_piece();
  ASSERT_FALSE(piece);
  EXPECT_EQ(piece.error().fault(), Fault::timed_out);
  EXPECT_EQ(piece.error().detail(), "request body");
}

TEST(ReadResponses, SwitchingProtocolsIsFinalAndLeavesTheRest) {
  net::asio::io_context context(1);
  MemoryStream stream(context.get_executor(), base::Side::upstream);
  stream.input().push("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x05");
  MessageReader reader(stream, response_limits(), base::Side::upstream);
  const auto head = run_task(context, reader.read_response_head("GET")).value();
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 101U);
  EXPECT_TRUE(reader.is_body_done());
  EXPECT_EQ(reader.buffered(), "\x81\x05");
}

class ReceiveResponse : public ::testing::Test {
 protected:
  // As who sent a request does: waits, then reads once.
  std::optional<base::Result<ResponseHead>> receive(std::string bytes) {
    if (!bytes.empty()) stream_.input().push(std::move(bytes));
    static_cast<void>(reader_.has_to_wait());
    return reader_.receive_response_head("POST");
  }

  net::asio::io_context context_{1};
  MemoryStream stream_{context_.get_executor(), base::Side::upstream};
  MessageReader reader_{stream_, response_limits(), base::Side::upstream};
};

TEST_F(ReceiveResponse, AHeadThatComesAtOnce) {
  const auto head = receive("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  ASSERT_TRUE(head && *head);
  EXPECT_EQ((*head)->status, 200U);
  EXPECT_EQ(reader_.take_buffered_body().value(), "ok");
}

TEST_F(ReceiveResponse, WhatDoesNotComeAtOnceIsReadOn) {
  EXPECT_FALSE(receive("HTTP/1.1 100 Continue\r\n\r\n"));
  EXPECT_FALSE(receive("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 2"));
  stream_.input().push("01 Created\r\nContent-Length: 0\r\n\r\n");
  const auto head = run_task(context_, reader_.read_response_head("POST")).value();
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 201U);
  EXPECT_EQ(head->interims.size(), 1U);
}

TEST_F(ReceiveResponse, TheEndBehindAnAnswerIsBeforeAnyByteOfTheNext) {
  ASSERT_TRUE(receive("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  stream_.input().end();
  const auto head = receive("");
  ASSERT_TRUE(head && !*head);
  EXPECT_EQ(head->error().fault(), Fault::upstream_closed);
  EXPECT_EQ(head->error().detail(), "closed before any byte of the answer");
  EXPECT_FALSE(reader_.has_begun());
}

TEST_F(ReceiveResponse, AFailureIsToldAgain) {
  ASSERT_FALSE(receive("HTP/1.1 200 OK\r\n\r\n").value());
  EXPECT_EQ(receive("").value().error().fault(), Fault::upstream_malformed);
}

class ListenForResponse : public ::testing::Test {
 protected:
  Heard after(std::string bytes) {
    stream_.input().push(std::move(bytes));
    return reader_.listen_for_response();
  }

  net::asio::io_context context_{1};
  MemoryStream stream_{context_.get_executor(), base::Side::upstream};
  MessageReader reader_{stream_, response_limits(), base::Side::upstream};
};

TEST_F(ListenForResponse, InterimHeadsAreTakenAndTheFinalOneIsLeft) {
  EXPECT_EQ(reader_.listen_for_response(), Heard::nothing);
  EXPECT_EQ(after("HTTP/1.1 100 Conti"), Heard::nothing);
  EXPECT_EQ(after("nue\r\n\r"), Heard::nothing);
  EXPECT_EQ(after("\n"), Heard::interim);
  EXPECT_EQ(reader_.listen_for_response(), Heard::nothing);
  EXPECT_EQ(after("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 "), Heard::interim);
  EXPECT_EQ(after("4"), Heard::final);
  stream_.input().push("29 Too Many\r\nContent-Length: 0\r\n\r\n");
  const auto head = run_task(context_, reader_.read_response_head("POST")).value();
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 429U);
}

TEST_F(ListenForResponse, TheEndIsFinalAndToldByTheNextRead) {
  stream_.input().end();
  EXPECT_EQ(reader_.listen_for_response(), Heard::final);
  const auto head = run_task(context_, reader_.read_response_head("POST")).value();
  EXPECT_EQ(head.error().fault(), Fault::upstream_closed);
}

TEST_F(ListenForResponse, WhatIsNoInterimHeadIsLeftToTheNextRead) {
  EXPECT_EQ(after("HTTP/1.1 100 Continue\nX: y\r\n\r\n"), Heard::nothing);
  const auto head = run_task(context_, reader_.read_response_head("POST")).value();
  EXPECT_EQ(head.error().fault(), Fault::upstream_malformed);
}

TEST_F(ListenForResponse, AnEndlessRowOfThemIsRefused) {
  std::string heads;
  for (unsigned i = 0; i < 100; ++i)
    heads += "HTTP/1.1 102 P\r\n\r\n";
  EXPECT_EQ(after(heads), Heard::final);
  EXPECT_GT(reader_.buffered().size(), 0U);
  const auto head = run_task(context_, reader_.read_response_head("POST")).value();
  EXPECT_EQ(head.error().fault(), Fault::upstream_malformed);
}

TEST_F(ListenForResponse, ThoseHeardEarlierCountToo) {
  for (unsigned i = 0; i < 5; ++i)
    EXPECT_EQ(after("HTTP/1.1 102 P\r\n\r\n"), Heard::interim);
  std::string heads;
  for (unsigned i = 0; i < 4; ++i)
    heads += "HTTP/1.1 102 P\r\n\r\n";
  stream_.input().push(heads + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  const auto head = run_task(context_, reader_.read_response_head("POST")).value();
  EXPECT_EQ(head.error().fault(), Fault::upstream_malformed);
}

class InterimHeads : public ListenForResponse {
 protected:
  base::Result<ResponseHead> read(const std::string& bytes) {
    stream_.input().push(bytes);
    return run_task(context_, reader_.read_response_head("GET")).value();
  }
};

TEST_F(InterimHeads, AreKeptForTheFinalOneButFor100) {
  const std::string final = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  const auto head = read(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
      "HTTP/1.1 102 Processing\r\n\r\n" +
      final);
  ASSERT_TRUE(head);
  ASSERT_EQ(head->interims.size(), 2U);
  EXPECT_EQ(head->interims[0].status, 103U);
  EXPECT_EQ(head->interims[0].reason, "Early Hints");
  EXPECT_EQ(head->interims[0].fields.find("link"), "</a>");
  EXPECT_EQ(head->interims[1].status, 102U);
  // Those of one answer are not those of the next.
  const auto next = read(final);
  ASSERT_TRUE(next);
  EXPECT_TRUE(next->interims.empty());
}

TEST_F(InterimHeads, HaveTheRoomOfOneHeadTogether) {
  std::string heads;
  for (unsigned i = 0; i < 5; ++i)
    heads += "HTTP/1.1 103 E\r\nLink: " + std::string(20'000, 'x') + "\r\n\r\n";
  const auto head = read(heads + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(head.error().fault(), Fault::upstream_malformed);
}

}  // namespace
}  // namespace spillway::http
