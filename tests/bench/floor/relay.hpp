#pragma once
// The floor: what a pass-through costs that only moves bytes. It knows where messages end, to keep
// connections on both sides; it checks nothing, changes nothing, logs nothing.

#include "bench/wire/channel.hpp"
#include "bench/wire/framing.hpp"

#include <cstdint>
#include <vector>

namespace spillway::bench {

class Upstream;

/// Connections to the backends that no caller needs right now, and how to get further ones.
class UpstreamPool {
 public:
  /// Calls the ports in turn. `tls` may be empty.
  UpstreamPool(Poller& poller, std::vector<std::uint16_t> ports, TlsContext tls);

  /// Nobody if the backend refuses.
  Upstream* take();
  void give_back(Upstream& upstream) { idle_.push_back(&upstream); }
  void forget(Upstream& upstream);

 private:
  Poller& poller_;
  std::vector<std::uint16_t> ports_;
  TlsContext tls_;
  std::size_t turn_ = 0;
  std::vector<Upstream*> idle_;
};

/// A caller's connection; it holds an upstream connection while a request is under way.
class Downstream final : public Channel {
 public:
  Downstream(Poller& poller, Conduit conduit, UpstreamPool& pool);

  void on_answer_over();
  void on_upstream_lost();

 private:
  void on_bytes(std::string_view bytes) override;
  void on_end() override;
  void on_drained() override;

  UpstreamPool& pool_;
  Framing request_{Framing::Kind::request};
  Upstream* upstream_ = nullptr;
};

class Upstream final : public Channel {
 public:
  Upstream(Poller& poller, Conduit conduit, UpstreamPool& pool);

  void serve(Downstream& downstream) { downstream_ = &downstream; }
  /// Closes it, in the middle of an answer.
  void abandon();

 private:
  void on_bytes(std::string_view bytes) override;
  void on_end() override;
  void on_drained() override;

  UpstreamPool& pool_;
  Framing answer_{Framing::Kind::response};
  Downstream* downstream_ = nullptr;
};

}  // namespace spillway::bench
