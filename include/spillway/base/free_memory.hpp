#pragma once
// The allocator is mimalloc (docs/decisions/0015): many requests are in flight at once, and glibc's
// keeps seven places of a size at hand for a thread, and none above 1 KiB.

namespace spillway::base {

/// What this thread has freed goes back to the system now instead of at some later time. Takes
/// long: for when memory runs short.
void give_free_memory_back();

}  // namespace spillway::base
