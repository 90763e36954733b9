#include <spillway/base/descriptor.hpp>

#include <fcntl.h>
#include <unistd.h>

namespace spillway::base {

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this == &other) return *this;
  if (number_ >= 0) ::close(number_);
  number_ = other.release();
  return *this;
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

// Never one of the three standard numbers, which somebody may have left closed.
Descriptor Descriptor::duplicate_of(int number) {
  constexpr int kFirstFree = 3;
  return Descriptor(::fcntl(number, F_DUPFD_CLOEXEC, kFirstFree));
}

}  // namespace spillway::base
