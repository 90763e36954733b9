#pragma once
// Whether a call creates something that lasts on the backend that accepts it, so that a second try
// elsewhere could create it twice (behaviour §5).

#include <spillway/aoai/api_path.hpp>
#include <spillway/aoai/request_facts.hpp>

#include <string_view>

namespace spillway::aoai {

/// True for POSTs that make background responses, conversations, files, uploads, batches, vector
/// stores, assistants, threads, containers, videos, fine-tuning jobs, evals, … and for POSTs to
/// paths unknown to us whose body names no model. A foreground response is none, stored or not.
bool is_creating(const ApiPath& path, std::string_view method, const RequestFacts& facts);

}  // namespace spillway::aoai
