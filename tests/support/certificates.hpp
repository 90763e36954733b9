#pragma once
// Certificates for tests: a certificate authority and a server certificate signed by it, as PEM
// files in a directory that goes away with the object.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace spillway::test {

/// A new directory under the system's temporary one, removed with everything in it at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// What may be wrong, or special, about the server's and the client's certificates.
struct CertificateKind {
  enum class Key : std::uint8_t { ec, rsa, weak_rsa } key = Key::ec;
  enum class Validity : std::uint8_t { current, over } validity = Validity::current;
  enum class Signer : std::uint8_t { authority, itself } signer = Signer::authority;
};

class Certificates {
 public:
  /// Valid from an hour ago for a day, for each of `names`: DNS names or IP addresses. Throws
  /// std::runtime_error.
  explicit Certificates(const std::vector<std::string>& names = {"localhost", "127.0.0.1"},
                        const CertificateKind& kind = {});

  /// What a client must trust.
  [[nodiscard]] std::string ca_file() const { return file("ca.pem"); }
  [[nodiscard]] std::string certificate_file() const { return file("server.pem"); }
  [[nodiscard]] std::string private_key_file() const { return file("server.key"); }
  /// For a client that has to show who it is; signed by the same authority.
  [[nodiscard]] std::string client_certificate_file() const { return file("client.pem"); }
  [[nodiscard]] std::string client_key_file() const { return file("client.key"); }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_.path(); }

 private:
  [[nodiscard]] std::string file(const char* name) const {
    return (directory_.path() / name).string();
  }

  TemporaryDirectory directory_;
};

}  // namespace spillway::test
