#pragma once
// The names that RequestFacts looks for in a body, told apart quickly: every key of every level is
// looked up here.

#include <cstdint>
#include <string_view>

namespace spillway::aoai {

enum class BodyName : std::uint8_t {
  unknown,
  // settings, at the top only
  model,
  stream,
  stream_options,
  include_usage,  // of stream_options
  background,
  store,
  data_sources,
  prompt_cache_key,
  // what holds something of interest, at the top only
  messages,
  input,
  prompt,
  instructions,
  items,
  metadata,
  data_source,
  // ids, at the top only
  previous_response_id,
  conversation,
  top_id,  // thread_id, assistant_id, response_id, …
  top_file,
  // ids, at any level
  file_id,
  file_ids,
  container,
  id,
  // strings whose length says nothing about their tokens
  opaque,
};

/// `token` is a well-formed JSON string, quotes included. Escapes are understood.
BodyName body_name_of(std::string_view token);

}  // namespace spillway::aoai
