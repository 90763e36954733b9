#include "bench/load/process_figures.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <unistd.h>

namespace spillway::bench {
namespace {

constexpr std::uint64_t kKiB = 1024;

std::uint64_t rss_kib(const std::string& folder) {
  std::ifstream file(folder + "/statm");
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  file >> size >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) / kKiB;
}

std::uint64_t cpu_ms(const std::string& folder) {
  std::ifstream file(folder + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  // The name, in brackets, may hold blanks; utime and stime are the 12th and 13th field behind it.
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::size_t at = name_end;
  for (int skipped = 0; skipped < 12 && at != std::string::npos; ++skipped)
    at = text.find(' ', at + 1);
  if (at == std::string::npos) return 0;
  char* rest = nullptr;
  const std::uint64_t user = std::strtoull(text.c_str() + at, &rest, 10);
  const std::uint64_t system = std::strtoull(rest, nullptr, 10);
  return (user + system) * 1000 / static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
}

std::uint64_t descriptors(const std::string& folder) {
  std::error_code error;
  std::filesystem::directory_iterator entries(folder + "/fd", error);
  std::uint64_t count = 0;
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error))
    ++count;
  return count;
}

}  // namespace

ProcessFigures read_process_figures(int pid) {
  const std::string folder = "/proc/" + std::to_string(pid);
  return {rss_kib(folder), descriptors(folder), cpu_ms(folder)};
}

}  // namespace spillway::bench
