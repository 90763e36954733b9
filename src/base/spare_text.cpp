#include <spillway/base/spare_text.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace spillway::base {
namespace {

constexpr std::size_t kRoom = 4U << 10U;
constexpr std::size_t kLargest = 8U << 10U;
constexpr std::size_t kMostKept = 32;

std::vector<std::string>& shelf() {
  static thread_local std::vector<std::string> of_this_thread;
  return of_this_thread;
}

}  // namespace

std::string take_spare_text() {
  std::string text;
  if (shelf().empty()) {
    text.reserve(kRoom);
  } else {
    text = std::move(shelf().back());
    shelf().pop_back();
  }
  return text;
}

void give_back(std::string text) {
  const bool is_usable = text.capacity() >= kRoom && text.capacity() <= kLargest;
  if (!is_usable || shelf().size() == kMostKept) return;
  text.clear();
  shelf().push_back(std::move(text));
}

}  // namespace spillway::base
