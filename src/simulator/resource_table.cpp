#include "simulator/resource_table.hpp"

#include <array>
#include <vector>

namespace spillway::simulator {
namespace {

/// Those with the longer path first, where one begins another.
constexpr std::array kCollections{
    Collection{"files", "file-", "file", "processed", "processed"},
    Collection{"conversations", "conv_", "conversation"},
    Collection{"conversations/*/items", "msg_", "message", "completed", "completed"},
    Collection{"batches", "batch_", "batch", "validating", "completed"},
    Collection{"vector_stores", "vs_", "vector_store", "completed", "completed"},
    Collection{"vector_stores/*/files", "file-", "vector_store.file", "in_progress", "completed"},
    Collection{"vector_stores/*/file_batches", "vsfb_", "vector_store.files_batch", "in_progress",
               "completed"},
    Collection{"assistants", "asst_", "assistant"},
    Collection{"threads", "thread_", "thread"},
    Collection{"threads/*/messages", "msg_", "thread.message", "completed", "completed"},
    Collection{"threads/*/runs", "run_", "thread.run", "queued", "completed"},
    Collection{"threads/*/runs/*/steps", "step_", "thread.run.step", "completed", "completed"},
    Collection{"containers", "cntr_", "container", "running", "running"},
    Collection{"containers/*/files", "cfile_", "container.file"},
    Collection{"uploads", "upload_", "upload", "pending", "pending"},
    Collection{"uploads/*/parts", "part_", "upload.part"},
    Collection{"fine_tuning/jobs", "ftjob-", "fine_tuning.job", "validating_files", "succeeded"},
    Collection{"fine_tuning/jobs/*/events", "ftevent-", "fine_tuning.job.event"},
    Collection{"evals", "eval_", "eval"},
    Collection{"evals/*/runs", "evalrun_", "eval.run", "queued", "completed"},
    Collection{"videos", "video_", "video", "queued", "completed"},
    Collection{"chat/completions", "chatcmpl-", "chat.completion"},
};

using Segments = std::vector<std::string_view>;

Segments segments_of(std::string_view path) {
  Segments all;
  while (!path.empty()) {
    const auto slash = path.find('/');
    if (slash != 0) all.push_back(path.substr(0, slash));
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return all;
}

bool begins_with(const Segments& path, const Segments& pattern) {
  if (path.size() < pattern.size()) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != "*" && pattern[i] != path[i]) return false;
  }
  return true;
}

std::string joined(const Segments& segments, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i)
    text += (i == 0 ? "" : "/") + std::string(segments[i]);
  return text;
}

}  // namespace

ResourcePath read_resource_path(std::string_view rest) {
  const auto path = segments_of(rest);
  ResourcePath best;
  std::size_t longest = 0;
  for (const auto& collection : kCollections) {
    const auto pattern = segments_of(collection.path);
    const bool fits = begins_with(path, pattern) && path.size() <= pattern.size() + 2;
    if (!fits || pattern.size() <= longest) continue;
    longest = pattern.size();
    best.collection = &collection;
  }
  if (longest == 0) return best;
  const auto pattern = segments_of(best.collection->path);
  best.key = joined(path, longest);
  const bool is_nested = longest > 2 && pattern[longest - 2] == "*";
  if (is_nested) best.parent = joined(path, longest - 1);
  if (path.size() > longest) best.id = path[longest];
  if (path.size() > longest + 1) best.action = path[longest + 1];
  return best;
}

}  // namespace spillway::simulator
