#pragma once
// A source file as the tidy rules see it: the text, and views of it in which comments, literals and
// preprocessor lines are blanked, so that a rule on code never trips over a string or a comment.
// Every view has the length and the lines of the text.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::tidy {

struct SourceFile {
  std::string path;      // relative to the root, with '/'
  std::string text;      // as it is on disk
  std::string code;      // without comments, contents of literals, preprocessor lines
  std::string comments;  // nothing but comments
};

struct Finding {
  std::string path;
  std::size_t line = 0;  // from 1; 0: the file as a whole
  std::string rule;
  std::string message;
};

SourceFile make_source_file(std::string path, std::string text);

/// The line (from 1) that holds `offset`.
std::size_t line_of(std::string_view text, std::size_t offset);
std::vector<std::string_view> lines_of(std::string_view text);

bool is_word_char(char c);
/// Offsets of `word` in `code` where it stands as a whole identifier (or path of identifiers).
std::vector<std::size_t> find_word(std::string_view code, std::string_view word);
std::string_view trimmed(std::string_view text);
bool ends_with_word(std::string_view text, std::string_view word);

bool is_header(std::string_view path);
bool is_cpp(std::string_view path);
bool is_under(std::string_view path, std::string_view folder);

}  // namespace spillway::tidy
