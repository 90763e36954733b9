#include "simulator/multipart_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spillway::simulator {
namespace {

std::string form(const std::string& file) {
  return "--B\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nassistants\r\n"
         "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n"
         "Content-Type: application/octet-stream\r\n\r\n" +
         file + "\r\n--B--\r\n";
}

std::string digest_of(const std::string& text) {
  Digest digest;
  digest.add(text);
  return digest.finish();
}

TEST(MultipartReader, FindsTheBoundary) {
  EXPECT_EQ(boundary_of("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(boundary_of("Multipart/Form-Data; charset=x; boundary=\"a b\""), "a b");
  EXPECT_EQ(boundary_of("application/json"), "");
}

TEST(MultipartReader, ReadsTheSamePartsHoweverTheBytesCome) {
  const std::string file = "x\r\n--A\r\n--\r\n--B";
  const auto bytes = form(file + "y");
  for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{7}, bytes.size()}) {
    MultipartReader right("B");
    for (std::size_t i = 0; i < bytes.size(); i += size)
      right.add(std::string_view(bytes).substr(i, size));
    const auto parts = right.finish();
    ASSERT_GE(parts.size(), 2U) << size;
    EXPECT_EQ(parts[0].name, "purpose");
    EXPECT_EQ(parts[0].content, "assistants");
    EXPECT_EQ(parts[1].file_name, "a.bin");
    EXPECT_EQ(parts[1].content_type, "application/octet-stream");
    EXPECT_EQ(parts[1].content, "x\r\n--A\r\n--") << size;
  }
}

TEST(MultipartReader, KeepsOfALargePartOnlyTheBeginningAndItsDigest) {
  const std::string file(200'000, 'z');
  MultipartReader reader("B");
  reader.add(form(file));
  const auto parts = reader.finish();
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[1].content.size(), MultipartReader::kKept);
  EXPECT_EQ(parts[1].bytes, file.size());
  EXPECT_EQ(parts[1].sha256, digest_of(file));
}

TEST(MultipartReader, ABrokenFormHasOnlyThePartsThatEnded) {
  MultipartReader reader("B");
  reader.add(form("x").substr(0, 120));
  EXPECT_EQ(reader.finish().size(), 1U);
}

}  // namespace
}  // namespace spillway::simulator
