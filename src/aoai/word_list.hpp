#pragma once
// Whether a short list of words holds one: what paths and bodies are sorted by.

#include <algorithm>
#include <string_view>

namespace spillway::aoai {

template <class List>
bool contains(const List& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace spillway::aoai
