#pragma once
// Session tickets of a listener: how OpenSSL comes to our TicketKeys, and when a session is good
// for another connection.

#include <spillway/net/ticket_keys.hpp>

#include <openssl/ssl.h>

#include <memory>

namespace spillway::net {

/// To be called when the authorities for client certificates are loaded: a session is resumed only
/// where the same ones, or none, are asked for. Without `keys` there are no tickets.
bool offer_tickets(SSL_CTX* context, std::shared_ptr<TicketKeys> keys);

}  // namespace spillway::net
