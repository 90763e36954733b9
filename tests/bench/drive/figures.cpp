#include "bench/drive/figures.hpp"

#include <algorithm>
#include <cstdio>

namespace spillway::bench {
namespace {

std::string quoted(std::string_view name) {
  return '"' + std::string(name) + "\": ";
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

}  // namespace

std::string Sample::json() {
  if (values_us_.empty()) return "null";
  std::sort(values_us_.begin(), values_us_.end());
  const auto last = static_cast<double>(values_us_.size() - 1);
  const auto at = [&](double share) {
    return number(double{values_us_[static_cast<std::size_t>(last * share)]});
  };
  return "{" + quoted("p50") + at(0.5) + ", " + quoted("p99") + at(0.99) + ", " + quoted("p999") +
         at(0.999) + ", " + quoted("max") + at(1) + "}";
}

std::string Figures::json() {
  std::string text = "{";
  const auto add = [&](std::string_view name, const std::string& value) {
    if (text.size() > 1) text += ", ";
    text += quoted(name) + value;
  };
  add("requests", std::to_string(requests));
  add("errors", std::to_string(errors));
  add("events", std::to_string(events));
  add("seconds", number(seconds * 1000) + "e-3");
  add("cpu_ns", std::to_string(cpu_ns));
  add("rss_kib", std::to_string(rss_kib));
  add("rss_without_idle_kib", std::to_string(rss_without_idle_kib));
  add("rss_with_idle_kib", std::to_string(rss_with_idle_kib));
  add("idle", std::to_string(idle));
  add("latency_us", latency.json());
  add("first_byte_us", first_byte.json());
  add("lateness_us", lateness.json());
  return text + "}";
}

}  // namespace spillway::bench
