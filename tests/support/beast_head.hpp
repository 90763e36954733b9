#pragma once
// A head as Beast's parser reads it: another reader to hold ours against.

#include <spillway/base/text.hpp>
#include <spillway/http/message.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spillway::test {

using FieldPairs = std::vector<std::pair<std::string, std::string>>;

/// Heads up to 60 KiB: beyond that Beast 345 throws.
template <bool is_request>
class BeastHead final : public boost::beast::http::basic_parser<is_request> {
 public:
  explicit BeastHead(std::string_view head) {
    this->header_limit(60U << 10U);
    this->body_limit(boost::none);
    const std::size_t consumed = this->put(boost::asio::buffer(head.data(), head.size()), error);
    is_whole = !error && consumed == head.size() && this->is_header_done();
  }

  std::string method;
  std::string target;
  unsigned status = 0;
  FieldPairs fields;  // values without surrounding blanks
  boost::beast::error_code error;
  bool is_whole = false;  // and nothing behind it

 private:
  using Text = boost::beast::string_view;
  using Code = boost::beast::error_code;

  void on_request_impl(boost::beast::http::verb, Text name, Text target_text, int, Code&) override {
    method = std::string(name);
    target = std::string(target_text);
  }
  void on_response_impl(int code, Text, int, Code&) override {
    status = static_cast<unsigned>(code);
  }
  void on_field_impl(boost::beast::http::field, Text name, Text value, Code&) override {
    fields.emplace_back(name, base::trim({value.data(), value.size()}));
  }
  void on_header_impl(Code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Code&) override {}
  std::size_t on_body_impl(Text body, Code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, Text, Code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text body, Code&) override { return body.size(); }
  void on_finish_impl(Code&) override {}
};

inline bool may_have_body(const http::RequestHead& /*head*/) {
  return true;
}
/// To a request other than HEAD. Where there is none, the fields may tell of another message.
inline bool may_have_body(const http::ResponseHead& head) {
  return head.status >= 200 && head.status != 204 && head.status != 304;
}

/// Whether Beast sees the message end where `body` does.
template <bool is_request>
bool has_same_end(const BeastHead<is_request>& theirs, const http::BodyFraming& body) {
  using http::Framing;
  const auto length = theirs.content_length();
  switch (body.kind) {
    case Framing::none:
      return !theirs.chunked() && (length ? *length : 0) == 0;
    case Framing::length:
      return !theirs.chunked() && length && *length == body.length;
    case Framing::chunked:
      return theirs.chunked() && !length;
    case Framing::until_close:
      return !theirs.chunked() && !length;
  }
  return false;
}

}  // namespace spillway::test
