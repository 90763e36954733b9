#pragma once
// A tenant's id where it stands in texts.

#include <string>
#include <string_view>

namespace spillway::identity {

/// 8-4-4-4-12 hex digits.
bool is_guid(std::string_view text);

/// Metadata for several tenants writes `{tenantid}` where the tenant's id would be (wire §8).
std::string substitute_tenant(std::string_view pattern, std::string_view tenant_id);

}  // namespace spillway::identity
