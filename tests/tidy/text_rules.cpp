#include "rules.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <string>
#include <string_view>

namespace spillway::tidy {
namespace {

constexpr std::size_t kMaxColumns = 100;
constexpr std::size_t kMaxLines = 400;
constexpr std::size_t kMaxTestLines = 800;

constexpr std::array<std::string_view, 8> kEmptyWords{"manager", "managers", "helper",   "helpers",
                                                      "util",    "utils",    "handler2", "misc"};
constexpr std::array<std::string_view, 8> kEmptyTypeEnds{"Manager", "Helper", "Helpers",  "Util",
                                                         "Utils",   "Info",   "Handler2", "Data"};

struct Ban {
  std::string_view word;
  std::string_view allowed_in;  // blank-separated path prefixes
  std::string_view instead;
};

constexpr std::array kBans{
    Ban{"awaitable_operators", "", "await one thing at a time; cancel by closing the stream"},
    Ban{"parallel_group", "", "use net::TaskGroup"},
    Ban{"make_parallel_group", "", "use net::TaskGroup"},
    Ban{"cancellation_signal", "", "cancel by closing the stream"},
    Ban{"beast::tcp_stream", "src/simulator", "use net::Stream and net::Deadline"},
    Ban{"asio::detached", "", "it loses exceptions: use net::TaskGroup"},
    Ban{"co_spawn",
        "src/net/task_group include/spillway/net/task_group src/net/read_ahead src/simulator "
        "tests/",
        "use net::TaskGroup"},
    Ban{"http::async_read", "src/simulator tests/", "use http::MessageReader"},
    Ban{"http::async_read_header", "src/simulator tests/", "use http::MessageReader"},
    Ban{"http::async_write", "src/simulator tests/", "use http::MessageWriter"},
    Ban{"std::cout", "src/daemon src/simulator tests/", "log, or return the text to the caller"},
    Ban{"printf", "src/daemon src/simulator tests/", "log, or return the text to the caller"},
    Ban{"sleep_for", "", "wait for the event itself; time is an argument"},
    Ban{"sleep_until", "", "wait for the event itself; time is an argument"},
    Ban{"usleep", "", "wait for the event itself; time is an argument"},
    Ban{"Result<bool>", "", "co_return of a named one asks has_value(): use an enum"},
    Ban{"std::regex", "", "it recurses once a character: parse by hand"},
    Ban{"rand", "src/net/session_tickets src/net/ticket_keys",
        "use base::Random; for secrets openssl/rand.h, in a file that is named here"},
    Ban{"strtok", "", "use base/text.hpp"},
};

bool is_allowed_in(std::string_view path, std::string_view prefixes) {
  while (!prefixes.empty()) {
    const auto end = prefixes.find(' ');
    const auto prefix = prefixes.substr(0, end);
    if (!prefix.empty() && path.starts_with(prefix)) {
      return true;
    }
    prefixes = end == std::string_view::npos ? std::string_view() : prefixes.substr(end + 1);
  }
  return false;
}

/// UTF-8 continuation bytes take no column.
std::size_t columns_of(std::string_view line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string_view file_name_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool has_empty_word(std::string_view name) {
  const auto stem = name.substr(0, name.find('.'));
  for (std::size_t start = 0; start <= stem.size();) {
    const auto end = std::min(stem.find_first_of("_-", start), stem.size());
    const auto word = stem.substr(start, end - start);
    if (std::find(kEmptyWords.begin(), kEmptyWords.end(), word) != kEmptyWords.end()) {
      return true;
    }
    start = end + 1;
  }
  return false;
}

std::string_view word_after(std::string_view code, std::size_t at) {
  const auto start = std::min(code.find_first_not_of(" \t\n", at), code.size());
  auto end = start;
  while (end < code.size() && is_word_char(code[end])) {
    ++end;
  }
  return code.substr(start, end - start);
}

std::string_view last_word_of(std::string_view code) {
  const auto colon = code.rfind(':');
  return trimmed(colon == std::string_view::npos ? code : code.substr(colon + 1));
}

void check_type_names(const SourceFile& file, Findings& findings) {
  for (const std::string_view keyword : {"class", "struct", "using"}) {
    for (const auto at : find_word(file.code, keyword)) {
      const auto name = word_after(file.code, at + keyword.size());
      const bool is_empty =
          std::any_of(kEmptyTypeEnds.begin(), kEmptyTypeEnds.end(),
                      [&](std::string_view ending) { return name.ends_with(ending); });
      if (is_empty) {
        findings.push_back({file.path, line_of(file.code, at), "name",
                            "'" + std::string(name) + "' says nothing: name what it is or does"});
      }
    }
  }
}

}  // namespace

Findings check_lengths(const SourceFile& file) {
  Findings findings;
  const auto lines = lines_of(file.text);
  const auto limit = is_under(file.path, "tests") ? kMaxTestLines : kMaxLines;
  if (is_cpp(file.path) && lines.size() > limit) {
    findings.push_back({file.path, 0, "file",
                        std::to_string(lines.size()) + " lines, at most " + std::to_string(limit) +
                            ": split it along its questions"});
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (columns_of(lines[i]) > kMaxColumns) {
      findings.push_back({file.path, i + 1, "line",
                          std::to_string(columns_of(lines[i])) + " columns, at most 100"});
    }
  }
  return findings;
}

Findings check_names(const SourceFile& file) {
  Findings findings;
  const auto name = file_name_of(file.path);
  if (has_empty_word(name)) {
    findings.push_back({file.path, 0, "name",
                        "file name '" + std::string(name) + "' says nothing: name its question"});
  }
  check_type_names(file, findings);
  return findings;
}

Findings check_banned(const SourceFile& file) {
  Findings findings;
  for (const auto& ban : kBans) {
    if (is_allowed_in(file.path, ban.allowed_in)) {
      continue;
    }
    for (const auto at : find_word(file.code, ban.word)) {
      findings.push_back({file.path, line_of(file.code, at), "banned",
                          std::string(ban.word) + ": " + std::string(ban.instead)});
    }
    // awaitable_operators and parallel_group are headers as well, which `code` does not show.
    std::size_t number = 0;
    for (const auto line : lines_of(file.text)) {
      ++number;
      if (line.starts_with("#include") && !find_word(line, ban.word).empty()) {
        findings.push_back(
            {file.path, number, "banned", std::string(ban.word) + ": " + std::string(ban.instead)});
      }
    }
  }
  return findings;
}

Findings check_header(const SourceFile& file) {
  if (!is_header(file.path)) {
    return {};
  }
  Findings findings;
  if (!file.text.starts_with("#pragma once\n// ")) {
    findings.push_back({file.path, 1, "header",
                        "begin with #pragma once and one to four sentences of what this is"});
  }
  // Headers of tests reach that test only.
  for (const auto at : find_word(file.code, "using")) {
    if (!is_under(file.path, "tests") && word_after(file.code, at + 5) == "namespace") {
      findings.push_back({file.path, line_of(file.code, at), "header",
                          "no using namespace in a header: it reaches every includer"});
    }
  }
  return findings;
}

// clang-tidy's own check looks only at a file that it was called for, and it is called for unities.
Findings check_using(const SourceFile& file) {
  if (is_header(file.path)) {
    return {};
  }
  Findings findings;
  for (const auto at : find_word(file.code, "using")) {
    const auto end = std::min(file.code.find_first_of(";=", at), file.code.size());
    const auto name = last_word_of(std::string_view(file.code).substr(at, end - at));
    const bool is_declaration = end < file.code.size() && file.code[end] == ';' &&
                                word_after(file.code, at + 5) != "namespace";
    if (is_declaration && find_word(file.code, name).size() == 1) {
      findings.push_back({file.path, line_of(file.code, at), "using",
                          "nothing uses " + std::string(name) + ": remove the line"});
    }
  }
  return findings;
}

Findings check_todo(const SourceFile& file) {
  Findings findings;
  for (const std::string_view word : {"TODO", "FIXME", "XXX"}) {
    for (const auto at : find_word(file.comments, word)) {
      const auto line = file.comments.substr(at, file.comments.find('\n', at) - at);
      const auto hash = line.find('#');
      if (hash == std::string::npos || hash + 1 == line.size() ||
          std::isdigit(static_cast<unsigned char>(line[hash + 1])) == 0) {
        findings.push_back({file.path, line_of(file.comments, at), "todo",
                            std::string(word) + " without an issue: write the issue's #number"});
      }
    }
  }
  return findings;
}

Findings check_file(const SourceFile& file) {
  Findings all;
  for (const auto rule : {check_layers, check_lengths, check_functions, check_names, check_banned,
                          check_co_await, check_header, check_using, check_todo}) {
    auto findings = rule(file);
    all.insert(all.end(), std::make_move_iterator(findings.begin()),
               std::make_move_iterator(findings.end()));
  }
  return all;
}

}  // namespace spillway::tidy
