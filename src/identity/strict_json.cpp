#include "strict_json.hpp"

#include <nlohmann/json.hpp>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace spillway::identity {
namespace {

using nlohmann::json;

// What nlohmann's parser asks at each step.
class Inspector {
 public:
  bool operator()(int depth, json::parse_event_t event, json& value) {
    using Event = json::parse_event_t;
    // Beyond the limit nothing is kept: what is built stays shallow.
    if (static_cast<std::size_t>(depth) >= kMaxJsonDepth &&
        (event == Event::object_start || event == Event::array_start)) {
      is_acceptable_ = false;
    }
    if (!is_acceptable_) return false;
    if (event == Event::object_start) keys_.emplace_back();
    if (event == Event::object_end) keys_.pop_back();
    if (event == Event::key) {
      is_acceptable_ = keys_.back().insert(value.get_ref<const std::string&>()).second;
    }
    return is_acceptable_;
  }

  [[nodiscard]] bool is_acceptable() const { return is_acceptable_; }

 private:
  std::vector<std::set<std::string>> keys_;  // of the objects that are open
  bool is_acceptable_ = true;
};

}  // namespace

std::optional<json> parse_strict_object(std::string_view text) {
  // nlohmann takes a NUL for the end of the text and skips a byte order mark.
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || text[first] != '{') return std::nullopt;
  Inspector inspector;
  const auto inspect = [&](int depth, json::parse_event_t event, json& value) {
    return inspector(depth, event, value);
  };
  json object = json::parse(text.begin(), text.end(), inspect, false);
  if (!inspector.is_acceptable() || !object.is_object()) return std::nullopt;
  return object;
}

std::optional<std::string_view> text_member(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get_ref<const std::string&>();
}

}  // namespace spillway::identity
