#pragma once
// A running simulator inside this process, for integration tests: Azure OpenAI endpoints, Entra and
// the metadata service on real ports, with faults that a test switches and events it can wait for.
// Thread-safe; it runs its own thread until it is destroyed.

#include "simulator/chaos.hpp"
#include "simulator/config.hpp"
#include "simulator/fault.hpp"
#include "simulator/issuer.hpp"
#include "simulator/journal.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::simulator {

class Simulator {
 public:
  /// Everything listens when this returns. Throws std::runtime_error saying what failed.
  static std::unique_ptr<Simulator> start(const Config& config);
  ~Simulator();
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  /// `name`: an endpoint's, that of the identity service ("identity" unless configured otherwise),
  /// or "control". Throws std::out_of_range for others.
  [[nodiscard]] std::uint16_t port(const std::string& name) const;
  /// `http://127.0.0.1:18101`
  [[nodiscard]] std::string url(const std::string& name) const;
  /// One line per listening port: name and URL.
  [[nodiscard]] std::vector<std::string> listening() const;

  /// In force when this returns. `refuse` and `down` too: connecting is refused from then on.
  void set_fault(const std::string& name, const Fault& fault);
  /// JSON or the short form, as in parse_fault.
  void set_fault(const std::string& name, std::string_view fault);
  void clear_faults(const std::string& name);
  /// For each request that no fault is set for, one is drawn, or none; and no two answers are alike
  /// (`x-sim-answer` names each, the journal has its digest). Throws std::invalid_argument.
  void set_chaos(const std::string& name, const Chaos& chaos);
  void clear_chaos(const std::string& name);
  /// No faults, no chaos, empty limits, empty journal, everything listening. Issued tokens stay
  /// valid.
  void reset();

  /// Oldest first; of one endpoint, or of all if `name` is empty.
  [[nodiscard]] std::vector<RecordedRequest> requests(std::string_view name = {}) const;
  [[nodiscard]] std::uint64_t count(Event event, const std::string& name) const;
  /// Blocks until the event has happened `count` times since the start or the last reset; false if
  /// that did not come true in time.
  [[nodiscard]] bool wait_for(Event event, const std::string& name, std::uint64_t count,
                              std::chrono::milliseconds timeout = std::chrono::seconds(10)) const;

  /// A token that endpoints accept and that verifies against the published keys.
  std::string issue_token(const TokenRequest& request = {});
  /// Endpoints refuse every token issued so far.
  void revoke_tokens();
  /// Tokens are signed with a new key from now on; the key set holds the old ones too.
  void rotate_signing_key();

  /// A token of any kind, for who validates tokens by themselves; endpoints accept none of these.
  /// Throws std::invalid_argument for a request that cannot be met.
  std::string mint_token(const MintRequest& request = {});
  /// Runs the action on the simulator's thread and waits for it: the steps of a key rollover
  /// (`issuer.keys().publish_next()`), the authority's clock (`issuer.set_clock_skew(…)`).
  void with_issuer(const std::function<void(Issuer&)>& action);

 private:
  struct Running;

  explicit Simulator(std::unique_ptr<Running> running);
  void on_loop(const std::function<void()>& action) const;

  std::unique_ptr<Running> running_;
};

}  // namespace spillway::simulator
