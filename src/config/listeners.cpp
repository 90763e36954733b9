// `listeners` and `admin`: where the gateway can be reached.

#include "scalars.hpp"
#include "sections.hpp"

#include <algorithm>

namespace spillway::config {
namespace {

constexpr std::size_t kLeastTokenLength = 16;
constexpr std::size_t kMostTokenLength = 1024;

std::optional<Address> read_address(Section& section) {
  const auto value = section.require("address", "write host:port, such as 0.0.0.0:8080");
  if (!value) return std::nullopt;
  const auto text = section.reading().text(*value, "an address such as 0.0.0.0:8080");
  if (!text) return std::nullopt;
  auto address = parse_address(*text);
  if (address) return *address;
  section.reading().report(*value, show(*value) + " " + address.message());
  return std::nullopt;
}

void read_certificate(Section& tls, CertificateFiles& out) {
  tls.require("certificate_file", "write the path of a PEM file with the certificate chain");
  tls.file("certificate_file", out.certificate_file);
  tls.require("private_key_file", "write the path of a PEM file with the certificate's key");
  tls.file("private_key_file", out.private_key_file);
}

void read_listener_tls(Section& listener, std::optional<ListenerTls>& out) {
  const auto value = listener.find("tls");
  if (!value) return;
  Section tls(listener.reading(), *value, "a map with certificate_file and private_key_file");
  out.emplace();
  read_certificate(tls, out->certificate);
  read_each(tls, "certificates", [&](Section& section) {
    read_certificate(section, out->certificates.emplace_back());
    section.finish();
  });
  if (tls.find("client_ca_file")) tls.file("client_ca_file", out->client_ca_file.emplace());
  read_min_version(tls, out->min_version);
  tls.finish();
}

// Its text is shown in no message.
std::optional<base::Secret> read_admin_token(Section& admin) {
  const auto value = admin.find("token");
  if (!value) return std::nullopt;
  auto text = admin.reading().text(*value, "a text");
  if (!text) return std::nullopt;
  if (is_visible(*text) && text->size() >= kLeastTokenLength && text->size() <= kMostTokenLength) {
    return base::Secret(std::move(*text));
  }
  admin.reading().report(*value,
                         "is not a token; allowed: 16 to 1024 visible ASCII characters without "
                         "blanks, such as openssl rand -hex 32 gives");
  base::wipe(*text);
  return std::nullopt;
}

bool is_taken(const std::vector<Listener>& listeners, const Address& address) {
  return address.port != 0 && std::any_of(listeners.begin(), listeners.end(),
                                          [&](const auto& l) { return l.address == address; });
}

}  // namespace

void read_min_version(Section& tls, TlsVersion& out) {
  tls.choice<TlsVersion>("min_version", out,
                         {{"1.2", TlsVersion::tls_1_2}, {"1.3", TlsVersion::tls_1_3}});
}

void read_listeners(Section& root, std::vector<Listener>& out) {
  root.require("listeners", "write at least one, such as listeners: [ { address: 0.0.0.0:8080 } ]");
  read_each(root, "listeners", [&](Section& section) {
    Listener listener;
    if (const auto address = read_address(section)) {
      listener.address = *address;
      if (is_taken(out, listener.address)) {
        const Value where = section.place_of("address");
        section.reading().report(where, show(where) + " is already the address of a listener");
      }
    }
    read_listener_tls(section, listener.tls);
    section.finish();
    out.push_back(std::move(listener));
  });
}

void read_admin(Section& root, const std::vector<Listener>& listeners, std::optional<Admin>& out) {
  const auto value = root.find("admin");
  if (!value) return;
  Reading& reading = root.reading();
  Section admin(reading, *value, "a map with address");
  const auto address = read_address(admin);
  if (address) out.emplace().address = *address;
  if (address && is_taken(listeners, *address)) {
    const Value where = admin.place_of("address");
    reading.report(where, show(where) + " is already the address of a listener");
  }
  const auto token = read_admin_token(admin);
  if (out && token) out->token = *token;
  if (address && !admin.find("token") && !is_loopback(address->host)) {
    const Value where = admin.place_of("address");
    reading.report(where, show(where) +
                              " is open to other machines, and the admin port shows what the "
                              "gateway knows; use 127.0.0.1, or set admin.token");
  }
  admin.finish();
}

}  // namespace spillway::config
