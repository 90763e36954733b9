#pragma once
// Azure Arc's way to find out whether who asks is privileged on the machine: its first answer names
// a file that only such can read, the second request shows what stands in it (wire reference §7.2).
// The answer names the file, so it is checked that it is one of the agent's.

#include <spillway/base/field.hpp>
#include <spillway/base/result.hpp>
#include <spillway/base/secret.hpp>

#include <filesystem>
#include <string_view>

namespace spillway::identity {

/// Where the agent keeps its keys; another one only in tests.
inline constexpr std::string_view kArcTokenDirectory = "/var/opt/azcmagent/tokens";
inline constexpr std::size_t kMaxArcKeyBytes = 4096;

/// The file of `WWW-Authenticate: Basic realm=FILE`. Errors: Fault::internal where there is none,
/// or it is not `directory`/NAME.key as written, without links or detours.
base::Result<std::filesystem::path> read_arc_challenge(base::FieldView headers,
                                                       const std::filesystem::path& directory);

/// The key in it, fit for a header field. Errors: Fault::internal for a file that cannot be read,
/// is a symbolic link, or holds more or other than a key.
base::Result<base::Secret> read_arc_key(const std::filesystem::path& file);

}  // namespace spillway::identity
