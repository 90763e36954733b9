#include "rules.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace spillway::tidy {
namespace {

struct Module {
  std::string_view name;
  std::string_view may_include;  // blank-separated; the module itself always may
};

// The table of docs/architecture.md, Modules.
constexpr std::array kModules{
    Module{"base", ""},
    Module{"config", "base"},
    Module{"telemetry", "base"},
    Module{"aoai", "base"},
    Module{"routing", "base config aoai"},
    Module{"net", "base"},
    Module{"http", "base net"},
    Module{"upstream", "base telemetry net http"},
    Module{"identity", "base config telemetry net http upstream"},
    Module{"gateway", "base config telemetry aoai routing net http upstream identity"},
    Module{"admin", "base config telemetry aoai routing net http upstream identity"},
    Module{"daemon", "base config telemetry aoai routing net http upstream identity gateway admin"},
    // The simulator shares no HTTP code with the gateway, so that both cannot share a bug.
    Module{"simulator", "base"},
};

constexpr std::array<std::string_view, 4> kPure{"base", "config", "aoai", "routing"};
constexpr std::array<std::string_view, 3> kBannedInPure{"boost/asio", "boost/beast", "openssl/ssl"};
// Each costs every includer a second or more.
constexpr std::array<std::string_view, 4> kHeavy{"nlohmann/json.hpp", "yaml-cpp/", "boost/asio/ssl",
                                                 "boost/beast/http"};

bool holds_word(std::string_view list, std::string_view word) {
  return !find_word(list, word).empty();
}

std::string_view module_of(std::string_view path) {
  for (const std::string_view top : {"include/spillway/", "src/"}) {
    if (path.starts_with(top)) {
      const auto rest = path.substr(top.size());
      const auto slash = rest.find('/');
      return slash == std::string_view::npos ? std::string_view() : rest.substr(0, slash);
    }
  }
  return {};
}

const Module* find_module(std::string_view name) {
  const auto* found = std::find_if(kModules.begin(), kModules.end(),
                                   [&](const Module& module) { return module.name == name; });
  return found == kModules.end() ? nullptr : found;
}

/// What an #include line names, without its brackets; empty for any other line.
std::string_view included_path(std::string_view line) {
  line = trimmed(line);
  if (!line.starts_with("#include")) {
    return {};
  }
  line = trimmed(line.substr(8));
  const auto end = line.find_first_of(">\"", 1);
  return end == std::string_view::npos ? std::string_view() : line.substr(1, end - 1);
}

template <std::size_t N>
bool starts_with_one_of(std::string_view path, const std::array<std::string_view, N>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return path.starts_with(prefix); });
}

/// Why `module` may not include `path`; empty if it may.
std::string refuse_include(const Module& module, std::string_view file, std::string_view path) {
  const std::string name(module.name);
  if (path.starts_with("spillway/")) {
    const auto target = path.substr(9, path.find('/', 9) - 9);
    if (target != module.name && !holds_word(module.may_include, target)) {
      return name + " may not include " + std::string(target) + ": it may include " +
             (module.may_include.empty() ? "no other module" : std::string(module.may_include)) +
             "; move the code, or pass what is needed as an argument";
    }
    return {};
  }
  if (std::find(kPure.begin(), kPure.end(), module.name) != kPure.end() &&
      starts_with_one_of(path, kBannedInPure)) {
    return name + " decides and does no I/O: " + std::string(path) + " belongs below net";
  }
  if (is_header(file) && starts_with_one_of(path, kHeavy)) {
    return std::string(path) + " is heavy: include it in the .cpp, declare in the header";
  }
  return {};
}

}  // namespace

Findings check_layers(const SourceFile& file) {
  const auto name = module_of(file.path);
  if (name.empty() || name == "boost") {
    return {};
  }
  const Module* module = find_module(name);
  if (module == nullptr) {
    return {{file.path, 0, "layers",
             "'" + std::string(name) +
                 "' is no module of docs/architecture.md: use one of those, " +
                 "or add it there and to tests/tidy/layers.cpp"}};
  }
  Findings findings;
  std::size_t number = 0;
  for (const auto line : lines_of(file.text)) {
    ++number;
    const auto path = included_path(line);
    auto refusal = path.empty() ? std::string() : refuse_include(*module, file.path, path);
    if (!refusal.empty()) {
      findings.push_back({file.path, number, "layers", std::move(refusal)});
    }
  }
  return findings;
}

}  // namespace spillway::tidy
