#pragma once
// The project's rules that no compiler checks, one function each (docs/testing.md). A rule looks at
// one file and says what is wrong and what to do instead; exceptions stand in allow_list.txt.

#include "source_file.hpp"

#include <vector>

namespace spillway::tidy {

using Findings = std::vector<Finding>;

/// layers: who may include whom (docs/architecture.md), and what pure modules and headers never
/// include.
Findings check_layers(const SourceFile& file);
/// line, file: 100 columns; 400 lines, tests 800.
Findings check_lengths(const SourceFile& file);
/// function, parameters, nesting: 70 lines, 6 parameters, 4 levels.
Findings check_functions(const SourceFile& file);
/// name: words that say nothing, in file and type names.
Findings check_names(const SourceFile& file);
/// banned: calls with their replacement.
Findings check_banned(const SourceFile& file);
/// co_await: forms that GCC 12 miscompiles (docs/toolchain-notes.md).
Findings check_co_await(const SourceFile& file);
/// header: #pragma once and an opening comment; no using namespace.
Findings check_header(const SourceFile& file);
/// using: a name brought into a .cpp that nothing there uses.
Findings check_using(const SourceFile& file);
/// todo: an open end needs an issue.
Findings check_todo(const SourceFile& file);

/// All of the above.
Findings check_file(const SourceFile& file);

}  // namespace spillway::tidy
