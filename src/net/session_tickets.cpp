#include "session_tickets.hpp"

#include "attached.hpp"
#include "certificate_names.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace spillway::net {
namespace {

struct Tickets {
  std::shared_ptr<TicketKeys> keys;
};

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;
static_assert(Digest().size() <= SSL_MAX_SID_CTX_LENGTH);

bool set_mac_key(EVP_MAC_CTX* mac, const TicketKey& key) {
  auto secret = key.mac_key;  // OpenSSL asks for a pointer to what it may change
  std::array<char, 7> digest{"SHA256"};
  const std::array<OSSL_PARAM, 3> parameters = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, secret.data(), secret.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end()};
  const bool is_set = EVP_MAC_CTX_set_params(mac, parameters.data()) == 1;
  OPENSSL_cleanse(secret.data(), secret.size());
  return is_set;
}

struct Ticket {
  unsigned char* name;
  unsigned char* iv;
  EVP_CIPHER_CTX* cipher;
  EVP_MAC_CTX* mac;
};

int seal(TicketKeys& keys, const Ticket& ticket) {
  const auto key = keys.sealing();
  if (!key || RAND_bytes(ticket.iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1) return -1;
  std::copy(key->name.begin(), key->name.end(), ticket.name);
  const bool is_ready = EVP_EncryptInit_ex2(ticket.cipher, EVP_aes_256_cbc(),
                                            key->cipher_key.data(), ticket.iv, nullptr) == 1;
  return is_ready && set_mac_key(ticket.mac, *key) ? 1 : -1;
}

int open(TicketKeys& keys, const Ticket& ticket) {
  constexpr int unknown = 0;
  constexpr int good = 1;
  constexpr int good_but_renew = 2;
  const std::span<const unsigned char, TicketKey::kNameBytes> name(ticket.name,
                                                                   TicketKey::kNameBytes);
  const auto [key, is_newest] = keys.opening(name);
  if (!key) return unknown;
  const bool is_ready = EVP_DecryptInit_ex2(ticket.cipher, EVP_aes_256_cbc(),
                                            key->cipher_key.data(), ticket.iv, nullptr) == 1;
  if (!is_ready || !set_mac_key(ticket.mac, *key)) return -1;
  return is_newest ? good : good_but_renew;
}

int seal_or_open(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                 EVP_MAC_CTX* mac, int is_sealing) {
  // SNI never changes the context of a connection, so this is the one the tickets are attached to.
  TicketKeys& keys = *Attached<Tickets>::of(ssl)->keys;
  const Ticket ticket{name, iv, cipher, mac};
  return is_sealing == 1 ? seal(keys, ticket) : open(keys, ticket);
}

// OpenSSL looks at a client's certificate in a full handshake only: without this, whoever came in
// once would come in by a ticket after it has ended.
bool is_good_still(SSL_SESSION* session) {
  const X509* certificate = SSL_SESSION_get0_peer(session);
  return certificate == nullptr || !has_ended(*certificate, std::time(nullptr));
}

// A ticket of TLS 1.3 is shown once (RFC 8446 §C.4), so whoever resumes is given the next. Not who
// came with a certificate: a chain of resumptions would never prove its key again.
SSL_TICKET_RETURN judge(SSL* ssl, SSL_SESSION* session, const unsigned char*, std::size_t,
                        SSL_TICKET_STATUS status, void*) {
  const bool is_opened = status == SSL_TICKET_SUCCESS || status == SSL_TICKET_SUCCESS_RENEW;
  if (!is_opened || session == nullptr || !is_good_still(session)) {
    return SSL_TICKET_RETURN_IGNORE_RENEW;
  }
  const bool is_due = status == SSL_TICKET_SUCCESS_RENEW || SSL_version(ssl) >= TLS1_3_VERSION;
  const bool is_renewed = is_due && SSL_SESSION_get0_peer(session) == nullptr;
  return is_renewed ? SSL_TICKET_RETURN_USE_RENEW : SSL_TICKET_RETURN_USE;
}

// Of the authorities as they were loaded, not of their file, which may be another by now.
std::optional<Digest> digest_of_authorities(const SSL_CTX* context) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> digest(EVP_MD_CTX_new(),
                                                                  EVP_MD_CTX_free);
  constexpr std::string_view label = "spillway sessions 1";
  bool is_fine = digest && EVP_DigestInit_ex2(digest.get(), EVP_sha256(), nullptr) == 1 &&
                 EVP_DigestUpdate(digest.get(), label.data(), label.size()) == 1;
  const auto* objects = X509_STORE_get0_objects(SSL_CTX_get_cert_store(context));
  for (int i = 0; is_fine && i < sk_X509_OBJECT_num(objects); ++i) {
    const X509* authority = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
    if (authority == nullptr) continue;
    Digest one{};
    is_fine = X509_digest(authority, EVP_sha256(), one.data(), nullptr) == 1 &&
              EVP_DigestUpdate(digest.get(), one.data(), one.size()) == 1;
  }
  Digest all{};
  if (!is_fine || EVP_DigestFinal_ex(digest.get(), all.data(), nullptr) != 1) return std::nullopt;
  return all;
}

}  // namespace

bool offer_tickets(SSL_CTX* context, std::shared_ptr<TicketKeys> keys) {
  // Nothing is kept for callers: tickets are, by themselves.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  if (!keys) {
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    return SSL_CTX_set_num_tickets(context, 0) == 1;
  }
  const auto sessions = digest_of_authorities(context);
  if (!sessions || SSL_CTX_set_session_id_context(context, sessions->data(),
                                                  static_cast<unsigned>(sessions->size())) != 1) {
    return false;
  }
  auto tickets = std::make_unique<Tickets>();
  tickets->keys = std::move(keys);
  if (!Attached<Tickets>::attach(context, std::move(tickets))) return false;
  // One for each connection, as Go's servers do: a second is one more write for each handshake, and
  // a client that resumes is given the next one.
  if (SSL_CTX_set_num_tickets(context, 1) != 1) return false;
  SSL_CTX_set_timeout(context, static_cast<long>(TicketKeys::kTicketLifetime.count()));
  return SSL_CTX_set_tlsext_ticket_key_evp_cb(context, seal_or_open) == 1 &&
         SSL_CTX_set_session_ticket_cb(context, nullptr, judge, nullptr) == 1;
}

}  // namespace spillway::net
