#include "prompt_measure.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>

namespace spillway::aoai {
namespace {

constexpr std::size_t kHashedBytes = 1024;
constexpr std::uint64_t kOnes = 0x0101010101010101ULL;

std::uint64_t load_word(const char* at) {
  static_assert(std::endian::native == std::endian::little, "a hash is the same everywhere");
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// Bytes of the form 10xxxxxx: all but the first byte of each character. Eight at a time, as prompts
// are long: a lane of `sums` counts one of eight bytes and cannot overflow in 255 rounds.
std::uint64_t count_continuation_bytes(std::string_view text) {
  const char* at = text.data();
  std::size_t left = text.size();
  std::uint64_t count = 0;
  while (left >= 8) {
    const std::size_t rounds = std::min<std::size_t>(left / 8, 255);
    std::uint64_t sums = 0;
    for (std::size_t round = 0; round < rounds; ++round, at += 8) {
      const std::uint64_t word = load_word(at);
      sums += (word >> 7U) & ~(word >> 6U) & kOnes;
    }
    left -= rounds * 8;
    for (; sums != 0; sums >>= 8U)
      count += sums & 0xFFU;
  }
  for (; left != 0; --left, ++at)
    count += (static_cast<unsigned char>(*at) & 0xC0U) == 0x80U ? 1 : 0;
  return count;
}

// How much longer the escapes are than the one character each of them stands for.
std::uint64_t count_escape_excess(std::string_view inside) {
  std::uint64_t excess = 0;
  auto at = inside.find('\\');
  while (at != std::string_view::npos) {
    const std::size_t length = inside[at + 1] == 'u' ? 6 : 2;
    excess += length - 1;
    at = inside.find('\\', at + length);
  }
  return excess;
}

// The mixing step of splitmix64.
std::uint64_t mix(std::uint64_t value) {
  value ^= value >> 30U;
  value *= 0xBF58476D1CE4E5B9ULL;
  value ^= value >> 27U;
  value *= 0x94D049BB133111EBULL;
  return value ^ (value >> 31U);
}

std::uint64_t absorb(std::uint64_t state, std::string_view text) {
  constexpr std::uint64_t kFactor = 0x9E3779B97F4A7C15ULL;
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; left -= 8, at += 8) {
    state = (state ^ load_word(at)) * kFactor;
    state ^= state >> 32U;
  }
  std::uint64_t rest = 0;
  if (left != 0) std::memcpy(&rest, at, left);
  state = (state ^ rest) * kFactor;
  return mix(state ^ text.size());
}

}  // namespace

std::uint64_t count_characters(std::string_view token) {
  const std::string_view inside = token.substr(1, token.size() - 2);
  return inside.size() - count_continuation_bytes(inside) - count_escape_excess(inside);
}

std::uint64_t hash_prompt(std::string_view instructions, std::string_view prompt) {
  if (instructions.empty() && prompt.empty()) return 0;
  instructions = instructions.substr(0, kHashedBytes);
  prompt = prompt.substr(0, kHashedBytes - instructions.size());
  return std::max<std::uint64_t>(absorb(absorb(0, instructions), prompt), 1);
}

}  // namespace spillway::aoai
