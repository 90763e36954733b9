#include "simulator/chaos.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>

namespace spillway::simulator {

Chaos parse_chaos(std::string_view json) {
  const auto root = nlohmann::json::parse(json, nullptr, false);
  if (!root.is_object()) throw std::invalid_argument("chaos: not a JSON object");
  Chaos chaos;
  for (const auto& [key, value] : root.items()) {
    if (key == "seed" && value.is_number_unsigned()) {
      chaos.seed = value.get<std::uint64_t>();
    } else if (key == "per_mille" && value.is_number_unsigned()) {
      chaos.per_mille = value.get<std::uint32_t>();
    } else if (key == "kinds" && value.is_array()) {
      for (const auto& kind : value)
        chaos.kinds.push_back(kind.is_string() ? kind.get<std::string>() : kind.dump());
    } else {
      throw std::invalid_argument("chaos: '" + key +
                                  "' is not one of seed, per_mille (numbers), kinds (a list)");
    }
  }
  return chaos;
}

ChaosSource::ChaosSource(const Chaos& chaos) : per_mille_(chaos.per_mille), random_(chaos.seed) {
  for (const auto& kind : chaos.kinds) {
    faults_.push_back(parse_fault(kind));
    if (acts_on_listener(faults_.back().kind))
      throw std::invalid_argument("chaos: '" + kind + "' acts on the listener, not on a request");
  }
  if (per_mille_ > 1'000) throw std::invalid_argument("chaos: per_mille is above 1000");
}

std::optional<Fault> ChaosSource::draw() {
  const bool has_fault = random_.below(1'000) < per_mille_;
  const auto which = random_.next();
  if (!has_fault || faults_.empty()) return std::nullopt;
  return faults_[which % faults_.size()];
}

}  // namespace spillway::simulator
