#include <spillway/aoai/parameters.hpp>

#include <gtest/gtest.h>

namespace spillway::aoai {
namespace {

TEST(Parameters, AreTakenApartAroundBlanks) {
  const auto read = read_parameters("form-data ; name = \"a b\";filename=x.wav\t; n*=utf-8''y");
  EXPECT_EQ(read.kind, "form-data");
  ASSERT_EQ(read.parameters.size(), 3U);
  EXPECT_EQ(read.find("NAME")->value, "a b");
  EXPECT_EQ(read.find("filename")->value, "x.wav");
  EXPECT_EQ(read.find("n*")->value, "utf-8''y");
  EXPECT_EQ(read.find("other"), nullptr);
  EXPECT_FALSE(read.is_ambiguous);
}

TEST(Parameters, ASemicolonInQuotesOrTooManySaysNothing) {
  const auto read = read_parameters("form-data; name=\"a;b=c\";; filename=\"\";");
  EXPECT_EQ(read.find("name")->value, "a;b=c");
  EXPECT_EQ(read.find("filename")->value, "");
  EXPECT_EQ(read.find("b"), nullptr);
  EXPECT_FALSE(read.is_ambiguous);
}

TEST(Parameters, EscapesAreUndoneAndTold) {
  const auto read = read_parameters(R"(form-data; name="mo\del"; filename="C:\\a\b.wav")");
  EXPECT_EQ(read.find("name")->value, "model");
  EXPECT_TRUE(read.find("name")->is_escaped);
  EXPECT_EQ(read.find("filename")->value, "C:\\ab.wav");
  EXPECT_FALSE(read.is_ambiguous) << "everybody agrees on where they end";
}

TEST(Parameters, WhatReadersTakeDifferentlyIsAmbiguous) {
  for (const std::string_view text :
       {R"(form-data; filename="a\"; name="model")", R"(form-data; name="model)",
        R"(form-data; name="x"y)", "form-data; name=a; Name=b", "form-data; name", "a; name=b c",
        "form-data; name=a\"b\"", R"(form-data; name="model\)"}) {
    EXPECT_TRUE(read_parameters(text).is_ambiguous) << text;
  }
}

TEST(FormBoundary, IsReadAsClientsWriteIt) {
  const auto undici = form_boundary("multipart/form-data; boundary=----formdata-undici-0123456789");
  EXPECT_EQ(undici, "----formdata-undici-0123456789");
  EXPECT_EQ(form_boundary("Multipart/Form-Data;Boundary=\"a b:c\"; charset=utf-8"), "a b:c");
  EXPECT_EQ(form_boundary("multipart/form-data; boundary==_x/y?"), "=_x/y?");
  const std::string longest(70, 'b');
  EXPECT_EQ(form_boundary("multipart/form-data; boundary=" + longest), longest);
}

TEST(FormBoundary, WhatIsNotAllowedIsNone) {
  EXPECT_FALSE(form_boundary("multipart/form-data; boundary=" + std::string(71, 'b')));
  for (const std::string_view text :
       {"", "multipart/form-data", "multipart/mixed; boundary=b", "application/json; boundary=b",
        "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=\"b \"", "multipart/form-data; boundary=b; boundary=c",
        "multipart/form-data; boundary=b c", "multipart/form-data; boundary=b@c",
        "multipart/form-data; boundary=\"b\\c\"", "multipart/form-data; boundary=\"b",
        "multipart/form-data; boundary=b\r\n"}) {
    EXPECT_FALSE(form_boundary(text)) << text;
  }
}

}  // namespace
}  // namespace spillway::aoai
