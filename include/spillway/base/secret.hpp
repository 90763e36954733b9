#pragma once
// A secret text: no stream or format operator, wiped on destruction, compared in constant time.
// Whoever needs the characters says so by calling reveal().

#include <string>
#include <string_view>

namespace spillway::base {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  [[nodiscard]] std::string_view reveal() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }

 private:
  void wipe();
  std::string text_;
};

/// Takes the same time wherever the texts differ; the lengths are not hidden.
bool equal_in_constant_time(std::string_view a, std::string_view b);

/// Overwrites the characters so that the compiler cannot leave it out, then clears.
void wipe(std::string& text);

}  // namespace spillway::base
