// `pools[].members`: who is in a pool, and that all of them serve the same model.

#include "sections.hpp"

#include <algorithm>
#include <set>

namespace spillway::config {
namespace {

constexpr Range<unsigned> kPriorities = {1, 1'000'000};
constexpr Range<unsigned> kWeights = {1, 1000};

/// A member that says what it serves, and where it does.
struct Declaration {
  Member member;
  Value model;
  std::optional<Value> version;
};

std::string model_and_version(const Declaration& declared) {
  std::string text = show(declared.model);
  if (declared.version) text += " version " + show(*declared.version);
  return text;
}

// A member that declares nothing, or no version, is at one with any.
bool is_compatible(const Member& a, const Member& b) {
  if (a.model.empty() || b.model.empty()) return true;
  if (a.model != b.model) return false;
  return a.version.empty() || b.version.empty() || a.version == b.version;
}

// Each member against those before it; one report each, however many it differs from.
void check_models(Reading& reading, const std::vector<Declaration>& declared) {
  for (auto later = declared.begin(); later != declared.end(); ++later) {
    const auto other = std::find_if(declared.begin(), later, [&](const Declaration& earlier) {
      return !is_compatible(earlier.member, later->member);
    });
    if (other == later) continue;
    const bool is_version = other->member.model == later->member.model;
    const Value& where = is_version ? *later->version : later->model;
    reading.report(where, "member " + later->member.backend + " serves " +
                              model_and_version(*later) + ", but member " + other->member.backend +
                              " serves " + model_and_version(*other) +
                              "; callers would get either by chance: put them in different pools, "
                              "or write allow_mixed_models: true");
  }
}

void read_declared_name(Section& section, std::string_view key, std::string& out) {
  const auto value = section.find(key);
  if (!value) return;
  if (auto name = read_name(section.reading(), *value)) out = std::move(*name);
}

void read_model(Section& section, Member& out) {
  read_declared_name(section, "model", out.model);
  read_declared_name(section, "version", out.version);
  if (section.find("version") && !section.find("model")) {
    section.reading().report(section.place_of("version"), "goes with model, which is not written");
  }
}

void read_backend_name(Section& section, std::set<std::string>& seen, Member& out) {
  Reading& reading = section.reading();
  const auto value = section.require("backend", "write the name of a backend");
  const auto name = value ? read_name(reading, *value) : std::nullopt;
  if (!name) return;
  out.backend = *name;
  reading.refer(NameKind::backend, *name, *value);
  if (!seen.insert(*name).second) {
    reading.report(*value, show(*value) + " is already a member of this pool");
  }
}

}  // namespace

void read_members(Section& pool, Pool& out) {
  std::vector<Declaration> declared;
  std::set<std::string> seen;
  pool.require("members", "write at least one, such as members: [ { backend: NAME } ]");
  read_each(pool, "members", [&](Section& section) {
    Member member;
    read_backend_name(section, seen, member);
    section.number("priority", member.priority, kPriorities);
    section.number("weight", member.weight, kWeights);
    read_model(section, member);
    if (const auto model = section.find("model")) {
      declared.push_back({member, *model, section.find("version")});
    }
    section.finish();
    out.members.push_back(std::move(member));
  });
  pool.flag("allow_mixed_models", out.allow_mixed_models);
  if (!out.allow_mixed_models) check_models(pool.reading(), declared);
}

}  // namespace spillway::config
