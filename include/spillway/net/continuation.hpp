#pragma once
// What goes on when a wait is over: any callable without arguments, moved and never copied, kept in
// place. std::function would copy, and take memory for a coroutine's handler at every wait.

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace spillway::net {

class Continuation {
 public:
  /// A callable larger than this does not compile.
  static constexpr std::size_t kMostBytes = 24;

  Continuation() = default;
  template <class Callable>
  requires(!std::is_same_v<std::remove_cvref_t<Callable>, Continuation>)
      Continuation(Callable&& callable) {  // NOLINT(*-explicit-*): as std::function
    using Kept = std::remove_cvref_t<Callable>;
    static_assert(sizeof(Kept) <= kMostBytes && alignof(Kept) <= alignof(void*));
    static_assert(std::is_nothrow_move_constructible_v<Kept>);
    ::new (static_cast<void*>(bytes_)) Kept(std::forward<Callable>(callable));
    kind_ = &kKind<Kept>;
  }
  Continuation(Continuation&& other) noexcept { take(other); }
  Continuation& operator=(Continuation&& other) noexcept {
    if (this == &other) return *this;
    clear();
    take(other);
    return *this;
  }
  Continuation(const Continuation&) = delete;
  Continuation& operator=(const Continuation&) = delete;
  ~Continuation() { clear(); }

  explicit operator bool() const { return kind_ != nullptr; }
  /// There must be one.
  void operator()() { kind_->run(bytes_); }

 private:
  struct Kind {
    void (*run)(void*);
    void (*move)(void* from, void* to) noexcept;  // leaves nothing behind
    void (*destroy)(void*) noexcept;
  };
  template <class Kept>
  static constexpr Kind kKind = {[](void* kept) { (*static_cast<Kept*>(kept))(); },
                                 [](void* from, void* to) noexcept {
                                   auto* kept = static_cast<Kept*>(from);
                                   ::new (to) Kept(std::move(*kept));
                                   kept->~Kept();
                                 },
                                 [](void* kept) noexcept { static_cast<Kept*>(kept)->~Kept(); }};

  void take(Continuation& other) noexcept {
    kind_ = std::exchange(other.kind_, nullptr);
    if (kind_ != nullptr) kind_->move(other.bytes_, bytes_);
  }
  void clear() noexcept {
    if (kind_ != nullptr) std::exchange(kind_, nullptr)->destroy(bytes_);
  }

  const Kind* kind_ = nullptr;
  alignas(void*) std::byte bytes_[kMostBytes];
};

}  // namespace spillway::net
