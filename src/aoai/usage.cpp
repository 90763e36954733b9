#include "answer_names.hpp"
#include "usage_reader.hpp"
#include <spillway/aoai/body_usage.hpp>
#include <spillway/aoai/usage.hpp>
#include <spillway/base/text.hpp>

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace spillway::aoai {
namespace {

constexpr std::uint64_t kMaxCount = std::uint64_t{1} << 53U;

void add(std::uint64_t& sum, std::uint64_t more) {
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  sum = more > kMost - sum ? kMost : sum + more;
}

std::optional<double> read_number(std::string_view text) {
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  const bool is_plausible = value >= 0 && value <= static_cast<double>(kMaxCount);
  return is_plausible ? std::optional(value) : std::nullopt;
}

std::optional<std::uint64_t> read_count(std::string_view text) {
  if (const auto count = base::parse_unsigned(text)) {
    return *count <= kMaxCount ? count : std::nullopt;
  }
  const auto value = read_number(text);  // some writers make floats of all numbers
  if (!value || *value != static_cast<double>(static_cast<std::uint64_t>(*value))) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(*value);
}

bool is_usage(json::Path path) {
  return path == path_of(Name::usage) || path == path_of(Name::response, Name::usage);
}

bool is_in_usage(json::Path path) {
  return (path.depth() >= 1 && is_usage(path.outer(1))) ||
         (path.depth() >= 2 && is_usage(path.outer(2)));
}

std::uint64_t* input_detail(Usage& usage, Name name) {
  switch (name) {
    case Name::cached_tokens:
      return &usage.cached_tokens;
    case Name::cache_write_tokens:
      return &usage.cache_write_tokens;
    case Name::audio_tokens:
      return &usage.input_audio_tokens;
    case Name::image_tokens:
      return &usage.input_image_tokens;
    default:
      return nullptr;
  }
}

std::uint64_t* output_detail(Usage& usage, Name name) {
  switch (name) {
    case Name::reasoning_tokens:
      return &usage.reasoning_tokens;
    case Name::audio_tokens:
      return &usage.output_audio_tokens;
    case Name::accepted_prediction_tokens:
      return &usage.accepted_prediction_tokens;
    case Name::rejected_prediction_tokens:
      return &usage.rejected_prediction_tokens;
    default:
      return nullptr;
  }
}

std::uint64_t* plain_count(Usage& usage, Name name) {
  switch (name) {
    case Name::prompt_tokens:
    case Name::input_tokens:
      return &usage.input_tokens;
    case Name::completion_tokens:
    case Name::output_tokens:
      return &usage.output_tokens;
    case Name::total_tokens:
      return &usage.total_tokens;
    default:
      return nullptr;
  }
}

// `within`: the object inside `usage` that the number stands in; other: `usage` itself.
std::uint64_t* find_count(Usage& usage, Name within, Name name) {
  switch (within) {
    case Name::other:
      return plain_count(usage, name);
    case Name::prompt_tokens_details:
    case Name::input_tokens_details:
    case Name::input_token_details:
      return input_detail(usage, name);
    case Name::completion_tokens_details:
    case Name::output_tokens_details:
    case Name::output_token_details:
      return output_detail(usage, name);
    default:
      return nullptr;
  }
}

}  // namespace

Usage& operator+=(Usage& sum, const Usage& more) {
  add(sum.input_tokens, more.input_tokens);
  add(sum.output_tokens, more.output_tokens);
  add(sum.total_tokens, more.total_tokens);
  add(sum.cached_tokens, more.cached_tokens);
  add(sum.cache_write_tokens, more.cache_write_tokens);
  add(sum.reasoning_tokens, more.reasoning_tokens);
  add(sum.input_audio_tokens, more.input_audio_tokens);
  add(sum.input_image_tokens, more.input_image_tokens);
  add(sum.output_audio_tokens, more.output_audio_tokens);
  add(sum.accepted_prediction_tokens, more.accepted_prediction_tokens);
  add(sum.rejected_prediction_tokens, more.rejected_prediction_tokens);
  add(sum.audio_milliseconds, more.audio_milliseconds);
  sum.is_known = sum.is_known || more.is_known;
  sum.is_estimated = sum.is_estimated || more.is_estimated;
  return sum;
}

json::NameId OnlyUsage::name_of(std::string_view key) {
  return static_cast<json::NameId>(name_of_key(key));
}

bool OnlyUsage::wants(json::Path path) {
  return is_in_usage(path);
}

void OnlyUsage::on_scalar(json::Path path, const json::Scalar& scalar) {
  reader_.on_scalar(path, scalar);
}

bool OnlyUsage::on_begin(json::Path path, json::Kind kind) {
  reader_.on_begin(path, kind);
  return path.depth() == 0 || path == path_of(Name::response) || is_in_usage(path);
}

void OnlyUsage::on_end(json::Path path, json::Kind /*kind*/) {
  reader_.on_end(path);
}

Usage read_usage(std::string_view json) {
  BodyUsage body;
  body.observe(json);
  return body.usage();
}

Usage estimate_usage(std::uint64_t input_characters, std::uint64_t output_characters) {
  const auto tokens = [](std::uint64_t characters) {
    return characters / 4 + (characters % 4 == 0 ? 0 : 1);
  };
  Usage usage;
  usage.input_tokens = tokens(input_characters);
  usage.output_tokens = tokens(output_characters);
  usage.total_tokens = usage.input_tokens + usage.output_tokens;
  usage.is_known = true;
  usage.is_estimated = true;
  return usage;
}

void UsageReader::on_begin(json::Path path, json::Kind kind) {
  if (kind != json::Kind::object || !is_usage(path)) return;
  coming_ = Usage();
  has_total_ = false;
  inside_ = path.depth();
}

void UsageReader::on_scalar(json::Path path, const json::Scalar& scalar) {
  if (inside_ == 0 || scalar.kind != json::Kind::number || !scalar.is_whole) return;
  const int below = path.depth() - inside_;
  if (below > 2) return;
  const Name name = static_cast<Name>(path.last());
  const Name within = below == 2 ? static_cast<Name>(path.parent().last()) : Name::other;
  if (below == 2 && within == Name::other) return;  // of an object that we do not know
  if (below == 1 && name == Name::seconds) {
    if (const auto seconds = read_number(scalar.text); seconds && *seconds < 1e12) {
      coming_.audio_milliseconds = static_cast<std::uint64_t>(std::llround(*seconds * 1000));
      coming_.is_known = true;
    }
    return;
  }
  std::uint64_t* const place = find_count(coming_, within, name);
  const auto count = read_count(scalar.text);
  if (place == nullptr || !count) return;
  *place = *count;
  coming_.is_known = true;
  has_total_ = has_total_ || place == &coming_.total_tokens;
}

void UsageReader::on_end(json::Path path) {
  if (inside_ == 0 || path.depth() != inside_ || !is_usage(path)) return;
  inside_ = 0;
  if (!coming_.is_known) return;
  if (!has_total_) coming_.total_tokens = coming_.input_tokens + coming_.output_tokens;
  usage_ = coming_;
}

}  // namespace spillway::aoai
