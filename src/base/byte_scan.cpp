#include <spillway/base/byte_scan.hpp>

#include <algorithm>

namespace spillway::base {

// In ASCII a square bracket and the curly one differ in the bit that tells case.
const char* find_bracket_or_quote(const char* at, const char* end) {
  constexpr char kCase = 0x20;
#if defined(__SSE2__)
  while (end - at >= 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i curly = _mm_or_si128(block, _mm_set1_epi8(kCase));
    const __m128i is_bracket = _mm_or_si128(_mm_cmpeq_epi8(curly, _mm_set1_epi8('{')),
                                            _mm_cmpeq_epi8(curly, _mm_set1_epi8('}')));
    const __m128i is_quote = _mm_cmpeq_epi8(block, _mm_set1_epi8('"'));
    const int found = _mm_movemask_epi8(_mm_or_si128(is_bracket, is_quote));
    if (found != 0) return at + std::countr_zero(static_cast<unsigned>(found));
    at += 16;
  }
#endif
  while (at != end) {
    const char curly = static_cast<char>(*at | kCase);
    if (curly == '{' || curly == '}' || *at == '"') return at;
    ++at;
  }
  return end;
}

bool is_visible_ascii(std::string_view text) {
  const char* const end = text.data() + text.size();
  if (find_control_or<' ', '\x7F'>(text.data(), end) != end) return false;
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

// A lane of `sums` counts one of sixteen (eight) bytes and cannot overflow in 255 rounds.
std::size_t count_continuation_bytes(std::string_view text) {
  const char* at = text.data();
  std::size_t left = text.size();
  std::size_t count = 0;
#if defined(__SSE2__)
  const __m128i first_of_others = _mm_set1_epi8(static_cast<char>(0xC0));  // as signed numbers
  while (left >= 16) {
    const std::size_t rounds = std::min<std::size_t>(left / 16, 255);
    __m128i sums = _mm_setzero_si128();
    for (std::size_t round = 0; round < rounds; ++round, at += 16) {
      const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
      sums = _mm_sub_epi8(sums, _mm_cmplt_epi8(block, first_of_others));
    }
    left -= rounds * 16;
    const __m128i halves = _mm_sad_epu8(sums, _mm_setzero_si128());
    count += static_cast<std::size_t>(_mm_cvtsi128_si64(halves)) +
             static_cast<std::size_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(halves, halves)));
  }
#endif
  while (left >= 8) {
    const std::size_t rounds = std::min<std::size_t>(left / 8, 255);
    std::uint64_t sums = 0;
    for (std::size_t round = 0; round < rounds; ++round, at += 8) {
      const std::uint64_t word = bytes::load_word(at);
      sums += (word >> 7U) & ~(word >> 6U) & bytes::kOnes;
    }
    left -= rounds * 8;
    for (; sums != 0; sums >>= 8U)
      count += sums & 0xFFU;
  }
  for (; left != 0; --left, ++at)
    count += (static_cast<unsigned char>(*at) & 0xC0U) == 0x80U ? 1 : 0;
  return count;
}

}  // namespace spillway::base
