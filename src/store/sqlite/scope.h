// The one place where it is decided who may see what. Every function that reads or changes a
// project's rows takes a ProjectScope, and only in_scope() makes one: a query that forgot to ask
// does not compile.
#pragma once

#include <vector>

#include "base/result.h"
#include "store/sqlite/db.h"
#include "store/types.h"

namespace flawless::store::sqlite {

class ProjectScope {
 public:
  [[nodiscard]] ProjectId project() const { return project_; }

 private:
  explicit ProjectScope(ProjectId project) : project_(project) {}
  friend Result<ProjectScope> in_scope(const Visible& visible, ProjectId project);
  friend std::vector<ProjectScope> scopes_of(Db& db, const Visible& visible);
  ProjectId project_;
};

// kNotFound when the caller may not see it: the same answer as for a project that does not exist.
inline Result<ProjectScope> in_scope(const Visible& visible, ProjectId project) {
  if (!project || !visible.includes(project)) return Status{Code::kNotFound, "no such project"};
  return ProjectScope(project);
}

// Every project that the caller may see, for what is read across projects.
inline std::vector<ProjectScope> scopes_of(Db& db, const Visible& visible) {
  std::vector<ProjectScope> scopes;
  Statement& rows = db.cached("SELECT id FROM project ORDER BY id");
  for (rows.with(); rows.next();) {
    ProjectId project{rows.integer(0)};
    if (visible.includes(project)) scopes.push_back(ProjectScope(project));
  }
  return scopes;
}

}  // namespace flawless::store::sqlite
