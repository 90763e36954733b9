#pragma once
// One Azure OpenAI resource: checks the credential, finds the deployment, lets its limits decide,
// and answers. Remembers the responses it made, which no other resource knows.

#include "simulator/answers.hpp"
#include "simulator/api.hpp"
#include "simulator/config.hpp"
#include "simulator/credentials.hpp"
#include "simulator/issuer.hpp"
#include "simulator/resources.hpp"
#include "simulator/responses_api.hpp"
#include "simulator/service.hpp"
#include "simulator/stored_objects.hpp"
#include "simulator/throttling.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace spillway::simulator {

class BackendService : public Service {
 public:
  /// `issuer` may be null: then no bearer token is accepted.
  BackendService(Endpoint endpoint, const Issuer* issuer);

  boost::asio::awaitable<Reply> answer(const Request& request) override;
  Upgrade upgrade(const Request& request) override;
  [[nodiscard]] std::string deployment_of(const Request& request) const override;

  /// Empties windows and buckets and forgets the responses.
  void reset();

  struct Level {
    std::string deployment;
    /// "unlimited", "paygo" or "ptu".
    std::string mode;
    double utilisation = 0;
    std::uint64_t remaining_tokens = 0;
    std::uint64_t remaining_requests = 0;
    /// Whether a small request would be let in now.
    bool has_room = true;
  };
  [[nodiscard]] std::vector<Level> levels(SteadyTime now);

 private:
  Reply decide(const Request& request);
  Upgrade decide_upgrade(const Request& request);
  Upgrade open_realtime(const Request& request, const Call& call);
  Upgrade open_responses(const Request& request, const Call& call);
  [[nodiscard]] std::optional<Reply> refuse(const Request& request, const Call& call,
                                            Carrier carrier) const;
  /// `known_id`: a response that may be continued although it is not stored.
  Reply infer(const Request& request, const Call& call, Sight& sight, const std::string& known_id);
  Reply ask(const Request& request, const Call& call, Sight& sight);
  Reply respond(const Question& question, Operation operation, const Sight& sight);
  void store_chat(const Question& question);
  [[nodiscard]] const Deployment* find_deployment(const std::string& name) const;
  [[nodiscard]] Reply models(const Call& call) const;
  void add_service_headers(const Request& request, Reply& reply);

  Endpoint endpoint_;
  const Issuer* issuer_;
  std::map<std::string, Slot, std::less<>> slots_;
  StoredObjects objects_;
  ResponsesApi responses_;
  Resources resources_;
  std::uint64_t request_count_ = 0;
};

}  // namespace spillway::simulator
