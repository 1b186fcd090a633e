#include "server/library.h"

#include <gmock/gmock.h>

namespace flawless::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

store::Rule rule(int64_t project, std::string path,
                 store::RuleKind kind = store::RuleKind::kLibraryCode) {
  store::Rule made;
  made.kind = kind;
  made.project = {project};
  made.path = std::move(path);
  return made;
}

std::vector<std::string> paths(const std::vector<triage::LibraryCode>& library) {
  std::vector<std::string> out;
  for (const triage::LibraryCode& code : library) out.push_back(code.path);
  return out;
}

TEST(Library, ARuleOfAProjectHoldsThereOnly) {
  const std::vector configured{rule(0, "vendor/")};
  const std::vector stored{rule(0, "lib/a.py"), rule(7, "lib/b.py"), rule(7, "lib/c.py"),
                           rule(8, "lib/d.py", store::RuleKind::kKnownError)};
  const digest::Library library = library_of(configured, stored, {});
  EXPECT_THAT(paths(library.of({7})), ElementsAre("vendor/", "lib/a.py", "lib/b.py", "lib/c.py"));
  EXPECT_THAT(paths(library.of({8})), ElementsAre("vendor/", "lib/a.py"));
  EXPECT_THAT(paths(library_of({}, {}, {}).of({7})), IsEmpty());
}

TEST(Library, ARuleHoldsForWhereItsFileIsDeployedToo) {
  const std::vector configured{rule(0, "shop/race.py")};
  const std::vector stored{rule(7, "lib/b.py")};
  const std::vector<scm::PathRule> mappings{{"deploy", ""}};
  const digest::Library library = library_of(configured, stored, mappings);
  EXPECT_THAT(paths(library.of({8})), ElementsAre("shop/race.py", "deploy/shop/race.py"));
  EXPECT_THAT(paths(library.of({7})), ElementsAre("shop/race.py", "lib/b.py",
                                                  "deploy/shop/race.py", "deploy/lib/b.py"));
}

}  // namespace
}  // namespace flawless::server
