#include <spillway/base/field.hpp>

namespace spillway::base {

std::optional<std::string_view> find_field(FieldView fields, std::string_view name) {
  for (const Field& field : fields) {
    if (has_name(field, name)) return field.value;
  }
  return std::nullopt;
}

}  // namespace spillway::base
