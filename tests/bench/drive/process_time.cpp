#include "bench/drive/process_time.hpp"

#include <filesystem>
#include <fstream>
#include <string>

namespace spillway::bench {
namespace {

std::string folder_of(int process) {
  return "/proc/" + std::to_string(process);
}

}  // namespace

std::uint64_t cpu_ns_of(const std::vector<int>& processes) {
  std::uint64_t sum = 0;
  for (const int process : processes) {
    std::error_code error;
    std::filesystem::directory_iterator thread(folder_of(process) + "/task", error);
    for (; !error && thread != std::filesystem::directory_iterator(); thread.increment(error)) {
      std::ifstream file(thread->path() / "schedstat");
      std::uint64_t on_core = 0;
      file >> on_core;
      sum += on_core;
    }
  }
  return sum;
}

std::uint64_t rss_kib_of(const std::vector<int>& processes) {
  std::uint64_t sum = 0;
  for (const int process : processes) {
    std::ifstream file(folder_of(process) + "/smaps_rollup");
    for (std::string word; file >> word;) {
      if (word != "Rss:") continue;
      std::uint64_t kib = 0;
      file >> kib;
      sum += kib;
      break;
    }
  }
  return sum;
}

}  // namespace spillway::bench
