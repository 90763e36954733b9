#include "source_file.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace spillway::tidy {
namespace {

/// Copies characters of the text into the views, blanking where a view does not show them.
class Splitter {
 public:
  explicit Splitter(SourceFile& file) : file_(file), text_(file.text) {
    file_.code.assign(text_.size(), ' ');
    file_.comments.assign(text_.size(), ' ');
  }

  void run() {
    while (at_ < text_.size()) {
      step();
    }
    for (std::size_t i = 0; i < text_.size(); ++i) {
      if (text_[i] == '\n') {
        file_.code[i] = file_.comments[i] = '\n';
      }
    }
  }

 private:
  [[nodiscard]] bool sees(std::string_view what) const {
    return text_.compare(at_, what.size(), what) == 0;
  }
  void take_code() {
    file_.code[at_] = text_[at_];
    ++at_;
  }

  void step() {
    if (sees("//")) {
      take_comment(text_.find('\n', at_));
    } else if (sees("/*")) {
      const auto end = text_.find("*/", at_ + 2);
      take_comment(end == std::string::npos ? end : end + 2);
    } else if (text_[at_] == '#' && is_first_of_line()) {
      skip_directive();
    } else if (sees("R\"") && !(at_ > 0 && is_word_char(text_[at_ - 1]))) {
      skip_raw_string();
    } else if (text_[at_] == '"') {
      skip_literal('"');
    } else if (text_[at_] == '\'' && !(at_ > 0 && std::isxdigit(byte_at(at_ - 1)) != 0)) {
      skip_literal('\'');
    } else {
      take_code();
    }
  }

  [[nodiscard]] unsigned char byte_at(std::size_t i) const {
    return static_cast<unsigned char>(text_[i]);
  }
  [[nodiscard]] bool is_first_of_line() const {
    const auto start = at_ == 0 ? 0 : text_.rfind('\n', at_ - 1) + 1;
    return trimmed(std::string_view(text_).substr(start, at_ - start)).empty();
  }

  void take_comment(std::size_t end) {
    end = std::min(end, text_.size());
    for (; at_ < end; ++at_) {
      file_.comments[at_] = text_[at_];
    }
  }

  void skip_directive() {
    while (at_ < text_.size() && text_[at_] != '\n') {
      if (sees("//")) {
        return;  // the comment behind it is a comment still
      }
      at_ += sees("\\\n") ? 2 : 1;
    }
    at_ = std::min(at_, text_.size());
  }

  void skip_raw_string() {
    const auto open = text_.find('(', at_);
    if (open == std::string::npos) {
      at_ = text_.size();
      return;
    }
    const std::string close = ")" + text_.substr(at_ + 2, open - at_ - 2) + "\"";
    const auto end = text_.find(close, open);
    file_.code[at_] = '"';
    at_ = end == std::string::npos ? text_.size() : end + close.size();
    file_.code[at_ - 1] = '"';
  }

  void skip_literal(char quote) {
    take_code();
    while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n') {
      at_ += text_[at_] == '\\' ? 2 : 1;
    }
    at_ = std::min(at_, text_.size());
    if (at_ < text_.size()) {
      take_code();
    }
  }

  SourceFile& file_;
  const std::string& text_;
  std::size_t at_ = 0;
};

}  // namespace

SourceFile make_source_file(std::string path, std::string text) {
  SourceFile file;
  file.path = std::move(path);
  file.text = std::move(text);
  if (is_cpp(file.path)) {
    Splitter(file).run();
  }
  return file;
}

std::size_t line_of(std::string_view text, std::size_t offset) {
  const auto head = text.substr(0, offset);
  return 1 + static_cast<std::size_t>(std::count(head.begin(), head.end(), '\n'));
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return lines;
}

bool is_word_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

std::vector<std::size_t> find_word(std::string_view code, std::string_view word) {
  std::vector<std::size_t> found;
  for (auto at = code.find(word); at != std::string_view::npos; at = code.find(word, at + 1)) {
    const auto end = at + word.size();
    const bool opens = at == 0 || !is_word_char(code[at - 1]) || !is_word_char(word.front());
    const bool closes =
        end == code.size() || !is_word_char(code[end]) || !is_word_char(word.back());
    if (opens && closes) {
      found.push_back(at);
    }
  }
  return found;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool ends_with_word(std::string_view text, std::string_view word) {
  text = trimmed(text);
  return text.ends_with(word) &&
         (text.size() == word.size() || !is_word_char(text[text.size() - word.size() - 1]));
}

bool is_header(std::string_view path) {
  return path.ends_with(".hpp");
}
bool is_cpp(std::string_view path) {
  return is_header(path) || path.ends_with(".cpp");
}
bool is_under(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/';
}

}  // namespace spillway::tidy
