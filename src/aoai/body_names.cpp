#include "body_names.hpp"

#include <spillway/aoai/json_text.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>

namespace spillway::aoai {
namespace {

struct Entry {
  std::string_view text;
  BodyName name;
};

constexpr std::array kUnsorted{
    Entry{"model", BodyName::model},
    Entry{"stream", BodyName::stream},
    Entry{"stream_options", BodyName::stream_options},
    Entry{"include_usage", BodyName::include_usage},
    Entry{"background", BodyName::background},
    Entry{"store", BodyName::store},
    Entry{"data_sources", BodyName::data_sources},
    Entry{"prompt_cache_key", BodyName::prompt_cache_key},
    Entry{"messages", BodyName::messages},
    Entry{"input", BodyName::input},
    Entry{"prompt", BodyName::prompt},
    Entry{"instructions", BodyName::instructions},
    Entry{"items", BodyName::items},
    Entry{"metadata", BodyName::metadata},
    Entry{"data_source", BodyName::data_source},
    Entry{"previous_response_id", BodyName::previous_response_id},
    Entry{"conversation", BodyName::conversation},
    Entry{"thread_id", BodyName::top_id},
    Entry{"assistant_id", BodyName::top_id},
    Entry{"response_id", BodyName::top_id},
    Entry{"training_file", BodyName::top_file},
    Entry{"validation_file", BodyName::top_file},
    Entry{"input_file_id", BodyName::top_file},
    Entry{"batch_id", BodyName::top_file},
    Entry{"video_id", BodyName::top_file},
    Entry{"file_id", BodyName::file_id},
    Entry{"image_file_id", BodyName::file_id},
    Entry{"vector_store_id", BodyName::file_id},
    Entry{"skill_id", BodyName::file_id},
    Entry{"file_ids", BodyName::file_ids},
    Entry{"image_file_ids", BodyName::file_ids},
    Entry{"vector_store_ids", BodyName::file_ids},
    Entry{"container", BodyName::container},
    Entry{"id", BodyName::id},
    Entry{"data", BodyName::opaque},
    Entry{"file_data", BodyName::opaque},
    Entry{"image_data", BodyName::opaque},
    Entry{"encrypted_content", BodyName::opaque},
};

constexpr std::size_t kLongest = 20;

constexpr auto kByLength = [] {
  auto sorted = kUnsorted;
  std::sort(sorted.begin(), sorted.end(),
            [](const Entry& a, const Entry& b) { return a.text.size() < b.text.size(); });
  return sorted;
}();
static_assert(kByLength.back().text.size() == kLongest);

// Names of `n` characters stand from kFirstOfLength[n] to kFirstOfLength[n + 1].
constexpr auto kFirstOfLength = [] {
  std::array<std::uint8_t, kLongest + 2> first{};
  for (std::size_t length = 0; length < first.size(); ++length) {
    std::uint8_t at = 0;
    while (at < kByLength.size() && kByLength[at].text.size() < length)
      ++at;
    first[length] = at;
  }
  return first;
}();

BodyName find_name(std::string_view text) {
  if (text.size() > kLongest) return BodyName::unknown;
  for (std::size_t at = kFirstOfLength[text.size()]; at < kFirstOfLength[text.size() + 1]; ++at) {
    if (kByLength[at].text == text) return kByLength[at].name;
  }
  return BodyName::unknown;
}

}  // namespace

BodyName body_name_of(std::string_view token) {
  const std::string_view inside = token.substr(1, token.size() - 2);
  // An escape takes at most six characters for one; anything longer is none of ours.
  if (inside.size() > 6 * kLongest) return BodyName::unknown;
  if (inside.find('\\') == std::string_view::npos) return find_name(inside);
  return find_name(json::decode_string(token));
}

}  // namespace spillway::aoai
