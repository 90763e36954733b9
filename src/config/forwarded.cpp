// `forwarded`: whose word about where a request comes from is believed, and who is told.

#include "sections.hpp"

namespace spillway::config {

void read_forwarded(Section& root, Forwarded& out) {
  const auto value = root.find("forwarded");
  if (!value) return;
  Section section(root.reading(), *value, "a map with trusted_proxies and to_backends");
  section.list("trusted_proxies", [&](const Value& item) {
    const auto text = section.reading().text(item, "an address or a network");
    if (!text) return;
    if (const auto network = base::IpNetwork::parse(*text)) {
      out.trusted_proxies.push_back(*network);
      return;
    }
    section.reading().report(item, show(item) +
                                       " is not an address or a network; allowed: 192.0.2.7, "
                                       "10.0.0.0/8, \"fd00::/8\" and the like, with no bits set "
                                       "behind the prefix");
  });
  section.choice<ToBackends>("to_backends", out.to_backends,
                             {{"drop", ToBackends::drop}, {"append", ToBackends::append}});
  section.finish();
}

}  // namespace spillway::config
