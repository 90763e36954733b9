#pragma once
// Strings of a few KiB that are gone again at once, such as a head on its way out. malloc is dear
// at these sizes (it keeps nothing above 1 KiB at hand for a thread), so each thread keeps some
// strings with their memory, at most 256 KiB.

#include <string>

namespace spillway::base {

/// Empty, with room for 4 KiB.
std::string take_spare_text();
/// Its memory may serve the next take_spare_text() of this thread. Whoever had a secret in it has
/// wiped it before.
void give_back(std::string text);

}  // namespace spillway::base
