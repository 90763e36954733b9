#pragma once
// Looking at many bytes at once: bodies and heads are mostly bytes of which nothing is wanted.
// Sixteen at a time where SSE2 is (every x86-64), else eight in a word; of long texts sixty-four
// where the processor has AVX2.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace spillway::base {

namespace bytes {

constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
constexpr std::uint64_t kHighBits = 0x8080808080808080ULL;

inline std::uint64_t load_word(const char* at) {
  static_assert(std::endian::native == std::endian::little, "the first byte is the lowest");
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// The high bit of each byte that is zero; bytes above the first zero byte may be marked wrongly.
constexpr std::uint64_t zero_bytes(std::uint64_t word) {
  return (word - kOnes) & ~word & kHighBits;
}

// The high bit of the first byte that is below 0x20 or equal to `one` or `other`, and perhaps of
// some above it; 0: there is none.
template <char one, char other>
constexpr std::uint64_t mark_control_or_in_word(std::uint64_t word) {
  const std::uint64_t controls = (word - kOnes * 0x20) & ~word & kHighBits;
  return controls | zero_bytes(word ^ (kOnes * static_cast<unsigned char>(one))) |
         zero_bytes(word ^ (kOnes * static_cast<unsigned char>(other)));
}

#if defined(__SSE2__)
// A bit for each of sixteen bytes that is below 0x20 or equal to `one` or `other`.
template <char one, char other>
unsigned mark_control_or(const char* at) {
  const __m128i last_control = _mm_set1_epi8(0x1F);
  const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const __m128i is_control = _mm_cmpeq_epi8(_mm_min_epu8(block, last_control), block);
  const __m128i is_named = _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8(one)),
                                        _mm_cmpeq_epi8(block, _mm_set1_epi8(other)));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(is_control, is_named)));
}
#endif

// find_control_or() for what did not end within sixteen bytes.
template <char one, char other>
const char* find_control_or_far(const char* at, const char* end);
extern template const char* find_control_or_far<'"', '\\'>(const char*, const char*);
extern template const char* find_control_or_far<'\x7F', '\x7F'>(const char*, const char*);

// The same for what mostly does.
template <char one, char other>
const char* find_control_or_near(const char* at, const char* end) {
#if defined(__SSE2__)
  if (end - at >= 16) {
    const unsigned found = mark_control_or<one, other>(at);
    if (found != 0) return at + std::countr_zero(found);
    at += 16;
  }
#endif
  return find_control_or_far<one, other>(at, end);
}

}  // namespace bytes

/// The first byte below 0x20 or equal to `one` or `other`, or `end`.
template <char one, char other>
const char* find_control_or(const char* at, const char* end) {
  namespace b = bytes;
  const char* const begin = at;
#if defined(__SSE2__)
  while (end - at >= 16) {
    const unsigned found = b::mark_control_or<one, other>(at);
    if (found != 0) return at + std::countr_zero(found);
    at += 16;
  }
#endif
  while (end - at >= 8) {
    const std::uint64_t found = b::mark_control_or_in_word<one, other>(b::load_word(at));
    if (found != 0) return at + std::countr_zero(found) / 8;
    at += 8;
  }
  // Once more over some that are known to be none, rather than one by one.
  const bool has_eight = end - begin >= 8;
  if (has_eight && b::mark_control_or_in_word<one, other>(b::load_word(end - 8)) == 0) return end;
  while (at != end && static_cast<unsigned char>(*at) >= 0x20 && *at != one && *at != other)
    ++at;
  return at;
}

/// find_control_or<'"', '\\'> for texts that may be long (prompts, images) and mostly end at once.
inline const char* find_control_quote_or_backslash(const char* at, const char* end) {
  return bytes::find_control_or_near<'"', '\\'>(at, end);
}

/// find_control_or<'\x7F', '\x7F'> for values of fields: some are as long as a token.
inline const char* find_control_or_delete(const char* at, const char* end) {
  return bytes::find_control_or_near<'\x7F', '\x7F'>(at, end);
}

/// The first `"`, `{`, `}`, `[` or `]`, or `end`.
const char* find_bracket_or_quote(const char* at, const char* end);

/// Whether all bytes are from 0x21 to 0x7E.
bool is_visible_ascii(std::string_view text);

/// How many bytes have the form 10xxxxxx: all but the first byte of each character of UTF-8.
std::size_t count_continuation_bytes(std::string_view text);

}  // namespace spillway::base
