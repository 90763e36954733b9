#include "simulator/arc_keys.hpp"

#include <spillway/base/text.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

namespace spillway::simulator {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostKeys = 16;

std::string random_hex(std::size_t byte_count) {
  std::random_device source;
  std::string bytes;
  while (bytes.size() < byte_count)
    bytes.push_back(static_cast<char>(source() & 0xffU));
  return base::to_hex(bytes);
}

void remove_file(const std::string& file) {
  std::error_code ignored;
  fs::remove(file, ignored);
}

}  // namespace

ArcKeys::~ArcKeys() {
  for (const auto& key : keys_)
    remove_file(key.file);
}

std::optional<std::string> ArcKeys::write_one() {
  Key key{(fs::path(directory_) / (random_hex(16) + ".key")).string(), random_hex(32)};
  std::ofstream out(key.file, std::ios::binary);
  out << key.content;
  out.close();
  if (!out) return std::nullopt;
  std::error_code ignored;
  fs::permissions(key.file, fs::perms::owner_read | fs::perms::owner_write, ignored);
  keys_.push_back(std::move(key));
  if (keys_.size() > kMostKeys) {
    remove_file(keys_.front().file);
    keys_.pop_front();
  }
  return keys_.back().file;
}

Redeemed ArcKeys::redeem(std::string_view content) {
  const auto found = std::find_if(keys_.begin(), keys_.end(),
                                  [content](const Key& key) { return key.content == content; });
  if (found == keys_.end()) return Redeemed::no;
  remove_file(found->file);
  keys_.erase(found);
  return Redeemed::yes;
}

}  // namespace spillway::simulator
