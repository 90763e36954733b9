#include <spillway/aoai/stream_error.hpp>
#include <spillway/base/text.hpp>

#include <algorithm>
#include <array>

namespace spillway::aoai {
namespace {

struct Meaning {
  std::string_view word;
  unsigned status;
};

// Codes and types, in lower case and without the underscores, since each is written both ways
// (RateLimitReached, rate_limit_reached).
constexpr std::array kMeanings{
    Meaning{"ratelimitexceeded", 429},
    Meaning{"ratelimitreached", 429},
    Meaning{"ratelimiterror", 429},
    Meaning{"toomanyrequests", 429},
    Meaning{"nocapacity", 429},
    Meaning{"insufficientquota", 429},
    Meaning{"tokens", 429},  // OpenAI's types for its two rate limits
    Meaning{"requests", 429},
    Meaning{"timeout", 408},
    Meaning{"servererror", 500},
    Meaning{"internalerror", 500},
    Meaning{"internalservererror", 500},
    Meaning{"apierror", 500},
    Meaning{"vectorstoretimeout", 500},
    Meaning{"serviceunavailable", 503},
    Meaning{"serveroverloaded", 503},
    Meaning{"engineoverloaded", 503},
    Meaning{"overloadederror", 503},
    Meaning{"slowdown", 503},
    Meaning{"unauthorized", 401},
    Meaning{"invalidapikey", 401},
    Meaning{"authenticationerror", 401},
    Meaning{"permissiondenied", 403},
    Meaning{"permissionerror", 403},
    Meaning{"deploymentnotfound", 404},
    Meaning{"modelnotfound", 404},
    Meaning{"notfounderror", 404},
    Meaning{"contentfilter", 400},
    Meaning{"contentpolicyviolation", 400},
    Meaning{"responsibleaipolicyviolation", 400},
    Meaning{"contextlengthexceeded", 400},
    Meaning{"previousresponsenotfound", 400},
    Meaning{"badrequest", 400},
    Meaning{"biopolicy", 400},
    Meaning{"cyberpolicy", 400},
    Meaning{"dataresidencymismatch", 400},
    Meaning{"emptyimagefile", 400},
    Meaning{"failedtodownloadimage", 400},
    Meaning{"unsupportedimagemediatype", 400},
    Meaning{"unsupportedparameter", 400},
    Meaning{"unsupportedvalue", 400},
};

// Whole families of what the caller has got wrong: invalid_prompt, invalid_image_url,
// image_too_large, …
constexpr std::array<std::string_view, 2> kCallersFamilies{"invalid", "image"};

// 0: says nothing.
unsigned meaning_of(std::string_view word) {
  std::string plain = base::to_lower(word);
  std::erase(plain, '_');
  const auto found = std::find_if(kMeanings.begin(), kMeanings.end(),
                                  [&](const Meaning& meaning) { return meaning.word == plain; });
  if (found != kMeanings.end()) return found->status;
  const bool is_callers = std::any_of(kCallersFamilies.begin(), kCallersFamilies.end(),
                                      [&](auto family) { return plain.starts_with(family); });
  return is_callers ? 400 : 0;
}

// 0: is none.
unsigned error_status(std::string_view text) {
  const auto number = base::parse_unsigned(text);
  return number && *number >= 400 && *number <= 599 ? static_cast<unsigned>(*number) : 0;
}

}  // namespace

unsigned status_of_stream_error(std::string_view status, std::string_view code,
                                std::string_view type) {
  for (const unsigned found :
       {error_status(status), error_status(code), meaning_of(code), meaning_of(type)}) {
    if (found != 0) return found;
  }
  return 500;
}

}  // namespace spillway::aoai
