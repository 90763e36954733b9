#pragma once
// Plays bytes to a MessageReader on a memory stream and writes down what it made of them, so that
// two ways of delivering the same bytes can be compared as texts.

#include "support/memory_stream.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace spillway::http {

/// Scripts the input of a stream before the reading begins.
using Script = std::function<void(support::BytePipe&)>;

/// Everything at once and then a clean close; cut in two at an offset; in steps of so many bytes.
Script all_at_once(std::string bytes);
Script cut_at(std::string bytes, std::size_t offset);
Script in_steps(std::string bytes, std::size_t step);

/// One line for each request, "POST /x 1.1 {body}\n", until the reader fails: "client_gone closed
/// between requests\n" or, refused, "bad_request 400\n" (rules are not part of it).
std::string request_transcript(const Script& script);

/// The same for the answers to requests with these methods: "200 {body}\n", the buffered rest at
/// last.
std::string response_transcript(const Script& script, std::vector<std::string> methods);

}  // namespace spillway::http
