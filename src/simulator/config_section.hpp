#pragma once
// One mapping of the configuration file, with the keys it may have: what the files that read the
// configuration are made of. Includes yaml-cpp, so only they include it.

#include <spillway/base/text.hpp>

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

namespace spillway::simulator {

/// A mapping whose keys are known, for messages with a place in them.
class Section {
 public:
  /// Of a duration.
  enum class Sign { positive, either };

  Section(const YAML::Node& node, std::string path, std::initializer_list<std::string_view> keys)
      : node_(node), path_(std::move(path)) {
    if (!node_.IsMap()) fail(node_, "must be a mapping");
    for (const auto& entry : node_) {
      const auto key = entry.first.as<std::string>();
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
        fail(entry.first, "unknown key '" + key + "'");
      }
    }
  }

  [[noreturn]] void fail(const YAML::Node& where, const std::string& what) const {
    throw std::runtime_error("line " + std::to_string(where.Mark().line + 1) + ": " + path_ + ": " +
                             what);
  }

  [[nodiscard]] YAML::Node child(const char* key) const { return node_[key]; }
  [[nodiscard]] std::string path_of(const char* key) const { return path_ + "." + key; }

  template <class T>
  void read(const char* key, T& field) const {
    const auto node = child(key);
    if (!node) return;
    try {
      field = node.as<T>();
    } catch (const YAML::Exception&) {
      fail(node, std::string(key) + " is not a value of the right type");
    }
  }

  template <class Time>
  void read_duration(const char* key, Time& field, Sign sign = Sign::positive) const {
    const auto node = child(key);
    if (!node) return;
    const auto written = node.as<std::string>("");
    const bool is_negative = sign == Sign::either && written.starts_with('-');
    const auto text = written.substr(is_negative ? 1 : 0);
    const auto unit = text.find_first_not_of("0123456789");
    const auto number = base::parse_unsigned(std::string_view(text).substr(0, unit));
    const auto suffix = unit == std::string::npos ? "" : text.substr(unit);
    const auto count = static_cast<std::int64_t>(number.value_or(0));
    if (number && suffix == "ms") {
      field = std::chrono::duration_cast<Time>(std::chrono::milliseconds(count));
    } else if (number && suffix == "s") {
      field = std::chrono::seconds(count);
    } else if (number && suffix == "m") {
      field = std::chrono::minutes(count);
    } else {
      fail(node, std::string(key) + ": '" + text + "' is not a duration such as 80ms, 2s or 1m");
    }
    if (is_negative) field = -field;
  }

 private:
  YAML::Node node_;
  std::string path_;
};

struct Identity;
struct TlsFiles;

Identity read_identity(const YAML::Node& node);
TlsFiles read_tls(const Section& section);

}  // namespace spillway::simulator
