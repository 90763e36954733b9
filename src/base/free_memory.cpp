#include <spillway/base/free_memory.hpp>

#if defined(SPILLWAY_HAS_MIMALLOC)
#include <mimalloc.h>
#endif

namespace spillway::base {

#if defined(SPILLWAY_HAS_MIMALLOC)

// mimalloc notes what is free in a segment that is in use, and gives it back when more of the
// segment is freed after the delay; mi_collect() does not. Without a delay nothing is noted first.
void keep_free_memory(bool may_keep) {
  static const long usual_delay = mi_option_get(mi_option_decommit_delay);
  mi_option_set(mi_option_decommit_delay, may_keep ? usual_delay : 0);
}

void give_free_memory_back() {
  mi_collect(true);
}

#else

// A sanitizer's allocator has nothing to be told. (malloc_trim() is of glibc's, which is not in use
// then: two threads that call it at once find it half made, and crash.)
void keep_free_memory(bool /*may_keep*/) {}

void give_free_memory_back() {}

#endif

}  // namespace spillway::base
