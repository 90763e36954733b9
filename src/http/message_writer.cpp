#include <spillway/base/byte_scan.hpp>
#include <spillway/http/field_rules.hpp>
#include <spillway/http/message_writer.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace spillway::http {
namespace {

// Methods and targets come from heads that were checked; should one ever not, it cannot split the
// message: what does not belong there is escaped.
void append_visible(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const char* const end = text.data() + text.size();
  if (base::find_control_or<' ', '\x7F'>(text.data(), end) == end) {
    out += text;
    return;
  }
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code > 0x20 && code != 0x7F) {
      out += c;
      continue;
    }
    out += '%';
    out += digits[code >> 4U];
    out += digits[code & 0xFU];
  }
}

void append_number(std::string& out, std::uint64_t value, int base) {
  std::array<char, 20> digits{};
  const auto [end, error] =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, base);
  out.append(digits.data(), end);
}

struct Reason {
  unsigned status;
  std::string_view phrase;
};

constexpr std::array kReasons{
    Reason{100, "Continue"},
    Reason{101, "Switching Protocols"},
    Reason{102, "Processing"},
    Reason{103, "Early Hints"},
    Reason{200, "OK"},
    Reason{201, "Created"},
    Reason{202, "Accepted"},
    Reason{203, "Non-Authoritative Information"},
    Reason{204, "No Content"},
    Reason{205, "Reset Content"},
    Reason{206, "Partial Content"},
    Reason{207, "Multi-Status"},
    Reason{208, "Already Reported"},
    Reason{226, "IM Used"},
    Reason{300, "Multiple Choices"},
    Reason{301, "Moved Permanently"},
    Reason{302, "Found"},
    Reason{303, "See Other"},
    Reason{304, "Not Modified"},
    Reason{305, "Use Proxy"},
    Reason{307, "Temporary Redirect"},
    Reason{308, "Permanent Redirect"},
    Reason{400, "Bad Request"},
    Reason{401, "Unauthorized"},
    Reason{402, "Payment Required"},
    Reason{403, "Forbidden"},
    Reason{404, "Not Found"},
    Reason{405, "Method Not Allowed"},
    Reason{406, "Not Acceptable"},
    Reason{407, "Proxy Authentication Required"},
    Reason{408, "Request Timeout"},
    Reason{409, "Conflict"},
    Reason{410, "Gone"},
    Reason{411, "Length Required"},
    Reason{412, "Precondition Failed"},
    Reason{413, "Content Too Large"},
    Reason{414, "URI Too Long"},
    Reason{415, "Unsupported Media Type"},
    Reason{416, "Range Not Satisfiable"},
    Reason{417, "Expectation Failed"},
    Reason{421, "Misdirected Request"},
    Reason{422, "Unprocessable Content"},
    Reason{423, "Locked"},
    Reason{424, "Failed Dependency"},
    Reason{425, "Too Early"},
    Reason{426, "Upgrade Required"},
    Reason{428, "Precondition Required"},
    Reason{429, "Too Many Requests"},
    Reason{431, "Request Header Fields Too Large"},
    Reason{451, "Unavailable For Legal Reasons"},
    Reason{500, "Internal Server Error"},
    Reason{501, "Not Implemented"},
    Reason{502, "Bad Gateway"},
    Reason{503, "Service Unavailable"},
    Reason{504, "Gateway Timeout"},
    Reason{505, "HTTP Version Not Supported"},
    Reason{506, "Variant Also Negotiates"},
    Reason{507, "Insufficient Storage"},
    Reason{508, "Loop Detected"},
    Reason{511, "Network Authentication Required"},
};

}  // namespace

void append_request_line(std::string& out, std::string_view method, std::string_view target) {
  append_visible(out, method);
  out += ' ';
  append_visible(out, target);
  out += " HTTP/1.1\r\n";
}

void append_status_line(std::string& out, unsigned status, std::string_view reason) {
  out += "HTTP/1.1 ";
  append_number(out, status, 10);
  out += ' ';
  if (is_field_text(reason)) out += reason;
  out += "\r\n";
}

// In one go: four appends to the string are twice the instructions. And room is made by appending
// what is there: resize() fills byte by byte.
void append_parsed_field(std::string& out, const base::Field& field) {
  static constexpr std::array<char, 2048> anything{};
  const std::size_t before = out.size();
  const std::size_t size = field.name.size() + field.value.size() + 4;
  if (size <= anything.size()) {
    out.append(anything.data(), size);
  } else {
    out.resize(before + size);
  }
  char* at = std::copy(field.name.begin(), field.name.end(), out.data() + before);
  *at++ = ':';
  *at++ = ' ';
  at = std::copy(field.value.begin(), field.value.end(), at);
  *at++ = '\r';
  *at = '\n';
}

bool append_field(std::string& out, FieldName name, std::string_view value) {
  if (!name.is_valid() || !is_field_text(value)) return false;
  append_parsed_field(out, {name.text(), value});
  return true;
}

void append_field(std::string& out, FieldName name, std::uint64_t value) {
  std::array<char, 20> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  if (name.is_valid())
    append_parsed_field(out, {name.text(), std::string_view(digits.data(), end)});
}

void append_head_end(std::string& out) {
  out += "\r\n";
}

void append_chunk_header(std::string& out, std::size_t bytes) {
  append_number(out, bytes, 16);
  out += "\r\n";
}

std::string_view reason_phrase(unsigned status) {
  const auto* const found = std::lower_bound(
      kReasons.begin(), kReasons.end(), status,
      [](const Reason& reason, unsigned wanted) { return reason.status < wanted; });
  return found != kReasons.end() && found->status == status ? found->phrase : std::string_view();
}

}  // namespace spillway::http
