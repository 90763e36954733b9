#include "simulator/compact_token.hpp"

#include "simulator/base64url.hpp"

#include <nlohmann/json.hpp>

namespace spillway::simulator {
namespace {

bool is_json_object(const std::optional<std::string>& text) {
  return text && nlohmann::json::parse(*text, nullptr, false).is_object();
}

}  // namespace

std::optional<CompactToken> parse_compact_token(std::string_view text) {
  const auto first = text.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = text.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto header = from_base64url(text.substr(0, first));
  const auto payload = from_base64url(text.substr(first + 1, second - first - 1));
  const auto signature = from_base64url(text.substr(second + 1));
  if (!is_json_object(header) || !is_json_object(payload) || !signature) return std::nullopt;
  return CompactToken{*header, *payload, *signature, std::string(text.substr(0, second))};
}

}  // namespace spillway::simulator
