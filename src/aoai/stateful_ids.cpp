#include "word_list.hpp"
#include <spillway/aoai/query.hpp>
#include <spillway/aoai/stateful_ids.hpp>
#include <spillway/base/text.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace spillway::aoai {
namespace {

// Wire reference §1.3, §1.4, and the item types of Responses.
constexpr auto kPrefixes = std::to_array<std::string_view>({
    "apc_",   "assistant-", "asst_",    "batch_",      "cfile_", "chatcmpl-", "ci_",     "cmp_",
    "cntr_",  "conv_",      "ctc_",     "cu_",         "eval_",  "evalrun_",  "fc_",     "file-",
    "file_",  "fs_",        "ftchkpt-", "ftjob-",      "gen_",   "ig_",       "lsh_",    "mcp_",
    "mcpl_",  "mcpr_",      "msg_",     "outputitem_", "part_",  "resp_",     "rs_",     "rtc_",
    "run_",   "sess_",      "sh_",      "skill_",      "step_",  "task_",     "thread_", "upload_",
    "video_", "vs_",        "vsfb_",    "ws_",
});

// What stands before an id in a path.
constexpr auto kCollections = std::to_array<std::string_view>({
    "assistants",   "batches",       "calls",   "checkpoints",   "completions",
    "containers",   "conversations", "evals",   "file_batches",  "files",
    "generations",  "images",        "items",   "jobs",          "messages",
    "output_items", "responses",     "runs",    "sessions",      "skills",
    "steps",        "threads",       "uploads", "vector_stores", "videos",
});

// What stands behind a collection and is no id.
constexpr auto kActions = std::to_array<std::string_view>({
    "compact",
    "generations:submit",
    "input_tokens",
    "search",
});

// Sub-resources whose answer is a file, not JSON, or a number.
constexpr auto kBareAnswers = std::to_array<std::string_view>({
    "content",
    "input_tokens",
    "video",
});

bool is_id_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
         c == '-' || c == '.' || c == ':';
}

// Segments of the path below the root, decoded; empty ones left out.
struct PathBelowRoot {
  std::vector<std::string> segments;
  std::string_view query;
};

PathBelowRoot split(const ApiPath& path) {
  std::string_view rest = path.canonical_target;
  PathBelowRoot out;
  if (const auto mark = rest.find('?'); mark != std::string_view::npos) {
    out.query = rest.substr(mark + 1);
    rest = rest.substr(0, mark);
  }
  rest.remove_prefix(std::min<std::size_t>(rest.size(), path.surface == Surface::v1 ? 11 : 8));
  while (!rest.empty()) {
    const auto slash = std::min(rest.find('/'), rest.size());
    const std::string_view segment = rest.substr(0, slash);
    if (!segment.empty()) {
      out.segments.push_back(base::percent_decode(segment).value_or(std::string(segment)));
    }
    rest.remove_prefix(std::min(slash + 1, rest.size()));
  }
  return out;
}

// Model and deployment names look like ids and are none.
bool names_no_id(const PathBelowRoot& path) {
  return path.segments.empty() || base::equals_ignoring_case(path.segments.front(), "models") ||
         base::equals_ignoring_case(path.segments.front(), "deployments");
}

bool is_id_at(const std::vector<std::string>& segments, std::size_t index) {
  const std::string& segment = segments[index];
  if (is_stateful_id(segment)) return true;
  if (index == 0 || !has_id_shape(segment)) return false;
  const std::string word = base::to_lower(segment);
  return contains(kCollections, base::to_lower(segments[index - 1])) &&
         !contains(kCollections, word) && !contains(kActions, word);
}

void add_query_ids(std::string_view query, std::vector<std::string>& ids) {
  while (!query.empty() && ids.size() < kMaxPathIds) {
    const auto end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos || is_credential_parameter(pair.substr(0, equals)))
      continue;
    auto value = base::percent_decode(pair.substr(equals + 1));
    if (!value) continue;
    const bool is_call = base::equals_ignoring_case(pair.substr(0, equals), "call_id");
    if (is_call ? has_id_shape(*value) : is_stateful_id(*value)) ids.push_back(std::move(*value));
  }
}

// Everything else is inference, which names ids in its body if at all.
bool may_name_ids(const ApiPath& path) {
  return path.operation == Operation::other || path.operation == Operation::realtime;
}

bool shows_ids(std::string_view method) {
  return method == "GET" || method == "POST" || method == "PUT" || method == "PATCH";
}

bool remembers_other(const ApiPath& path, const RequestFacts& facts) {
  // A path we do not know whose body names a model is taken for inference.
  if (path.creation == Creation::unless_model && facts.has_model) return false;
  const PathBelowRoot below = split(path);
  if (below.segments.empty() || contains(kBareAnswers, base::to_lower(below.segments.back()))) {
    return false;
  }
  // Below a deployment stands `batches`; the deployments themselves are no ids, nor are models.
  return !names_no_id(below) ||
         (path.deployment_length != 0 && path.operation_class == OperationClass::stateful);
}

}  // namespace

bool has_id_shape(std::string_view text) {
  return text.size() >= 4 && text.size() <= kMaxIdBytes &&
         std::all_of(text.begin(), text.end(), is_id_character);
}

bool is_stateful_id(std::string_view text) {
  constexpr std::size_t kLeastBehindPrefix = 4;
  if (!has_id_shape(text)) return false;
  return std::any_of(kPrefixes.begin(), kPrefixes.end(), [&](std::string_view prefix) {
    return text.starts_with(prefix) && text.size() >= prefix.size() + kLeastBehindPrefix;
  });
}

std::vector<std::string> ids_in_path(const ApiPath& path) {
  if (!may_name_ids(path)) return {};
  const PathBelowRoot below = split(path);
  if (names_no_id(below)) return {};
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < below.segments.size() && ids.size() < kMaxPathIds; ++i) {
    if (is_id_at(below.segments, i)) ids.push_back(below.segments[i]);
  }
  add_query_ids(below.query, ids);
  return ids;
}

std::string id_deleted_by(const ApiPath& path, std::string_view method) {
  if (method != "DELETE" || !may_name_ids(path)) return {};
  const PathBelowRoot below = split(path);
  if (names_no_id(below)) return {};
  std::size_t count = 0;
  for (std::size_t i = 0; i < below.segments.size(); ++i)
    count += is_id_at(below.segments, i) ? 1 : 0;
  const bool is_last = is_id_at(below.segments, below.segments.size() - 1);
  return count == 1 && is_last ? below.segments.back() : std::string();
}

bool remembers_answer_ids(const ApiPath& path, std::string_view method, const RequestFacts& facts) {
  switch (path.operation) {
    case Operation::responses:
      return true;
    case Operation::chat_completions:
      return facts.wants_store;
    case Operation::realtime:
      return method == "POST";
    case Operation::other:
      return shows_ids(method) && remembers_other(path, facts);
    case Operation::completions:
    case Operation::embeddings:
    case Operation::images:
    case Operation::audio:
    case Operation::models:
      break;
  }
  return false;
}

}  // namespace spillway::aoai
