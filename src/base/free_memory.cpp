#include <spillway/base/free_memory.hpp>

#if defined(SPILLWAY_HAS_MIMALLOC)
#include <mimalloc.h>
#elif defined(__GLIBC__)
#include <malloc.h>
#endif

namespace spillway::base {

void give_free_memory_back() {
#if defined(SPILLWAY_HAS_MIMALLOC)
  mi_collect(true);
#elif defined(__GLIBC__)
  malloc_trim(0);
#endif
}

}  // namespace spillway::base
