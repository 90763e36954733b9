#pragma once
// What token endpoints answer, as JSON read without exceptions.

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace spillway::identity {

/// Never throws; discarded for what is not a JSON object of at most kMaxTokenAnswerBytes. To be
/// moved, never copied: nlohmann 3.11 copies recursively, and the depth is the answerer's choice.
nlohmann::json parse_json_object(std::string_view body);

}  // namespace spillway::identity
