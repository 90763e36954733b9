#include <spillway/aoai/body_edit.hpp>

namespace spillway::aoai {

std::string apply_edits(std::string_view body, std::span<const BodyEdit> edits) {
  std::size_t size = body.size();
  for (const BodyEdit& edit : edits)
    size += edit.inserted.size();
  std::string edited;
  edited.reserve(size);
  std::size_t at = 0;
  for (const BodyEdit& edit : edits) {
    edited += body.substr(at, edit.offset - at);
    edited += edit.inserted;
    at = edit.offset + edit.removed;
  }
  edited += body.substr(at);
  return edited;
}

}  // namespace spillway::aoai
