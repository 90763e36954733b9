#pragma once
// An object that lives as long as the SSL_CTX it is attached to, and so as every connection made
// with it: what OpenSSL's callbacks work on.

#include <openssl/ssl.h>

#include <memory>

namespace spillway::net {

template <class T>
class Attached {
 public:
  /// False: out of memory.
  static bool attach(SSL_CTX* context, std::unique_ptr<T> object) {
    if (SSL_CTX_set_ex_data(context, index(), object.get()) != 1) return false;
    static_cast<void>(object.release());
    return true;
  }
  /// Null: none was attached.
  static T* of(const SSL* ssl) { return of(SSL_get_SSL_CTX(ssl)); }
  static T* of(const SSL_CTX* context) {
    return static_cast<T*>(SSL_CTX_get_ex_data(context, index()));
  }

 private:
  static int index() {
    static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free);
    return index;
  }
  static void free(void*, void* object, CRYPTO_EX_DATA*, int, long, void*) {
    delete static_cast<T*>(object);
  }
};

}  // namespace spillway::net
