#pragma once
// For objects that come and go with each request and are larger than what malloc keeps at hand for
// a thread (1 KiB): each thread keeps some of their memory for the next. Heap memory all the same:
// where a sanitizer looks for its misuse, it is allocated and freed each time.
//
//   class Attempt : public base::Recycled<Attempt> { … };    std::make_unique<Attempt>(…)

#include <array>
#include <cstddef>
#include <new>

namespace spillway::base {

#if defined(__has_feature)  // clang
#define SPILLWAY_HAS_FEATURE(name) __has_feature(name)
#else
#define SPILLWAY_HAS_FEATURE(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || SPILLWAY_HAS_FEATURE(address_sanitizer)
inline constexpr bool kIsMisuseLookedFor = true;
#else
inline constexpr bool kIsMisuseLookedFor = false;
#endif
#undef SPILLWAY_HAS_FEATURE

template <class T>
class Recycled {
 public:
  /// Any thread may delete what another one made.
  static void* operator new(std::size_t size) {
    Shelf& shelf = shelf_of_this_thread();
    const bool is_there = size == sizeof(T) && shelf.count != 0;
    return is_there ? shelf.places[--shelf.count] : ::operator new(size);
  }
  static void operator delete(void* place, std::size_t size) {
    Shelf& shelf = shelf_of_this_thread();
    if (size != sizeof(T) || shelf.count == kMostKept) return ::operator delete(place, size);
    shelf.places[shelf.count++] = place;
  }

 private:
  friend T;
  Recycled() = default;

  static constexpr std::size_t kMostKept = kIsMisuseLookedFor ? 0 : 128;

  struct Shelf {
    Shelf() = default;
    Shelf(const Shelf&) = delete;
    Shelf& operator=(const Shelf&) = delete;
    ~Shelf() {
      while (count != 0)
        ::operator delete(places[--count], sizeof(T));
    }

    std::array<void*, kMostKept == 0 ? 1 : kMostKept> places{};
    std::size_t count = 0;
  };

  static Shelf& shelf_of_this_thread() {
    static thread_local Shelf shelf;
    return shelf;
  }
};

}  // namespace spillway::base
