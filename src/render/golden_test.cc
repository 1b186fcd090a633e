// Golden files: the mails made of three sample reports, text and HTML.
// FLAWLESS_UPDATE_GOLDEN=1 rewrites tests/data/golden/mail/* instead of comparing.
#include <gtest/gtest.h>

#include "render/mail.h"
#include "render/test_incident.h"
#include "triage/triage.h"
#include "wire/test_samples.h"

namespace flawless::render {
namespace {

struct Case {
  std::string sample;
  bool has_verdict;
};

Event event_of(const wire::Sample& sample) {
  wire::Parser parser;
  wire::Buffer body;
  body.assign(wire::read_file(sample.path));
  auto event = wire::read_event(sample.protocol, body.view(), wire::Detail::kFull, {}, parser);
  if (!event.is_ok()) check_failed(event.message(), __FILE__, __LINE__);
  triage::Scrubber({}).scrub(*event);
  triage::mark_in_app(*event);
  return std::move(*event);
}

MailFacts facts_of(const Event& event, bool has_verdict) {
  MailFacts facts = banner_facts(&event);
  Incident& incident = facts.incident;
  incident.title = triage::title(event);
  incident.level = event.level;
  incident.environment = event.environment;
  incident.release = event.release;
  incident.host = event.host;
  incident.place = {};
  if (const auto culprit = triage::find_culprit(event, {})) {
    const Frame& frame = event.exceptions[culprit->exception].frames[culprit->frame];
    incident.place = {std::string(frame.path), std::string(frame.function), std::string(frame.code),
                      frame.line};
  }
  if (!has_verdict) {
    incident.verdict = {};
    incident.verdict.problem = "no repository is configured for this project";
  }
  return facts;
}

void compare(const std::string& actual, const std::string& name) {
  const std::filesystem::path golden = wire::test_data() / "golden" / "mail" / name;
  if (wire::updates_golden()) {
    std::filesystem::create_directories(golden.parent_path());
    std::ofstream(golden, std::ios::binary) << actual;
    return;
  }
  EXPECT_EQ(wire::read_file(golden), actual) << "FLAWLESS_UPDATE_GOLDEN=1 rewrites " << golden;
}

class MailGolden : public testing::TestWithParam<Case> {};

TEST_P(MailGolden, IsAsRecorded) {
  const std::vector<wire::Sample> samples = wire::all_samples();
  const auto sample = std::find_if(samples.begin(), samples.end(), [](const wire::Sample& each) {
    return each.name == GetParam().sample;
  });
  ASSERT_NE(sample, samples.end());
  const Event event = event_of(*sample);
  const Mail mail = render_mail(facts_of(event, GetParam().has_verdict));
  compare("Subject: " + mail.subject + "\n\n" + mail.text, sample->name + ".txt");
  compare(mail.html, sample->name + ".html");
}

INSTANTIATE_TEST_SUITE_P(Samples, MailGolden,
                         testing::Values(Case{"rollbar-pyrollbar", true},
                                         Case{"sentry-python-http-error", false},
                                         Case{"rollbar-java-chain", false}));

}  // namespace
}  // namespace flawless::render
