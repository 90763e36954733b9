#include <spillway/base/byte_scan.hpp>

#include <algorithm>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace spillway::base {
namespace {

constexpr std::ptrdiff_t kNear = 48;  // within it most texts end that did not at once

#if defined(__x86_64__)

const bool kHasAvx2 = __builtin_cpu_supports("avx2") != 0;

template <char one, char other>
[[gnu::target("avx2")]] inline __m256i mark_stops(__m256i block) {
  const __m256i last_control = _mm256_set1_epi8(0x1F);
  const __m256i is_control = _mm256_cmpeq_epi8(_mm256_min_epu8(block, last_control), block);
  const __m256i is_named = _mm256_or_si256(_mm256_cmpeq_epi8(block, _mm256_set1_epi8(one)),
                                           _mm256_cmpeq_epi8(block, _mm256_set1_epi8(other)));
  return _mm256_or_si256(is_control, is_named);
}

// Past blocks of sixty-four bytes that have none. A prompt of 400 KB takes a third of the time that
// it takes by sixteens.
template <char one, char other>
[[gnu::target("avx2")]] const char* skip_blocks_without_stop(const char* at, const char* end) {
  while (end - at >= 64) {
    const auto* const blocks = reinterpret_cast<const __m256i*>(at);
    const __m256i stops = _mm256_or_si256(mark_stops<one, other>(_mm256_loadu_si256(blocks)),
                                          mark_stops<one, other>(_mm256_loadu_si256(blocks + 1)));
    if (_mm256_testz_si256(stops, stops) == 0) break;
    at += 64;
  }
  return at;
}

[[gnu::target("avx2")]] inline __m256i mark_brackets_and_quotes(__m256i block) {
  const __m256i curly = _mm256_or_si256(block, _mm256_set1_epi8(0x20));
  const __m256i is_bracket = _mm256_or_si256(_mm256_cmpeq_epi8(curly, _mm256_set1_epi8('{')),
                                             _mm256_cmpeq_epi8(curly, _mm256_set1_epi8('}')));
  return _mm256_or_si256(is_bracket, _mm256_cmpeq_epi8(block, _mm256_set1_epi8('"')));
}

// Vectors of an embedding are 20 KB of digits.
[[gnu::target("avx2")]] const char* skip_blocks_of_numbers(const char* at, const char* end) {
  while (end - at >= 64) {
    const auto* const blocks = reinterpret_cast<const __m256i*>(at);
    const __m256i marks = _mm256_or_si256(mark_brackets_and_quotes(_mm256_loadu_si256(blocks)),
                                          mark_brackets_and_quotes(_mm256_loadu_si256(blocks + 1)));
    if (_mm256_testz_si256(marks, marks) == 0) break;
    at += 64;
  }
  return at;
}

// The same by thirty-two bytes as count_continuation_bytes() by sixteen; `rounds` is at most 255.
[[gnu::target("avx2")]] std::size_t count_in_blocks(const char* at, std::size_t rounds) {
  const __m256i first_of_others = _mm256_set1_epi8(static_cast<char>(0xC0));
  __m256i sums = _mm256_setzero_si256();
  for (; rounds != 0; --rounds, at += 32) {
    const __m256i block = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
    sums = _mm256_sub_epi8(sums, _mm256_cmpgt_epi8(first_of_others, block));
  }
  const __m256i quarters = _mm256_sad_epu8(sums, _mm256_setzero_si256());
  return static_cast<std::size_t>(_mm256_extract_epi64(quarters, 0)) +
         static_cast<std::size_t>(_mm256_extract_epi64(quarters, 1)) +
         static_cast<std::size_t>(_mm256_extract_epi64(quarters, 2)) +
         static_cast<std::size_t>(_mm256_extract_epi64(quarters, 3));
}

#endif

}  // namespace

template <char one, char other>
const char* bytes::find_control_or_far(const char* at, const char* end) {
  const char* const near = end - at > kNear ? at + kNear : end;
  at = find_control_or<one, other>(at, near);
  if (at != near || at == end) return at;
#if defined(__x86_64__)
  if (kHasAvx2) at = skip_blocks_without_stop<one, other>(at, end);
#endif
  return find_control_or<one, other>(at, end);
}
template const char* bytes::find_control_or_far<'"', '\\'>(const char*, const char*);
template const char* bytes::find_control_or_far<'\x7F', '\x7F'>(const char*, const char*);

// In ASCII a square bracket and the curly one differ in the bit that tells case.
const char* find_bracket_or_quote(const char* at, const char* end) {
  constexpr char kCase = 0x20;
#if defined(__SSE2__)
  for (int blocks = 0; end - at >= 16; ++blocks) {
    if (blocks == 4 && kHasAvx2) at = skip_blocks_of_numbers(at, end);
    if (end - at < 16) break;
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
#if defined(__x86_64__)
  while (kHasAvx2 && left >= 32) {
    const std::size_t rounds = std::min<std::size_t>(left / 32, 255);
    count += count_in_blocks(at, rounds);
    at += rounds * 32;
    left -= rounds * 32;
  }
#endif
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
