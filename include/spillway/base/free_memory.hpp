#pragma once
// What becomes of memory that was freed. The allocator is mimalloc (docs/decisions/0015): many
// requests are in flight at once, and glibc's keeps seven places of a size at hand for a thread,
// and none above 1 KiB.

namespace spillway::base {

/// Whether the allocator may keep what is freed from here on for what is wanted next (as from the
/// start), or is to give it back to the system: for when memory runs short. Any thread, for all.
void keep_free_memory(bool may_keep);
/// Gives back what this thread has to spare already.
void give_free_memory_back();

}  // namespace spillway::base
