#pragma once
// The resources that an endpoint remembers, beside responses: where they are, what their ids begin
// with, what they are called. Pure.

#include <string>
#include <string_view>

namespace spillway::simulator {

struct Collection {
  /// Segments below /openai or /openai/v1; `*` is an id.
  std::string_view path;
  std::string_view id_prefix;
  std::string_view object;
  /// Of a new one, and what it has from its second GET on; empty: no status.
  std::string_view first_status = {};
  std::string_view last_status = {};
};

/// A path of a known collection, taken apart.
struct ResourcePath {
  /// Null: none of the table.
  const Collection* collection = nullptr;
  /// `threads/thread_1/messages`
  std::string key;
  /// `threads/thread_1`; empty at the top.
  std::string parent;
  /// Empty: the collection itself.
  std::string id;
  /// `cancel`, `content`, ...; empty: the object itself.
  std::string action;
};

/// `rest` is the path below /openai or /openai/v1.
ResourcePath read_resource_path(std::string_view rest);

}  // namespace spillway::simulator
