#include <spillway/aoai/parameters.hpp>
#include <spillway/gateway/body_facts.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace spillway::gateway {

using base::Error;
using base::Fault;
using base::Side;

namespace {

// Two Content-Types are two opinions.
std::optional<std::string> boundary_of(const http::RequestHead& head) {
  return aoai::form_boundary(head.fields.find_only("content-type").value_or(""));
}

void read_form(RequestContext& context, const RequestBody& body, std::string_view boundary) {
  aoai::MultipartForm form(boundary);
  form.observe(body.held());
  // Half a form that is nevertheless the whole body is no form.
  if (!body.is_streamed() && !form.is_whole()) return;
  context.facts = form.facts();
  if (body.is_streamed()) context.form = std::make_unique<aoai::MultipartForm>(std::move(form));
}

}  // namespace

void read_body_facts(RequestContext& context, const RequestBody& body) {
  if (context.head.method != "POST") return;
  if (const auto boundary = boundary_of(context.head)) {
    read_form(context, body, *boundary);
  } else if (!body.is_streamed()) {
    context.facts = aoai::read_request_facts(body.held());
    context.json_body = body.held();
  }
}

// What lasts (files, uploads) names no deployment in its form.
bool is_deployment_unread(const RequestContext& context, const RequestBody& body) {
  return context.head.method == "POST" && body.is_streamed() && context.deployment.empty() &&
         context.path.operation_class == aoai::OperationClass::inference;
}

base::Result<void> watch_form(RequestContext& context, const RequestBody& body,
                              std::string_view piece) {
  if (!context.form) return {};
  aoai::MultipartForm& form = *context.form;
  form.observe(piece);
  const bool is_cut = body.is_consumed() && !form.is_whole();
  if (form.is_malformed() || is_cut) {
    return Error(Fault::bad_request, Side::client,
                 "the form is malformed; this client may use certain deployments only, so that the "
                 "gateway must be sure of its fields");
  }
  const bool is_same = form.facts().has_model == context.facts.has_model &&
                       form.facts().model_offset == context.facts.model_offset;
  if (is_same && !form.facts().repeats_model) return {};
  return Error(Fault::bad_request, Side::client,
               "the form names \"model\" behind its first limits.replay_buffer bytes; this client "
               "may use certain deployments only, and must name one once and before the file");
}

}  // namespace spillway::gateway
