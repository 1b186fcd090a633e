// FLAWLESS_BENCH_REPOSITORY=/path/to/clone measures a real history; by default one is made up:
// 4000 commits over 100 files. Process CPU of git is in the wall time only.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>

#include "scm/blame.h"
#include "scm/file_list.h"
#include "scm/path_map.h"

namespace flawless::scm {
namespace {

namespace fs = std::filesystem;

std::string file_content(std::mt19937& random) {
  std::string content;
  for (int line = 0; line < 400; ++line) {
    content += "value_" + std::to_string(line) + " = " + std::to_string(random() % 40) + "\n";
  }
  return content;
}

// As `git fast-import` reads it: every commit rewrites a fortieth of one file's lines.
std::string made_up_history() {
  std::mt19937 random(1);
  std::vector<std::string> files(100);
  for (std::string& file : files) file = file_content(random);
  std::string stream;
  for (int commit = 0; commit < 4000; ++commit) {
    const size_t which = commit < 100 ? static_cast<size_t>(commit) : random() % files.size();
    std::string& content = files[which];
    for (int change = 0; change < 10; ++change) {
      const size_t at = content.find(" = ", random() % (content.size() - 40));
      content[at + 3] = static_cast<char>('0' + random() % 10);
    }
    const std::string who = "dev" + std::to_string(random() % 9);
    stream += "commit refs/heads/main\ncommitter " + who + " <" + who + "@x> " +
              std::to_string(1'600'000'000 + commit * 1000) +
              " +0000\ndata 6\nchange\nM 100644 inline src/f" + std::to_string(which) +
              ".py\ndata " + std::to_string(content.size()) + "\n" + content + "\n";
  }
  return stream;
}

// One mirror for all benchmarks, made when the first asks for it.
struct World {
  World() {
    std::string pattern = (fs::temp_directory_path() / "flawless-scm-bench-XXXXXX").string();
    directory = ::mkdtemp(pattern.data());
    os::PosixDisk disk;
    git = std::make_unique<Git>(Git::prepare(disk, {.home = directory + "/home"}).value());
    const char* given = std::getenv("FLAWLESS_BENCH_REPOSITORY");
    MirrorOptions options;
    options.name = "bench";
    options.url = given != nullptr ? given : make_repository();
    options.directory = directory + "/mirrors";
    mirror = Mirror::open(*git, options, clock).value();
    FLAWLESS_CHECK(mirror->update().is_ok());
    tip = mirror->tip().value();
    lists = std::make_unique<FileLists>(*mirror);
    for (std::string_view name : {"app.py", "f1.py", "f2.py", "f3.py", "utils.py", "views.py"}) {
      const auto list = lists->at(tip).value();
      for (std::string_view path : list->named(name)) paths.emplace_back(path);
    }
    FLAWLESS_CHECK(!paths.empty());
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() { fs::remove_all(directory); }

  std::string make_repository() {
    const std::string path = directory + "/remote.git";
    FLAWLESS_CHECK(
        git->output({.arguments = {"init", "-q", "--bare", "-b", "main", path}}).is_ok());
    FLAWLESS_CHECK(git->output({.git_dir = path,
                                .arguments = {"fast-import", "--quiet"},
                                .input = made_up_history()})
                       .is_ok());
    return path;
  }

  std::string directory, tip;
  SystemClock clock;
  std::unique_ptr<Git> git;
  std::unique_ptr<Mirror> mirror;
  std::unique_ptr<FileLists> lists;
  std::vector<std::string> paths;
};

World& world() {
  static World the_world;
  return the_world;
}

void run_git(benchmark::State& state) {
  World& w = world();
  for (auto _ : state) benchmark::DoNotOptimize(w.git->output({.arguments = {"version"}}).is_ok());
}
BENCHMARK(run_git)->UseRealTime()->Unit(benchmark::kMicrosecond);

void resolve_tag_or_branch(benchmark::State& state) {
  World& w = world();
  for (auto _ : state) benchmark::DoNotOptimize(w.mirror->resolve("main").is_ok());
}
BENCHMARK(resolve_tag_or_branch)->UseRealTime()->Unit(benchmark::kMicrosecond);

void blame_file(benchmark::State& state) {
  World& w = world();
  Blamer blamer(*w.mirror, {.cache_bytes = state.range(0) != 0 ? 16U << 20U : 0U});
  size_t next = 0;
  for (auto _ : state) {
    FLAWLESS_CHECK(blamer.blame(w.tip, w.paths[next++ % w.paths.size()]).is_ok());
  }
}
BENCHMARK(blame_file)
    ->ArgName("cached")
    ->Arg(0)
    ->Arg(1)
    ->UseRealTime()
    ->Unit(benchmark::kMicrosecond);

void map_a_path(benchmark::State& state) {
  World& w = world();
  const auto list = w.lists->at(w.tip).value();
  const std::string reported = "/srv/releases/42/" + w.paths.front();
  for (auto _ : state) benchmark::DoNotOptimize(map_path({reported, {}}, {}, *list).how);
}
BENCHMARK(map_a_path);

}  // namespace
}  // namespace flawless::scm
