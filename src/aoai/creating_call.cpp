#include <spillway/aoai/creating_call.hpp>

namespace spillway::aoai {

bool is_creating(const ApiPath& path, std::string_view method, const RequestFacts& facts) {
  if (method != "POST") return false;
  switch (path.creation) {
    case Creation::none:
      return false;
    case Creation::if_background:
      return facts.is_background;
    case Creation::unless_model:
      return !facts.has_model;
    case Creation::lasting:
      break;
  }
  return true;
}

}  // namespace spillway::aoai
