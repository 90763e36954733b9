#pragma once
// Collects `usage` and `response.usage` from what a json::Scanner tells. An object counts when it
// has come whole and said at least one number; until then the one before stands.

#include <spillway/aoai/json_events.hpp>
#include <spillway/aoai/usage.hpp>

namespace spillway::aoai {

class UsageReader {
 public:
  void on_begin(json::Path path, json::Kind kind);
  void on_end(json::Path path);
  void on_scalar(json::Path path, const json::Scalar& scalar);

  [[nodiscard]] const Usage& usage() const { return usage_; }

 private:
  Usage usage_;
  Usage coming_;            // of the object that is being read
  bool has_total_ = false;  // it said the total itself
  int inside_ = 0;          // the depth of its members' paths less one; 0: none is being read
};

// Reads usage and passes over everything else.
class OnlyUsage final : public json::Visitor {
 public:
  [[nodiscard]] const Usage& usage() const { return reader_.usage(); }

  json::NameId name_of(std::string_view key) override;
  bool wants(json::Path path) override;
  void on_scalar(json::Path path, const json::Scalar& scalar) override;
  bool on_begin(json::Path path, json::Kind kind) override;
  void on_end(json::Path path, json::Kind kind) override;

 private:
  UsageReader reader_;
};

}  // namespace spillway::aoai
