// spillway_tidy ROOT: checks every source file under ROOT and prints what breaks a rule. Exit 1 if
// any.
#include "allow_list.hpp"
#include "rules.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

namespace spillway::tidy {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 7> kFolders{"include", "src",    "tests", "scripts",
                                                   "cmake",   "docker", ".ci"};
constexpr std::array<std::string_view, 5> kExtensions{".hpp", ".cpp", ".cmake", ".mjs", ""};

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return std::move(text).str();
}

bool is_checked(const fs::path& path) {
  const auto extension = path.extension().string();
  return path.filename() == "CMakeLists.txt" ||
         std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

std::vector<fs::path> find_sources(const fs::path& root) {
  std::vector<fs::path> found;
  for (const auto folder : kFolders) {
    if (!fs::exists(root / folder)) {
      continue;
    }
    for (auto at = fs::recursive_directory_iterator(root / folder);
         at != fs::recursive_directory_iterator(); ++at) {
      const auto name = at->path().filename();
      if (at->is_directory() && (name == "node_modules" || name == "corpus")) {
        at.disable_recursion_pending();
      } else if (at->is_regular_file() && is_checked(at->path())) {
        found.push_back(at->path());
      }
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

int run(const fs::path& root) {
  AllowList allow_list(read_file(root / "tests/tidy/allow_list.txt"));
  Findings findings;
  const auto sources = find_sources(root);
  for (const auto& path : sources) {
    auto relative = fs::relative(path, root).generic_string();
    const auto file = make_source_file(std::move(relative), read_file(path));
    const auto left = allow_list.filter(check_file(file));
    findings.insert(findings.end(), left.begin(), left.end());
  }
  const auto complaints = allow_list.complaints();
  findings.insert(findings.end(), complaints.begin(), complaints.end());
  for (const auto& finding : findings) {
    std::cout << finding.path << ':' << finding.line << ": " << finding.rule << ": "
              << finding.message << '\n';
  }
  std::cout << sources.size() << " files, " << findings.size() << " findings\n";
  // A root without sources would pass silently.
  return findings.empty() && !sources.empty() ? 0 : 1;
}

}  // namespace
}  // namespace spillway::tidy

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: spillway_tidy ROOT\n";
    return 2;
  }
  return spillway::tidy::run(argv[1]);
}
