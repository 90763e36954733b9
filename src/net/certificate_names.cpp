#include "certificate_names.hpp"

#include <spillway/base/text.hpp>

#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>

namespace spillway::net {
namespace {

constexpr std::size_t kMaxNames = 100;
constexpr std::size_t kMaxDnsNames = 1000;

void add(std::vector<std::string>& names, const ASN1_STRING* text) {
  if (text == nullptr) return;
  const auto* bytes = reinterpret_cast<const char*>(ASN1_STRING_get0_data(text));
  std::string name(bytes, static_cast<std::size_t>(ASN1_STRING_length(text)));
  // A NUL would make two readers see two names.
  const bool is_clean = std::none_of(name.begin(), name.end(),
                                     [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; });
  if (is_clean && !name.empty()) names.push_back(std::move(name));
}

std::unique_ptr<GENERAL_NAMES, void (*)(GENERAL_NAMES*)> alternative_names_of(
    const X509& certificate) {
  return {static_cast<GENERAL_NAMES*>(
              X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)),
          GENERAL_NAMES_free};
}

void add_alternative_names(std::vector<std::string>& names, const X509& certificate) {
  const auto found = alternative_names_of(certificate);
  for (int i = 0; i < sk_GENERAL_NAME_num(found.get()) && names.size() < kMaxNames; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(found.get(), i);
    if (name->type == GEN_DNS || name->type == GEN_URI || name->type == GEN_EMAIL) {
      add(names, name->d.ia5);
    }
  }
}

void add_common_names(std::vector<std::string>& names, const X509& certificate) {
  const X509_NAME* subject = X509_get_subject_name(&certificate);
  for (int i = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
       i >= 0 && names.size() < kMaxNames;
       i = X509_NAME_get_index_by_NID(subject, NID_commonName, i)) {
    add(names, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, i)));
  }
}

}  // namespace

std::vector<std::string> names_in(const X509& certificate) {
  std::vector<std::string> names;
  add_alternative_names(names, certificate);
  if (names.empty()) add_common_names(names, certificate);
  return names;
}

std::vector<std::string> dns_names_in(const X509& certificate) {
  std::vector<std::string> names;
  const auto found = alternative_names_of(certificate);
  for (int i = 0; i < sk_GENERAL_NAME_num(found.get()) && names.size() < kMaxDnsNames; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(found.get(), i);
    if (name->type == GEN_DNS) add(names, name->d.dNSName);
  }
  for (std::string& name : names) {
    name = base::to_lower(std::string_view(name));
    if (name.ends_with('.')) name.pop_back();
  }
  return names;
}

bool has_ended(const X509& certificate, std::time_t now) {
  return X509_cmp_time(X509_get0_notAfter(&certificate), &now) <= 0;
}

}  // namespace spillway::net
