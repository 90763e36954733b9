#pragma once
// Small changes to a body that leave every other byte as it came (behaviour §1).

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace spillway::aoai {

struct BodyEdit {
  std::size_t offset = 0;   // in the body as it came
  std::size_t removed = 0;  // bytes from there
  std::string inserted;     // in their place
};

/// `edits` sorted by offset, none reaching into the next, all inside the body.
std::string apply_edits(std::string_view body, std::span<const BodyEdit> edits);

}  // namespace spillway::aoai
