#include "digest.hpp"
#include "sections.hpp"
#include "yaml_tree.hpp"
#include <spillway/base/text.hpp>
#include <spillway/config/load.hpp>

#include <algorithm>
#include <exception>
#include <tuple>

namespace spillway::config {
namespace {

constexpr std::string_view kDefaultPool = "default";

// Who uses `default` without having written it: told apart from a dangling reference, so that the
// message can say where the name came from.
void require_default_pool(Section& root, const Configuration& configuration) {
  Reading& reading = root.reading();
  if (reading.is_defined(NameKind::pool, std::string(kDefaultPool))) return;
  const auto check = [&](const Value& user) {
    if (user.node->kind != Node::Kind::map) return;
    if (Section(reading, user).find("pool")) return;
    std::vector<std::string> names;
    for (const Pool& pool : configuration.pools)
      names.push_back(pool.name);
    reading.report(user, "has no pool, and no pool is called default; write pool: with one of " +
                             joined(names));
  };
  if (const auto anonymous = root.find("anonymous")) check(*anonymous);
  const auto clients = root.find("clients");
  if (!clients) return;
  for (std::size_t i = 0; i < clients->node->items.size(); ++i) {
    check({&clients->node->items[i], clients->path + "[" + std::to_string(i) + "]"});
  }
}

void add_default_pool(Section& root, Configuration& out) {
  const auto written = root.find("pools");
  const bool is_written = written && !written->node->items.empty();
  if (is_written) {
    require_default_pool(root, out);
    return;
  }
  Pool pool;
  pool.name = kDefaultPool;
  for (const Backend& backend : out.backends)
    pool.members.push_back({backend.name, 1, 1});
  out.pools.push_back(std::move(pool));
  root.reading().define(NameKind::pool, std::string(kDefaultPool), root.value());
}

void add_environment_credential(Section& root, Configuration& out) {
  const bool is_used = std::any_of(
      out.backends.begin(), out.backends.end(),
      [](const Backend& backend) { return backend.credential == kEnvironmentCredential; });
  if (!is_used) return;
  Credential credential;
  credential.name = kEnvironmentCredential;
  credential.authority_host = default_authority_host(root.reading(), root.place_of("backends"));
  out.credentials.push_back(std::move(credential));
}

void read_root(Reading& reading, const Node& node, Configuration& out) {
  Section root(reading, {&node, ""}, "a map with listeners, backends and clients");
  if (!root.is_map()) return;
  read_listeners(root, out.listeners);
  read_admin(root, out.listeners, out.admin);
  read_credentials(root, out.credentials);
  read_backends(root, out.backends);
  read_pools(root, out.pools);
  read_clients(root, out);
  read_entra(root, out.entra);
  root.flag("require_entra", out.require_entra);
  read_limits(root, out.limits);
  read_forwarded(root, out.forwarded);
  read_log(root, out.log);
  read_server(root, out.server);
  root.finish();
  check_identities(root, out);
  add_default_pool(root, out);
  add_environment_credential(root, out);
  reading.resolve_references();
}

std::vector<Problem> in_order(std::vector<Problem> problems, std::vector<Problem> more) {
  for (Problem& problem : more)
    problems.push_back(std::move(problem));
  std::sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.line, a.column, a.path, a.message) <
           std::tie(b.line, b.column, b.path, b.message);
  });
  if (problems.size() > kMaxProblems) {
    problems.resize(kMaxProblems);
    problems.push_back({0, 0, "", "there are more problems; only the first 1000 are shown"});
  }
  return problems;
}

Loaded load_or_throw(std::string_view yaml, const Sources& sources) {
  Tree tree = read_tree(yaml);
  Reading reading(sources);
  Loaded loaded;
  const bool is_empty = !tree.root || tree.root->kind == Node::Kind::null;
  if (!is_empty) {
    read_root(reading, *tree.root, loaded.configuration);
  } else if (tree.problems.empty()) {
    tree.problems.push_back(
        {1, 1, "", "the file is empty; it must have at least listeners, backends and clients"});
  }
  loaded.problems = in_order(std::move(tree.problems), reading.take_problems());
  loaded.configuration.files = reading.take_files();
  loaded.configuration.digest = base::to_hex(sha256(yaml));
  return loaded;
}

// Memory, or a source that throws: nothing that was read so far can be relied on.
Loaded failed(std::string_view why) {
  Loaded loaded;
  loaded.problems.push_back({0, 0, "", "the configuration could not be read: " + std::string(why)});
  return loaded;
}

}  // namespace

void read_each(Section& parent, std::string_view key, const std::function<void(Section&)>& read) {
  const bool is_list = parent.list(key, [&](const Value& value) {
    Section section(parent.reading(), value);
    if (section.is_map()) read(section);
  });
  const bool may_be_empty = key == "credentials" || key == "pools";
  if (is_list && !may_be_empty && parent.find(key)->node->items.empty()) {
    parent.reading().report(parent.place_of(key), "is empty; write at least one");
  }
}

std::string read_own_name(Section& section, NameKind kind) {
  const auto value = section.require("name", "every item of this list needs a name");
  if (!value) return "";
  const auto name = read_name(section.reading(), *value);
  if (!name) return "";
  section.reading().define(kind, *name, *value);
  return *name;
}

std::string describe(const Problem& problem, std::string_view file_name) {
  std::string out(file_name);
  if (problem.line > 0) {
    out += ":" + std::to_string(problem.line) + ":" + std::to_string(problem.column);
  }
  out += ": ";
  if (!problem.path.empty()) out += problem.path + ": ";
  return out + problem.message;
}

Loaded load(std::string_view yaml, const Sources& sources) {
  try {
    return load_or_throw(yaml, sources);
  } catch (const std::exception& error) {
    return failed(error.what());
  } catch (...) {
    return failed("unknown exception");
  }
}

}  // namespace spillway::config
