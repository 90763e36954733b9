#include "simulator/multipart_reader.hpp"

#include <spillway/base/text.hpp>

#include <algorithm>
#include <utility>

namespace spillway::simulator {
namespace {

constexpr std::size_t kLongestHead = 8192;

/// The value of `name=` in a header, quoted or not.
std::string parameter_of(std::string_view header, std::string_view name) {
  const auto wanted = std::string(name) + "=";
  std::size_t at = header.find(wanted);
  while (at != std::string_view::npos && at > 0 && header[at - 1] != ' ' && header[at - 1] != ';')
    at = header.find(wanted, at + 1);
  if (at == std::string_view::npos) return {};
  auto value = header.substr(at + wanted.size());
  if (!value.starts_with('"')) return std::string(base::trim(value.substr(0, value.find(';'))));
  value.remove_prefix(1);
  return std::string(value.substr(0, value.find('"')));
}

}  // namespace

std::string boundary_of(std::string_view content_type) {
  if (!base::to_lower(content_type).starts_with("multipart/form-data")) return {};
  return parameter_of(content_type, "boundary");
}

MultipartReader::MultipartReader(const std::string& boundary) : delimiter_("\r\n--" + boundary) {}

void MultipartReader::add(std::string_view bytes) {
  pending_ += bytes;
  while (step()) {
  }
}

/// False when more bytes are needed.
bool MultipartReader::step() {
  switch (place_) {
    case Place::content:
      return read_content();
    case Place::after_delimiter:
      return read_delimiter_end();
    case Place::head:
      return read_head();
    case Place::end:
      pending_.clear();
      return false;
  }
  return false;
}

bool MultipartReader::read_content() {
  const auto found = pending_.find(delimiter_);
  if (found == std::string::npos) {
    const auto safe = pending_.size() - std::min(pending_.size(), delimiter_.size() - 1);
    take(std::string_view(pending_).substr(0, safe));
    pending_.erase(0, safe);
    return false;
  }
  take(std::string_view(pending_).substr(0, found));
  pending_.erase(0, found + delimiter_.size());
  end_part();
  place_ = Place::after_delimiter;
  return true;
}

bool MultipartReader::read_delimiter_end() {
  if (pending_.size() < 2) return false;
  place_ = pending_.starts_with("--") ? Place::end : Place::head;
  pending_.erase(0, 2);
  return true;
}

bool MultipartReader::read_head() {
  const auto end = pending_.find("\r\n\r\n");
  if (end == std::string::npos) {
    if (pending_.size() > kLongestHead) place_ = Place::end;
    return false;
  }
  std::string_view head(pending_);
  head = head.substr(0, end);
  while (!head.empty()) {
    const auto line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(std::min(head.size(), line.size() + 2));
    const auto name = base::to_lower(line.substr(0, line.find(':')));
    if (name == "content-disposition") {
      part_.name = parameter_of(line, "name");
      part_.file_name = parameter_of(line, "filename");
    }
    if (name == "content-type")
      part_.content_type = std::string(base::trim(line.substr(line.find(':') + 1)));
  }
  pending_.erase(0, end + 4);
  is_in_part_ = true;
  place_ = Place::content;
  return true;
}

void MultipartReader::take(std::string_view content) {
  if (!is_in_part_) return;
  digest_.add(content);
  part_.content += content.substr(0, kKept - std::min(kKept, part_.content.size()));
}

void MultipartReader::end_part() {
  if (!is_in_part_) return;
  part_.bytes = digest_.bytes();
  part_.sha256 = digest_.finish();
  parts_.push_back(std::exchange(part_, {}));
  digest_ = Digest();
  is_in_part_ = false;
}

}  // namespace spillway::simulator
