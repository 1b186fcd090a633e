// The one place where it is decided who may see what. Every function that reads or changes a
// project's rows takes a ProjectScope, and only in_scope() makes one: a query that forgot to ask
// does not compile.
#pragma once

#include "base/result.h"
#include "store/types.h"

namespace flawless::store::sqlite {

class ProjectScope {
 public:
  [[nodiscard]] ProjectId project() const { return project_; }

 private:
  explicit ProjectScope(ProjectId project) : project_(project) {}
  friend Result<ProjectScope> in_scope(const Visible& visible, ProjectId project);
  ProjectId project_;
};

// kNotFound when the caller may not see it: the same answer as for a project that does not exist.
inline Result<ProjectScope> in_scope(const Visible& visible, ProjectId project) {
  if (!project || !visible.includes(project)) return Status{Code::kNotFound, "no such project"};
  return ProjectScope(project);
}

}  // namespace flawless::store::sqlite
