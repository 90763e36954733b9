#pragma once
// Ids of what a backend keeps (behaviour §2.4; wire reference §1.4): what such an id looks like,
// which ones a path names, and whether the answer to a call is worth reading for new ones. Where an
// id lives is routing::Affinity's business; ids in bodies are RequestFacts::ids.

#include <spillway/aoai/api_path.hpp>
#include <spillway/aoai/request_facts.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::aoai {

/// Anything longer is no id to us: not looked for, not remembered.
inline constexpr std::size_t kMaxIdBytes = 128;

/// Ids taken of one path and query.
inline constexpr std::size_t kMaxPathIds = 8;

/// 4 to kMaxIdBytes characters of `A-Z a-z 0-9 _ - . :`. For values whose name says that they are
/// an id; ids are not secret, and what has this shape may be logged as it is.
bool has_id_shape(std::string_view text);

/// has_id_shape, and begins like an id of the API: resp_, conv_, file-, assistant-, vs_, batch_, …
/// with something behind. For values whose name could mean anything else.
bool is_stateful_id(std::string_view text);

/// The ids that the path and its query name, decoded, outermost first, at most kMaxPathIds: by
/// their place (`responses/{id}`, `threads/{id}/runs/{id}`, `?call_id=`) or by their look (the
/// cursor of `?after=file-…`). Empty at once for plain inference. Names of models and deployments
/// are none.
std::vector<std::string> ids_in_path(const ApiPath& path);

/// The id of what a successful call deletes: of `DELETE …/files/{id}`; empty for every other call.
/// `DELETE /vector_stores/{id}/files/{file}` only detaches the file, which lives on.
std::string id_deleted_by(const ApiPath& path, std::string_view method);

/// Whether the ids in the answer are worth remembering (aoai::AnswerIds): responses, stored or not
/// (their items come back in `input`), what creates, lists or shows files, batches, threads, …, and
/// chat completions with "store": true. Never plain chat, embeddings, images, audio or models.
bool remembers_answer_ids(const ApiPath& path, std::string_view method, const RequestFacts& facts);

}  // namespace spillway::aoai
