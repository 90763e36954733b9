#include <spillway/identity/tenant_text.hpp>

#include <cctype>

namespace spillway::identity {
namespace {

constexpr std::size_t kGuidBytes = 36;

bool is_dash_place(std::size_t place) {
  return place == 8 || place == 13 || place == 18 || place == 23;
}

}  // namespace

bool is_guid(std::string_view text) {
  if (text.size() != kGuidBytes) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_hex = std::isxdigit(static_cast<unsigned char>(text[i])) != 0;
    if (is_dash_place(i) ? text[i] != '-' : !is_hex) return false;
  }
  return true;
}

std::string substitute_tenant(std::string_view pattern, std::string_view tenant_id) {
  constexpr std::string_view placeholder = "{tenantid}";
  std::string text(pattern);
  const auto at = text.find(placeholder);
  if (at != std::string::npos) text.replace(at, placeholder.size(), tenant_id);
  return text;
}

}  // namespace spillway::identity
