#pragma once
// A deleter made of the function that frees, for what OpenSSL hands out in tests.

namespace spillway::test {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};

}  // namespace spillway::test
