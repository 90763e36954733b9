#include "body_names.hpp"

#include <spillway/aoai/json_text.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>

namespace spillway::aoai {
namespace {

struct KnownName {
  std::string_view text;
  BodyName name;
};

constexpr std::array kUnsorted{
    KnownName{"model", BodyName::model},
    KnownName{"stream", BodyName::stream},
    KnownName{"stream_options", BodyName::stream_options},
    KnownName{"include_usage", BodyName::include_usage},
    KnownName{"background", BodyName::background},
    KnownName{"store", BodyName::store},
    KnownName{"data_sources", BodyName::data_sources},
    KnownName{"prompt_cache_key", BodyName::prompt_cache_key},
    KnownName{"messages", BodyName::messages},
    KnownName{"input", BodyName::input},
    KnownName{"prompt", BodyName::prompt},
    KnownName{"instructions", BodyName::instructions},
    KnownName{"items", BodyName::items},
    KnownName{"metadata", BodyName::metadata},
    KnownName{"data_source", BodyName::data_source},
    KnownName{"previous_response_id", BodyName::previous_response_id},
    KnownName{"conversation", BodyName::conversation},
    KnownName{"thread_id", BodyName::top_id},
    KnownName{"assistant_id", BodyName::top_id},
    KnownName{"response_id", BodyName::top_id},
    KnownName{"training_file", BodyName::top_file},
    KnownName{"validation_file", BodyName::top_file},
    KnownName{"input_file_id", BodyName::top_file},
    KnownName{"batch_id", BodyName::top_file},
    KnownName{"video_id", BodyName::top_file},
    KnownName{"file_id", BodyName::file_id},
    KnownName{"image_file_id", BodyName::file_id},
    KnownName{"vector_store_id", BodyName::file_id},
    KnownName{"skill_id", BodyName::file_id},
    KnownName{"file_ids", BodyName::file_ids},
    KnownName{"image_file_ids", BodyName::file_ids},
    KnownName{"vector_store_ids", BodyName::file_ids},
    KnownName{"container", BodyName::container},
    KnownName{"id", BodyName::id},
    KnownName{"data", BodyName::opaque},
    KnownName{"file_data", BodyName::opaque},
    KnownName{"image_data", BodyName::opaque},
    KnownName{"encrypted_content", BodyName::opaque},
};

constexpr std::size_t kLongestKnown = 20;

constexpr auto kByLength = [] {
  auto sorted = kUnsorted;
  std::sort(sorted.begin(), sorted.end(),
            [](const KnownName& a, const KnownName& b) { return a.text.size() < b.text.size(); });
  return sorted;
}();
static_assert(kByLength.back().text.size() == kLongestKnown);

// Names of `n` characters stand from kFirstKnownOfLength[n] to kFirstKnownOfLength[n + 1].
constexpr auto kFirstKnownOfLength = [] {
  std::array<std::uint8_t, kLongestKnown + 2> first{};
  for (std::size_t length = 0; length < first.size(); ++length) {
    std::uint8_t at = 0;
    while (at < kByLength.size() && kByLength[at].text.size() < length)
      ++at;
    first[length] = at;
  }
  return first;
}();

BodyName find_known(std::string_view text) {
  if (text.empty() || text.size() > kLongestKnown) return BodyName::unknown;
  for (std::size_t at = kFirstKnownOfLength[text.size()]; at < kFirstKnownOfLength[text.size() + 1];
       ++at) {
    const KnownName& known = kByLength[at];
    if (known.text[0] == text[0] && known.text == text) return known.name;
  }
  return BodyName::unknown;
}

}  // namespace

BodyName body_name_of(std::string_view token) {
  const std::string_view inside = token.substr(1, token.size() - 2);
  // An escape takes at most six characters for one; anything longer is none of ours.
  if (inside.size() > 6 * kLongestKnown) return BodyName::unknown;
  if (inside.find('\\') == std::string_view::npos) return find_known(inside);
  return find_known(json::decode_string(token));
}

}  // namespace spillway::aoai
