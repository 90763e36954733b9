#pragma once
// What an answer says that it cost, in every shape of `usage` that the APIs have (wire reference
// §5.2). Missing numbers are 0; what is no whole number from 0 to 2^53 counts as missing.

#include <cstdint>
#include <string_view>

namespace spillway::aoai {

struct Usage {
  std::uint64_t input_tokens = 0;   // cached, audio and image tokens included
  std::uint64_t output_tokens = 0;  // reasoning and audio tokens included
  std::uint64_t total_tokens = 0;   // as said, else the sum of the two
  std::uint64_t cached_tokens = 0;
  std::uint64_t cache_write_tokens = 0;
  std::uint64_t reasoning_tokens = 0;
  std::uint64_t input_audio_tokens = 0;
  std::uint64_t input_image_tokens = 0;
  std::uint64_t output_audio_tokens = 0;
  std::uint64_t accepted_prediction_tokens = 0;
  std::uint64_t rejected_prediction_tokens = 0;
  std::uint64_t audio_milliseconds = 0;  // of a transcription that is charged by duration
  bool is_known = false;                 // else all numbers are 0
  bool is_estimated = false;             // guessed by us, not said by the backend

  friend bool operator==(const Usage&, const Usage&) = default;
};

/// Adds number by number, never beyond 2^64-1. The sum is known if either is and estimated if
/// either is: to keep guesses apart, use UsageTotals.
Usage& operator+=(Usage& sum, const Usage& more);

/// What many answers cost, guesses and exact numbers apart.
struct UsageTotals {
  Usage exact;
  Usage estimated;

  void add(const Usage& usage) { (usage.is_estimated ? estimated : exact) += usage; }
};

/// What a whole JSON text says: an answer's body, an event's data, or a message of the realtime
/// API. Looks at `usage` and `response.usage`; where both are, or one is repeated, the last counts.
/// Not known if there is none or the text is malformed before it.
Usage read_usage(std::string_view json);

/// A guess from characters, four to a token, rounded up.
Usage estimate_usage(std::uint64_t input_characters, std::uint64_t output_characters);

}  // namespace spillway::aoai
