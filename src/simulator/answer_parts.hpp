#pragma once
// Pieces that the answers of several APIs share. Private to answers_*.cpp.

#include "simulator/answers.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace spillway::simulator {

nlohmann::json safe_filter();
nlohmann::json safe_prompt_filter();

/// Sets delays on head and events (or the whole body) by the deployment's latency.
void set_cadence(const Question& question, Reply& reply);

/// `count` letters and digits from the seed and a salt, for ids.
std::string id_text(std::uint64_t seed, std::string_view salt, std::size_t count);
std::string hex_text(std::uint64_t seed, std::string_view salt, std::size_t count);

/// An event without a name, and the one that ends a stream.
StreamEvent sse(const nlohmann::json& data, EventRole role);
StreamEvent done_event();

std::string joined(const std::vector<std::string>& words);

template <class Json>
std::string dump(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace spillway::simulator
