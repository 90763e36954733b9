#pragma once
// A small file with a secret in it (a token, a key), read whole in one go. Blocks; for the control
// thread.

#include <spillway/base/result.hpp>
#include <spillway/base/secret.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace spillway::identity {

enum class Links : std::uint8_t { followed, refused };

/// The content of a regular file of at most `most` bytes. `links`: whether the file itself may be a
/// symbolic link, as those of projected Kubernetes volumes are. Errors: Fault::internal, naming the
/// file and what keeps it from being read; never anything of its content.
base::Result<base::Secret> read_small_file(const std::string& path, std::size_t most, Links links);

/// Without blanks and line ends around it; nothing if what is left is empty or could not stand in a
/// header field: visible ASCII without blanks.
base::Secret trimmed_visible(const base::Secret& text);

}  // namespace spillway::identity
