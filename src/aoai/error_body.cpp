#include <spillway/aoai/error_body.hpp>
#include <spillway/base/text.hpp>

namespace spillway::aoai {

std::string make_error_body(std::string_view code, std::string_view message,
                            std::string_view type) {
  std::string body = R"({"error":{"code":")";
  body += base::json_escape(code);
  body += R"(","message":")";
  body += base::json_escape(message);
  body += R"(","type":")";
  body += base::json_escape(type);
  body += R"(","param":null}})";
  return body;
}

}  // namespace spillway::aoai
