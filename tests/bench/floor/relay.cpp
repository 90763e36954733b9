#include "bench/floor/relay.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace spillway::bench {

UpstreamPool::UpstreamPool(Poller& poller, std::vector<std::uint16_t> ports, TlsContext tls)
    : poller_(poller), ports_(std::move(ports)), tls_(std::move(tls)) {}

Upstream* UpstreamPool::take() {
  if (!idle_.empty()) {
    Upstream* upstream = idle_.back();
    idle_.pop_back();
    return upstream;
  }
  const int descriptor = connect_to_loopback(ports_[turn_++ % ports_.size()]);
  if (descriptor < 0) return nullptr;
  auto upstream =
      std::make_unique<Upstream>(poller_, Conduit(descriptor, tls_, Conduit::Role::client), *this);
  return static_cast<Upstream*>(&poller_.adopt(std::move(upstream)));
}

void UpstreamPool::forget(Upstream& upstream) {
  idle_.erase(std::remove(idle_.begin(), idle_.end(), &upstream), idle_.end());
}

Downstream::Downstream(Poller& poller, Conduit conduit, UpstreamPool& pool)
    : Channel(poller, std::move(conduit)), pool_(pool) {}

void Downstream::on_bytes(std::string_view bytes) {
  if (upstream_ == nullptr) {
    upstream_ = pool_.take();
    if (upstream_ == nullptr) return close();
    upstream_->serve(*this);
  }
  std::string_view rest = bytes;
  request_.skip(rest);
  upstream_->send(bytes, Bytes::passing);
  if (upstream_->has_backlog()) pause_reading();
}

void Downstream::on_answer_over() {
  upstream_ = nullptr;
  request_.restart();
}

void Downstream::on_upstream_lost() {
  upstream_ = nullptr;
  close();
}

void Downstream::on_end() {
  if (upstream_ != nullptr) upstream_->abandon();
  close();
}

void Downstream::on_drained() {
  if (upstream_ != nullptr) upstream_->resume_reading();
}

Upstream::Upstream(Poller& poller, Conduit conduit, UpstreamPool& pool)
    : Channel(poller, std::move(conduit)), pool_(pool) {}

void Upstream::on_bytes(std::string_view bytes) {
  if (downstream_ == nullptr) return on_end();  // nobody asked
  std::string_view rest = bytes;
  answer_.skip(rest);
  Downstream& downstream = *downstream_;
  const bool is_over = answer_.is_whole();
  if (is_over) {
    downstream_ = nullptr;
    answer_.restart();
    downstream.on_answer_over();
    pool_.give_back(*this);
  }
  downstream.send(bytes, Bytes::passing);
  if (!is_over && downstream.has_backlog()) pause_reading();
}

void Upstream::on_end() {
  pool_.forget(*this);
  if (downstream_ != nullptr) downstream_->on_upstream_lost();
  abandon();
}

void Upstream::abandon() {
  downstream_ = nullptr;
  close();
}

void Upstream::on_drained() {
  if (downstream_ != nullptr) downstream_->resume_reading();
}

}  // namespace spillway::bench
