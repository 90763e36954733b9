#pragma once
// One shard of routing::Affinity: id → backend with least-recently-used order for each client,
// bounded for each client and in all. Not thread-safe, knows no clock and no listener. Memory is
// taken as ids come and never moved, so that no operation is longer than a few list steps.

#include <spillway/routing/affinity.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace spillway::routing {

class AffinityTable {
 public:
  explicit AffinityTable(Affinity::Bounds bounds) : bounds_(bounds) {}

  /// Whether it is worth telling a listener: new, another backend, or not told for a day.
  bool learn(const NamedId& named, std::string_view backend, base::SteadyTime now);

  struct Found {
    Owner owner;
    /// Not told for a day: who learnt it, to be told once more; else null.
    std::shared_ptr<const std::string> tell_client;
  };
  std::optional<Found> find(const NamedId& named, base::SteadyTime now);

  /// Whether there was one.
  bool forget(const NamedId& named);

  /// Learnt and told kLongAgo: its first use is told, so that it is not taken for unused.
  void restore(const NamedId& named, std::string_view backend, base::SteadyTime now);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t size_of(std::string_view client) const;

 private:
  using Index = std::uint32_t;
  static constexpr Index kNone = ~Index{0};

  // 56 bytes, and the id's own.
  struct Entry {
    std::unique_ptr<char[]> id;
    std::int64_t learnt_ns = 0;
    std::int64_t told_ns = 0;
    std::uint32_t hash = 0;
    Index client = kNone;
    Index backend = kNone;
    Index newer = kNone;  // of the same client
    Index older = kNone;
    Index next = kNone;  // of the same bucket; of free entries: the next free one
    std::uint8_t id_length = 0;
  };

  // Clients or backends by number; a number whose count is zero is used again.
  struct Party {
    std::shared_ptr<const std::string> name;
    std::size_t count = 0;
    Index newest = kNone;  // of clients only
    Index oldest = kNone;
  };
  class Parties {
   public:
    [[nodiscard]] Index find(std::string_view name) const;
    Index find_or_add(std::string_view name);
    /// When the count of a party has become zero.
    void release(Index index);
    Party& operator[](Index index) { return parties_[index]; }
    const Party& operator[](Index index) const { return parties_[index]; }
    [[nodiscard]] Index largest() const;

   private:
    struct Hash {
      using is_transparent = void;
      std::size_t operator()(std::string_view text) const {
        return std::hash<std::string_view>()(text);
      }
    };
    std::vector<Party> parties_;
    std::vector<Index> free_;
    std::unordered_map<std::string, Index, Hash, std::equal_to<>> by_name_;
  };

  [[nodiscard]] static std::string_view id_of(const Entry& entry) {
    return {entry.id.get(), entry.id_length};
  }
  [[nodiscard]] Index& bucket_of(std::uint32_t hash) { return buckets_[hash % buckets_.size()]; }
  [[nodiscard]] Index find_entry(const NamedId& named, std::uint32_t hash);
  Index add_entry(const NamedId& named, std::uint32_t hash);
  void make_room(std::string_view client);
  void remove(Index index);
  void set_backend(Entry& entry, std::string_view backend);
  void clear_backend(Entry& entry);
  void put_newest(Index index);
  void take_out_of_order(Index index);
  void take_out_of_bucket(Index index);

  const Affinity::Bounds bounds_;
  std::deque<Entry> entries_;   // its elements never move
  std::vector<Index> buckets_;  // made with the first id
  Index first_free_ = kNone;
  std::size_t size_ = 0;
  Parties clients_;
  Parties backends_;
};

}  // namespace spillway::routing
