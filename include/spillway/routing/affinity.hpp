#pragma once
// Which backend knows an id (behaviour §2.4): one bounded, process-wide memory of id → backend.
// Asked before a backend is chosen, taught by answers. Does not know which backends exist: a name
// that is no member of the pool any more is for the caller to take as unknown. Clockless; any
// thread.

#include <spillway/base/time.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::routing {

/// Whether what one client learnt is of use to another (pool: `affinity.isolate_clients`).
enum class Sharing : std::uint8_t { all_clients, own_client };

/// An id as a client of a pool names it. Views are valid for the call only.
struct NamedId {
  std::string_view client;
  std::string_view id;
  Sharing sharing = Sharing::all_clients;
};

struct Owner {
  std::shared_ptr<const std::string> backend;  // never null
  /// Since it was learnt (again). Restored ones: kLongAgo. For "completed a moment ago", where one
  /// short retry on the same backend is due.
  base::Duration age{};
};

/// Told of what is worth keeping beyond this process. Called on the thread that learns, outside
/// every lock of Affinity; must not wait and must not call back.
class AffinityListener {
 public:
  AffinityListener() = default;
  AffinityListener(const AffinityListener&) = delete;
  AffinityListener& operator=(const AffinityListener&) = delete;
  virtual ~AffinityListener() = default;

  /// New, on another backend than before, or of use again after a day.
  virtual void on_learnt(std::string_view client, std::string_view id,
                         std::string_view backend) = 0;
  /// `client` empty: whoever learnt it.
  virtual void on_forgotten(std::string_view client, std::string_view id) = 0;
};

class Affinity {
 public:
  struct Bounds {
    std::size_t ids_per_client = 65'536;
    std::size_t ids = 1'048'576;  // of all clients
  };
  static constexpr base::Duration kLongAgo = std::chrono::hours(24);

  Affinity();
  explicit Affinity(Bounds bounds);
  ~Affinity();
  Affinity(const Affinity&) = delete;
  Affinity& operator=(const Affinity&) = delete;

  /// Before other threads use the object; null: nobody listens. It must outlive its use here.
  void set_listener(AffinityListener* listener) { listener_ = listener; }

  /// The answer of `backend` named `id`. The last one taught counts. Shared between clients, an id
  /// stays on the account of the client that learnt it first. Makes room, if need be, by the least
  /// recently used id of that client; only where all ids together reach their bound, by that of
  /// the client that holds most. Ids over 128 bytes and empty ones are ignored.
  void learn(const NamedId& named, std::string_view backend, base::SteadyTime now);

  /// Counts as a use.
  std::optional<Owner> find(const NamedId& named, base::SteadyTime now);

  /// After a DELETE that was answered 2xx.
  void forget(const NamedId& named);

  /// As learn() of `own_client`, but learnt kLongAgo and not told to the listener. In the order of
  /// their use, oldest first.
  void restore(std::string_view client, std::string_view id, std::string_view backend,
               base::SteadyTime now);

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] const Bounds& bounds() const { return bounds_; }

 private:
  struct Shard;

  [[nodiscard]] Shard& shard_of(std::string_view id) const;

  const Bounds bounds_;
  AffinityListener* listener_ = nullptr;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace spillway::routing
