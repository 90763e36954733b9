#pragma once
// A file for one test.

#include "support/certificates.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace spillway::identity {

inline std::string write_file(const std::filesystem::path& path, std::string_view content) {
  std::ofstream(path, std::ios::binary) << content;
  return path.string();
}

}  // namespace spillway::identity
